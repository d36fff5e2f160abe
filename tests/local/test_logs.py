import threading
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from local import emulator, logs
from local.layout import Layout


class CloudWatch:
    """CloudWatch Logs with one function's group, one of the API and one of something else."""

    def __init__(self) -> None:
        self.messages: list[tuple[int, str]] = []
        self.away = False

    def describe_log_groups(self) -> dict[str, Any]:
        if self.away:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1")
        names = ["FunctionsUploadUrlLog32DF9F0C", "ApiAccessLog713001CC", "lambda/Other"]
        return {"logGroups": [{"logGroupName": f"/aws/cloudformation/Stockroom/{name}"} for name in names]}

    def get_paginator(self, _operation: str) -> "CloudWatch":
        return self

    # The names are boto3's.
    def paginate(self, logGroupName: str, startTime: int) -> list[dict[str, Any]]:  # noqa: N803
        assert logGroupName.endswith("UploadUrlLog32DF9F0C")
        events = [{"timestamp": at, "message": text} for at, text in self.messages if at >= startTime]
        return [{"events": events[:1]}, {"events": events[1:]}]


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> CloudWatch:
    fake = CloudWatch()
    monkeypatch.setattr(emulator, "client", lambda *_: fake)
    return fake


def test_lines_of_functions_come_once_without_lambdas_own(layout: Layout, cloudwatch: CloudWatch) -> None:
    functions = logs.FunctionLogs(layout, since=10)
    cloudwatch.messages = [
        (9_000, "before"),
        (11_000, "START RequestId: 1"),
        (11_001, "one\n"),
        (11_001, '{"_aws":{}}'),
    ]
    assert functions.new_lines() == ["uploadurl  one"]
    assert functions.new_lines() == []
    # An event of the same millisecond that becomes visible later.
    cloudwatch.messages.append((11_001, "two"))
    assert functions.new_lines() == ["uploadurl  two"]


def test_an_emulator_that_is_away_is_waited_for(layout: Layout, cloudwatch: CloudWatch) -> None:
    functions = logs.FunctionLogs(layout, since=0)
    cloudwatch.messages = [(1, "one")]
    cloudwatch.away = True
    assert functions.new_lines() == []
    cloudwatch.away = False
    assert functions.new_lines() == ["uploadurl  one"]


@pytest.mark.usefixtures("cloudwatch")
def test_what_is_written_from_now_on_is_followed(layout: Layout) -> None:
    log = layout.log("cdn")
    log.write_text("old\n")

    def write() -> None:
        with log.open("a") as file:
            file.write("new\n")

    later = threading.Timer(0.3, write)
    later.start()
    lines = logs.follow(layout, poll=0.01)
    assert next(lines) == "cdn        new"
    later.join()


def test_a_line_is_read_when_it_is_whole(layout: Layout) -> None:
    log = layout.log("cdn")
    log.write_text("old\nhalf")
    assert logs.new_lines(log, 4) == ([], 4)
    log.write_text("old\nhalf whole\nnext")
    assert logs.new_lines(log, 4) == (["half whole"], 15)


def test_a_log_that_has_begun_anew_is_read_from_its_start(layout: Layout) -> None:
    log = layout.log("cdn")
    log.write_text("anew\n")
    assert logs.new_lines(log, 15) == (["anew"], 5)
    assert logs.new_lines(layout.log("absent"), 15) == ([], 0)
