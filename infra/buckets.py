"""The four buckets: originals, renditions, the page, and the public keys.

No bucket is versioned: what is deleted is gone. A stage may choose otherwise for originals alone, for so many
days, as they cannot be made again.
"""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.stage import Stage
from jobs.results import PREFIX as JOBS
from stockroom.images import due_times
from stockroom.images.storage import COPIES

# The headers that a ticket's signature covers and that a page sets itself.
TICKET_HEADERS = ["content-type", "if-none-match", "x-amz-checksum-sha256"]

JOB_DAYS = 90


class Buckets(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        # The bucket has a name of its own because the page's content security policy names it before it
        # exists: the bucket's CORS rule refers to the site, so the site cannot refer to the bucket.
        name = f"stockroom-uploads-{_get_stack_uuid()}"
        self.uploads = self._add_bucket(
            "Uploads",
            bucket_name=name,
            versioned=stage.deleted_originals_days is not None,
            lifecycle_rules=[
                # Also without versions: those of a stage that had some would stay for ever.
                s3.LifecycleRule(
                    noncurrent_version_expiration=cdk.Duration.days(stage.deleted_originals_days or 1),
                    expired_object_delete_marker=True,
                ),
                s3.LifecycleRule(abort_incomplete_multipart_upload_after=cdk.Duration.days(1)),
                # Copies of originals are made anew whenever somebody asks for one.
                s3.LifecycleRule(
                    prefix=COPIES,
                    expiration=cdk.Duration.days(1),
                    noncurrent_version_expiration=cdk.Duration.days(1),
                ),
                # Nobody reads them once they are announced.
                s3.LifecycleRule(
                    prefix=due_times.PREFIX,
                    expiration=cdk.Duration.days(1),
                    noncurrent_version_expiration=cdk.Duration.days(1),
                ),
                # What batch jobs record: long enough to look a run up, and to remove what it has replaced.
                s3.LifecycleRule(
                    prefix=JOBS,
                    expiration=cdk.Duration.days(JOB_DAYS),
                    noncurrent_version_expiration=cdk.Duration.days(1),
                ),
                s3.LifecycleRule(
                    transitions=[
                        s3.Transition(
                            storage_class=s3.StorageClass.INTELLIGENT_TIERING,
                            transition_after=cdk.Duration.days(30),
                        )
                    ]
                ),
            ],
        )
        self.images = self._add_bucket("Images")
        self.site = self._add_bucket("Site")
        self.keys = self._add_bucket("Keys")
        # The origin to which a browser sends its uploads.
        self.uploads_origin = stage.s3_endpoint or f"https://{name}.s3.{cdk.Aws.REGION}.{cdk.Aws.URL_SUFFIX}"

    def allow_pages_of(self, origins: Sequence[str]) -> None:
        """Let pages of these origins, and of no others, send what tickets allow, and read what links do."""
        self.uploads.add_cors_rule(
            allowed_origins=list(origins),
            allowed_methods=[s3.HttpMethods.PUT, s3.HttpMethods.GET],
            allowed_headers=TICKET_HEADERS,
            exposed_headers=["ETag"],
            max_age=3600,
        )

    def _add_bucket(
        self,
        construct_id: str,
        *,
        bucket_name: str | None = None,
        versioned: bool = False,
        lifecycle_rules: Sequence[s3.LifecycleRule] | None = None,
    ) -> s3.Bucket:
        return s3.Bucket(
            self,
            construct_id,
            bucket_name=bucket_name,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=self._stage.enforce_ssl,
            versioned=versioned,
            lifecycle_rules=lifecycle_rules,
            removal_policy=self._stage.bucket_removal,
        )


def _get_stack_uuid() -> str:
    """The stack's own UUID, whole: its last part is that of the host that made it, and of others' stacks."""
    return cdk.Fn.select(2, cdk.Fn.split("/", cdk.Aws.STACK_ID))
