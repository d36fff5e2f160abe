import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from stockroom.images import due_times
from stockroom.images.due_times import (
    HORIZON,
    LARGE_STEP,
    NEAR,
    SMALL_STEP,
    DueTimes,
    due_key,
    read_due_key,
    round_up,
)
from stockroom.images.repository.due_times import find_due_times
from stockroom.images.storage import Storage
from stockroom.resources import Resources
from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.settings import Settings
from tests.factories import row_in, s3_client
from tests.proxy import SilentServer

AT = datetime(2026, 5, 1, 12, 3, 20, tzinfo=UTC)
DAY = timedelta(days=1)


class Told(Storage):
    """Notes what it is told, and is away while it is given an error."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.error: StorageUnavailable | None = None

    def mark_due(self, key: str) -> None:
        if self.error is not None:
            raise self.error
        self.keys.append(key)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The present moment is the last one."""
    moments = [AT]
    monkeypatch.setattr(due_times, "now", lambda: moments[-1])
    return moments


@pytest.mark.parametrize(
    ("moment", "step", "expected"),
    [
        (AT, SMALL_STEP, AT.replace(minute=5, second=0)),
        (AT, LARGE_STEP, AT.replace(hour=13, minute=0, second=0)),
        (AT.replace(minute=5, second=0), SMALL_STEP, AT.replace(minute=5, second=0)),
        (AT.replace(minute=5, second=0, microsecond=1000), SMALL_STEP, AT.replace(minute=10, second=0)),
        # The columns are naive.
        (AT.replace(tzinfo=None), LARGE_STEP, AT.replace(hour=13, minute=0, second=0)),
    ],
)
def test_a_moment_is_rounded_up(moment: datetime, step: timedelta, expected: datetime) -> None:
    assert round_up(moment, step) == expected


@pytest.mark.usefixtures("clock")
def test_a_moment_is_told_to_five_minutes_when_it_is_near_and_to_an_hour_when_it_is_not() -> None:
    storage = Told()
    DueTimes(storage).call_reaper_at([AT + timedelta(minutes=10), None, AT + timedelta(hours=5), AT])
    assert storage.keys == ["due/2026-05-01T12-05", "due/2026-05-01T12-15", "due/2026-05-01T18-00"]


def test_what_is_due_at_once_is_told_even_where_a_step_passes_meanwhile(clock: list[datetime]) -> None:
    storage = Told()
    clock.append(AT.replace(minute=5, second=0))
    DueTimes(storage).call_reaper_soon()
    assert storage.keys == ["due/2026-05-01T12-10"]


@pytest.mark.usefixtures("clock")
def test_what_has_passed_and_what_is_far_away_is_not_told() -> None:
    storage = Told()
    DueTimes(storage).call_reaper_at(
        [AT - timedelta(minutes=5), AT + HORIZON + timedelta(hours=1, seconds=1)]
    )
    assert storage.keys == []


def test_a_process_tells_a_time_once_and_forgets_it_when_it_has_passed(clock: list[datetime]) -> None:
    storage = Told()
    told = DueTimes(storage)
    for _ in range(2):
        told.call_reaper_at([AT + timedelta(minutes=10)])
    assert storage.keys == ["due/2026-05-01T12-15"]
    clock.append(AT + DAY)
    told.call_reaper_at([AT + DAY])
    assert told._told == {"due/2026-05-02T12-05"}


@pytest.mark.usefixtures("clock")
def test_storage_that_is_away_fails_nobody_and_is_told_the_next_time(logs: Callable[[], str]) -> None:
    storage = Told()
    told = DueTimes(storage)
    storage.error = StorageUnavailable("away")
    told.call_reaper_at([AT])
    assert json.loads(logs())["message"] == "due time not told"
    storage.error = None
    told.call_reaper_at([AT])
    assert storage.keys == ["due/2026-05-01T12-05"]


def test_the_object_is_empty_and_beside_the_originals(resources: Resources) -> None:
    resources.storage.mark_due("due/2026-05-01T12-05")
    bucket = resources.settings.uploads_bucket
    (found,) = s3_client().list_objects_v2(Bucket=bucket)["Contents"]
    assert (found["Key"], found["Size"]) == ("due/2026-05-01T12-05", 0)


