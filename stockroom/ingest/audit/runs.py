"""The table `audit_run`: how far each run of the audit has got. All SQL of this table is here."""

import secrets
from typing import Literal, NamedTuple, get_args

import msgspec
from msgspec import Struct
from pymysql.cursors import Cursor

from stockroom.ingest.audit.report import Report
from stockroom.runtime.database import Database

Phase = Literal["originals", "renditions", "index", "repair-originals", "repair-renditions", "repair-index"]
"""A run walks these in order; the repairs only when it may repair."""
REPAIR_MINUTES = 60
"""A run that repairs is not taken up after this time without progress: what it has compared is out of date,
and after a restore of the database the run itself may be one of long ago."""

PHASES: tuple[Phase, ...] = get_args(Phase)


class Claim(Struct):
    """What a call knows of a run: its token is another one as soon as another call has saved the run."""

    token: int


class Run(NamedTuple):
    """A run that has not finished: its next step begins after `position`, which is empty at first."""

    run_id: int
    claim: Claim
    phase: Phase
    position: str
    report: Report


def resume_or_start(db: Database, *, repair: bool) -> Run:
    """The unfinished run of this kind, or a new one."""
    return _find_unfinished(db, repair=repair) or _start(db, repair=repair)


def is_repair_under_way(db: Database) -> bool:
    """Whether a run that repairs has not ended, and may still be taken up."""
    return _find_unfinished(db, repair=True) is not None


def save(db: Database, run: Run, after: Run) -> bool:
    """Record how far a run has got since `after`; False when another call has gone on with it.

    Of two calls with one run, the first one to save goes on, so that one of them always gets on. Primary key.
    """
    token = secrets.randbits(64)
    is_saved = db.execute(
        "UPDATE audit_run SET token = %s, phase = %s, position = %s, report = %s, saved = UTC_TIMESTAMP(3), "
        "finished = IF(%s, UTC_TIMESTAMP(3), NULL) "
        "WHERE run_id = %s AND token = %s AND phase = %s AND position = %s AND finished IS NULL",
        (
            token,
            run.phase,
            run.position,
            _encode(run.report),
            run.report.finished,
            run.run_id,
            run.claim.token,
            after.phase,
            after.position,
        ),
    ) or db.query("SELECT 1 FROM audit_run WHERE run_id = %s AND token = %s", (run.run_id, token))
    # A statement whose answer is lost runs twice, and the second time in vain.
    if is_saved:
        run.claim.token = token
    return bool(is_saved)


def _find_unfinished(db: Database, *, repair: bool) -> Run | None:
    rows = db.query(
        "SELECT run_id, token, phase, position, report FROM audit_run "
        "WHERE finished IS NULL AND is_repair = %s "
        "AND (is_repair = 0 OR saved > UTC_TIMESTAMP(3) - INTERVAL %s MINUTE) ORDER BY run_id DESC LIMIT 1",
        (repair, REPAIR_MINUTES),
    )
    if not rows:
        return None
    run_id, token, phase, position, report = rows[0]
    try:
        return Run(run_id, Claim(token), phase, position, msgspec.json.decode(report, type=Report))
    except msgspec.MsgspecError:
        # Another version of this module has written the report.
        return None


def _start(db: Database, *, repair: bool) -> Run:
    """A new run; the older ones of this kind are over."""
    token = secrets.randbits(64)

    def insert(cursor: Cursor) -> int:
        cursor.execute(
            "INSERT INTO audit_run (is_repair, token, phase, position, report, started, saved) "
            "VALUES (%s, %s, %s, '', %s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))",
            (repair, token, PHASES[0], _encode(Report())),
        )
        return int(cursor.lastrowid)

    # Two calls may begin at once. Each row is there before either looks for older ones, so one run is left.
    run_id = db.run_transaction(insert)
    db.execute(
        "UPDATE audit_run SET finished = UTC_TIMESTAMP(3) "
        "WHERE finished IS NULL AND is_repair = %s AND run_id < %s",
        (repair, run_id),
    )
    return Run(run_id, Claim(token), PHASES[0], "", Report())


def _encode(report: Report) -> str:
    return msgspec.json.encode(report).decode()
