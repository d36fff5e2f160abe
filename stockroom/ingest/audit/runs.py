"""The table `audit_run`: how far each run of the audit has got. All SQL of this table is here."""

import secrets
from typing import Literal, NamedTuple, get_args

import msgspec
from pymysql.cursors import Cursor

from stockroom.ingest.audit.report import Report
from stockroom.runtime.database import Database

Phase = Literal["originals", "renditions", "index", "repair-originals", "repair-renditions", "repair-index"]
"""A run walks these in order; the repairs only when it may repair."""
REPAIR_MINUTES = 60
"""A run that repairs is not taken up after this time without progress: what it has compared is out of date,
and after a restore of the database the run itself may be one of long ago."""

PHASES: tuple[Phase, ...] = get_args(Phase)


class Run(NamedTuple):
    """A run that has not finished: its next step begins after `position`, which is empty at first.

    `holder` is a random number of the call that goes on with it. A newer call takes the run over.
    """

    run_id: int
    holder: int
    phase: Phase
    position: str
    report: Report


def resume_or_start(db: Database, *, repair: bool) -> Run:
    """The unfinished run of this kind, taken over from the call that has it, or a new one."""
    holder = secrets.randbits(64)
    taken = db.run_transaction(lambda cursor: _take_over(cursor, holder, repair=repair))
    return taken or _start(db, holder, repair=repair)


def save(db: Database, run: Run, after: Run) -> bool:
    """Record how far a run has got since `after`; False when another call has taken it over.

    Primary key.
    """
    return bool(
        db.execute(
            "UPDATE audit_run SET phase = %s, position = %s, report = %s, saved = UTC_TIMESTAMP(3), "
            "finished = IF(%s, UTC_TIMESTAMP(3), NULL) "
            "WHERE run_id = %s AND holder = %s AND phase = %s AND position = %s AND finished IS NULL",
            (
                run.phase,
                run.position,
                _encode(run.report),
                run.report.finished,
                run.run_id,
                run.holder,
                after.phase,
                after.position,
            ),
        )
    )


def _take_over(cursor: Cursor, holder: int, *, repair: bool) -> Run | None:
    cursor.execute(
        "SELECT run_id, phase, position, report FROM audit_run WHERE finished IS NULL AND is_repair = %s "
        "AND (is_repair = 0 OR saved > UTC_TIMESTAMP(3) - INTERVAL %s MINUTE) ORDER BY run_id DESC LIMIT 1 "
        "FOR UPDATE",
        (repair, REPAIR_MINUTES),
    )
    rows = cursor.fetchall()
    if not rows:
        return None
    run_id, phase, position, report = rows[0]
    try:
        run = Run(run_id, holder, phase, position, msgspec.json.decode(report, type=Report))
    except msgspec.MsgspecError:
        # Another version of this module has written the report.
        return None
    # What the older call has counted by now is in this report, and it counts nothing more.
    cursor.execute("UPDATE audit_run SET holder = %s WHERE run_id = %s", (holder, run_id))
    return run


def _start(db: Database, holder: int, *, repair: bool) -> Run:
    """A new run; the older ones of this kind are over."""

    def insert(cursor: Cursor) -> int:
        cursor.execute(
            "INSERT INTO audit_run (is_repair, holder, phase, position, report, started, saved) "
            "VALUES (%s, %s, %s, '', %s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))",
            (repair, holder, PHASES[0], _encode(Report())),
        )
        return int(cursor.lastrowid)

    # Two calls may begin at once. Each row is there before either looks for older ones, so one run is left.
    run_id = db.run_transaction(insert)
    db.execute(
        "UPDATE audit_run SET finished = UTC_TIMESTAMP(3) "
        "WHERE finished IS NULL AND is_repair = %s AND run_id < %s",
        (repair, run_id),
    )
    return Run(run_id, holder, PHASES[0], "", Report())


def _encode(report: Report) -> str:
    return msgspec.json.encode(report).decode()
