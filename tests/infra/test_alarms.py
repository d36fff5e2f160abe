"""The alarms, and the metrics that they watch."""

from pathlib import Path

import pytest

from stockroom.api.key_objects import UNREADABLE_METRIC
from tests.infra.conftest import synthesise
from tests.infra.policies import allows
from tests.infra.template import Template
from tooling import ROOT

ACCOUNT = {"Ref": "AWS::AccountId"}


@pytest.mark.parametrize("name", ["upload_url", "search", "resize", "reaper", "migrate"])
def test_logs_and_metrics_have_the_name_of_their_function(template: Template, name: str) -> None:
    assert template.environment(name)["POWERTOOLS_SERVICE_NAME"] == name


def test_keys_that_cannot_be_read_raise_an_alarm(template: Template) -> None:
    alarms = [
        alarm
        for alarm in template.of_type("AWS::CloudWatch::Alarm").values()
        if alarm.get("MetricName") == UNREADABLE_METRIC
    ]
    assert all(alarm["Threshold"] == 1 for alarm in alarms)
    assert all(alarm["Namespace"] == {"Ref": "AWS::StackName"} for alarm in alarms)
    assert sorted(alarm["Dimensions"][0]["Value"] for alarm in alarms) == ["search", "upload_url"]
    assert all(alarm["Dimensions"][0]["Name"] == "service" for alarm in alarms)


def test_every_alarm_tells_somebody(template: Template) -> None:
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()
    assert len(alarms) >= 5
    assert all(alarm["AlarmActions"] for alarm in alarms)


@pytest.mark.parametrize(
    ("account", "over_tls", "is_allowed"),
    [(ACCOUNT, "true", True), (ACCOUNT, "false", False), ("another account", "true", False)],
)
def test_alarms_of_this_account_may_publish_to_the_topic_and_only_over_tls(
    aurora: Template, account: object, over_tls: str, is_allowed: bool
) -> None:
    # A policy of a topic's own replaces the default one, which lets whatever is in the account publish.
    _, policy = aurora.one("AWS::SNS::TopicPolicy")
    context = {"aws:SourceAccount": account, "aws:SecureTransport": over_tls}
    assert (
        allows(
            policy["PolicyDocument"],
            service="cloudwatch.amazonaws.com",
            action="sns:Publish",
            context=context,
        )
        == is_allowed
    )


def test_the_policy_is_that_of_the_topic_that_the_alarms_name(aurora: Template) -> None:
    topic, _ = aurora.one("AWS::SNS::Topic")
    _, policy = aurora.one("AWS::SNS::TopicPolicy")
    assert policy["Topics"] == [{"Ref": topic}]
    assert {statement["Resource"]["Ref"] for statement in policy["PolicyDocument"]["Statement"]} == {topic}
    for alarm in aurora.of_type("AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] == [{"Ref": topic}]


def test_every_alarm_has_its_line_in_the_manual(tmp_path: Path) -> None:
    template = synthesise(tmp_path, issuers=({"url": "https://id.example.org"},))
    sentences = {alarm["AlarmDescription"] for alarm in template.of_type("AWS::CloudWatch::Alarm").values()}
    manual = (ROOT / "docs" / "operate.md").read_text()
    table = manual.partition("## When an alarm comes")[2].partition("\n\nHow a row")[0]
    lines = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines() if line.startswith("| ")]
    assert sentences == set(lines[1:])
