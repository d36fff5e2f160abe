"""The job `audit`: compares once, side by side, and repairs by the limits of the audit in the functions."""

from datetime import timedelta

import msgspec
import pytest

from jobs import audit, audit_page, progress
from jobs.audit import JOB, NamedPart, Plan
from jobs.errors import JobEnded, JobError
from jobs.results import ResultStore
from stockroom.images import ids
from stockroom.ingest.audit.comparison import LAST_ID, MAX_DELETIONS
from stockroom.ingest.audit.parts import Part
from stockroom.ingest.audit.report import Report
from stockroom.resources import Resources
from stockroom.runtime import job_runs
from stockroom.runtime.timestamps import now
from tests.factories import pending
from tests.ingest.audit.library import complete, found, run_until, stray
from tests.ingest.audit.library import run as run_audit
from tests.jobs.in_process import Killed, Tasks, prepare, run
from tests.jobs.test_report import Reader


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch, resources: Resources) -> Tasks:
    """Every object of these tests is old."""
    monkeypatch.setattr(audit, "MIN_AGE", timedelta(days=-1))
    monkeypatch.setattr(audit, "count_cores", lambda _: 1)
    return prepare(monkeypatch, resources, "jobs.audit")


def report_of(line: str) -> Report:
    return msgspec.json.decode(line, type=Report)


@pytest.mark.usefixtures("tasks")
def test_it_reports_what_the_functions_report(resources: Resources) -> None:
    complete(resources, b"1")
    pending(resources)
    (image_id,) = stray(resources)
    assert report_of(run(JOB)) == run_audit(resources)
    assert resources.storage.head_original(image_id) is not None


@pytest.mark.usefixtures("tasks")
def test_it_leaves_a_page_and_says_how_far_it_is(resources: Resources) -> None:
    complete(resources, b"1")
    (image_id,) = stray(resources)
    run(JOB, repair=True)
    (record,) = job_runs.find_newest(resources.db, "audit", 9)
    store = ResultStore(resources.settings.uploads_bucket, "audit", record.run_id)
    page = (store.read("report.html") or b"").decode()
    Reader(page)
    assert "<dt>faults</dt><dd>1</dd>" in page
    assert "<dt>repaired</dt><dd>1</dd>" in page
    assert f"originals/{ids.encode(image_id)}" in page
    left = progress.decode(store.read(progress.NAME) or b"")
    # Eight parts are compared and seven repaired.
    assert progress.describe(left).startswith("15 of 15 parts: 15 done, 0 failed, 0 skipped; ")
    assert left.is_finished


def test_the_page_of_an_audit_that_has_found_nothing_says_so() -> None:
    assert "Buckets, index and table agree." in audit_page.write("run-1", Report())


def test_the_page_of_a_refused_repair_says_why_and_runs_nothing() -> None:
    evil = "<script>alert(1)</script>"
    found = Report(refused=f"it would delete {evil}")
    found.add("unknown-object", evil)
    page = audit_page.write("run-1", found)
    Reader(page)
    assert "Nothing was repaired:</b> it would delete" in page
    assert "<script" not in page


@pytest.mark.usefixtures("tasks")
def test_it_repairs_on_request(resources: Resources) -> None:
    complete(resources, b"1")
    (image_id,) = stray(resources)
    report = report_of(run(JOB, repair=True))
    assert (report.repaired, report.originals.deleted) == ({"original-without-row": 1}, 1)
    assert resources.storage.head_original(image_id) is None
    assert found(run_audit(resources)) == {}


@pytest.mark.usefixtures("tasks")
def test_the_cdn_is_told_of_renditions_that_a_repair_deletes(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(resources.storage, "tell_that_many_are_deleted", lambda: told.append("many"))
    image_id = complete(resources, b"1")
    stray(resources)
    run(JOB, repair=True)
    assert told == []
    resources.db.execute("UPDATE image SET link_key = 'other' WHERE id = %s", (image_id,))
    assert report_of(run(JOB, repair=True)).renditions.deleted == 2
    assert told == ["many"]


@pytest.mark.usefixtures("tasks")
def test_a_repair_that_would_delete_too_much_is_refused_and_over(resources: Resources) -> None:
    pending(resources)
    image_ids = stray(resources, MAX_DELETIONS + 1)
    with pytest.raises(JobEnded, match="a repair deletes at most 10"):
        run(JOB, repair=True)
    assert all(resources.storage.head_original(image_id) for image_id in image_ids)
    (record,) = job_runs.find_newest(resources.db, "audit", 9)
    assert record.finished is not None


@pytest.mark.parametrize("kill_at", [3, 9])
def test_a_run_that_was_killed_goes_on(resources: Resources, tasks: Tasks, kill_at: int) -> None:
    complete(resources, b"1")
    stray(resources, 2)
    tasks.kill_at = kill_at
    with pytest.raises(Killed):
        run(JOB, repair=True)
    tasks.kill_at = None
    report = report_of(run(JOB, repair=True))
    assert (report.originals.count, report.originals.deleted) == (3, 2)
    # Eight parts are compared and seven repaired, each once: no rendition has a fault.
    assert tasks.count == 15


@pytest.mark.usefixtures("tasks")
def test_a_comparison_that_ends_late_adds_nothing_to_what_may_be_deleted(resources: Resources) -> None:
    """That of a worker that was taken for lost: the limits have been passed by what another one has found."""
    complete(resources, b"1")
    stray(resources)
    store = ResultStore(resources.settings.uploads_bucket, "audit", "run-1")
    part = NamedPart("originals-000000", Part("originals", "0", str(LAST_ID)))
    old_before = now() + timedelta(days=1)
    audit.compare_task(part, 0, store=store, old_before=old_before)
    found = audit.read_compared(store, part)
    assert len(found.chosen) == 1
    resources.db.execute("DELETE FROM image")
    audit.compare_task(part, 0, store=store, old_before=old_before)
    assert audit.read_compared(store, part) == found


def test_of_two_runs_at_once_one_is_refused(resources: Resources, tasks: Tasks) -> None:
    job_runs.take(resources.db, "audit", None, {"repair": False})
    with pytest.raises(JobError, match="under way"):
        run(JOB)
    assert tasks.count == 0


@pytest.mark.usefixtures("tasks")
def test_it_waits_for_a_repair_of_the_functions(resources: Resources) -> None:
    complete(resources, b"1")
    stray(resources)
    run_until(resources, "repair-originals")
    with pytest.raises(JobEnded, match="begin when that has ended"):
        run(JOB, repair=True)
    assert report_of(run(JOB)).total == 1


def test_a_part_whose_findings_are_gone_is_not_repaired(resources: Resources) -> None:
    store = ResultStore(resources.settings.uploads_bucket, "audit", "20260101t000000-1")
    plan = Plan(now(), {"originals": []})
    assert plan.list_parts("originals") == []
    part = audit.NamedPart("originals-000000", Part("originals", "0", "1"))
    with pytest.raises(JobError, match="is gone"):
        audit.read_compared(store, part)
