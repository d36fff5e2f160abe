"""Which run a call takes up, and when it may record how far it has got."""

from contextlib import closing
from datetime import UTC, datetime

import pytest

from stockroom.ingest.audit import runs
from stockroom.ingest.audit.report import Report
from stockroom.ingest.audit.runs import REPAIR_MINUTES, Run
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from tests.proxy import DatabaseProxy


def test_a_run_is_taken_up_where_it_was_left(database: Database) -> None:
    run = runs.resume_or_start(database, repair=True)
    assert run == Run(run.run_id, run.claim, "originals", "", Report())
    later = run._replace(phase="renditions", position="7", report=Report(rows=3))
    assert runs.save(database, later, run)
    assert runs.resume_or_start(database, repair=True) == later
    assert runs.resume_or_start(database, repair=False).run_id > run.run_id
    assert runs.resume_or_start(database, repair=True) == later, "a run of the other kind ends none"


def test_a_run_that_has_finished_is_not_taken_up(database: Database) -> None:
    run = runs.resume_or_start(database, repair=False)
    report = Report(finished=True)
    assert runs.save(database, run._replace(report=report), run)
    assert not runs.save(database, run._replace(position="8", report=report), run)
    assert runs.resume_or_start(database, repair=False).run_id != run.run_id


@pytest.mark.parametrize("saved", [{"phase": "renditions"}, {"position": "7"}])
def test_a_run_with_which_another_process_has_gone_on_is_not_saved(
    database: Database, saved: dict[str, str]
) -> None:
    run = runs.resume_or_start(database, repair=False)
    assert runs.save(database, run._replace(**saved), run)  # type: ignore[arg-type]
    assert not runs.save(database, run._replace(position="8"), run)
    assert runs.save(database, run._replace(position="8"), run._replace(**saved))  # type: ignore[arg-type]


def test_of_two_calls_with_one_run_the_first_to_save_goes_on(database: Database) -> None:
    first, second = (runs.resume_or_start(database, repair=True) for _ in range(2))
    assert second.run_id == first.run_id
    for _ in range(2):
        assert runs.save(database, first, first)
        assert not runs.save(database, second, second)
    third = runs.resume_or_start(database, repair=True)
    assert runs.save(database, third, third)
    assert not runs.save(database, first, first)


def test_a_save_whose_answer_is_lost_is_one(database: Database, settings: Settings) -> None:
    run = runs.resume_or_start(database, repair=True)
    with (
        DatabaseProxy(settings, "UPDATE audit_run", lose_answer=True) as proxy,
        closing(Database(proxy.settings)) as proxied,
    ):
        proxied.query("SELECT 1")
        assert runs.save(proxied, run, run)
    assert runs.save(database, run, run)


@pytest.mark.parametrize("repair", [True, False])
def test_of_two_calls_that_begin_at_once_the_second_goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch, repair: bool
) -> None:
    other = runs.resume_or_start(database, repair=not repair)
    # Neither sees the run of the other one yet.
    monkeypatch.setattr(runs, "_find_unfinished", lambda _db, **_kind: None)
    first, second = (runs.resume_or_start(database, repair=repair) for _ in range(2))
    assert not runs.save(database, first, first)
    assert runs.save(database, second, second)
    assert runs.save(database, other, other), "of the other kind"


def test_saving_changes_no_other_run(database: Database) -> None:
    other = runs.resume_or_start(database, repair=True)
    run = runs.resume_or_start(database, repair=False)
    assert runs.save(database, run._replace(position="7"), run)
    assert runs.resume_or_start(database, repair=True) == other


@pytest.mark.parametrize(
    ("minutes", "is_taken_up"), [(REPAIR_MINUTES - 1, True), (REPAIR_MINUTES + 1, False)]
)
def test_a_repair_is_taken_up_for_a_while_and_a_report_always(
    database: Database, minutes: int, is_taken_up: bool
) -> None:
    left = {repair: runs.resume_or_start(database, repair=repair) for repair in (True, False)}
    database.execute("UPDATE audit_run SET saved = UTC_TIMESTAMP(3) - INTERVAL %s MINUTE", (minutes,))
    assert runs.resume_or_start(database, repair=False) == left[False]
    taken = runs.resume_or_start(database, repair=True)
    assert (taken.run_id == left[True].run_id) is is_taken_up
    finished = database.query("SELECT finished IS NOT NULL FROM audit_run ORDER BY run_id")
    assert finished == (((0,), (0,)) if is_taken_up else ((1,), (0,), (0,)))


def test_saving_keeps_a_run_from_growing_old(database: Database) -> None:
    run = runs.resume_or_start(database, repair=True)
    database.execute("UPDATE audit_run SET saved = '2020-01-01', started = '2020-01-01'")
    assert runs.save(database, run, run)
    assert runs.resume_or_start(database, repair=True) == run
    ((started,),) = database.query("SELECT started FROM audit_run")
    assert started.replace(tzinfo=UTC) == datetime(2020, 1, 1, tzinfo=UTC)


def test_the_newest_of_several_runs_is_taken_up(database: Database) -> None:
    """Two processes began at once."""
    for _ in range(2):
        database.execute(
            "INSERT INTO audit_run (is_repair, phase, position, report, started, saved) "
            "VALUES (0, 'originals', '', '{}', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))"
        )
    ((newest,),) = database.query("SELECT MAX(run_id) FROM audit_run")
    assert runs.resume_or_start(database, repair=False).run_id == newest
