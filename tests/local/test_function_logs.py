import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from local import emulator, function_logs
from local.layout import Layout


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with mock_aws():
        client = boto3.client(
            "logs",
            region_name=emulator.REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        monkeypatch.setattr(emulator, "client", lambda *_: client)
        yield client


def write(cloudwatch: Any, group: str, text: str) -> None:
    cloudwatch.create_log_group(logGroupName=group)
    cloudwatch.put_retention_policy(logGroupName=group, retentionInDays=7)
    cloudwatch.create_log_stream(logGroupName=group, logStreamName="one")
    events = [{"timestamp": int(time.time() * 1000), "message": text}]
    cloudwatch.put_log_events(logGroupName=group, logStreamName="one", logEvents=events)


def test_large_groups_are_emptied_and_stay(layout: Layout, cloudwatch: Any) -> None:
    write(cloudwatch, "large", "x" * 1000)
    write(cloudwatch, "small", "x")
    assert function_logs.empty_large_groups(layout, limit=500) == ["large"]
    groups = cloudwatch.describe_log_groups()["logGroups"]
    assert {group["logGroupName"]: group["retentionInDays"] for group in groups} == {"large": 7, "small": 7}
    assert cloudwatch.describe_log_streams(logGroupName="large")["logStreams"] == []
    assert len(cloudwatch.describe_log_streams(logGroupName="small")["logStreams"]) == 1


def test_a_group_that_was_made_in_between_is_kept(
    layout: Layout, cloudwatch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(cloudwatch, "large", "x" * 1000)
    delete = cloudwatch.delete_log_group

    def delete_and_log(**names: str) -> None:
        delete(**names)
        cloudwatch.create_log_group(**names)

    monkeypatch.setattr(cloudwatch, "delete_log_group", delete_and_log)
    assert function_logs.empty_large_groups(layout, limit=500) == ["large"]
    (group,) = cloudwatch.describe_log_groups()["logGroups"]
    assert group["retentionInDays"] == 7
