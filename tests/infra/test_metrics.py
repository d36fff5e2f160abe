"""Every metric that an alarm or the dashboard names exists: AWS publishes it, or our functions write it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from functions.manage_images.app import app as manage_images
from functions.reaper import app as reaper
from functions.resize import app as resize
from functions.search.app import app as search
from functions.upload_url.app import app as upload_url
from stockroom.images import ids
from stockroom.resources import Resources
from stockroom.runtime.observability import metrics
from tests.events import Context, created, http, sqs
from tests.factories import file, pending, row_in, uploaded
from tests.infra.deployment import read_metric
from tests.infra.template import Template
from tests.renditions.images import photo_bytes
from tests.tokens import make_header

OWN = "the stack's name"

# From AWS's documentation, read in 2026: "Types of metrics for Lambda functions", "Monitor CloudWatch metrics
# for HTTP APIs in API Gateway", "Available CloudWatch metrics for Amazon SQS", "Types of metrics for
# CloudFront" (its `Region` is always Global), "Amazon CloudWatch metrics for Amazon Aurora" and "… for Amazon
# RDS".
AWS_METRICS = {
    ("AWS/Lambda", ("FunctionName",)): {
        *("Invocations", "Errors", "Throttles", "Duration"),
        # Of asynchronous invocations.
        "AsyncEventsDropped",
    },
    ("AWS/ApiGateway", ("ApiId",)): {"4xx", "5xx", "Count", "IntegrationLatency", "Latency"},
    ("AWS/SQS", ("QueueName",)): {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
    ("AWS/CloudFront", ("DistributionId", "Region")): {"Requests", "5xxErrorRate"},
    ("AWS/RDS", ("DBClusterIdentifier",)): {"DatabaseConnections", "ACUUtilization"},
    ("AWS/RDS", ("DBInstanceIdentifier",)): {"DatabaseConnections", "CPUUtilization"},
}
# AWS: three dashboards of an account that name up to 50 metrics each are free.
FREE_METRICS = 50


class Metric(NamedTuple):
    namespace: str
    name: str
    dimensions: tuple[str, ...]
    # The value of the only dimension of our own metrics.
    service: str = ""


def read_dashboard(template: Template) -> dict[str, Any]:
    """The body of the dashboard; what CloudFormation fills in is the word TOKEN, or the stack's name."""
    _, dashboard = template.one("AWS::CloudWatch::Dashboard")
    parts = dashboard["DashboardBody"]["Fn::Join"][1]
    texts = {"AWS::StackName": OWN}
    body: dict[str, Any] = json.loads(
        "".join(part if isinstance(part, str) else texts.get(part.get("Ref", ""), "TOKEN") for part in parts)
    )
    return body


def list_widget_metrics(template: Template) -> Iterator[Metric]:
    for widget in read_dashboard(template)["widgets"]:
        for namespace, name, *rest in widget["properties"].get("metrics", ()):
            dimensions = rest[:-1] if isinstance(rest[-1], dict) else rest
            service = dimensions[1] if namespace == OWN else ""
            yield Metric(namespace, name, tuple(dimensions[::2]), service)


def list_alarm_metrics(template: Template) -> Iterator[Metric]:
    for alarm in template.of_type("AWS::CloudWatch::Alarm").values():
        metric = read_metric(alarm) if "Metrics" in alarm else alarm
        is_own = metric["Namespace"] == {"Ref": "AWS::StackName"}
        names = tuple(each["Name"] for each in metric["Dimensions"])
        service = metric["Dimensions"][0]["Value"] if is_own else ""
        yield Metric(OWN if is_own else metric["Namespace"], metric["MetricName"], names, service)


@pytest.fixture(scope="module")
def named(aurora: Template, instance: Template, with_metrics_of_the_cdn: Template) -> set[Metric]:
    """What is named anywhere: by a stage of either database, and where the metrics of the CDN are."""
    templates = (aurora, instance, with_metrics_of_the_cdn)
    return {
        metric
        for template in templates
        for metric in (*list_widget_metrics(template), *list_alarm_metrics(template))
    }


def test_aws_publishes_every_other_metric_with_these_dimensions(named: set[Metric]) -> None:
    others = [metric for metric in named if metric.namespace != OWN]
    assert len(others) >= 10
    for metric in others:
        assert metric.name in AWS_METRICS[metric.namespace, metric.dimensions], metric


