"""The saved queries find what the functions write, and every log that is kept has an end."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from functions.reaper import app as reaper
from functions.resize import app as resize
from functions.upload_url.app import app as upload_url
from stockroom.images import ids
from stockroom.resources import Resources
from tests.events import Context, created, http, sqs
from tests.factories import file, make_overdue, pending, uploaded
from tests.infra.template import Template, names
from tests.renditions.images import photo_bytes
from tests.tokens import make_header, publish_key

# CloudWatch gives this one to each line itself.
GIVEN = {"@timestamp"}


def find_query(template: Template, name: str) -> dict[str, Any]:
    (query,) = (
        query
        for query in template.of_type("AWS::Logs::QueryDefinition").values()
        if query["Name"] == {"Fn::Join": ["", [{"Ref": "AWS::StackName"}, f"/{name}"]]}
    )
    return query


def list_fields(query: dict[str, Any]) -> set[str]:
    text = query["QueryString"]
    listed = re.search(r"^fields (.*)$", text, re.MULTILINE)
    filtered = re.findall(r"(\w+) = '", text)
    grouped = re.findall(r"by (.*)$", text, re.MULTILINE)
    measured = re.findall(r"pct\((\w+)", text)
    parts = [*(listed[1].split(",") if listed else ()), *filtered, *measured]
    return {each.strip() for text in (*parts, *grouped) for each in text.split(",")} - GIVEN


@pytest.fixture
def written(
    resources: Resources, logs: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> list[dict[str, Any]]:
    """Lines of every kind that concerns pictures."""
    publish_key(resources.settings)
    for module in (reaper, resize):
        monkeypatch.setattr(module, "resources", lambda: resources)
    monkeypatch.setattr(upload_url, "services", lambda: resources)
    bad = uploaded(resources, b"no")
    pending(resources, b"never")
    logs()
    upload_url(
        http("POST /api/uploads", body={"files": [file(photo_bytes())]}, token=make_header()), Context()
    )
    resize.handler(sqs(created(f"originals/{ids.encode(bad)}")), Context())
    retry = {"ids": [ids.encode(bad)]}
    upload_url(http("POST /api/uploads/retry", body=retry, token=make_header(scope="admin")), Context())
    make_overdue(resources.db)
    reaper.handler({}, Context())
    return [json.loads(line) for line in logs().splitlines() if '"_aws"' not in line]


def test_queries_name_fields_of_lines_that_are_written(
    written: list[dict[str, Any]], aurora: Template
) -> None:
    _, stage = aurora.one("AWS::ApiGatewayV2::Stage")
    accesses = json.loads(stage["AccessLogSettings"]["Format"])
    known = {key for line in written for key in line} | accesses.keys()
    # Of lines that are written when something is broken.
    known |= {"reason"}
    for name in ("picture", "request", "routes", "failures"):
        fields = list_fields(find_query(aurora, name))
        assert len(fields) >= 2
        assert fields <= known, name


def test_the_query_of_a_picture_reads_the_logs_of_all_functions_that_know_pictures(aurora: Template) -> None:
    groups = set().union(*(names(group) for group in find_query(aurora, "picture")["LogGroupNames"]))
    of_functions = {
        name: names(aurora.function(name)["LoggingConfig"]["LogGroup"])
        for name in ("upload_url", "search", "manage_images", "resize", "reaper", "audit")
    }
    assert groups == set().union(*of_functions.values())
    assert len(groups) == 6


def test_the_query_of_a_request_reads_the_log_of_the_apis_accesses(aurora: Template) -> None:
    groups = set().union(*(names(group) for group in find_query(aurora, "request")["LogGroupNames"]))
    access, _ = aurora.one("AWS::Logs::LogGroup", "AccessLog")
    assert access in groups


def test_every_log_group_has_an_end(template: Template) -> None:
    groups = template.of_type("AWS::Logs::LogGroup").values()
    assert len(groups) >= 8
    assert all(group["RetentionInDays"] <= 90 for group in groups)


def test_accesses_of_the_api_are_logged_to_a_group_that_has_an_end(template: Template) -> None:
    _, stage = template.one("AWS::ApiGatewayV2::Stage")
    assert names(stage["AccessLogSettings"]["DestinationArn"]) <= set(template.of_type("AWS::Logs::LogGroup"))


def test_nothing_else_keeps_a_log_that_would_have_none(template: Template) -> None:
    """Logs in a bucket have no retention, and RDS makes log groups without one."""
    for kind, log in {
        "AWS::CloudFront::Distribution": "Logging",
        "AWS::S3::Bucket": "LoggingConfiguration",
        "AWS::RDS::DBCluster": "EnableCloudwatchLogsExports",
        "AWS::RDS::DBInstance": "EnableCloudwatchLogsExports",
    }.items():
        for resource in template.of_type(kind).values():
            assert log not in resource.get("DistributionConfig", resource), kind
    assert template.of_type("AWS::EC2::FlowLog") == {}
