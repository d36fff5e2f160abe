"""The whole of Stockroom: its parts, one construct of `infra/` a line, and how they are connected."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
from constructs import Construct

from infra.alarms import Alarms
from infra.api import Api
from infra.buckets import Buckets
from infra.budget import Budget
from infra.cdn import Cdn
from infra.cdn_secret import CdnSecret
from infra.dashboard import Dashboard
from infra.database import Database
from infra.due_times import DueTimes
from infra.feature_flags import read_flags
from infra.functions import Functions
from infra.ingest_queue import IngestQueue
from infra.invalidation import Invalidation
from infra.issuer_keys import IssuerKeys
from infra.jobs import Jobs
from infra.log_queries import LogQueries
from infra.migration import Migration
from infra.nag_suppressions import suppress_nag_rules
from infra.schedule import Schedule
from infra.stage import Stage
from infra.stage_file import STACK, STAGES
from stockroom.runtime.settings import Settings
from tooling.errors import ToolError


class Stockroom(cdk.Stack):
    def __init__(self, scope: Construct, stage: Stage) -> None:
        super().__init__(
            scope,
            STACK,
            stack_name=stage.stack_name,
            description="A stock-image library",
            # Without an account: the zones of a network would be looked up, which needs credentials.
            env=cdk.Environment(region=stage.region),
            synthesizer=stage.make_synthesizer(),
            termination_protection=not stage.is_local,
            # CloudFormation gives them to everything that can have some.
            tags={"project": "stockroom", "stage": stage.name},
        )
        buckets = Buckets(self, "Buckets", stage=stage)
        database = Database(self, "Database", stage=stage)
        cdn_secret = CdnSecret(self, "CdnSecret", stage=stage)
        functions = Functions(
            self, "Functions", stage=stage, buckets=buckets, database=database, cdn_secret=cdn_secret
        )
        Migration(self, "Migration", stage=stage, database=database, functions=functions)
        ingest = IngestQueue(self, "Ingest", stage=stage, buckets=buckets, functions=functions)
        Schedule(self, "Schedule", stage=stage, functions=functions)
        due_times = DueTimes(self, "DueTimes", stage=stage, buckets=buckets, functions=functions)
        api = Api(self, "Api", stage=stage, functions=functions)
        cdn = Cdn(
            self,
            "Cdn",
            stage=stage,
            buckets=buckets,
            api=api,
            secret=cdn_secret,
            is_private=functions.is_private,
        )
        buckets.allow_pages_of(cdn.origins)
        functions.tell_site(cdn.origins[0])
        issuer_keys = IssuerKeys(self, "IssuerKeys", stage=stage, buckets=buckets)
        invalidation = Invalidation(self, "Invalidation", stage=stage, buckets=buckets, cdn=cdn)
        alarms = Alarms(
            self,
            "Alarms",
            stage=stage,
            api=api,
            cdn=cdn,
            database=database,
            ingest=ingest,
            functions=functions,
            issuer_keys=issuer_keys,
            invalidation=invalidation,
            due_times=due_times,
        )
        Dashboard(
            self,
            "Dashboard",
            stage=stage,
            alarms=alarms,
            api=api,
            cdn=cdn,
            database=database,
            ingest=ingest,
            functions=functions,
            issuer_keys=issuer_keys,
        )
        LogQueries(self, "LogQueries", stage=stage, api=api, functions=functions)
        Budget(self, "Budget", stage=stage)
        jobs = Jobs(self, "Jobs", stage=stage, buckets=buckets, database=database)
        if jobs.role is not None:
            invalidation.pass_over(jobs.role)
        suppress_nag_rules(
            self,
            stage=stage,
            buckets=buckets,
            database=database,
            functions=functions,
            issuer_keys=issuer_keys,
            invalidation=invalidation,
            due_times=due_times,
            cdn_secret=cdn_secret,
            jobs=jobs,
        )

        outputs = {
            "ApiId": api.http.api_id,
            "UploadsBucket": buckets.uploads.bucket_name,
            "ImagesBucket": buckets.images.bucket_name,
            "SiteBucket": buckets.site.bucket_name,
            "KeysBucket": buckets.keys.bucket_name,
            "QueueUrl": ingest.queue.queue_url,
            "DeadLetterQueueUrl": ingest.dead_letters.queue_url,
            "ResizeFunction": functions.resize.function_name,
            "ReaperFunction": functions.reaper.function_name,
            "AuditFunction": functions.audit.function_name,
            "MigrateFunction": functions.migrate.function_name,
            "DistributionDomain": cdn.distribution.distribution_domain_name,
            "DistributionId": cdn.distribution.distribution_id,
            "SiteUrl": cdn.origins[0],
            # What the next deployment compares its choices with.
            "DatabaseKind": stage.database,
            "Visibility": "private" if functions.is_private else "public",
            "Issuers": ",".join(Settings.from_environment(stage.settings).issuers),
        }
        outputs |= jobs.outputs
        if issuer_keys.function is not None:
            outputs["FetchKeysFunction"] = issuer_keys.function.function_name
        for name, value in outputs.items():
            cdk.CfnOutput(self, name, value=value)


def build(
    context: Mapping[str, object] | None = None, output: Path | None = None, stages: Path = STAGES
) -> cdk.App:
    """The app for a context (the command line's, if none is given), to be written to a folder.

    `stages` is the folder of the stages' files.
    """
    app = cdk.App(
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,  # Stage.add_checks decides
        context={**read_flags(), **(context or {})},
        outdir=str(output) if output is not None else None,
    )
    stage = Stage.from_context(app.node, stages)
    stage.add_checks(app)
    Stockroom(app, stage)
    return app


if __name__ == "__main__":
    try:
        build().synth()
    except ToolError as error:
        # Under its own command line, which prints what it says, the app needs no stack trace.
        sys.exit(error.report())
