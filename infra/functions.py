"""The seven functions that work with the database, and what each may do to it and to the buckets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.buckets import Buckets
from infra.bundling import CHALICE_FUNCTIONS, make_function_code, make_layer_code
from infra.cdn_secret import CdnSecret
from infra.database import Database
from infra.network import ISOLATED, Network
from infra.stage import Stage
from stockroom.images.storage import PAGE_KEY
from stockroom.runtime.accounts import INGEST, MIGRATOR, READER, WRITER, Account

RUNTIME = lambda_.Runtime.PYTHON_3_13
ARCHITECTURE = lambda_.Architecture.ARM_64
ORIGINALS = "originals/*"
RENDITIONS = "i/*"
COPIES = "downloads/*"
DUE_TIMES = "due/*"


@dataclass(frozen=True)
class Patience:
    """How long a function waits for the database, in seconds.

    A paused Aurora resumes in about 15 s; after a pause of more than a day, in 30 s or longer.
    """

    connect: int
    """Until there is a connection: while the database does not answer, as one that resumes."""
    retry: int
    """How long it tries again after the server refused a connection or lost it, within `connect`."""
    statement: int
    """Until the answer to one statement comes, or the next step of signing in."""

    @property
    def environment(self) -> dict[str, str]:
        return {
            "STOCKROOM_DB_CONNECT_SECONDS": str(self.connect),
            "STOCKROOM_DB_RETRY_SECONDS": str(self.retry),
            "STOCKROOM_DB_STATEMENT_SECONDS": str(self.statement),
        }


# An HTTP API waits 30 s for a function, and CloudFront a little longer for the API:
#    3  a cold start, which is no part of the function's own timeout
#   18  a database that does not answer: an ordinary pause ends within the request
#    8  a statement that hangs; one that waits for a lock is given up after 5, and not tried again
#    1  the answer, which is 503 `database-waking` when the database needs longer; the client comes again
# A connection that is refused is not tried again: the client does that.
GATEWAY_SECONDS = 30
COLD_START_SECONDS = 3
REQUEST_PATIENCE = Patience(connect=18, retry=1, statement=8)
REQUEST_TIMEOUT = cdk.Duration.seconds(GATEWAY_SECONDS - COLD_START_SECONDS)

# SQS delivers a message again after six of these timeouts, so the wait is no longer than it needs to be: 60 s
# for the database, and 60 s for the picture: at most 20 s for a decode, and, with 1440p, 20 s for another.
RESIZE_PATIENCE = Patience(connect=60, retry=60, statement=14)
RESIZE_TIMEOUT = cdk.Duration.seconds(120)

# Each of these meets a database that was paused for a day, and its first failure raises an alarm or ends the
# deployment.
DAILY_PATIENCE = Patience(connect=90, retry=90, statement=14)


class Functions(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        buckets: Buckets,
        database: Database,
        cdn_secret: CdnSecret,
    ) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        self._database = database
        # Who decodes strangers' files need not know it.
        by_cdn = {"STOCKROOM_CDN_SECRET": cdn_secret.value}
        self._environment = {
            "STOCKROOM_UPLOADS_BUCKET": buckets.uploads.bucket_name,
            "STOCKROOM_IMAGES_BUCKET": buckets.images.bucket_name,
            "STOCKROOM_KEYS_BUCKET": buckets.keys.bucket_name,
            "STOCKROOM_S3_ENDPOINT": stage.s3_endpoint,
            **stage.settings,
        }
        vips = lambda_.LayerVersion(
            self,
            "Vips",
            code=make_layer_code("vips", stage.platform),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
            description="libvips and pyvips",
        )
        self.upload_url = self._add_function(
            "upload_url",
            WRITER,
            memory=1024,
            timeout=REQUEST_TIMEOUT,
            patience=REQUEST_PATIENCE,
            environment=by_cdn,
        )
        uploads, images = buckets.uploads, buckets.images
        # A presigned URL allows no more than the role that signs it.
        _allow(
            self.upload_url,
            "s3:PutObject",
            "s3:GetObject",
            "s3:DeleteObject",
            on=uploads.arn_for_objects(ORIGINALS),
        )
        _delete_renditions(self.upload_url, buckets)
        # It asks by HEAD whether an original has landed, and has failed uploads announced again by a copy of
        # the original onto itself. Without s3:ListBucket, S3 answers 403 and not 404 for an absent object; a
        # condition on the prefix would have the same effect, because a HEAD has none.
        _allow(self.upload_url, "s3:ListBucket", on=uploads.bucket_arn)
        _allow(self.upload_url, "s3:PutObject", on=uploads.arn_for_objects(DUE_TIMES))
        _read_keys(self.upload_url, buckets)

        self.search = self._add_function(
            "search",
            READER,
            memory=1024,
            timeout=REQUEST_TIMEOUT,
            patience=REQUEST_PATIENCE,
            environment={**by_cdn, "STOCKROOM_SITE_BUCKET": buckets.site.bucket_name},
            concurrency=stage.search_concurrency,
        )
        _read_keys(self.search, buckets)
        # A picture's page is the published page with a head of its own.
        _allow(self.search, "s3:GetObject", on=buckets.site.arn_for_objects(PAGE_KEY))

        self.manage_images = self._add_function(
            "manage_images",
            WRITER,
            memory=1024,
            timeout=REQUEST_TIMEOUT,
            patience=REQUEST_PATIENCE,
            environment=by_cdn,
        )
        # It signs downloads of originals, and writes the copies of originals that carry the present metadata.
        # What is taken down goes at once; what is deleted, the reaper deletes. New dates of a picture have
        # its renditions deleted, or its original announced by a copy onto itself.
        for prefix in (ORIGINALS, COPIES):
            _allow(
                self.manage_images,
                "s3:GetObject",
                "s3:PutObject",
                "s3:DeleteObject",
                on=uploads.arn_for_objects(prefix),
            )
        # It takes nothing but a 404 for absence.
        _allow(self.manage_images, "s3:ListBucket", on=uploads.bucket_arn)
        _delete_renditions(self.manage_images, buckets)
        _allow(self.manage_images, "s3:PutObject", on=uploads.arn_for_objects(DUE_TIMES))
        _read_keys(self.manage_images, buckets)

        self.resize = self._add_function(
            "resize",
            INGEST,
            memory=1769,
            timeout=RESIZE_TIMEOUT,
            patience=RESIZE_PATIENCE,
            layers=[vips],
        )
        _allow(self.resize, "s3:GetObject", "s3:DeleteObject", on=uploads.arn_for_objects(ORIGINALS))
        _allow(self.resize, "s3:ListBucket", on=uploads.bucket_arn)
        _allow(self.resize, "s3:PutObject", on=images.arn_for_objects(RENDITIONS))
        _delete_renditions(self.resize, buckets)

        self.reaper = self._add_function(
            "reaper", INGEST, memory=512, timeout=cdk.Duration.minutes(10), patience=DAILY_PATIENCE
        )
        # The reaper copies a landed original onto itself, by Get and Put, so that S3 announces it again. It
        # takes nothing but a 404 for absence, so it needs s3:ListBucket.
        _allow(
            self.reaper,
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject",
            on=uploads.arn_for_objects(ORIGINALS),
        )
        _allow(self.reaper, "s3:DeleteObject", on=uploads.arn_for_objects(COPIES))
        _allow(self.reaper, "s3:PutObject", on=uploads.arn_for_objects(DUE_TIMES))
        _allow(self.reaper, "s3:ListBucket", on=uploads.bucket_arn)
        _delete_renditions(self.reaper, buckets)

        self.audit = self._add_function(
            "audit", INGEST, memory=512, timeout=cdk.Duration.minutes(14), patience=DAILY_PATIENCE
        )
        _allow(self.audit, "s3:GetObject", "s3:DeleteObject", on=uploads.arn_for_objects(ORIGINALS))
        _allow(self.audit, "s3:ListBucket", on=uploads.bucket_arn)
        _delete_renditions(self.audit, buckets)
        # The operator's questions are asked by an account that can only read.
        database.grant_sign_in(self.audit, READER)

        self.migrate = self._add_function(
            "migrate",
            MIGRATOR,
            memory=512,
            timeout=cdk.Duration.minutes(14),
            patience=DAILY_PATIENCE,
            environment=database.admin_environment,
        )

    @property
    def chalice(self) -> dict[str, lambda_.Function]:
        """The functions that answer requests, by the names of their folders."""
        return {
            "upload_url": self.upload_url,
            "search": self.search,
            "manage_images": self.manage_images,
        }

    @property
    def is_private(self) -> bool:
        """Whether reading the library needs a token."""
        return self._environment.get("STOCKROOM_VISIBILITY") == "private"

    @property
    def serving(self) -> list[lambda_.Function]:
        """The functions that need the newest schema."""
        return [*self.chalice.values(), self.resize, self.reaper, self.audit]

    def tell_site(self, url: str) -> None:
        """Tell the function that answers with whole addresses where the site is.

        It must not learn that from the host of a request, which whoever sends it chooses.
        """
        self.search.add_environment("STOCKROOM_SITE_URL", url)

    def _add_function(
        self,
        name: str,
        account: Account,
        *,
        memory: int,
        timeout: cdk.Duration,
        patience: Patience,
        layers: list[lambda_.LayerVersion] | None = None,
        environment: Mapping[str, str] | None = None,
        concurrency: int | None = None,
    ) -> lambda_.Function:
        function = make_function(
            self,
            name,
            stage=self._stage,
            memory=memory,
            timeout=timeout,
            environment={
                **self._environment,
                **self._database.environment,
                **patience.environment,
                **(environment or {}),
                "POWERTOOLS_METRICS_NAMESPACE": cdk.Aws.STACK_NAME,
            },
            layers=layers,
            concurrency=concurrency,
            network=self._database.network,
        )
        self._database.grant_connect(function, account)
        return function


def make_function(
    scope: Construct,
    name: str,
    *,
    stage: Stage,
    memory: int,
    timeout: cdk.Duration,
    environment: Mapping[str, str],
    layers: list[lambda_.LayerVersion] | None = None,
    concurrency: int | None = None,
    network: Network | None = None,
) -> lambda_.Function:
    """The function of the folder `functions/<name>`, and its log, which goes with the stack.

    `memory` is in megabytes. Without a network the function reaches the internet, and no database in one.
    """
    construct_id = name.title().replace("_", "")
    return lambda_.Function(
        scope,
        construct_id,
        description=f"Stockroom {name}",
        runtime=RUNTIME,
        architecture=ARCHITECTURE,
        code=make_function_code(name, stage.platform),
        handler="app.app" if name in CHALICE_FUNCTIONS else "app.handler",
        layers=layers,
        memory_size=memory,
        timeout=timeout,
        reserved_concurrent_executions=concurrency,
        environment={**environment, "POWERTOOLS_SERVICE_NAME": name},
        log_group=logs.LogGroup(
            scope,
            f"{construct_id}Log",
            retention=stage.log_retention,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        ),
        vpc=network.vpc if network else None,
        vpc_subnets=ISOLATED if network else None,
        security_groups=[network.functions] if network else None,
    )


def _allow(function: lambda_.Function, *actions: str, on: str) -> None:
    function.add_to_role_policy(iam.PolicyStatement(actions=list(actions), resources=[on]))


def _delete_renditions(function: lambda_.Function, buckets: Buckets) -> None:
    """Whoever deletes the renditions of a picture lists them: nobody else knows which versions there are."""
    _allow(function, "s3:DeleteObject", on=buckets.images.arn_for_objects(RENDITIONS))
    _allow(function, "s3:ListBucket", on=buckets.images.bucket_arn)


def _read_keys(function: lambda_.Function, buckets: Buckets) -> None:
    _allow(function, "s3:GetObject", on=buckets.keys.arn_for_objects("*"))
    _allow(function, "s3:ListBucket", on=buckets.keys.bucket_arn)
