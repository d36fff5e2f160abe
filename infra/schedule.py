"""The schedule: the reaper and the audit at fixed rates, and a daily call that keeps the others active."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.functions import Functions
from infra.stage import Stage
from stockroom.runtime.keep_active import KEEP_ACTIVE

# A run of the audit that does not end within one invocation goes on in the next.
AUDIT_INTERVAL = cdk.Duration.days(1)

KEEP_ACTIVE_INTERVAL = cdk.Duration.days(1)


class Schedule(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, functions: Functions) -> None:
        super().__init__(scope, construct_id)
        events.Rule(
            self,
            "Reap",
            description="Runs the reaper, for overdue uploads and interrupted deletions",
            schedule=events.Schedule.rate(stage.reaper_interval),
            targets=[targets.LambdaFunction(functions.reaper)],
        )
        events.Rule(
            self,
            "Audit",
            description="Compares buckets and table, and reports; it repairs nothing by itself",
            schedule=events.Schedule.rate(AUDIT_INTERVAL),
            targets=[targets.LambdaFunction(functions.audit)],
        )
        # CloudFormation takes a failed deployment back by calling the version of `migrate` from before.
        idle = [*functions.chalice.values(), functions.resize, functions.migrate.current_version]
        # A rule has five targets at most.
        events.Rule(
            self,
            "KeepActive",
            description="Calls the functions that may be idle for weeks, so that they keep their network",
            schedule=events.Schedule.rate(KEEP_ACTIVE_INTERVAL),
            targets=[
                targets.LambdaFunction(each, event=events.RuleTargetInput.from_object(KEEP_ACTIVE))
                for each in idle
            ],
        )
