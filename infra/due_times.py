"""Due times: the reaper is called when it is needed, beside its schedule (stockroom/images/due_times.py).

S3 publishes each time that is told to a topic, whose function makes a one-time schedule. Nothing of it costs
anything while nothing is told: a queue would, as Lambda asks it all the time.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.bucket_events import publish_events
from infra.buckets import Buckets
from infra.bundling import make_function_code
from infra.functions import ARCHITECTURE, RUNTIME, Functions
from infra.stage import Stage
from stockroom.images.due_times import PREFIX

NAME = "plan_reaper"
SCHEDULER = "scheduler.amazonaws.com"


class DueTimes(Construct):
    """Its function, outside the network, may make schedules of one group, which call the reaper alone."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, buckets: Buckets, functions: Functions
    ) -> None:
        super().__init__(scope, construct_id)
        # Whoever deletes the group deletes the schedules in it. The emulator decides about each schedule as
        # if it were in the group that every account has.
        group = "default" if stage.is_local else scheduler.CfnScheduleGroup(self, "Schedules").ref
        role = iam.Role(
            self,
            "Caller",
            description="Calls the reaper of Stockroom at its due times",
            assumed_by=iam.ServicePrincipal(
                SCHEDULER, conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}}
            ),
        )
        role.add_to_policy(
            iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[functions.reaper.function_arn])
        )
        self.function = lambda_.Function(
            self,
            "PlanReaper",
            description=f"Stockroom {NAME}",
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            code=make_function_code(NAME, stage.platform),
            handler="app.handler",
            memory_size=256,
            timeout=cdk.Duration.seconds(20),
            environment={
                "STOCKROOM_SCHEDULE_GROUP": group,
                "STOCKROOM_REAPER_ARN": functions.reaper.function_arn,
                "STOCKROOM_REAPER_ROLE_ARN": role.role_arn,
                "POWERTOOLS_SERVICE_NAME": NAME,
            },
            log_group=logs.LogGroup(
                self,
                "PlanReaperLog",
                retention=stage.log_retention,
                removal_policy=cdk.RemovalPolicy.DESTROY,
            ),
        )
        self.schedules = cdk.Stack.of(self).format_arn(
            service="scheduler", resource="schedule", resource_name=f"{group}/*"
        )
        self.function.add_to_role_policy(
            iam.PolicyStatement(actions=["scheduler:CreateSchedule"], resources=[self.schedules])
        )
        self.function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": SCHEDULER}},
            )
        )
        topic = sns.Topic(self, "Told", enforce_ssl=stage.enforce_ssl)
        publish_events(buckets.uploads, topic, event="s3:ObjectCreated:*", prefix=PREFIX)
        topic.add_subscription(subscriptions.LambdaSubscription(self.function))
