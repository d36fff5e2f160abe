"""The alarms, and the metrics that they watch."""

import pytest

from stockroom.api.key_objects import UNREADABLE_METRIC
from tests.infra.template import Template


@pytest.mark.parametrize("name", ["upload_url", "search", "resize", "reaper", "migrate"])
def test_logs_and_metrics_have_the_name_of_their_function(template: Template, name: str) -> None:
    assert template.environment(name)["POWERTOOLS_SERVICE_NAME"] == name


def test_keys_that_cannot_be_read_raise_an_alarm(template: Template) -> None:
    alarms = [
        alarm
        for alarm in template.of_type("AWS::CloudWatch::Alarm").values()
        if alarm.get("MetricName") == UNREADABLE_METRIC
    ]
    assert all((alarm["Namespace"], alarm["Threshold"]) == ("Stockroom", 1) for alarm in alarms)
    assert sorted(alarm["Dimensions"][0]["Value"] for alarm in alarms) == ["search", "upload_url"]
    assert all(alarm["Dimensions"][0]["Name"] == "service" for alarm in alarms)


def test_every_alarm_tells_somebody(template: Template) -> None:
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()
    assert len(alarms) >= 5
    assert all(alarm["AlarmActions"] for alarm in alarms)
