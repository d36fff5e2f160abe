"""One run of the audit: phases of many short steps, which a Lambda can leave and take up again.

Only the audit deletes an object that has no row, only on request, and never many of them: a database that was
restored to an older state, or emptied, must not empty the buckets.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from stockroom.images.storage import Storage
from stockroom.ingest.audit import runs
from stockroom.ingest.audit.comparison import Comparison, RepairStopped, max_deleted_originals, max_deletions
from stockroom.ingest.audit.index import compare_index
from stockroom.ingest.audit.originals import compare_originals
from stockroom.ingest.audit.renditions import compare_renditions
from stockroom.ingest.audit.report import Report
from stockroom.ingest.audit.runs import PHASES, Phase, Run
from stockroom.runtime.database import Database

if TYPE_CHECKING:
    from stockroom.search.service import SearchIndex

MIN_AGE = timedelta(days=1)
"""Younger objects may belong to an upload that is under way."""

_COMPARE: dict[Phase, Callable[[Comparison, str], str | None]] = {
    "originals": compare_originals,
    "renditions": compare_renditions,
    "index": compare_index,
    "repair-originals": compare_originals,
    "repair-renditions": compare_renditions,
    "repair-index": compare_index,
}


def audit(
    db: Database,
    storage: Storage,
    search_index: "SearchIndex",
    *,
    repair: bool,
    seconds: float,
    min_age: timedelta = MIN_AGE,
) -> Report:
    """The report of a run that goes on for at most about `seconds`; `finished` says whether it has ended.

    A call continues the run that the last one left. A run that repairs compares everything first, and then
    deletes what belongs to nothing and is older than `min_age`, has missing renditions made again, and puts
    the index right; or it says in `refused` why not. Of two calls at once, one stops.
    """
    ends_at = time.monotonic() + seconds
    run = runs.resume_or_start(db, repair=repair)
    while not run.report.finished:
        before = run
        comparison = Comparison(
            db,
            storage,
            search_index,
            run.report,
            run.phase.startswith("repair-"),
            datetime.now(UTC) - min_age,
            partial(runs.save, db, before, before),
        )
        run = _step(comparison, run, repair=repair)
        if not runs.save(db, run, before) or time.monotonic() > ends_at:
            break
    return run.report


def _step(comparison: Comparison, run: Run, *, repair: bool) -> Run:
    try:
        position = _COMPARE[run.phase](comparison, run.position)
    except RepairStopped as error:
        run.report.refused = str(error)
        run.report.finished = True
        return run
    if position is not None:
        return run._replace(position=position)
    phase = _next_phase(run, repair=repair)
    if phase is None:
        run.report.finished = True
        return run
    return run._replace(phase=phase, position="")


def _next_phase(run: Run, *, repair: bool) -> Phase | None:
    """The phase after a finished one; None at the end of the run."""
    following = PHASES[PHASES.index(run.phase) + 1 :]
    if not following or (following[0].startswith("repair-") and not repair):
        return None
    if following[0] == "repair-originals":
        run.report.refused = refuse(run.report)
        if run.report.refused:
            return None
    return following[0]


def refuse(report: Report) -> str:
    """Why a repair would delete too much; empty when it may go on. The report is that of everything."""
    originals = report.originals
    for name, count, deletable, limit in (
        ("objects", report.objects, report.deletable, max_deletions(report.objects)),
        ("originals", originals.count, originals.deletable, max_deleted_originals(originals.count)),
    ):
        if deletable > limit or (deletable and not report.rows):
            return (
                f"{deletable} of {count} {name} belong to no row; a repair deletes at most {limit}, and none "
                "while there is no row at all. If the database was restored to an older state, these objects "
                "may be the only copies: bring their rows back first. Otherwise delete them by hand."
            )
    return ""
