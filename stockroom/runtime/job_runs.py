"""The table `job_run`: runs of jobs over the whole library. All SQL of this table is here.

A job has one unfinished run at most, which one process holds by a lease. A process that was killed leaves a
run whose lease ends soon; whoever takes that run goes on with it. Every moment is the database's.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from math import ceil
from typing import NamedTuple

import msgspec
import pymysql
from pymysql.cursors import Cursor

from stockroom.runtime.database import DUPLICATE_KEY, Database, Row, error_code
from stockroom.runtime.timestamps import now

LEASE_SECONDS = 120
"""How long a run is held without `renew`. A run that was killed can be taken after this time."""
NEW = "new"
"""In place of a run's id: give up the unfinished run, and begin another one."""

RERENDER = "rerender"
"""The job that writes renditions of pictures that are ready already."""

Parameters = Mapping[str, str | int | bool | None]


class RunRefused(Exception):
    """A run cannot be taken; the message is a sentence for the operator."""


class RunLost(Exception):
    """Another process holds the run by now, or the run has ended: nothing more may be done in its name."""


class Run(NamedTuple):
    """A run that this process holds. `is_resumed`: another process had begun it."""

    run_id: str
    job: str
    parameters: Parameters
    started: datetime
    token: int
    is_resumed: bool


class RunRecord(NamedTuple):
    """What is known of any run. `finished` is None while it has not ended."""

    run_id: str
    job: str
    parameters: Parameters
    started: datetime
    finished: datetime | None
    report: str


def take(db: Database, job: str, run_id: str | None, parameters: Parameters | None) -> Run:
    """Take a run of a job for LEASE_SECONDS; RunRefused while another process holds one of this job.

    Without `run_id`, that is the unfinished run, or a new one where there is none. With the id of the
    unfinished run it is that one, and with NEW always a new one. `parameters` are those of a new run; of an
    unfinished one they must be the same, and None stands for them.
    """
    token = secrets.randbits(64)
    new_id = f"{now():%Y%m%dt%H%M%S}-{secrets.token_hex(4)}"

    def work(cursor: Cursor) -> Run:
        unfinished = _lock_unfinished(cursor, job)
        if unfinished is not None and unfinished.token == token:
            # The answer to the commit was lost, and this transaction runs again.
            return Run(*unfinished[:5], is_resumed=unfinished.run_id != new_id)
        if unfinished is not None and unfinished.lease_seconds > 0:
            raise RunRefused(
                f"Run {unfinished.run_id} of the job {job} is under way. If its process was killed, the run "
                f"can be taken in {ceil(unfinished.lease_seconds)} seconds."
            )
        if unfinished is not None and run_id != NEW:
            _check_same(unfinished, run_id, parameters)
            cursor.execute(
                f"UPDATE job_run SET token = %s, lease_until = {_LEASE_END} WHERE run_id = %s",
                (token, LEASE_SECONDS, unfinished.run_id),
            )
            return Run(*unfinished[:4], token, is_resumed=True)
        if run_id not in (None, NEW):
            raise RunRefused(f"There is no unfinished run {run_id} of the job {job}.")
        if unfinished is not None:
            cursor.execute(
                "UPDATE job_run SET finished = UTC_TIMESTAMP(3), unfinished = NULL WHERE run_id = %s",
                (unfinished.run_id,),
            )
        _insert(cursor, new_id, job, parameters or {}, token)
        started = _read_start(cursor, new_id)
        return Run(new_id, job, parameters or {}, started, token, is_resumed=False)

    try:
        return db.run_transaction(work)
    except pymysql.IntegrityError as error:
        if error_code(error) != DUPLICATE_KEY:
            raise
        raise RunRefused(f"Another run of the job {job} has begun at this moment.") from error


def renew(db: Database, run: Run) -> None:
    """Hold a run for LEASE_SECONDS from now on; RunLost when another process has taken it. Primary key."""
    is_held = db.execute(
        f"UPDATE job_run SET lease_until = {_LEASE_END} "
        "WHERE run_id = %s AND token = %s AND finished IS NULL",
        (LEASE_SECONDS, run.run_id, run.token),
    )
    if not is_held:
        raise RunLost(run.run_id)


def release(db: Database, run: Run) -> None:
    """Let go of a run that has not ended, so that it can be taken at once. Primary key."""
    db.execute(
        "UPDATE job_run SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND "
        "WHERE run_id = %s AND token = %s AND finished IS NULL",
        (run.run_id, run.token),
    )


