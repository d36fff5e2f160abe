"""`reindex`: the index of all pictures is built anew beside the old one, and swapped in.

The driver does it alone, with a process for each of its processors: reading and loading take most of the
time, and both are the database's. Nothing of a run that was killed is used by the next one, which cleans up
and begins anew.
"""

import os
import time
from collections.abc import Callable
from contextlib import closing

from msgspec.structs import replace

from jobs.errors import JobError
from jobs.run import Job, JobRun
from stockroom.runtime.accounts import JOBS
from stockroom.search.index.rebuild.processes import index_in_processes
from stockroom.search.index.rebuild.rebuild import (
    Rebuilt,
    Refused,
    Unfinished,
    Watcher,
    open_database,
    rebuild,
)
from stockroom.search.index.rebuild.tables import Overtaken, SwapRefused

MAX_PROCESSES = JOBS.connections - 3
"""Each has a connection; so do the driver, its rebuild, and the lease."""
TOLD_SECONDS = 5.0
"""A step that takes long says so often how far it is."""
NAMED_TERMS = 20


def reindex(run: JobRun) -> str:
    """The whole of a run."""
    # The functions' own accounts make and drop no tables.
    settings = replace(run.resources.settings, db_user=JOBS.name)
    processes = min(os.cpu_count() or 1, MAX_PROCESSES)
    with closing(open_database(settings)) as db:
        try:
            report = rebuild(
                db,
                index_in_processes(settings, processes),
                may_differ=run.parameters.may_differ,
                watcher=_Teller(run),
            )
        except Refused as error:
            raise JobError(_explain(error)) from error
        except (Overtaken, SwapRefused, Unfinished) as error:
            raise JobError(str(error)) from error
    return describe(report)


def describe(report: Rebuilt) -> str:
    """The last line of a run."""
    seconds = sum(report.seconds.values())
    different = len(report.comparison.different)
    parts = [
        f"{report.pictures:,} pictures indexed anew: {report.postings:,} postings of {report.terms:,} terms",
        f"{seconds:,.0f} s, {report.pictures / max(seconds, 0.001):,.0f} pictures/s",
        f"{report.caught_up:,} changed meanwhile",
        f"{different:,} of {report.comparison.compared:,} compared terms find other pictures than before",
    ]
    if report.forms_added or report.forms_deleted:
        parts.append(f"{report.forms_added:,} forms of words came, and {report.forms_deleted:,} went")
    if report.has_finished_former:
        parts.append("a run of before, which was cut short after its swap, was finished first")
    return "; ".join(parts)


def _explain(error: Refused) -> str:
    different = error.report.comparison.different
    if not different:
        return f"nothing was changed: {error}"
    named = ", ".join(different[:NAMED_TERMS]) + (", …" if len(different) > NAMED_TERMS else "")
    return (
        f"nothing was changed: {error} ({named}). Where that is what a new version is to do, or where the "
        "audit has found faults of the old index, run it with MAY_DIFFER=1"
    )


class _Teller(Watcher):
    """Tells the operator how far a run is."""

    def __init__(self, run: JobRun, clock: Callable[[], float] = time.monotonic) -> None:
        self._run = run
        self._clock = clock
        self._step = ""
        self._told_at = 0.0

    def tell(self, step: str, done: int, total: int) -> None:
        if step == self._step and self._clock() - self._told_at < TOLD_SECONDS and done != total:
            return
        self._step, self._told_at = step, self._clock()
        of = f" of {total:,}" if total else ""
        self._run.say(f"{step}: {done:,}{of}" if done else step)

    def check_claim(self) -> None:
        self._run.check()


JOB = Job("reindex", reindex, frozenset({"may_differ"}))
