import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.plan_reaper import app
from stockroom.images.reaper_schedule import EXISTS, ReaperSchedule
from tests.events import Context, created

AT = datetime(2026, 5, 1, 12, 3, 20, tzinfo=UTC)


@dataclass
class Scheduler:
    """Notes the schedules that it is to make, and fails with the code that it is given."""

    code: str = ""
    made: list[dict[str, Any]] = field(default_factory=list)

    def create_schedule(self, **parameters: Any) -> None:
        self.made.append(parameters)
        if self.code:
            raise ClientError({"Error": {"Code": self.code}}, "CreateSchedule")


@pytest.fixture
def scheduler(monkeypatch: pytest.MonkeyPatch) -> Scheduler:
    scheduler = Scheduler()
    schedule = ReaperSchedule("group", "arn:reaper", "arn:role")
    schedule.__dict__["_client"] = scheduler
    monkeypatch.setattr(app, "make_schedule", lambda: schedule)
    monkeypatch.setattr(app, "now", lambda: AT)
    return scheduler


def sns(*messages: str) -> dict[str, Any]:
    """The event in which a topic hands messages to a function."""
    return {
        "Records": [
            {"Sns": {"MessageId": f"m{number}", "Message": message}}
            for number, message in enumerate(messages)
        ]
    }


def test_a_due_time_becomes_a_schedule_that_calls_the_reaper_once_and_goes(scheduler: Scheduler) -> None:
    app.handler(sns(created("due/2026-05-01T12-15")), Context())
    (made,) = scheduler.made
    assert made == {
        "Name": "reap-2026-05-01T12-15",
        "GroupName": "group",
        "ScheduleExpression": "at(2026-05-01T12:15:00)",
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": {
            "Arn": "arn:reaper",
            "RoleArn": "arn:role",
            "Input": "{}",
            "RetryPolicy": {"MaximumEventAgeInSeconds": 3600},
        },
    }


def test_a_time_that_has_come_meanwhile_is_put_off_by_a_minute(scheduler: Scheduler) -> None:
    app.handler(sns(created("due/2026-05-01T12-00")), Context())
    (made,) = scheduler.made
    assert (made["Name"], made["ScheduleExpression"]) == ("reap-2026-05-01T12-00", "at(2026-05-01T12:04:20)")


def test_a_time_that_was_planned_before_is_no_error(scheduler: Scheduler, logs: Callable[[], str]) -> None:
    scheduler.code = EXISTS
    app.handler(sns(created("due/2026-05-01T12-15", "due/2026-05-01T12-15")), Context())
    assert len(scheduler.made) == 1
    assert logs() == ""


def test_any_other_refusal_is_an_error_of_the_function(scheduler: Scheduler) -> None:
    scheduler.code = "AccessDeniedException"
    with pytest.raises(ClientError, match="AccessDenied"):
        app.handler(sns(created("due/2026-05-01T12-15")), Context())


@pytest.mark.parametrize("message", ["no json", '{"Records": [{"s3": {}}]}'])
def test_a_message_that_cannot_be_read_keeps_none_from_its_time(
    scheduler: Scheduler, logs: Callable[[], str], message: str
) -> None:
    app.handler(sns(message, created("due/2026-05-01T12-15")), Context())
    assert len(scheduler.made) == 1
    failed, planned = (json.loads(line) for line in logs().splitlines())
    assert (failed["message"], failed["message_id"]) == ("not an event of storage", "m0")
    assert (planned["message"], planned["due"]) == ("planned", "due/2026-05-01T12-15")


@pytest.mark.parametrize("key", ["due/soon", "due/2026-05-01T12-04", "due/2027-05-01T12-00"])
def test_an_object_that_tells_no_due_time_makes_no_schedule(
    scheduler: Scheduler, logs: Callable[[], str], key: str
) -> None:
    app.handler(sns(created(key)), Context())
    assert scheduler.made == []
    assert json.loads(logs())["key"] == key


def test_the_test_event_of_s3_makes_none(scheduler: Scheduler) -> None:
    app.handler(sns('{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "uploads"}'), Context())
    assert scheduler.made == []


def test_a_schedule_is_no_longer_tried_than_the_next_daily_run_is_away(scheduler: Scheduler) -> None:
    app.handler(sns(created("due/2026-05-01T13-00")), Context())
    (made,) = scheduler.made
    age = timedelta(seconds=made["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"])
    assert timedelta(minutes=1) <= age <= timedelta(days=1), "the scheduler takes a minute to a day"


def test_it_imports_nothing_that_its_package_lacks() -> None:
    program = "import sys, functions.plan_reaper.app; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = set(result.stdout.split())
    assert imported.isdisjoint({"Stemmer", "pyvips", "pymysql", "jwt", "chalice", "cryptography"})
