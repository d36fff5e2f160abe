"""Queries for CloudWatch Logs Insights, saved under the stack's name: a picture, a request, routes, failures.

`ID` in a query is to be replaced, by the id of the picture or of the request.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.api import Api
from infra.functions import Functions
from infra.stage import Stage
from stockroom.images.log_context import FIELD

MOST_LINES = 1000
LINE = ["@timestamp", "service", "level", "message", "correlation_id"]
FAILURES = logs.QueryString(
    filter_statements=["message = 'upload failed'"],
    stats_statements=["count(*) as uploads by code"],
    sort="uploads desc",
)
"""Why uploads failed, and how many; the dashboard has the same query."""


class LogQueries(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, api: Api, functions: Functions
    ) -> None:
        super().__init__(scope, construct_id)
        if stage.is_local:
            # The emulator has no queries; `make logs ID=…` reads the lines itself.
            return
        answering = [function.log_group for function in functions.chalice.values()]
        of_pictures = [
            *answering,
            functions.resize.log_group,
            functions.reaper.log_group,
            functions.audit.log_group,
        ]
        self._save(
            "picture",
            of_pictures,
            logs.QueryString(
                fields=[*LINE, "route", "status", "outcome", "code", "state", "s3_request", "reason"],
                filter_statements=[f"{FIELD} = 'ID' or @message like 'ID'"],
                sort="@timestamp asc",
                limit=MOST_LINES,
            ),
        )
        self._save(
            "request",
            [*answering, api.access_log],
            logs.QueryString(
                fields=[*LINE, FIELD, "route", "status", "ms", "error", "integration_error"],
                filter_statements=["correlation_id = 'ID' or request = 'ID'"],
                sort="@timestamp asc",
                limit=MOST_LINES,
            ),
        )
        self._save(
            "routes",
            answering,
            logs.QueryString(
                filter_statements=["message = 'request'"],
                stats_statements=[
                    "count(*) as requests, pct(ms, 50) as p50, pct(ms, 99) as p99 by route, status"
                ],
                sort="p99 desc",
            ),
        )
        self._save("failures", [functions.resize.log_group], FAILURES)

    def _save(self, name: str, log_groups: list[logs.ILogGroup], query: logs.QueryString) -> None:
        logs.QueryDefinition(
            self,
            name.title(),
            # The console shows what is before the slash as a folder.
            query_definition_name=f"{cdk.Aws.STACK_NAME}/{name}",
            query_string=query,
            log_groups=log_groups,
        )
