import re
from collections.abc import Iterator
from contextlib import closing

import pymysql
import pytest
from msgspec.structs import replace

from stockroom.runtime import job_runs
from stockroom.runtime.database import Database
from stockroom.runtime.job_runs import (
    NEW,
    Parameters,
    RunLost,
    RunRefused,
    find,
    find_newest,
    finish,
    release,
    renew,
    take,
)
from stockroom.runtime.settings import Settings

JOB = "rerender"
PARAMETERS: Parameters = {"version": 2, "where": "owner=7", "dry": None}


def expire(database: Database) -> None:
    """What the time does to a lease that nobody renews."""
    database.execute("UPDATE job_run SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND")


@pytest.fixture
def other(settings: Settings) -> Iterator[Database]:
    """The connection of another process."""
    with closing(Database(replace(settings))) as db:
        yield db


def test_a_run_ends_and_its_report_is_kept(database: Database) -> None:
    run = take(database, JOB, None, PARAMETERS)
    assert (run.job, run.parameters, run.is_resumed) == (JOB, PARAMETERS, False)
    assert re.fullmatch(r"\d{8}t\d{6}-[0-9a-f]{8}", run.run_id)
    renew(database, run)
    finish(database, run, '{"done": 7}')
    record = find(database, run.run_id)
    assert record is not None
    assert (record.parameters, record.started, record.report) == (PARAMETERS, run.started, '{"done": 7}')
    assert record.finished is not None
    assert find(database, "another") is None


def test_only_one_process_holds_a_run_of_a_job(database: Database, other: Database) -> None:
    run = take(database, JOB, None, PARAMETERS)
    for run_id in (None, run.run_id, NEW):
        with pytest.raises(RunRefused, match=f"Run {run.run_id} of the job rerender is under way"):
            take(other, JOB, run_id, PARAMETERS)
    assert not take(other, "reindex", None, {}).is_resumed
    renew(database, run)


def test_who_is_refused_is_told_when_the_run_can_be_taken(database: Database, other: Database) -> None:
    take(database, JOB, None, PARAMETERS)
    database.execute("UPDATE job_run SET lease_until = UTC_TIMESTAMP(3) + INTERVAL 3600 SECOND")
    with pytest.raises(RunRefused, match=r"can be taken in 3(600|5\d\d) seconds"):
        take(other, JOB, None, PARAMETERS)


def test_a_run_that_was_left_is_taken_up_and_its_former_holder_notices(
    database: Database, other: Database
) -> None:
    run = take(database, JOB, None, PARAMETERS)
    expire(database)
    for run_id in (None, run.run_id):
        resumed = take(other, JOB, run_id, None)
        assert resumed._replace(token=run.token, is_resumed=False) == run
        assert resumed.is_resumed
        expire(database)
    with pytest.raises(RunLost, match=run.run_id):
        renew(database, run)
    with pytest.raises(RunLost, match=run.run_id):
        finish(database, run, "")
    release(database, run)
    finish(other, resumed, "")
    with pytest.raises(RunLost):
        renew(other, resumed)
    assert not take(database, JOB, None, {}).is_resumed


def test_a_run_that_is_let_go_of_can_be_taken_at_once(database: Database, other: Database) -> None:
    run = take(database, JOB, None, PARAMETERS)
    release(database, run)
    assert take(other, JOB, None, PARAMETERS).is_resumed


def test_other_parameters_need_a_decision(database: Database) -> None:
    run = take(database, JOB, None, PARAMETERS)
    expire(database)
    before = '{"dry":null,"version":2,"where":"owner=7"}'
    with pytest.raises(
        RunRefused,
        match=f'{before}, not .*"version":3.*RUN={run.run_id} goes on with what.*RUN=new gives it up',
    ):
        take(database, JOB, None, {"version": 3})
    # Nobody is told to do once more what has just been refused.
    with pytest.raises(RunRefused, match=r'"version":3}\. RUN=new gives it up'):
        take(database, JOB, run.run_id, {"version": 3})
    begun = take(database, JOB, NEW, {"version": 3})
    assert not begun.is_resumed
    assert begun.run_id != run.run_id
    with pytest.raises(RunLost):
        renew(database, run)
    given_up = find(database, run.run_id)
    assert given_up is not None
    assert given_up.finished is not None
    assert {record.run_id for record in find_newest(database, JOB, 9)} == {run.run_id, begun.run_id}
    assert len(find_newest(database, JOB, 1)) == 1


def test_a_run_that_is_over_is_not_taken(database: Database) -> None:
    run = take(database, JOB, None, PARAMETERS)
    expire(database)
    with pytest.raises(RunRefused, match="there can be no other one"):
        take(database, JOB, "20250101t000000-00000000", None)
    finish(database, take(database, JOB, run.run_id, None), "")
    with pytest.raises(RunRefused, match=f"There is no unfinished run {run.run_id}"):
        take(database, JOB, run.run_id, None)


def test_of_two_first_runs_at_once_one_is_refused(
    database: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have seen that there is no unfinished run."""
    lock = job_runs._lock_unfinished
    runs: list[job_runs.Run] = []
    is_second: list[bool] = []

    def lock_late(cursor: pymysql.cursors.Cursor, job: str) -> object:
        found = lock(cursor, job)
        if not is_second:
            is_second.append(True)
            runs.append(take(other, job, None, {}))
        return found

    monkeypatch.setattr(job_runs, "_lock_unfinished", lock_late)
    with pytest.raises(RunRefused, match="at this moment"):
        take(database, JOB, None, {})
    renew(other, runs[0])


def test_a_commit_whose_answer_is_lost_takes_the_run(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_transaction = database.run_transaction
    monkeypatch.setattr(
        database, "run_transaction", lambda work: (run_transaction(work), run_transaction(work))[1]
    )
    run = take(database, JOB, None, PARAMETERS)
    assert not run.is_resumed
    expire(database)
    resumed = take(database, JOB, None, PARAMETERS)
    assert resumed.is_resumed
    renew(database, resumed)
