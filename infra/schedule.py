"""The schedule: the reaper, at a fixed rate."""

from __future__ import annotations

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.functions import Functions
from infra.stage import Stage


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
