"""Migrates the schema before the functions that need it are deployed; a failure ends the deployment."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import triggers
from constructs import Construct

from infra.database import Database
from infra.functions import Functions
from infra.stage import Stage

# The id that the CDK gives to what makes the function that calls a trigger's handler.
CALLER = "AWSCDK.TriggerCustomResourceProviderCustomResourceProvider"


class Migration(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, database: Database, functions: Functions
    ) -> None:
        super().__init__(scope, construct_id)
        triggers.Trigger(
            self,
            "Migrate",
            handler=functions.migrate,
            timeout=cdk.Duration.minutes(14),
            execute_after=[database],
            execute_before=functions.serving,
        )
        self._keep_log(stage)

    def _keep_log(self, stage: Stage) -> None:
        """Give a log to the CDK's own function, which calls `migrate`.

        The one that Lambda makes by itself never expires, and outlives the stack.
        """
        log = logs.LogGroup(
            self, "Log", retention=stage.log_retention, removal_policy=cdk.RemovalPolicy.DESTROY
        )
        caller = cdk.Stack.of(self).node.find_child(CALLER).node.find_child("Handler")
        assert isinstance(caller, cdk.CfnResource)  # noqa: S101
        caller.add_property_override("LoggingConfig", {"LogGroup": log.log_group_name})
