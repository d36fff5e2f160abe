"""The alarms, and the metrics that they watch."""

import pytest

from stockroom.api.key_objects import UNREADABLE_METRIC
from tests.infra.template import Template


@pytest.mark.parametrize("name", ["upload_url", "search", "resize", "reaper", "migrate"])
def test_logs_and_metrics_have_the_name_of_their_function(template: Template, name: str) -> None:
    assert template.environment(name)["POWERTOOLS_SERVICE_NAME"] == name


def test_keys_that_cannot_be_read_raise_an_alarm(template: Template) -> None:
    _, alarm = template.one("AWS::CloudWatch::Alarm", "AlarmsKeys")
    watched = {
        tuple(
            (dimension["Name"], dimension["Value"])
            for dimension in each["MetricStat"]["Metric"]["Dimensions"]
        )
        for each in alarm["Metrics"]
        if each.get("MetricStat", {}).get("Metric", {}).get("MetricName") == UNREADABLE_METRIC
    }
    assert watched == {(("service", "upload_url"),), (("service", "search"),)}
    assert alarm["Threshold"] == 1
    assert alarm["AlarmActions"]


def test_every_alarm_tells_somebody(template: Template) -> None:
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()
    assert len(alarms) >= 5
    assert all(alarm["AlarmActions"] for alarm in alarms)