@pytest.fixture
def wired(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (reaper, resize):
        monkeypatch.setattr(module, "resources", lambda: resources)
    settings = replace(resources.settings, visibility="private")
    for app in (search, upload_url, manage_images):
        # Each is a process with parts of its own.
        own = Resources(settings, resources.db, resources.storage)
        monkeypatch.setattr(app, "services", partial(_give, own))


def _give(parts: Resources) -> Resources:
    return parts


@pytest.fixture
def measure(
    wired: None,  # noqa: ARG001  a fixture that is only there
    logs: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., set[Metric]]:
    """Calls a function under its name, as the deployment has it run, and reads what it has measured."""

    def call(service: str, function: Callable[..., Any], event: dict[str, Any]) -> set[Metric]:
        logs()
        metrics.clear_metrics()
        monkeypatch.setattr(metrics.provider, "service", service)
        function(event, Context())
        return set(_read_embedded(logs()))

    return call


def _read_embedded(text: str) -> Iterator[Metric]:
    """The metrics in lines of CloudWatch's embedded format."""
    for line in map(json.loads, text.splitlines()):
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            for dimensions in directive["Dimensions"]:
                for metric in directive["Metrics"]:
                    assert line[metric["Name"]], "it has a value"
                    yield Metric(OWN, metric["Name"], tuple(dimensions), line["service"])


def test_our_functions_write_every_metric_of_their_own(
    resources: Resources, measure: Callable[..., set[Metric]], named: set[Metric]
) -> None:
    ready, failed, late = uploaded(resources, photo_bytes()), uploaded(resources, b"no"), pending(resources)
    image_ids = [ready, failed, late, row_in(resources, "deleting", b"going"), 1]
    keys = [f"originals/{ids.encode(image_id)}" for image_id in image_ids]
    # No key set is there, so no token can be checked.
    search_event = http("GET /api/images", token=make_header())
    upload_event = http("POST /api/uploads", body={"files": [file(b"new")]}, token=make_header())
    edit_event = http(
        "PATCH /api/images/{id}", {"id": "0" * 13}, body={"name": "sea.jpg"}, token=make_header()
    )
    written = (
        measure("resize", resize.handler, sqs(created(*keys), "not json"))
        | measure("reaper", reaper.handler, {})
        | measure("search", search, search_event)
        | measure("upload_url", upload_url, upload_event)
        | measure("manage_images", manage_images, edit_event)
    )
    own = {metric for metric in named if metric.namespace == OWN}
    assert len(own) >= 15
    assert own - written == set()


def test_the_dashboard_is_one_of_those_that_are_free(aurora: Template) -> None:
    widgets = read_dashboard(aurora)["widgets"]
    lines = [line for widget in widgets for line in widget["properties"].get("metrics", ())]
    # With an OpenID provider there are three more, of the function that fetches its keys.
    assert len(lines) + 3 <= FREE_METRICS
    assert len(set(list_widget_metrics(aurora))) >= 20


def test_the_dashboard_shows_every_alarm(aurora: Template) -> None:
    (alarms,) = (widget for widget in read_dashboard(aurora)["widgets"] if widget["type"] == "alarm")
    assert len(alarms["properties"]["alarms"]) == len(aurora.of_type("AWS::CloudWatch::Alarm"))


def test_the_cdn_is_shown_by_the_metrics_of_its_region(aurora: Template) -> None:
    (cdn,) = (
        widget
        for widget in read_dashboard(aurora)["widgets"]
        if widget["type"] == "metric" and "CDN" in widget["properties"]["title"]
    )
    assert cdn["properties"]["region"] == "us-east-1"
    assert {metric[-1]["region"] for metric in cdn["properties"]["metrics"]} == {"us-east-1"}


@pytest.mark.usefixtures("wired")
def test_the_reasons_of_failures_are_read_from_lines_that_are_written(
    resources: Resources, logs: Callable[[], str], aurora: Template
) -> None:
    image_id = uploaded(resources, b"no")
    logs()
    resize.handler(sqs(created(f"originals/{ids.encode(image_id)}")), Context())
    (widget,) = (each for each in read_dashboard(aurora)["widgets"] if each["type"] == "log")
    query = widget["properties"]["query"]
    (line,) = (
        line for line in map(json.loads, logs().splitlines()) if line.get("message") == "upload failed"
    )
    assert "filter message = 'upload failed'" in query
    assert "by code" in query
    assert line["code"] == "not-an-image"


def test_a_stage_may_go_without_a_dashboard(plain: Template, local: Template) -> None:
    for template in (plain, local):
        assert template.of_type("AWS::CloudWatch::Dashboard") == {}
