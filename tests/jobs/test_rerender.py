"""Whole runs of `rerender` in this process: whatever happens meanwhile, no picture is left half done."""

import itertools
from contextlib import closing
from datetime import UTC, datetime

import pytest

from jobs import committer, progress, report, rerender, waves
from jobs.errors import JobError
from jobs.rendering import RenderTask
from stockroom.images import ids
from stockroom.ingest import rerendering
from stockroom.resources import Resources
from stockroom.runtime import job_runs
from stockroom.runtime.database import Database
from stockroom.runtime.errors import StorageUnavailable
from tests.factories import stored_renditions
from tests.jobs.archive import ALL, Archive, make_archive
from tests.renditions.images import photo_of


@pytest.fixture
def archive(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> Archive:
    return make_archive(resources, monkeypatch)


def test_every_picture_gets_its_new_renditions_and_its_row_moves(archive: Archive) -> None:
    pictures = archive.add(5)
    line = archive.rerender()
    assert "5 of 5 pictures: 5 done, 0 failed, 0 skipped" in line
    assert archive.versions() == dict.fromkeys(pictures, 2)
    for image_id in pictures:
        assert stored_renditions(archive.resources, image_id).keys() == ALL
    store = archive.store
    content = store.read(progress.NAME)
    assert content is not None
    assert progress.decode(content).is_finished
    assert b"<!doctype html>" in (store.read(report.NAME) or b"")
    # The run is over: there is nothing left for another one.
    assert "0 of 0 pictures" in archive.rerender()


def test_a_selection_is_all_that_is_touched(archive: Archive) -> None:
    first, second, third = archive.add(3)
    archive.rerender(where=f"from={ids.encode(second)} to={ids.encode(second)}")
    assert archive.versions() == {first: 1, second: 2, third: 1}


def test_a_dry_run_says_how_much_and_does_nothing(archive: Archive) -> None:
    archive.add(3)
    line = archive.rerender(dry_run=True)
    assert line.startswith("3 pictures, ")
    assert "USD" in line
    assert set(archive.versions().values()) == {1}
    assert job_runs.find_newest(archive.resources.db, "rerender", 1) == []


@pytest.mark.parametrize("dry_run", [True, False])
def test_whoever_has_lowered_the_version_is_told_why_nothing_happens(archive: Archive, dry_run: bool) -> None:
    (newer,) = archive.add(1)
    archive.resources.db.execute("UPDATE image SET version = 3 WHERE id = %s", (newer,))
    line = archive.rerender(dry_run=dry_run)
    assert line.startswith("0 ")
    assert "version 3 already" in line
    assert "STOCKROOM_RENDITION_VERSION above 3" in line
    assert archive.versions() == {newer: 3}


def test_poison_fails_alone_and_is_listed(archive: Archive) -> None:
    (broken,) = archive.add(1, photo_of("jpeg")[:3000])
    (gone,) = archive.add(1)
    archive.resources.storage.delete_original(gone)
    good = archive.add(2)
    line = archive.rerender()
    assert "4 of 4 pictures: 2 done, 1 failed, 1 skipped" in line
    assert "1 of those that were skipped have no original in storage" in line
    assert archive.versions() == {broken: 1, gone: 1, good[0]: 2, good[1]: 2}
    results = archive.results()
    assert (results[broken].outcome, results[gone].outcome) == ("failed", "missing")
    assert ids.encode(broken).encode() in (archive.store.read(report.NAME) or b"")


def test_an_edit_during_the_run_stays_and_a_deletion_leaves_nothing(archive: Archive) -> None:
    edited, deleted, other = archive.add(3)
    db = archive.resources.db

    def change(_task: RenderTask) -> None:
        # The executor had read the rows before, and has written just after the deletion was through.
        db.execute("UPDATE image SET description = 'edited', revision = 9 WHERE id = %s", (edited,))
        db.execute("DELETE FROM image WHERE id = %s", (deleted,))

    archive.after_task = change
    line = archive.rerender()
    assert "3 of 3 pictures: 2 done, 0 failed, 1 skipped" in line
    assert stored_renditions(archive.resources, deleted) == {}
    assert archive.versions()[edited] == 2
    assert db.query("SELECT description, revision FROM image WHERE id = %s", (edited,)) == (("edited", 9),)
    assert archive.versions()[other] == 2


def test_a_killed_run_goes_on_without_doing_anything_twice(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waves, "TASK_BYTES", 1)
    monkeypatch.setattr(waves, "TASKS_A_CORE", 1)
    # The second process begins in the same second as the first one: its waves must not be taken for those.
    moments = (datetime(2026, 1, 1, 12, 0, 0, ms * 1000, tzinfo=UTC) for ms in itertools.count())
    monkeypatch.setattr(rerender, "now", lambda: next(moments))
    pictures = archive.add(6)
    (broken,) = archive.add(1, photo_of("jpeg")[:3000])

    def stop(_task: RenderTask) -> None:
        if len(archive.rendered) == 3:
            raise KeyboardInterrupt

    archive.after_task = stop
    with pytest.raises(KeyboardInterrupt):
        archive.rerender()
    archive.after_task = lambda _task: None
    (record,) = job_runs.find_newest(archive.resources.db, "rerender", 1)
    assert record.finished is None
    with pytest.raises(JobError, match="its parameters are others"):
        archive.rerender(where="owner=1")
    line = archive.rerender(record.run_id)
    assert "7 of 7 pictures: 6 done, 1 failed, 0 skipped" in line
    assert sorted(archive.rendered) == sorted([*pictures, broken])
    assert archive.versions() == dict.fromkeys(pictures, 2) | {broken: 1}


def test_how_much_of_what_was_recorded_is_counted_is_told(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waves, "TASK_BYTES", 1)
    monkeypatch.setattr(waves, "TASKS_A_CORE", 1)
    archive.add(5)

    def stop(_task: RenderTask) -> None:
        if len(archive.rendered) == 4:
            raise KeyboardInterrupt

    archive.after_task = stop
    with pytest.raises(KeyboardInterrupt):
        archive.rerender()
    archive.after_task = lambda _task: None
    told: list[progress.Progress] = []
    encode = progress.encode

    def tell(each: progress.Progress) -> bytes:
        told.append(each)
        return encode(each)

    monkeypatch.setattr(committer, "PROGRESS_SECONDS", 0)
    monkeypatch.setattr(progress, "encode", tell)
    archive.rerender()
    before = [each for each in told if each.total is None]
    assert max(each.ended for each in before) >= 1
    assert "what was recorded before is read first, and counted" in archive.lines


def test_what_failed_for_good_is_not_tried_again_when_a_run_goes_on(archive: Archive) -> None:
    (broken,) = archive.add(1, photo_of("jpeg")[:3000])

    def stop(_task: RenderTask) -> None:
        raise KeyboardInterrupt

    archive.after_task = stop
    with pytest.raises(KeyboardInterrupt):
        archive.rerender()
    archive.after_task = lambda _task: None
    assert "1 of 1 pictures: 0 done, 1 failed" in archive.rerender()
    assert archive.rendered == [broken]


def test_a_second_run_is_refused_while_one_is_under_way(archive: Archive) -> None:
    archive.add(1)
    refusals: list[str] = []

    def begin_another(_task: RenderTask) -> None:
        with (
            closing(Database(archive.resources.settings)) as db,
            pytest.raises(job_runs.RunRefused) as refused,
        ):
            job_runs.take(db, "rerender", None, None)
        refusals.append(str(refused.value))

    archive.after_task = begin_another
    archive.rerender()
    assert len(refusals) == 1
    assert "is under way" in refusals[0]


def test_what_storage_refused_is_tried_again_in_a_further_pass(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = archive.add(3)
    storage = archive.resources.storage
    write = storage.write_rendition
    left = [4]

    def fail_first(*arguments: object) -> None:
        if left[0]:
            left[0] -= 1
            raise StorageUnavailable("Storage does not answer just now.")
        write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(storage, "write_rendition", fail_first)
    line = archive.rerender()
    assert "3 of 3 pictures: 3 done, 0 failed, 0 skipped" in line
    assert archive.versions() == dict.fromkeys(pictures, 2)
    assert len(archive.rendered) > 3


def test_storage_that_stays_away_makes_failures_and_no_endless_run(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = archive.add(2)

    def fail(*_arguments: object) -> None:
        raise StorageUnavailable("Storage does not answer just now.")

    monkeypatch.setattr(archive.resources.storage, "write_rendition", fail)
    assert "2 of 2 pictures: 0 done, 2 failed" in archive.rerender()
    assert archive.versions() == dict.fromkeys(pictures, 1)
    assert archive.rendered == pictures * 3


def test_what_comes_too_late_each_time_is_a_failure_and_nobody_else_has_changed_it(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as behind thousands of small files that take seconds each."""
    pictures = archive.add(2)
    monkeypatch.setattr(rerendering, "JOB_SECONDS", -(10**6))
    assert "2 of 2 pictures: 0 done, 2 failed, 0 skipped" in archive.rerender()
    assert archive.versions() == dict.fromkeys(pictures, 1)
    page = (archive.store.read(report.NAME) or b"").decode()
    assert "<b>too-late</b>" in page
    assert "give the command again" in page


def test_a_run_whose_lease_is_lost_ends_before_it_reads_more(archive: Archive) -> None:
    archive.add(2)

    def take_away(_task: RenderTask) -> None:
        archive.resources.db.execute("UPDATE job_run SET token = 1")

    archive.after_task = take_away
    with pytest.raises(JobError, match="another process"):
        archive.rerender()
    (record,) = job_runs.find_newest(archive.resources.db, "rerender", 1)
    assert record.finished is None
