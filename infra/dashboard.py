"""The dashboard: what a stage is doing, from an upload to the CDN, on one page of CloudWatch.

AWS gives three dashboards of up to 50 metrics each to every account; a further one costs $3 a month.
"""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.alarms import Alarms
from infra.api import Api
from infra.cdn import Cdn
from infra.database import Database
from infra.functions import Functions
from infra.ingest_queue import IngestQueue
from infra.issuer_keys import NAME as FETCH_KEYS
from infra.issuer_keys import IssuerKeys
from infra.log_queries import FAILURES
from infra.metrics import CDN_REGION, cdn_metric, own_metric
from infra.stage import Stage
from stockroom.ingest.process import READY_METRIC
from stockroom.ingest.reaper import LATENESS_METRIC, PENDING_METRIC

PERIOD = cdk.Duration.minutes(5)
# A widget takes a third of the page.
WIDTH = 8
HEIGHT = 6
QUANTILES = ("p50", "p99")
OUTCOMES = (
    *(f"Originals{each}" for each in ("Ready", "Failed", "Orphan", "Kept", "Superseded")),
    "ResizeErrors",
)
REAPED = tuple(
    f"Reaper{each}"
    for each in ("Purged", "Lost", "Redriven", "Forgotten", "Deleted", "Hidden", "Shown", "Skipped", "Stuck")
)


class Dashboard(Construct):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        alarms: Alarms,
        api: Api,
        cdn: Cdn,
        database: Database,
        ingest: IngestQueue,
        functions: Functions,
        issuer_keys: IssuerKeys,
    ) -> None:
        super().__init__(scope, construct_id)
        if not stage.dashboard:
            return
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            # The regions of an account share the names of dashboards.
            dashboard_name=f"{cdk.Aws.STACK_NAME}-{cdk.Aws.REGION}",
            default_interval=cdk.Duration.days(1),
            widgets=[
                [
                    cloudwatch.AlarmStatusWidget(
                        title="Alarms", alarms=alarms.alarms, width=3 * WIDTH, height=3
                    )
                ],
                _show_pictures(functions),
                _show_waiting(ingest),
                _show_requests(api, cdn),
                _show_functions(functions, issuer_keys),
                _show_database(database),
            ],
        )


def _show_pictures(functions: Functions) -> list[cloudwatch.IWidget]:
    return [
        _graph(
            "From the end of the PUT until the picture is public",
            {name: own_metric("resize", READY_METRIC, period=PERIOD, statistic=name) for name in QUANTILES},
        ),
        _graph(
            "Originals, by what became of their events",
            {name: own_metric("resize", name, period=PERIOD, statistic="sum") for name in OUTCOMES},
        ),
        cloudwatch.LogQueryWidget(
            title="Failed uploads, by reason",
            log_group_names=[functions.resize.log_group.log_group_name],
            query_string=FAILURES.to_string(),
            view=cloudwatch.LogQueryVisualizationType.TABLE,
            width=WIDTH,
            height=HEIGHT,
        ),
    ]


def _show_waiting(ingest: IngestQueue) -> list[cloudwatch.IWidget]:
    return [
        _graph(
            "The ingest queue",
            {
                "oldest message": ingest.queue.metric_approximate_age_of_oldest_message(
                    period=PERIOD, statistic="max"
                )
            },
            {
                "dead letters": ingest.dead_letters.metric_approximate_number_of_messages_visible(
                    period=PERIOD, statistic="max"
                )
            },
        ),
        _graph(
            "What the reaper did, in rows",
            {name: own_metric("reaper", name, period=PERIOD, statistic="sum") for name in REAPED},
        ),
        _graph(
            "For how long the oldest pending upload, and what people wait for, has been due",
            {
                name: own_metric("reaper", name, period=PERIOD, statistic="max")
                for name in (PENDING_METRIC, LATENESS_METRIC)
            },
        ),
    ]


def _show_requests(api: Api, cdn: Cdn) -> list[cloudwatch.IWidget]:
    return [
        _graph(
            "The API: requests and 5xx",
            {"requests": api.http.metric_count(period=PERIOD, statistic="sum")},
            {"5xx": api.http.metric_server_error(period=PERIOD, statistic="sum")},
        ),
        _graph(
            "The API: time for a request",
            {name: api.http.metric_latency(period=PERIOD, statistic=name) for name in QUANTILES},
        ),
        _graph(
            "The CDN: requests and 5xx",
            {"requests": cdn_metric(cdn.distribution, "Requests", period=PERIOD, statistic="sum")},
            {"5xx, %": cdn_metric(cdn.distribution, "5xxErrorRate", period=PERIOD, statistic="avg")},
            region=CDN_REGION,
        ),
    ]


def _show_functions(functions: Functions, issuer_keys: IssuerKeys) -> list[cloudwatch.IWidget]:
    by_name = {
        **functions.chalice,
        "resize": functions.resize,
        "reaper": functions.reaper,
        "audit": functions.audit,
    }
    if issuer_keys.function is not None:
        by_name[FETCH_KEYS] = issuer_keys.function
    return [
        _graph(
            "Functions: errors",
            {name: each.metric_errors(period=PERIOD, statistic="sum") for name, each in by_name.items()},
        ),
        _graph(
            "Functions: throttles",
            {name: each.metric_throttles(period=PERIOD, statistic="sum") for name, each in by_name.items()},
        ),
        _graph(
            "Functions: duration, p99",
            {name: each.metric_duration(period=PERIOD, statistic="p99") for name, each in by_name.items()},
        ),
    ]


def _show_database(database: Database) -> list[cloudwatch.IWidget]:
    if database.server is None:
        return []
    capacity = database.server.metric(database.capacity_metric, period=PERIOD, statistic="avg")
    return [
        _graph(
            "The database: connections",
            {"connections": database.server.metric("DatabaseConnections", period=PERIOD, statistic="max")},
        ),
        _graph("The database: capacity in use", {f"{database.capacity_metric}, %": capacity}),
    ]


def _graph(
    title: str,
    left: Mapping[str, cloudwatch.Metric],
    right: Mapping[str, cloudwatch.Metric] | None = None,
    *,
    region: str | None = None,
) -> cloudwatch.GraphWidget:
    """A graph of these metrics by their labels; those at the right have a scale of their own."""
    return cloudwatch.GraphWidget(
        title=title,
        left=[metric.with_(label=label) for label, metric in left.items()],
        right=[metric.with_(label=label) for label, metric in (right or {}).items()],
        left_y_axis=cloudwatch.YAxisProps(min=0),
        right_y_axis=cloudwatch.YAxisProps(min=0),
        region=region,
        width=WIDTH,
        height=HEIGHT,
    )
