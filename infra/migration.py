"""Migrates the schema before the functions that need it are deployed; a failure ends the deployment."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import triggers
from constructs import Construct

from infra.database import Database
from infra.functions import Functions


class Migration(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, database: Database, functions: Functions
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
