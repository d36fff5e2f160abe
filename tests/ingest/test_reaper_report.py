"""What one run of the reaper counts and logs, with several rows of each kind, and how it shares its time."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from stockroom.images import change_log, ids, visibility
from stockroom.images.repository import leases
from stockroom.images.repository.due_times import find_near_times, measure_lateness
from stockroom.images.repository.lifecycle import finish_formats
from stockroom.images.states import State
from stockroom.images.storage import Storage, StoredObject
from stockroom.ingest import reaper
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.settings import Settings
from tests.factories import make_overdue, pending, put_original, row_in
from tests.renditions.images import photo_of

EACH = 2


def make_rows(resources: Resources) -> dict[str, list[int]]:
    """Overdue rows of each kind that the reaper handles; their ids."""
    rows: dict[str, list[int]] = {
        kind: [pending(resources, f"{kind} {number}".encode()) for number in range(EACH)]
        for kind in ("purged", "lost", "redriven")
    }
    for image_id in rows["redriven"]:
        put_original(resources, image_id, photo_of("jpeg"))
    for image_id in rows["lost"]:
        resources.db.execute("UPDATE image SET attempts = 1 WHERE id = %s", (image_id,))
    for kind, state in (("skipped", "ready"), ("forgotten", "failed"), ("deleted", "deleting")):
        rows[kind] = [row_in(resources, state, f"{kind} {n}".encode()) for n in range(EACH)]  # type: ignore[arg-type]
    make_overdue(resources.db)
    resources.db.execute("UPDATE image SET uploads_until = '2020-01-01'")
    return rows


def reap(resources: Resources, *, storage: Storage | None = None, seconds: float = 60) -> reaper.Report:
    return reaper.reap(
        resources.db,
        storage or resources.storage,
        upload_seconds=resources.settings.upload_seconds,
        failed_days=resources.settings.failed_days,
        seconds=seconds,
    )


def deadline_of(resources: Resources, image_id: int) -> datetime:
    ((moment,),) = resources.db.query("SELECT deadline FROM image WHERE id = %s", (image_id,))
    assert isinstance(moment, datetime)
    return moment


def set_clock(monkeypatch: pytest.MonkeyPatch, seconds: Iterator[int]) -> None:
    """Have a second pass whenever the reaper looks at the clock, and not when anybody else does."""
    monkeypatch.setattr(reaper, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))


def test_every_row_is_counted_and_logged(resources: Resources, logs: Callable[[], str]) -> None:
    rows = make_rows(resources)
    logs()
    assert reap(resources) == reaper.Report(
        purged=EACH,
        lost=EACH,
        redriven=EACH,
        skipped=EACH,
        forgotten=EACH,
        deleted=2 * EACH,  # what is forgotten is deleted by the same run
        finished=True,
    )
    lines: list[dict[str, Any]] = [json.loads(line) for line in logs().splitlines()]
    logged = [(line["message"], line["level"], line["image_id"]) for line in lines if "image_id" in line]
    messages = {
        ("deleted", "INFO"): rows["forgotten"] + rows["deleted"],
        ("forgotten", "INFO"): rows["forgotten"],
        ("purged", "INFO"): rows["purged"],
        ("redriven", "INFO"): rows["redriven"],
        ("the original of a picture is missing", "ERROR"): rows["skipped"],
        ("the original of an upload is lost", "ERROR"): rows["lost"],
    }
    assert sorted(logged) == [
        (*line, ids.encode(image_id))
        for line, image_ids in messages.items()
        for image_id in sorted(image_ids)
    ]


@pytest.mark.parametrize("rows_a_lease", [1, reaper.ROWS_PER_LEASE])
def test_pictures_that_are_hidden_shown_and_given_up_are_counted_and_logged(
    resources: Resources,
    logs: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    rows_a_lease: int,
) -> None:
    monkeypatch.setattr(reaper, "ROWS_PER_LEASE", rows_a_lease)
    expired, shown, given_up = (
        [row_in(resources, state, f"{state} {number}".encode()) for number in range(EACH)]
        for state in ("ready", "hidden", "deleted")
    )
    for image_id in shown:
        put_original(resources, image_id, photo_of("jpeg"))
    make_overdue(resources.db, *shown, *given_up)
    for image_id in expired:
        resources.db.execute("UPDATE image SET expires = '2020-01-01' WHERE id = %s", (image_id,))
    logs()
    assert reap(resources) == reaper.Report(
        hidden=EACH,
        shown=EACH,
        redriven=EACH,  # what is shown is announced by the same run
        deleted=EACH,  # and what is given up is deleted
    )
    lines: list[dict[str, Any]] = [json.loads(line) for line in logs().splitlines()]
    messages = {
        "deleted": given_up, "given up": given_up, "hidden": expired, "redriven": shown, "shown": shown,
    }  # fmt: skip
    assert sorted((line["message"], line["image_id"]) for line in lines if "image_id" in line) == [
        (message, ids.encode(image_id)) for message, image_ids in messages.items() for image_id in image_ids
    ]
    assert {line["level"] for line in lines} == {"INFO"}
    assert dict(resources.db.query("SELECT id, state FROM image")) == (
        dict.fromkeys(expired, "hidden") | dict.fromkeys(shown, "pending")
    )
    logged = resources.db.query("SELECT action, actor, COUNT(*) FROM change_log GROUP BY action, actor")
    assert sorted(logged) == [("hide", change_log.LIBRARY, EACH), ("show", change_log.LIBRARY, EACH)]


def test_pictures_that_expire_get_their_share_of_the_time_and_no_more(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        row_in(resources, "ready", f"{number}".encode())
    resources.db.execute("UPDATE image SET expires = '2020-01-01'")
    # The reaper looks at the clock before each of the 8 steps, and after each picture.
    set_clock(monkeypatch, itertools.count())
    report = reap(resources, seconds=33)
    assert (report.hidden, report.finished) == (5, False)
    assert reap(resources, seconds=1000) == reaper.Report(hidden=4)


def test_rows_that_cannot_be_handled_are_counted_and_logged(
    resources: Resources, logs: Callable[[], str]
) -> None:
    image_ids = [pending(resources, f"{number}".encode()) for number in range(EACH)]
    make_overdue(resources.db)
    absent = Storage(replace(resources.settings, uploads_bucket="misspelt"))
    report = reap(resources, storage=absent)
    assert report == reaper.Report(skipped=EACH, finished=True)
    lines = [json.loads(line) for line in logs().splitlines()]
    skipped = [line for line in lines if line["message"] == "row skipped"]
    assert sorted(line["image_id"] for line in skipped) == [ids.encode(image_id) for image_id in image_ids]
    assert {line["exception_name"] for line in skipped} == {"StorageUnavailable"}


def fail_at(monkeypatch: pytest.MonkeyPatch, image_id: int) -> None:
    """Have storage refuse whatever is to be deleted of one picture."""
    delete = Storage.delete_renditions

    def refuse_one(storage: Storage, deleted: int, link_key: str) -> None:
        if deleted == image_id:
            raise StorageUnavailable("refused")
        delete(storage, deleted, link_key)

    monkeypatch.setattr(Storage, "delete_renditions", refuse_one)


@pytest.mark.parametrize("state", ["hidden", "deleting"])
def test_a_row_that_always_fails_is_tried_ever_more_seldom_and_somebody_is_told(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, state: State
) -> None:
    poison, other = (row_in(resources, state, content) for content in (b"poison", b"other"))
    resources.db.execute("UPDATE image SET uploads_until = '2020-01-01', version = 1")
    make_overdue(resources.db)
    with monkeypatch.context() as patch:
        fail_at(patch, poison)
        waits, stuck = [], []
        for _ in range(12):
            make_overdue(resources.db, poison)
            report = reap(resources)
            assert report.skipped == 1
            stuck.append(report.stuck)
            ((seconds,),) = resources.db.query(
                "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), deadline) FROM image WHERE id = %s", (poison,)
            )
            waits.append(seconds)
            # The next try is told, wherever nobody else wakes the database up for it.
            next_try = min(moment for moment in find_near_times(resources.db) if moment is not None)
            assert next_try == deadline_of(resources, poison).replace(tzinfo=UTC)
    assert other not in dict(resources.db.query("SELECT id, 1 FROM image WHERE failures > 0"))
    expected = [300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 76800, 86400, 86400, 86400]
    # As many seconds may have gone by, on a busy machine.
    assert all(full - 60 < seconds <= full for seconds, full in zip(waits, expected, strict=True)), waits
    assert stuck == [0, 0, 0] + 9 * [1]
    make_overdue(resources.db, poison)
    assert reap(resources).skipped == 0
    assert resources.db.query("SELECT COUNT(*) FROM image WHERE failures > 0") == ((0,),)


@pytest.mark.parametrize("state", ["hidden", "deleting", "deleted", "pending"])
def test_the_next_try_at_what_people_wait_for_is_told(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, state: State
) -> None:
    """What was shown at the end of its embargo, and is not announced yet, waits as pending."""
    image_id = row_in(resources, state, b"1")
    make_overdue(resources.db)
    with monkeypatch.context() as patch:
        break_once(patch)
        assert reap(resources).skipped == 1
    assert find_near_times(resources.db) == {deadline_of(resources, image_id).replace(tzinfo=UTC)}


def test_the_first_and_the_last_moment_are_told_of_what_is_going(resources: Resources) -> None:
    """What an attempt writes late, for a quarter of an hour, does not wait for an upload of hours."""
    rows = [row_in(resources, "deleting", content) for content in (b"1", b"2")]
    for image_id, hours in zip(rows, (1, 5), strict=True):
        resources.db.execute(
            "UPDATE image SET version = 1, deadline = UTC_TIMESTAMP(3) + INTERVAL %s HOUR WHERE id = %s",
            (hours, image_id),
        )
    assert find_near_times(resources.db) == {
        deadline_of(resources, image_id).replace(tzinfo=UTC) for image_id in rows
    }


@pytest.mark.parametrize(
    ("age", "wait"), [(60, 300), (4000, 4000), (900_000, 86_400)], ids=["new", "old", "ancient"]
)
def test_late_renditions_that_were_not_deleted_are_tried_again_ever_more_seldom(
    resources: Resources, age: int, wait: int
) -> None:
    record_ended_links(resources, 1)
    resources.db.execute(
        "UPDATE ended_link SET written_until = UTC_TIMESTAMP(3) - INTERVAL %s SECOND", (age,)
    )
    assert reap(resources, storage=Refusing(resources.settings)).skipped == 1
    ((before,),) = resources.db.query("SELECT UTC_TIMESTAMP(3)")
    (next_try,) = find_near_times(resources.db)
    seconds = (next_try - before.replace(tzinfo=UTC)).total_seconds()
    # As many seconds may have gone by, on a busy machine.
    assert wait <= seconds < wait + 60
    assert reap(resources).skipped == 0
    assert find_near_times(resources.db) == set()


class Refusing(Storage):
    """A storage that deletes no renditions."""

    def delete_renditions(self, *_: object) -> None:
        raise StorageUnavailable("refused")


def break_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have whatever the reaper does with a row fail."""

    def refuse(*_arguments: object) -> None:
        raise StorageUnavailable("refused")

    for step in ("_settle", "_delete", "_give_up", "_purge_or_redrive", "_redrive_ready"):
        monkeypatch.setattr(f"stockroom.ingest.reaper._Run.{step}", refuse)


