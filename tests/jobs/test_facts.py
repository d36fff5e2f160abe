"""The job `facts`: wave by wave, once each, whatever ends the process in between."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import pytest

from jobs import facts, progress
from jobs.errors import JobError
from jobs.facts import JOB
from jobs.results import ResultStore
from jobs.run import Parameters, run_job
from jobs.spark import SOURCE_BYTES
from stockroom.images import ids
from stockroom.images.repository.facts import FactSource
from stockroom.ingest.decoding import HEAD_BYTES
from stockroom.ingest.fact_reading import FactReader, FactResult, Which
from stockroom.ingest.fact_writing import write_facts
from stockroom.resources import Resources
from stockroom.runtime import job_runs
from stockroom.runtime.errors import DatabaseUnavailable
from stockroom.runtime.job_runs import NEW
from tests.factories import put_original, ready
from tests.jobs.in_process import Killed, Tasks, prepare, run
from tests.renditions.embedded.blocks import exif, text
from tests.renditions.images import encode, photo, with_fields

CONTENT = encode(
    with_fields(photo(30, 20), exif_data=b"Exif\0\0" + exif([text(0x0110, b"Model 7\0")])), "jpeg"
)


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch, resources: Resources) -> Iterator[Tasks]:
    """Two rows a wave, and a picture a task."""
    monkeypatch.setattr(facts, "WAVE_ROWS", 2)
    monkeypatch.setattr(facts, "count_cores", lambda _: 0)
    monkeypatch.setattr(facts, "pack", lambda sources, *_: [[source] for source in sources])
    tasks = prepare(monkeypatch, resources, "jobs.facts")
    yield tasks
    facts._reader.cache_clear()


def library(resources: Resources, count: int) -> list[int]:
    image_ids = [ready(resources, bytes([n])) for n in range(count)]
    for image_id in image_ids:
        put_original(resources, image_id, CONTENT)
        resources.db.execute("UPDATE image SET size = %s WHERE id = %s", (len(CONTENT), image_id))
    return image_ids


def count_cameras(resources: Resources) -> int:
    ((count,),) = resources.db.query("SELECT COUNT(*) FROM image WHERE camera = 'Model 7'")
    return int(count)


def test_all_pictures_of_a_selection_get_their_facts(resources: Resources, tasks: Tasks) -> None:
    image_ids = library(resources, 4)
    line = run(JOB, where=f"to={ids.encode(image_ids[2])}")
    assert line.startswith(f"3 pictures: 3 changed; 3 requests, {3 * len(CONTENT) / 1000:.1f} kB read in ")
    assert (count_cameras(resources), tasks.count) == (3, 3)
    # Another run finds those three as they are: nothing waits to be written for them.
    assert run(JOB).startswith("4 pictures: 1 changed, 3 same;")
    assert "4 of 4 pictures: 4 done, 0 failed" in progress.describe(_final(resources))


@pytest.mark.usefixtures("tasks")
def test_what_has_failed_is_listed_and_ends_nothing(resources: Resources) -> None:
    image_ids = library(resources, 3)
    put_original(resources, image_ids[0], b"no picture")
    resources.db.execute("UPDATE image SET size = 10 WHERE id = %s", (image_ids[0],))
    resources.storage.delete_original(image_ids[1])
    line = run(JOB)
    assert line.startswith("3 pictures: 1 changed, 1 failed, 1 missing;")
    (record,) = job_runs.find_newest(resources.db, "facts", 9)
    store = ResultStore(resources.settings.uploads_bucket, "facts", record.run_id)
    page = (store.read("report.html") or b"").decode()
    assert ids.encode(image_ids[0]) in page
    assert "not-an-image" in page
    assert "<dt>rows changed</dt><dd>1</dd>" in page
    final = _final(resources)
    assert (final.done, final.failed, final.skipped, final.is_finished) == (1, 1, 1, True)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of the pictures whose originals are read, in this order."""
    read: list[int] = []

    class Recording(FactReader):
        def read(self, source: FactSource, which: Which) -> FactResult:
            read.append(source.image_id)
            return super().read(source, which)

    monkeypatch.setattr(facts, "FactReader", Recording)
    return read


