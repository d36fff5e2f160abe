"""`rerender`: ready pictures get renditions of the version that is set now, by the code that renders uploads.

Executors render, and record what they did; the driver moves rows to the new version meanwhile. The links of
the old version work until `cleanup` deletes their objects. What has failed keeps its version.
"""

from jobs import progress, report
from jobs.committer import Committer
from jobs.errors import JobError
from jobs.estimate import estimate
from jobs.run import Job, JobRun, Parameters
from jobs.selection import Selection, parse_selection
from jobs.summary import Summary
from jobs.waves import read_again, read_sources, render_waves
from stockroom.images.repository.renditions import SourceCount, count_sources
from stockroom.runtime.job_runs import RERENDER
from stockroom.runtime.job_runs import Parameters as RunParameters
from stockroom.runtime.settings import Settings
from stockroom.runtime.timestamps import now

FURTHER_PASSES = 2
"""How often pictures are tried again that storage, a full decoder or a change came in between."""
MAX_UNSETTLED = 100_000
"""When more pictures than this are to be tried again, something else is wrong."""
POLL_SECONDS = 0.5


def rerender(run: JobRun) -> str:
    """The whole of a run."""
    parts, version = run.resources, run.resources.settings.rendition_version
    selection = parse_selection(run.parameters.where)
    if run.parameters.dry_run:
        count = _count(run, version, selection)
        return estimate(count, parts.settings, run.parameters.rate) + _warn(count, version)
    meter = progress.Meter(run.job, run.run_id)
    summary = Summary(run.job, run.run_id, run.parameters.where)
    committer = Committer(
        parts.settings, parts.storage, run.store, meter, summary, version=version, rate=run.parameters.rate
    )
    if run.is_resumed:
        meter.go_on(run.store.read(progress.NAME))
        run.say("what was recorded before is read first, and counted")
        committer.take_up(run.check)
    committer.start()
    is_done = False
    try:
        _await(run, committer)
        # What earlier processes have done is no source any more.
        count = _count(run, version, selection)
        meter.total = count.pictures + meter.read().done
        _render(run, committer, version, selection)
        is_done = True
    finally:
        committer.close(is_abandoned=not is_done)
    run.check()
    committer.check()
    committer.settle()
    final = meter.read(is_finished=True)
    run.store.write(report.NAME, report.write(summary, final).encode(), report.MEDIA_TYPE)
    run.store.write(progress.NAME, progress.encode(final), progress.MEDIA_TYPE)
    return progress.describe(final) + _tell_missing(summary) + _warn(count, version)


def _tell_missing(summary: Summary) -> str:
    """A line where originals are missing: they count as skipped, as they also are after a deletion."""
    missing = summary.outcomes["missing"]
    if not missing:
        return ""
    return (
        f"\n{missing:,} of those that were skipped have no original in storage; `make audit` says which of "
        "them are pictures still"
    )


def _warn(count: SourceCount, version: int) -> str:
    """A line where pictures have a newer version than the one that is set, which nothing brings down."""
    if count.newest <= version:
        return ""
    return (
        f"\nsome pictures have renditions of version {count.newest} already, and stay as they are: where "
        f"they are to be rendered again, too, deploy a STOCKROOM_RENDITION_VERSION above {count.newest}"
    )


def _count(run: JobRun, version: int, selection: Selection) -> SourceCount:
    return count_sources(
        run.resources.db, version, after=selection.after, until=selection.until, owner=selection.owner
    )


def _render(run: JobRun, committer: Committer, version: int, selection: Selection) -> None:
    db, began = run.resources.db, now()
    earlier = frozenset(committer.settled)
    sources = read_sources(run, version, selection)
    left = (source for source in sources if source.image_id not in earlier)
    number = render_waves(run, committer, left, version=version, began=began, number=0)
    for _ in range(FURTHER_PASSES):
        _await(run, committer)
        if not committer.unsettled:
            return
        if len(committer.unsettled) > MAX_UNSETTLED:
            raise JobError(f"{len(committer.unsettled):,} pictures could not be tried: see the run's parts")
        again = read_again(db, version, committer.unsettled, run.check)
        number = render_waves(run, committer, again, version=version, began=began, number=number)
    _await(run, committer)


def _await(run: JobRun, committer: Committer) -> None:
    """Wait until all that was recorded is committed."""
    while not committer.is_idle():
        run.check()
        committer.check()
        run.lost.wait(POLL_SECONDS)


def _identify(parameters: Parameters, settings: Settings) -> RunParameters:
    parse_selection(parameters.where)
    return {"version": settings.rendition_version, "where": " ".join(sorted(parameters.where.split()))}


JOB = Job(RERENDER, rerender, frozenset({"where", "rate", "dry_run"}), _identify)