def test_a_failure_does_not_put_a_picture_off_beyond_the_end_of_its_embargo(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id, expired = (row_in(resources, "hidden", content) for content in (b"1", b"2"))
    resources.db.execute("UPDATE image SET failures = 9")
    resources.db.execute(
        "UPDATE image SET embargo = UTC_TIMESTAMP(3) + INTERVAL 5 HOUR WHERE id = %s", (image_id,)
    )
    make_overdue(resources.db)
    break_once(monkeypatch)
    assert reap(resources).skipped == EACH
    rows: dict[int, int | None] = dict(resources.db.query("SELECT id, deadline = embargo FROM image"))
    assert rows == {image_id: 1, expired: None}
    # After that it is put off as others are.
    resources.db.execute("UPDATE image SET deadline = '2020-01-01', embargo = '2020-01-01'")
    reap(resources)
    assert resources.db.query(
        "SELECT COUNT(*) FROM image WHERE deadline > UTC_TIMESTAMP(3) + INTERVAL 23 HOUR"
    ) == ((EACH,),)


def test_what_somebody_else_has_done_ends_the_failures_of_the_reaper(resources: Resources) -> None:
    """A failure of another day is the first one again: it puts the row off by minutes, and is no alarm."""
    hidden, shown, lacking = (row_in(resources, "hidden", content) for content in (b"1", b"2", b"3"))
    resources.db.execute(
        "UPDATE image SET failures = 9, deadline = '2020-01-01', embargo = IF(id = %s, '2100-01-01', NULL), "
        "state = IF(id = %s, 'ready', state)",
        (hidden, lacking),
    )
    rows = resources.db.query("SELECT id, link_key, version FROM image")
    link_keys = {image_id: link_key for image_id, link_key, _ in rows}
    visibility.settle_all(
        resources.db, resources.storage, {each: link_keys[each] for each in (hidden, shown)}, actor=7
    )
    ((version,),) = {(version,) for image_id, _, version in rows if image_id == lacking}
    assert finish_formats(resources.db, lacking, [], version=version, link_key=link_keys[lacking])
    assert dict(resources.db.query("SELECT id, failures FROM image")) == {hidden: 0, shown: 0, lacking: 0}


def test_rows_that_cannot_even_be_put_off_are_counted_and_logged(
    resources: Resources, logs: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    image_ids = [row_in(resources, "deleting", f"{number}".encode()) for number in range(EACH)]
    make_overdue(resources.db)
    resources.db.execute("UPDATE image SET failures = %s", (reaper.STUCK_FAILURES - 1,))

    def refuse(*_: object) -> Any:
        raise StorageUnavailable("away")

    monkeypatch.setattr(resources.storage, "delete_renditions", refuse)
    monkeypatch.setattr(leases, "back_off", refuse)
    logs()
    assert reap(resources) == reaper.Report(skipped=EACH, stuck=EACH)
    lines = [json.loads(line) for line in logs().splitlines()]
    logged = [(line["level"], line["message"], line["image_id"]) for line in lines if "image_id" in line]
    assert sorted(logged) == [
        ("ERROR", message, ids.encode(image_id))
        for message in ("row not put off", "row skipped")
        for image_id in image_ids
    ]


def test_lateness_is_of_what_people_wait_for(resources: Resources) -> None:
    assert measure_lateness(resources.db) == 0
    states: tuple[State, ...] = ("pending", "failed", "deleting", "ready")
    for state in states:
        make_overdue(resources.db, row_in(resources, state, state.encode()))
    waited_for: tuple[State, ...] = ("hidden", "deleted")
    for state in waited_for:
        image_id = row_in(resources, state, state.encode())
        resources.db.execute(
            "UPDATE image SET deadline = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR WHERE id = %s", (image_id,)
        )
    assert measure_lateness(resources.db) == 0
    moments = (("hidden", "deadline"), ("deleted", "deadline"), ("ready", "expires"))
    for number, (state_of_it, column) in enumerate(moments, 1):
        resources.db.execute(
            f"UPDATE image SET {column} = UTC_TIMESTAMP(3) - INTERVAL %s HOUR WHERE state = %s",
            (number, state_of_it),
        )
        assert number * 3600 <= measure_lateness(resources.db) < number * 3600 + 600


def record_ended_links(resources: Resources, count: int = EACH) -> list[int]:
    """Links that were ended, under which nobody writes any more; the ids of their pictures."""
    image_ids = [pending(resources, f"ended {number}".encode()) for number in range(count)]
    for image_id in image_ids:
        resources.db.execute(
            "INSERT INTO ended_link (image_id, link_key, written_until) VALUES (%s, 'former', '2020-01-01')",
            (image_id,),
        )
    return image_ids


def test_late_renditions_of_more_than_a_chunk_go_in_one_run(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaper, "ROWS_PER_LEASE", 1)
    record_ended_links(resources)
    assert reap(resources) == reaper.Report()
    assert resources.db.query("SELECT * FROM ended_link") == ()


def test_late_renditions_get_their_share_of_the_time_and_no_more(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_ended_links(resources, 9)
    # The reaper looks at the clock before each of the 8 steps, this is the second, and after each link.
    set_clock(monkeypatch, itertools.count())
    assert reap(resources, seconds=30) == reaper.Report(finished=False)
    assert resources.db.query("SELECT COUNT(*) FROM ended_link") == ((4,),)


def test_pictures_and_links_that_storage_and_index_refuse_are_counted_and_logged(
    resources: Resources, logs: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They fill a whole chunk: the run does not read the same ones again and again until its time is up."""
    monkeypatch.setattr(reaper, "ROWS_PER_LEASE", EACH)
    set_clock(monkeypatch, itertools.count())
    expired = [row_in(resources, "ready", f"{number}".encode()) for number in range(EACH)]
    resources.db.execute("UPDATE image SET expires = '2020-01-01'")
    ended = record_ended_links(resources)

    def refuse(*_: object, **__: object) -> Any:
        raise StorageUnavailable("away")

    monkeypatch.setattr(visibility, "hide_pictures", refuse)
    monkeypatch.setattr(resources.storage, "delete_renditions", refuse)
    logs()
    assert reap(resources) == reaper.Report(skipped=2 * EACH)
    lines = [json.loads(line) for line in logs().splitlines()]
    logged = [(line["level"], line["message"], line["image_id"]) for line in lines if "image_id" in line]
    assert sorted(logged) == [("ERROR", "row skipped", ids.encode(each)) for each in sorted(expired + ended)]


def test_a_backlog_gets_its_share_of_the_time_and_no_more(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        pending(resources, f"{number}".encode())
    for number in range(3):
        row_in(resources, "deleting", f"deleted {number}".encode())
    make_overdue(resources.db)
    resources.db.execute("UPDATE image SET uploads_until = '2020-01-01'")
    # The reaper looks at the clock before each of the 8 steps, this is the fourth, and after each row.
    set_clock(monkeypatch, itertools.count())
    report = reap(resources, seconds=29)
    assert (report.purged, report.deleted, report.finished) == (6, 3, False)


def test_a_database_that_resumes_slowly_takes_from_all_states_alike(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        pending(resources, f"{number}".encode())
    make_overdue(resources.db)
    resources.db.execute("UPDATE image SET uploads_until = '2020-01-01'")
    seconds = itertools.count()

    def wake() -> None:
        for _ in range(40):
            next(seconds)

    resources.db.close()
    resources.db.on_connect(wake)
    set_clock(monkeypatch, seconds)
    assert reap(resources, seconds=60).purged == 3


def test_two_reapers_at_once_handle_each_row_once(
    resources: Resources, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one starts while the first one has leased the pending rows, and handled none."""
    make_rows(resources)
    head = resources.storage.head_original
    reports: list[reaper.Report] = []

    def start_another(image_id: int) -> StoredObject | None:
        monkeypatch.setattr(resources.storage, "head_original", head)
        with closing(Database(settings)) as other:
            reports.append(reap(replace(resources, db=other)))
        return head(image_id)

    monkeypatch.setattr(resources.storage, "head_original", start_another)
    reports.append(reap(resources))
    second, first = reports
    assert first == reaper.Report(purged=EACH, lost=EACH, redriven=EACH)
    assert second == reaper.Report(skipped=EACH, forgotten=EACH, deleted=2 * EACH)
    assert resources.db.query("SELECT state, COUNT(*) FROM image GROUP BY state ORDER BY state") == (
        ("pending", EACH),
        ("ready", EACH),
        ("failed", EACH),
        ("deleting", EACH),
    )