def finish(db: Database, run: Run, report: str) -> None:
    """Record that a run has ended, with its report (JSON); RunLost when another process has taken it.

    Primary key.
    """
    is_held = db.execute(
        "UPDATE job_run SET finished = COALESCE(finished, UTC_TIMESTAMP(3)), unfinished = NULL, report = %s "
        "WHERE run_id = %s AND token = %s",
        (report, run.run_id, run.token),
    )
    if not is_held:
        raise RunLost(run.run_id)


def find(db: Database, run_id: str) -> RunRecord | None:
    """A run, if there is one with this id. Primary key."""
    rows = db.query(f"SELECT {_RECORD} FROM job_run WHERE run_id = %s", (run_id,))
    return _record(rows[0]) if rows else None


def find_newest(db: Database, job: str, limit: int) -> list[RunRecord]:
    """The last runs of a job, newest first. Index newest, `limit` entries."""
    rows = db.query(
        f"SELECT {_RECORD} FROM job_run WHERE job = %s ORDER BY started DESC LIMIT %s", (job, limit)
    )
    return [_record(row) for row in rows]


def held_within(job: str, seconds: int) -> str:
    """Whether a process held a run of this job within the last so many seconds, as SQL.

    Index newest, one entry for each run of the job.
    """
    return (
        f"EXISTS (SELECT 1 FROM job_run WHERE job_run.job = '{job}' "
        f"AND job_run.lease_until > UTC_TIMESTAMP(3) - INTERVAL {seconds} SECOND)"
    )


_LEASE_END = "UTC_TIMESTAMP(3) + INTERVAL %s SECOND"
_RECORD = "run_id, job, parameters, started, finished, report"


class _Unfinished(NamedTuple):
    run_id: str
    job: str
    parameters: Parameters
    started: datetime
    token: int
    lease_seconds: float
    """What is left of its lease; 0 or less when it has ended."""


def _lock_unfinished(cursor: Cursor, job: str) -> _Unfinished | None:
    """The unfinished run of a job, locked until the transaction ends. Unique key unfinished, one entry."""
    cursor.execute(
        "SELECT run_id, job, parameters, started, token, "
        "TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), lease_until) FROM job_run "
        "WHERE unfinished = %s FOR UPDATE",
        (job,),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    run_id, job, parameters, started, token, microseconds = row
    return _Unfinished(run_id, job, _decode(parameters), started, token, microseconds / 1e6)


def _check_same(unfinished: _Unfinished, run_id: str | None, parameters: Parameters | None) -> None:
    """RunRefused where the unfinished run is not the one that is asked for."""
    if run_id not in (None, unfinished.run_id):
        raise RunRefused(
            f"Run {unfinished.run_id} of the job {unfinished.job} has not ended: there can be no other one."
        )
    if parameters is not None and dict(parameters) != unfinished.parameters:
        # Whoever has named the run has been told to already: what differs is a setting, such as the version.
        goes_on = "" if run_id else f"RUN={unfinished.run_id} goes on with what it was asked for. "
        raise RunRefused(
            f"Run {unfinished.run_id} of the job {unfinished.job} has not ended, and its parameters are "
            f"others: {_encode(unfinished.parameters)}, not {_encode(parameters)}. {goes_on}RUN={NEW} "
            "gives it up."
        )


def _insert(cursor: Cursor, run_id: str, job: str, parameters: Parameters, token: int) -> None:
    cursor.execute(
        "INSERT INTO job_run (run_id, job, parameters, started, lease_until, token, report, unfinished) "
        f"VALUES (%s, %s, %s, UTC_TIMESTAMP(3), {_LEASE_END}, %s, '', %s)",
        (run_id, job, _encode(parameters), LEASE_SECONDS, token, job),
    )


def _read_start(cursor: Cursor, run_id: str) -> datetime:
    cursor.execute("SELECT started FROM job_run WHERE run_id = %s", (run_id,))
    ((started,),) = cursor.fetchall()
    return started  # type: ignore[no-any-return]


def _record(row: Row) -> RunRecord:
    run_id, job, parameters, started, finished, report = row
    return RunRecord(run_id, job, _decode(parameters), started, finished, report)


def _encode(parameters: Parameters) -> str:
    return msgspec.json.encode(parameters, order="sorted").decode()


def _decode(parameters: str) -> Parameters:
    return msgspec.json.decode(parameters, type=dict[str, str | int | bool | None])
