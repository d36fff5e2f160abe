import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, timedelta

import pytest

from functions.reaper import app as module
from functions.reaper.app import RESERVE_SECONDS, handler
from stockroom.images.due_times import read_due_key
from stockroom.ingest.reaper import Report
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.timestamps import now
from tests.events import Context
from tests.factories import make_overdue, pending, row_in, s3_client, state, uploaded


@pytest.fixture(autouse=True)
def wired(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "resources", lambda: resources)


def test_a_run_reports_and_measures_what_it_did(resources: Resources, logs: Callable[[], str]) -> None:
    purged, redriven = pending(resources, b"1"), uploaded(resources, b"2")
    deleted = [row_in(resources, "deleting", b"3"), row_in(resources, "failed", b"4")]
    make_overdue(resources.db)
    waiting = pending(resources, b"5")
    report = handler({}, Context())
    expected = {"purged": 1, "lost": 0, "redriven": 1, "forgotten": 1, "deleted": 2, "skipped": 0}
    expected |= {"hidden": 0, "shown": 0, "stuck": 0}
    assert report == {**expected, "finished": True}
    assert [state(resources.db, image_id) for image_id in deleted] == [None] * 2
    assert state(resources.db, purged) == "deleting"
    assert [state(resources.db, image_id) for image_id in (redriven, waiting)] == ["pending"] * 2
    logged = logs().splitlines()
    (entry,) = (line for line in map(json.loads, logged) if line.get("message") == "reaped")
    assert entry["report"] == report
    (measured,) = (line for line in map(json.loads, logged) if "_aws" in line)
    assert {name: measured[f"Reaper{name.capitalize()}"] for name in expected} == {
        name: [float(count)] for name, count in expected.items()
    }
    assert "ReaperFinished" not in measured
    (oldest,) = measured["OldestPending"]
    assert oldest > 5 * 365 * 86_400, "the original that is announced again has waited since 2020"


def test_it_stops_before_its_time_is_up(resources: Resources) -> None:
    for content in (b"1", b"2"):
        pending(resources, content)
    make_overdue(resources.db)
    report = handler({}, Context(seconds=RESERVE_SECONDS))
    assert (report["purged"], report["finished"]) == (1, False)


def test_what_a_paused_database_takes_to_resume_is_taken_from_the_time_of_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A run that did not know of it could be killed in the middle, before it tells when it is needed next."""
    context = Context(seconds=RESERVE_SECONDS + 70)
    given: list[float] = []

    def resume(_db: Database) -> int:
        context.pass_time(60)
        return 0

    def reap(*_arguments: object, seconds: float, **_options: object) -> Report:
        given.append(seconds)
        return Report()

    monkeypatch.setattr(module, "measure_lateness", resume)
    monkeypatch.setattr("stockroom.ingest.reaper.reap", reap)
    handler({}, context)
    assert given == [10]


def test_a_run_whose_time_was_up_is_followed_by_another_one(resources: Resources) -> None:
    """Also where the database pauses: what was not reached, and what was leased, is overdue by then."""
    for content in (b"1", b"2"):
        pending(resources, content)
    make_overdue(resources.db)
    before = now()
    assert handler({}, Context(seconds=RESERVE_SECONDS))["finished"] is False
    listed = s3_client().list_objects_v2(Bucket=resources.settings.uploads_bucket, Prefix="due/")
    (due,) = [read_due_key(each["Key"], before) for each in listed["Contents"]]
    assert due is not None
    ((leased_until,),) = resources.db.query("SELECT MAX(deadline) FROM image WHERE state = 'pending'")
    assert leased_until.replace(tzinfo=UTC) < due < now() + timedelta(minutes=12)


def test_it_imports_nothing_that_its_package_lacks() -> None:
    program = "import sys, functions.reaper.app; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = set(result.stdout.split())
    assert "stockroom.ingest.reaper" in imported
    assert imported.isdisjoint({"Stemmer", "pyvips", "jwt", "chalice"})
