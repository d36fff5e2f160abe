"""`audit`: compares both buckets and the index with the table, in parts side by side, and repairs on request.

What is compared and repaired, the report and the limits are those of the audit that runs each day
(`stockroom.ingest.audit`). The parts are chosen once for a run and recorded, and so is what each of them has
found: a run that was killed goes on with the parts that are not compared yet.
"""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec

from jobs import audit_page, progress, report
from jobs.errors import JobEnded, JobError
from jobs.progress import Meter
from jobs.results import ResultStore
from jobs.run import Job, JobRun, Parameters
from jobs.spark import count_cores, spread
from stockroom.ingest.audit import runs
from stockroom.ingest.audit.audit import MIN_AGE
from stockroom.ingest.audit.parts import (
    BUCKET_STEPS,
    Part,
    PartReport,
    compare_part,
    merge,
    repair_part,
    split,
)
from stockroom.ingest.audit.report import Report
from stockroom.resources import resources
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.job_runs import Parameters as RunParameters
from stockroom.runtime.settings import Settings
from stockroom.runtime.timestamps import now

PLAN, COMPARED, REPAIRED, REPORT = "plan.json", "compared/", "repaired/", "report.json"
JSON = "application/json"
PARTS_AT_ONCE = 64
"""Parts that are compared at the same time at most, each by a connection of its own to the database."""
PARTS_A_CORE = 4
"""After as many, the run looks whether it still holds the lease."""


class Plan(msgspec.Struct, frozen=True):
    """The parts of a run, step by step. Objects that were stored after `old_before` are not deleted."""

    old_before: datetime
    steps: dict[str, list[Part]]

    def list_parts(self, step: str) -> list["NamedPart"]:
        """The parts of a step, with names that sort."""
        return [NamedPart(f"{step}-{number:06}", part) for number, part in enumerate(self.steps[step])]


class NamedPart(NamedTuple):
    """A part with the name under which it is recorded."""

    name: str
    part: Part


def audit(run: JobRun) -> str:
    """The whole of a run; its report as JSON. Raises JobEnded when a repair is refused."""
    if run.parameters.repair and runs.is_repair_under_way(run.resources.db):
        raise JobEnded("the audit of the functions repairs at this moment: begin when that has ended")
    plan = _plan(run)
    meter = Meter(run.job, run.run_id, sum(map(len, plan.steps.values())), unit="parts")
    meter.go_on(run.store.read(progress.NAME))
    for step in plan.steps:
        _spread(run, meter, plan, step, folder=COMPARED, parts=plan.list_parts(step))
    whole = merge((each.report for each in _read_compared(run, plan)), repair=run.parameters.repair)
    if run.parameters.repair and not whole.refused:
        _repair(run, meter, plan, whole)
    whole.finished = True
    run.store.write(report.NAME, audit_page.write(run.run_id, whole).encode(), report.MEDIA_TYPE)
    _write_progress(run, meter, is_finished=True)
    content = msgspec.json.format(msgspec.json.encode(whole), indent=2)
    run.store.write(REPORT, content, JSON)
    run.say(
        f"compared {whole.rows:,} rows and {whole.objects:,} objects; report: {run.store.address(REPORT)}"
    )
    if whole.refused:
        raise JobEnded(whole.refused)
    return content.decode()


def _plan(run: JobRun) -> Plan:
    """The plan of this run: the one that an earlier process has made, or a new one."""
    if run.store.read(PLAN) is None:
        plan = Plan(now() - MIN_AGE, split(run.resources.search_index))
        run.store.write_new(PLAN, msgspec.json.encode(plan), JSON)
    return msgspec.json.decode(run.store.read(PLAN) or b"", type=Plan)


def _repair(run: JobRun, meter: Meter, plan: Plan, whole: Report) -> None:
    """Repair step after step, as a step of the index finds what the one before has repaired."""
    for step in plan.steps:
        parts = plan.list_parts(step)
        if step in BUCKET_STEPS:
            # Where nothing was found there is nothing to repair, and objects take long to list.
            parts = [part for part in parts if read_compared(run.store, part).report.total]
        meter.total = (meter.total or 0) + len(parts)
        _spread(run, meter, plan, step, folder=REPAIRED, parts=parts)
        for part in parts:
            repaired = run.store.read(f"{REPAIRED}{part.name}")
            whole.absorb(msgspec.json.decode(repaired or b"{}", type=Report))
    # Those that were deleted, and those that a worker had deleted before it was lost.
    if whole.renditions.deletable:
        run.resources.storage.tell_that_many_are_deleted()


def _spread(run: JobRun, meter: Meter, plan: Plan, step: str, *, folder: str, parts: list[NamedPart]) -> None:
    """Have those parts compared or repaired that are not yet."""
    recorded = set(run.store.list_names(f"{folder}{step}-"))
    left = [part for part in parts if f"{folder}{part.name}" not in recorded]
    work = partial(
        compare_task if folder == COMPARED else repair_task, store=run.store, old_before=plan.old_before
    )
    done = len(parts) - len(left)
    meter.add_earlier(done=done)
    _write_progress(run, meter)
    at_once = min(PARTS_AT_ONCE, PARTS_A_CORE * count_cores(run.spark)) if left else 1
    for some in split_into_chunks(left, at_once):
        run.check()
        spread(run.spark, some, work)
        done += len(some)
        meter.add(done=len(some))
        _write_progress(run, meter)
        run.say(f"{step}: {done:,} of {len(parts):,} parts {folder.rstrip('/')}")


def _write_progress(run: JobRun, meter: Meter, *, is_finished: bool = False) -> None:
    run.store.write(progress.NAME, progress.encode(meter.read(is_finished=is_finished)), progress.MEDIA_TYPE)


def compare_task(named: NamedPart, _attempt: int, *, store: ResultStore, old_before: datetime) -> None:
    """Compare a part, and record what was found.

    Once, for good: what a worker finds that was taken for lost, or a process that has lost the run, comes
    after the report of the whole has passed the limits, and must not add to what is deleted.
    """
    parts = resources()
    with closing(parts.db):
        found = compare_part(parts.db, parts.storage, parts.search_index, named.part, old_before=old_before)
    store.write_new(f"{COMPARED}{named.name}", msgspec.json.encode(found), JSON)


def repair_task(named: NamedPart, _attempt: int, *, store: ResultStore, old_before: datetime) -> None:
    """Repair a part, and record what was repaired. A second attempt finds nothing more to delete."""
    chosen = read_compared(store, named).chosen
    parts = resources()
    with closing(parts.db):
        repaired = repair_part(
            parts.db, parts.storage, parts.search_index, named.part, old_before=old_before, chosen=chosen
        )
    store.write(f"{REPAIRED}{named.name}", msgspec.json.encode(repaired), JSON)


def read_compared(store: ResultStore, named: NamedPart) -> PartReport:
    """What the comparison of a part has found."""
    content = store.read(f"{COMPARED}{named.name}")
    if content is None:
        raise JobError(f"{store.address(COMPARED + named.name)} is gone")
    return msgspec.json.decode(content, type=PartReport)


def _read_compared(run: JobRun, plan: Plan) -> Iterator[PartReport]:
    for step in plan.steps:
        for part in plan.list_parts(step):
            yield read_compared(run.store, part)


def _identify(parameters: Parameters, _settings: Settings) -> RunParameters:
    return {"repair": parameters.repair}


JOB = Job("audit", audit, frozenset({"repair"}), _identify)