@pytest.mark.parametrize("kill_at", [1, 4])
def test_a_run_that_was_killed_goes_on(
    resources: Resources, tasks: Tasks, read: list[int], kill_at: int
) -> None:
    image_ids = library(resources, 5)
    tasks.kill_at = kill_at
    with pytest.raises(Killed):
        run(JOB)
    tasks.kill_at = None
    assert run(JOB).startswith("5 pictures: 5 changed; 5 requests,")
    assert count_cameras(resources) == 5
    # No picture is read a second time.
    (record,) = job_runs.find_newest(resources.db, "facts", 9)
    assert record.finished is not None
    assert read == image_ids
    store = ResultStore(resources.settings.uploads_bucket, "facts", record.run_id)
    # What the process before has changed is among the figures.
    assert "<dt>rows changed</dt><dd>5</dd>" in (store.read("report.html") or b"").decode()


def _final(resources: Resources) -> progress.Progress:
    """What the newest run has said last."""
    (record, *_) = job_runs.find_newest(resources.db, "facts", 9)
    store = ResultStore(resources.settings.uploads_bucket, "facts", record.run_id)
    return progress.decode(store.read(progress.NAME) or b"")


@pytest.mark.usefixtures("tasks")
def test_what_files_say_is_kept_no_longer_than_until_it_is_written(resources: Resources) -> None:
    library(resources, 3)
    written: list[int] = []

    def say(_: str) -> None:
        waves = [name.removeprefix(facts.COMMITTED)[:20] for name in _left(resources, facts.COMMITTED)]
        written.append(len(waves))
        assert [_left(resources, f"{facts.PARTS}{wave}/") for wave in waves] == [[]] * len(waves)

    run_job(JOB, Parameters(), "", say)
    # A line at the begin, one with the number of pictures, and one after each wave.
    assert written == [0, 0, 1, 2]
    assert _left(resources, facts.PARTS) == []
    kept = "".join(_read(resources, name) for name in _left(resources, facts.COMMITTED))
    assert "changed" in kept
    assert "Model 7" not in kept
    assert "<dt>rows changed</dt><dd>3</dd>" in _read(resources, "report.html")


def _left(resources: Resources, prefix: str) -> list[str]:
    return list(_store(resources).list_names(prefix))


def _read(resources: Resources, name: str) -> str:
    return (_store(resources).read(name) or b"").decode()


def _store(resources: Resources) -> ResultStore:
    """What the newest run has left."""
    (record, *_) = job_runs.find_newest(resources.db, "facts", 9)
    return ResultStore(resources.settings.uploads_bucket, "facts", record.run_id)


