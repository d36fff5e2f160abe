"""The alarms, and the metrics that they watch."""

from typing import Any

import pytest

from stockroom.api.key_objects import UNREADABLE_METRIC
from stockroom.ingest.reaper import LATENESS_METRIC, PENDING_METRIC
from stockroom.runtime.accounts import ACCOUNTS, MAX_CONNECTIONS, SPARE_CONNECTIONS
from tests.infra.deployment import read_metric
from tests.infra.policies import allows
from tests.infra.template import Template
from tooling import ROOT

ACCOUNT = {"Ref": "AWS::AccountId"}


@pytest.mark.parametrize("name", ["upload_url", "search", "manage_images", "resize", "reaper", "migrate"])
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
    assert sorted(alarm["Dimensions"][0]["Value"] for alarm in alarms) == [
        "manage_images",
        "search",
        "upload_url",
    ]
    assert all(alarm["Dimensions"][0]["Name"] == "service" for alarm in alarms)


def alarm(template: Template, name: str) -> dict[str, Any]:
    return template.one("AWS::CloudWatch::Alarm", f"Alarms{name}")[1]


def watched(alarm: dict[str, Any]) -> dict[str, Any]:
    """The one metric that an alarm watches, by itself or in an expression."""
    return read_metric(alarm) if "Metrics" in alarm else alarm


def seconds(alarm: dict[str, Any]) -> int:
    """For how long a fault lasts before the alarm comes."""
    return int(watched(alarm)["Period"] * alarm["EvaluationPeriods"])


@pytest.mark.parametrize(("stage", "hours"), [("aurora", 24), ("instance", 0.25)])
def test_a_reaper_that_does_not_run_is_an_alarm_and_a_late_run_is_none(
    stage: str, hours: float, request: pytest.FixtureRequest
) -> None:
    silence = alarm(request.getfixturevalue(stage), "ReaperSilence")
    assert (silence["Namespace"], silence["MetricName"]) == ("AWS/Lambda", "Invocations")
    assert silence["Dimensions"][0]["Value"]["Ref"].startswith("FunctionsReaper")
    assert (silence["ComparisonOperator"], silence["Threshold"]) == ("LessThanThreshold", 1)
    # A function that does not run measures nothing.
    assert silence["TreatMissingData"] == "breaching"
    # A run may begin in the hour after the one in which it is due, and its metric may come in the next one.
    assert (hours + 1) * 3600 < seconds(silence) <= (hours + 3) * 3600
    # CloudWatch takes longer than a day only in periods of an hour, and a week at most.
    assert silence["Period"] == 3600
    assert seconds(silence) <= 7 * 24 * 3600


@pytest.mark.parametrize("stage", ["aurora", "instance"])
def test_a_new_stage_waits_for_the_first_run_of_its_reaper(
    stage: str, request: pytest.FixtureRequest
) -> None:
    silence = alarm(request.getfixturevalue(stage), "ReaperSilence")
    warm_up = silence["WarmUpConfiguration"]
    assert warm_up["OnlyStartEvaluatingAfterWarmUpPeriodEnds"] is True
    assert seconds(silence) <= warm_up["WarmUpPeriodDurationInMinutes"] * 60
    assert warm_up["WarmUpPeriodDurationInMinutes"] <= 2880, "CloudWatch takes two days at most"


@pytest.mark.parametrize(("stage", "interval"), [("aurora", 86_400), ("instance", 900)])
def test_an_upload_that_stays_pending_is_an_alarm_that_lasts_until_the_reaper_looks_again(
    stage: str, interval: int, request: pytest.FixtureRequest
) -> None:
    oldest = alarm(request.getfixturevalue(stage), "OldestPending")
    assert (oldest["MetricName"], oldest["Statistic"]) == (PENDING_METRIC, "Maximum")
    assert oldest["Dimensions"] == [{"Name": "service", "Value": "reaper"}]
    # What one run finds for the first time has waited for an interval; the next run finds it again, or not.
    assert interval < oldest["Threshold"] < 2 * interval + 2 * 3600
    assert oldest["TreatMissingData"] == "ignore"


def test_a_reaper_that_came_late_or_fails_at_the_same_rows_again_and_again_is_an_alarm(
    template: Template,
) -> None:
    late, stuck = alarm(template, "Lateness"), alarm(template, "Stuck")
    assert [(each["MetricName"], each["Statistic"]) for each in (late, stuck)] == [
        (LATENESS_METRIC, "Maximum"), ("ReaperStuck", "Sum"),
    ]  # fmt: skip
    for each in (late, stuck):
        assert each["Dimensions"] == [{"Name": "service", "Value": "reaper"}]
    # What was planned comes up to an hour late, as times are rounded up.
    assert 3600 < late["Threshold"] <= 3 * 3600
    assert stuck["Threshold"] == 1


def test_slow_requests_are_an_alarm(template: Template) -> None:
    slow = alarm(template, "Latency")
    latency = watched(slow)
    assert (latency["Namespace"], latency["MetricName"]) == ("AWS/ApiGateway", "Latency")
    assert (latency["ExtendedStatistic"], slow["Threshold"]) == ("p99", 5000)


