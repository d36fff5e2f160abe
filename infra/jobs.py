"""Batch jobs on EMR Serverless: where a stage has them, an application that costs nothing while no job runs.

The application is in the functions' own network, and needs no further way out. It reaches S3 by the gateway
endpoint and the database as a function does. EMR hands a worker its role's credentials within the worker, and
its logs go to the uploads bucket by the same endpoint. What would need another endpoint is left out: logs in
CloudWatch, AWS's own log storage (which is a bucket of another account), and Glue, in which Spark would look
for tables.
"""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_emrserverless as emr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from infra.buckets import Buckets
from infra.database import Database
from infra.functions import ORIGINALS, RENDITIONS
from infra.jobs_environment import ARCHIVE, PROGRAM, add_environment
from infra.network import ISOLATED
from infra.stage import Stage
from jobs.results import PREFIX
from stockroom.runtime.accounts import JOBS

RELEASE = "emr-spark-8.0.0"
SPARK = "4.0.2"
"""The Spark of that release, and of jobs/requirements.in."""
RECORDS = f"{PREFIX}*"
RECORDS_OF_FACTS = f"{PREFIX}facts/*"
IDLE_MINUTES = 5
"""After so long without a job the application stops. It starts by itself with the next one."""

# A driver has two processors and 8 GB, and so has an executor with four (operations/emr.py).
GIGABYTES_PER_PROCESSOR = 4
# What a worker has on its disk without being charged for it.
DISK_GIGABYTES = 20
PROCESSORS_PER_WORKER = 2


class Jobs(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, buckets: Buckets, database: Database
    ) -> None:
        super().__init__(scope, construct_id)
        self.outputs: dict[str, str] = {}
        """What starts a job by hand needs to know."""
        self.role: iam.Role | None = None
        self.packages: list[str] = []
        """ARNs of what a job consists of."""
        if stage.job_processors is None or database.network is None:
            return
        network = database.network
        workers = ec2.SecurityGroup(
            self, "Workers", vpc=network.vpc, description="Batch jobs of Stockroom", allow_all_outbound=True
        )
        network.database.add_ingress_rule(workers, ec2.Port.tcp(3306), "MySQL from batch jobs")
        application = emr.CfnApplication(
            self,
            "Application",
            name=cdk.Aws.STACK_NAME,
            release_label=RELEASE,
            type="SPARK",
            architecture="ARM64",
            auto_start_configuration=emr.CfnApplication.AutoStartConfigurationProperty(enabled=True),
            auto_stop_configuration=emr.CfnApplication.AutoStopConfigurationProperty(
                enabled=True, idle_timeout_minutes=IDLE_MINUTES
            ),
            maximum_capacity=_limit(stage.job_processors),
            network_configuration=emr.CfnApplication.NetworkConfigurationProperty(
                subnet_ids=network.vpc.select_subnets(subnet_type=ISOLATED.subnet_type).subnet_ids,
                security_group_ids=[workers.security_group_id],
            ),
        )
        self.environment = add_environment(self, "Environment")
        self.program = assets.Asset(self, "Program", path=str(PROGRAM))
        # Those of other deployments, too: a job that has begun before one still starts workers after it.
        self.packages = [
            asset.bucket.arn_for_objects(f"*{Path(name).suffix}")
            for asset, name in ((self.environment, ARCHIVE), (self.program, PROGRAM.name))
        ]
        self.role = self._add_role(application, buckets, database)
        self.outputs = {
            "JobsApplication": application.attr_application_id,
            "JobsRole": self.role.role_arn,
            "JobsEnvironment": self.environment.s3_object_url,
            "JobsProgram": self.program.s3_object_url,
        }

    def _add_role(self, application: emr.CfnApplication, buckets: Buckets, database: Database) -> iam.Role:
        """The role of driver and executors, for jobs of this one application."""
        role = iam.Role(
            self,
            "Role",
            description="Batch jobs of Stockroom",
            assumed_by=iam.ServicePrincipal(
                "emr-serverless.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID},
                    "ArnEquals": {"aws:SourceArn": application.attr_arn},
                },
            ),
        )
        uploads, images = buckets.uploads, buckets.images
        # A repair by the audit deletes originals that no row knows.
        _allow(role, "s3:GetObject", "s3:DeleteObject", on=uploads.arn_for_objects(ORIGINALS))
        _allow(role, "s3:GetObject", "s3:PutObject", on=uploads.arn_for_objects(RECORDS))
        # What files say of people is kept until the rows have it, and no longer.
        _allow(role, "s3:DeleteObject", on=uploads.arn_for_objects(RECORDS_OF_FACTS))
        # A rendition that is there already is asked for by HEAD. The right to list a bucket makes what is
        # absent a 404, and the audit compares both buckets.
        _allow(role, "s3:GetObject", "s3:PutObject", "s3:DeleteObject", on=images.arn_for_objects(RENDITIONS))
        _allow(role, "s3:ListBucket", on=uploads.bucket_arn)
        _allow(role, "s3:ListBucket", on=images.bucket_arn)
        for package in self.packages:
            _allow(role, "s3:GetObject", on=package)
        database.grant_sign_in(role, JOBS)
        return role


def _limit(processors: int) -> emr.CfnApplication.MaximumAllowedResourcesProperty:
    """All workers of all jobs together have no more than this."""
    return emr.CfnApplication.MaximumAllowedResourcesProperty(
        cpu=f"{processors} vCPU",
        memory=f"{processors * GIGABYTES_PER_PROCESSOR} GB",
        disk=f"{processors // PROCESSORS_PER_WORKER * DISK_GIGABYTES} GB",
    )


def _allow(role: iam.Role, *actions: str, on: str) -> None:
    role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=[on]))