def test_killed_before_it_deletes_what_is_written_it_does_nothing_twice(
    resources: Resources, tasks: Tasks, read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    image_ids = library(resources, 3)
    delete = ResultStore.delete

    def kill(store: ResultStore, names: Iterable[str]) -> None:
        if parts := list(names):
            raise Killed(parts)
        delete(store, [])

    with monkeypatch.context() as patch:
        patch.setattr(ResultStore, "delete", kill)
        with pytest.raises(Killed):
            run(JOB)
    assert len(_left(resources, facts.COMMITTED)) == 1
    assert _left(resources, facts.PARTS)
    assert run(JOB).startswith("3 pictures: 3 changed; 3 requests,")
    assert read == image_ids
    assert tasks.count == 3 + 1  # the second wave is given out again, and finds itself read
    assert _left(resources, facts.PARTS) == []


def test_what_a_run_that_was_given_up_has_read_is_deleted_by_the_next_one(
    resources: Resources, tasks: Tasks
) -> None:
    library(resources, 5)
    tasks.kill_at = 3
    with pytest.raises(Killed):
        run(JOB)
    store, tasks.kill_at = _store(resources), None
    assert list(store.list_names(facts.PARTS))
    assert run(JOB, NEW).startswith("5 pictures: 3 changed, 2 same")
    assert list(store.list_names(facts.PARTS)) == []
    assert list(store.list_names(facts.COMMITTED))


def test_of_a_longer_wave_that_was_recorded_no_more_is_written_than_is_asked_for(
    resources: Resources, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    library(resources, 4)
    tasks.kill_at = 3
    with monkeypatch.context() as patch:
        patch.setattr(facts, "WAVE_ROWS", 4)
        with pytest.raises(Killed):
            run(JOB)
    tasks.kill_at = None
    assert run(JOB).startswith("4 pictures: 4 changed; 4 requests,")


def test_a_run_that_was_killed_before_its_report_writes_it(
    resources: Resources, tasks: Tasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    library(resources, 2)
    with monkeypatch.context() as patch:
        patch.setattr("jobs.facts.report.write", _kill)
        with pytest.raises(Killed):
            run(JOB)
    assert run(JOB).startswith("2 pictures: 2 changed;")
    assert tasks.count == 2


def _kill(*_: object) -> str:
    raise Killed


def test_of_two_runs_at_once_one_is_refused(resources: Resources, tasks: Tasks) -> None:
    held = job_runs.take(resources.db, "facts", None, {"which": "embedded", "where": ""})
    with pytest.raises(JobError, match="under way"):
        run(JOB)
    assert tasks.count == 0
    job_runs.release(resources.db, held)
    with pytest.raises(JobError, match="its parameters are others"):
        run(JOB, which="looks")
    assert run(JOB).startswith("0 pictures: none;")


@pytest.mark.usefixtures("tasks")
def test_whoever_names_a_run_need_not_say_what_it_is_about(resources: Resources) -> None:
    held = job_runs.take(resources.db, "facts", None, {"which": "looks", "where": "owner=7"})
    job_runs.release(resources.db, held)
    pictures = library(resources, 2)
    resources.db.execute("UPDATE image SET owner_id = 7 WHERE id = %s", (pictures[0],))
    assert run(JOB, held.run_id, dry_run=True).startswith("1 pictures;")
    assert run(JOB, held.run_id).startswith("1 pictures: 1 changed;")


@pytest.mark.usefixtures("tasks")
@pytest.mark.parametrize("dry_run", [True, False])
def test_a_run_of_another_job_and_one_that_never_was_are_refused(resources: Resources, dry_run: bool) -> None:
    other = job_runs.take(resources.db, "rerender", None, {"where": "owner=7"})
    for run_id in (other.run_id, "typo"):
        with pytest.raises(JobError, match=f"no run '{run_id}' of the job facts"):
            run(JOB, run_id, dry_run=dry_run)


@pytest.mark.usefixtures("tasks")
def test_the_looks_are_asked_for_by_name(resources: Resources) -> None:
    (image_id,) = library(resources, 1)
    with pytest.raises(JobError, match="WHICH is embedded or looks, and not 'all'"):
        run(JOB, which="all")
    run(JOB)
    assert run(JOB, which="looks").startswith("1 pictures: 1 changed;")
    assert resources.db.query("SELECT pixel_hash IS NULL FROM image WHERE id = %s", (image_id,)) == ((0,),)


def test_a_dry_run_reads_nothing(resources: Resources, tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    library(resources, 2)
    monkeypatch.setattr(FactReader, "read", _kill)
    expected = (
        f"2 pictures; at most about {progress.describe_bytes(2 * len(CONTENT))} of their originals are read"
    )
    assert run(JOB, dry_run=True) == expected
    assert tasks.count == 0
    assert job_runs.find_newest(resources.db, "facts", 9) == []


def test_tasks_weigh_what_is_read_of_a_picture() -> None:
    assert HEAD_BYTES < SOURCE_BYTES
    row = facts.FactRow(image_id=1, outcome="same")
    assert msgspec.json.decode(msgspec.json.encode([row]), type=list[facts.FactRow]) == [row]


@pytest.mark.usefixtures("tasks")
def test_a_database_that_is_away_for_a_while_ends_nothing(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    library(resources, 1)
    write, away = write_facts, [DatabaseUnavailable("away"), DatabaseUnavailable("away")]

    def write_later(*arguments: Any) -> Any:
        if away:
            raise away.pop()
        return write(*arguments)

    monkeypatch.setattr(facts, "write_facts", write_later)
    monkeypatch.setattr(facts, "PATIENCE_SECONDS", 0)
    assert run(JOB).startswith("1 pictures: 1 changed;")