@pytest.mark.parametrize("name", ["ServerErrors", "Latency"])
def test_a_database_that_wakes_up_is_no_alarm(aurora: Template, name: str) -> None:
    _, cluster = aurora.one("AWS::RDS::DBCluster")
    awake = cluster["ServerlessV2ScalingConfiguration"]["SecondsUntilAutoPause"]
    requests = alarm(aurora, name)
    # A minute of waking is in two periods at most, and the next one comes after all of these.
    assert requests["EvaluationPeriods"] >= 3
    assert seconds(requests) <= awake


@pytest.mark.parametrize("name", ["ServerErrors", "Latency"])
def test_periods_without_a_request_are_not_passed_over(aurora: Template, name: str) -> None:
    """AWS: "CloudWatch evaluates the alarm state based on the most recent real data points", of more periods
    than the alarm has. Where nobody else comes, two wake-ups would be three real data points.
    """
    (returned,) = (each for each in alarm(aurora, name)["Metrics"] if each.get("ReturnData", True))
    assert returned["Expression"] == "FILL(watched, 0)"


@pytest.mark.parametrize("name", ["search", "upload_url", "manage_images", "resize"])
def test_throttled_functions_are_an_alarm(template: Template, name: str) -> None:
    throttles = alarm(template, f"Throttles{name.replace('_', '')}")
    assert (throttles["Namespace"], throttles["MetricName"]) == ("AWS/Lambda", "Throttles")
    (dimension,) = throttles["Dimensions"]
    assert dimension["Value"]["Ref"].startswith(f"Functions{name.title().replace('_', '')}")


@pytest.mark.parametrize(
    ("stage", "dimension", "capacity"),
    [
        ("aurora", "DBClusterIdentifier", "ACUUtilization"),
        ("instance", "DBInstanceIdentifier", "CPUUtilization"),
    ],
)
def test_a_database_at_its_limits_is_an_alarm(
    stage: str, dimension: str, capacity: str, request: pytest.FixtureRequest
) -> None:
    template = request.getfixturevalue(stage)
    for name, metric in (("Connections", "DatabaseConnections"), ("Capacity", capacity)):
        limit = alarm(template, name)
        assert (limit["Namespace"], limit["MetricName"]) == ("AWS/RDS", metric)
        assert [each["Name"] for each in limit["Dimensions"]] == [dimension]
        assert seconds(limit) >= 900, "a burst is none"


def test_the_alarm_of_connections_comes_before_there_is_none_and_not_for_one_busy_account(
    aurora: Template,
) -> None:
    threshold = alarm(aurora, "Connections")["Threshold"]
    largest, second, *_ = sorted((account.connections for account in ACCOUNTS), reverse=True)
    assert largest + second < threshold < sum(account.connections for account in ACCOUNTS)
    assert threshold < MAX_CONNECTIONS - SPARE_CONNECTIONS


def test_errors_of_the_cdn_are_an_alarm_where_their_metric_is(
    with_metrics_of_the_cdn: Template, aurora: Template
) -> None:
    made = alarm(with_metrics_of_the_cdn, "CdnErrors")
    # A distribution without visitors has no rate: wake-ups of different hours would be periods in a row.
    (returned,) = (each for each in made["Metrics"] if each.get("ReturnData", True))
    assert returned["Expression"] == "FILL(watched, 0)"
    errors = watched(made)
    assert (errors["Namespace"], errors["MetricName"]) == ("AWS/CloudFront", "5xxErrorRate")
    assert {each["Name"]: each["Value"] for each in errors["Dimensions"]}["Region"] == "Global"
    # An alarm of another region would watch a metric that is never there.
    elsewhere = aurora.of_type("AWS::CloudWatch::Alarm").values()
    assert not [each for each in elsewhere if watched(each)["Namespace"] == "AWS/CloudFront"]


def test_nothing_but_the_silence_of_the_reaper_is_an_alarm_because_nothing_happens(
    template: Template,
) -> None:
    for name, each in template.of_type("AWS::CloudWatch::Alarm").items():
        if "ReaperSilence" not in name:
            assert each["TreatMissingData"] in ("notBreaching", "ignore"), name
            assert each["ComparisonOperator"] == "GreaterThanOrEqualToThreshold", name
            assert each["Threshold"] > 0, name


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
    _, policy = aurora.one("AWS::SNS::TopicPolicy", "Alarms")
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
    topic, _ = aurora.one("AWS::SNS::Topic", "Alarms")
    _, policy = aurora.one("AWS::SNS::TopicPolicy", "Alarms")
    assert policy["Topics"] == [{"Ref": topic}]
    assert {statement["Resource"]["Ref"] for statement in policy["PolicyDocument"]["Statement"]} == {topic}
    for alarm in aurora.of_type("AWS::CloudWatch::Alarm").values():
        assert alarm["AlarmActions"] == [{"Ref": topic}]


def test_every_alarm_has_its_line_in_the_manual(with_metrics_of_the_cdn: Template) -> None:
    alarms = with_metrics_of_the_cdn.of_type("AWS::CloudWatch::Alarm").values()
    sentences = {alarm["AlarmDescription"] for alarm in alarms}
    manual = (ROOT / "docs" / "operate.md").read_text()
    table = manual.partition("## When an alarm comes")[2].partition("\n\nHow a row")[0]
    lines = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines() if line.startswith("| ")]
    assert sentences == set(lines[1:])
