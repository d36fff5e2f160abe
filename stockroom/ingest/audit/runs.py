"""The table `audit_run`: how far each run of the audit has got. All SQL of this table is here."""

from typing import Literal, NamedTuple, get_args

import msgspec

from stockroom.ingest.audit.report import Report
from stockroom.runtime.database import Database

Phase = Literal["originals", "renditions", "index", "repair-originals", "repair-renditions", "repair-index"]
"""A run walks these in order; the repairs only when it may repair."""

PHASES: tuple[Phase, ...] = get_args(Phase)


class Run(NamedTuple):
    """A run that has not finished: its next step begins after `position`, which is empty at first."""

    run_id: int
    phase: Phase
    position: str
    report: Report


def resume_or_start(db: Database, *, repair: bool) -> Run:
    """The unfinished run of this kind, or a new one."""
    return _find_unfinished(db, repair=repair) or _start(db, repair=repair)


def save(db: Database, run: Run) -> None:
    """Record how far a run has got. Primary key."""
    db.execute(
        "UPDATE audit_run SET phase = %s, position = %s, report = %s, "
        "finished = IF(%s, UTC_TIMESTAMP(3), NULL) WHERE run_id = %s AND finished IS NULL",
        (run.phase, run.position, _encode(run.report), run.report.finished, run.run_id),
    )


def _find_unfinished(db: Database, *, repair: bool) -> Run | None:
    rows = db.query(
        "SELECT run_id, phase, position, report FROM audit_run WHERE finished IS NULL AND is_repair = %s "
        "ORDER BY run_id DESC LIMIT 1",
        (repair,),
    )
    if not rows:
        return None
    run_id, phase, position, report = rows[0]
    return Run(run_id, phase, position, msgspec.json.decode(report, type=Report))


def _start(db: Database, *, repair: bool) -> Run:
    # A lost answer leaves a run that the next call resumes; it does no harm.
    db.execute(
        "INSERT INTO audit_run (is_repair, phase, position, report, started) "
        "VALUES (%s, %s, '', %s, UTC_TIMESTAMP(3))",
        (repair, PHASES[0], _encode(Report())),
    )
    run = _find_unfinished(db, repair=repair)
    assert run is not None  # noqa: S101  it was inserted just now
    return run


def _encode(report: Report) -> str:
    return msgspec.json.encode(report).decode()