@pytest.mark.usefixtures("clock")
def test_storage_that_hangs_delays_nobody_for_long(
    monkeypatch: pytest.MonkeyPatch, logs: Callable[[], str]
) -> None:
    """Whoever tells a time has done what they wanted, and waits for the answer."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with SilentServer() as s3:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{s3.port}")
        storage = Storage(Settings(uploads_bucket="uploads"))
        began = time.monotonic()
        DueTimes(storage).call_reaper_at([AT + timedelta(minutes=10), AT + timedelta(minutes=20)])
        seconds = time.monotonic() - began
    assert json.loads(logs())["message"] == "due time not told"
    assert s3.connections == 2, "a first try may have been lost on the way"
    assert seconds < 13, "13 s is one attempt of what has to be done"


@pytest.mark.parametrize("delay", [timedelta(0), timedelta(minutes=20)])
def test_every_time_that_can_be_told_is_understood(delay: timedelta) -> None:
    due = round_up(AT, SMALL_STEP)
    while due <= AT + HORIZON + LARGE_STEP:
        assert read_due_key(due_key(due), AT + delay) == due
        due += SMALL_STEP


@pytest.mark.parametrize(
    "key",
    [
        "due/2026-05-01T12-04",
        "due/2026-05-01T12-05-00",
        "due/2026-05-01T12-5",
        "due/2026-05-03T12-05",
        "due/2026-04-30T12-05",
        "due/9999-12-31T23-59",
        "due/",
        "due/soon",
        "originals/2026-05-01T12-05",
        "2026-05-01T12-05",
    ],
)
def test_nothing_else_is(key: str) -> None:
    assert read_due_key(key, AT) is None


def test_there_are_few_times_whoever_tells_them() -> None:
    """Each is a schedule."""
    minutes = (AT + timedelta(minutes=number) for number in range(-2 * 24 * 60, 4 * 24 * 60))
    assert len({read_due_key(due_key(minute), AT) for minute in minutes}) < 400


def test_every_moment_is_told_by_some_run_however_late_it_is_and_however_it_is_rounded() -> None:
    """A run tells what is between NEAR and HORIZON after it; an hour late is late enough for a schedule."""
    assert NEAR + DAY + timedelta(hours=1) <= HORIZON


def test_the_reaper_finds_when_it_is_needed(resources: Resources) -> None:
    db = resources.db
    ((hour,),) = db.query(
        "SELECT CAST(DATE_FORMAT(UTC_TIMESTAMP(), '%%Y-%%m-%%d %%H:00:00') AS DATETIME) + INTERVAL 5 HOUR"
    )

    def row(state: str, content: bytes, column: str, moment: datetime) -> None:
        image_id = row_in(resources, state, content)  # type: ignore[arg-type]
        db.execute(f"UPDATE image SET {column} = %s WHERE id = %s", (moment, image_id))

    minute, soon, later = timedelta(minutes=1), timedelta(hours=-5), timedelta(days=3)
    row("deleted", b"1", "deadline", hour)
    row("hidden", b"2", "deadline", hour + timedelta(hours=1) + minute)
    row("ready", b"3", "expires", hour + timedelta(hours=2) + timedelta(milliseconds=1))
    for number, (state, column) in enumerate(
        (("deleted", "deadline"), ("hidden", "deadline"), ("ready", "expires"))
    ):
        for other, moment in enumerate((hour + minute, hour + soon, hour + later)):
            row(state, bytes([4, number, other]), column, moment)
    # These have no due time that anybody sees.
    row("deleting", b"5", "deadline", hour + timedelta(hours=8))
    row("ready", b"6", "deadline", hour + timedelta(hours=9))
    row("hidden", b"7", "expires", hour + timedelta(hours=10))
    full = hour.replace(tzinfo=UTC)
    expected = {full + timedelta(hours=hours) for hours in (0, 1, 2, 3)}
    assert find_due_times(db, NEAR, HORIZON) == expected
