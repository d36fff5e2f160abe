"""The frame of every job: its run, which no other run of the job may disturb, and what the run works with.

A run is a row of `job_run`, which this process holds by a lease. The lease is renewed by a thread of its own,
with a connection of its own. A process that was killed holds nothing for longer than the lease: whoever takes
the run then goes on with it.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from jobs.errors import JobEnded, JobError
from jobs.results import ResultStore
from jobs.spark import start_context
from stockroom.resources import Resources, resources
from stockroom.runtime import job_runs
from stockroom.runtime.database import Database
from stockroom.runtime.errors import Unavailable
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings

if TYPE_CHECKING:
    from pyspark import SparkContext

RENEW_SECONDS = 20.0
"""The lease is renewed so often. It lasts six times as long, so that some renewals may fail."""


class Parameters(NamedTuple):
    """What the operator asks of a job; each job says which of these it takes."""

    where: str = ""
    """Which pictures (jobs/selection.py); empty: all."""
    rate: int = 200
    """Rows a second that may be changed at most."""
    dry_run: bool = False
    """Say what would be done, and do nothing."""
    repair: bool = False
    """Repair what is found."""
    may_differ: bool = False
    """The new index may find other pictures than the old one."""
    which: str = "embedded"
    """Which facts are derived: embedded, or looks, too."""


@dataclass
class JobRun:
    """A run of a job while it is under way."""

    job: str
    run_id: str
    is_resumed: bool
    parameters: Parameters
    resources: Resources
    say: Callable[[str], None]
    """Tells the operator how far the run is."""
    lost: threading.Event = field(default_factory=threading.Event)
    """Set when the run is no longer this process's."""

    @cached_property
    def store(self) -> ResultStore:
        return ResultStore(self.resources.settings.uploads_bucket, self.job, self.run_id)

    @cached_property
    def spark(self) -> "SparkContext":
        """Spark, which takes seconds to start: at the first use."""
        return start_context(f"{self.job} {self.run_id}")

    def check(self) -> None:
        """Raise JobError when the run is no longer this process's: nothing more may be done in its name."""
        if self.lost.is_set():
            raise JobError(
                f"the lease of run {self.run_id} was lost: the database was away, or another process has it"
            )

    def close(self) -> None:
        if "spark" in vars(self):
            self.spark.stop()


def _identify_by_nothing(
    _parameters: Parameters, _settings: Settings
) -> Mapping[str, str | int | bool | None]:
    return {}


class Job(NamedTuple):
    """A job: its name, what it does, and which of the parameters it takes."""

    name: str
    work: Callable[[JobRun], str]
    """Does the whole of a run; the last line that the operator reads."""
    options: frozenset[str] = frozenset()
    identify: Callable[[Parameters, Settings], job_runs.Parameters] = _identify_by_nothing
    """What a run is about: a run that was killed goes on only for the same. Raises JobError."""
    is_exclusive: bool = True
    """Whether its runs have rows, so that only one is under way, and one that was killed goes on."""


def run_job(job: Job, parameters: Parameters, run_id: str, say: Callable[[str], None]) -> str:
    """The last line of a run. Raises JobError, Unavailable.

    `run_id` is that of a run which goes on, or `new` for another one in its place; without it, the unfinished
    run goes on, or a new one begins. A dry run has no row.
    """
    parts = resources()
    if run_id not in ("", job_runs.NEW):
        known = job_runs.find(parts.db, run_id)
        if known is None or known.job != job.name:
            # A dry run would count whatever else it is told.
            raise JobError(f"there is no run {run_id!r} of the job {job.name}")
        # Whoever names a run need not say again what it is about. That it repairs, they have to say.
        said, default = parameters, Parameters()
        if said.where == default.where:
            parameters = parameters._replace(where=str(known.parameters.get("where") or default.where))
        if said.which == default.which:
            parameters = parameters._replace(which=str(known.parameters.get("which") or default.which))
    if parameters.dry_run or not job.is_exclusive:
        with closing(JobRun(job.name, "dry-run", False, parameters, parts, say)) as run:
            return job.work(run)
    with _taken(job, parameters, run_id, parts) as taken:
        run = JobRun(job.name, taken.run_id, taken.is_resumed, parameters, parts, say)
        say(f"run {run.run_id} {'goes on' if run.is_resumed else 'begins'}")
        with closing(run), _lease(taken, parts.settings, run.lost):
            try:
                line = job.work(run)
            except JobEnded as ended:
                job_runs.finish(parts.db, taken, json.dumps({"line": str(ended)}))
                raise
            run.check()
        job_runs.finish(parts.db, taken, json.dumps({"line": line}))
        return line


@contextmanager
def _taken(job: Job, parameters: Parameters, run_id: str, parts: Resources) -> Iterator[job_runs.Run]:
    """Hold a run inside the block; one that has not ended by then can be taken at once by another process."""
    try:
        run = job_runs.take(parts.db, job.name, run_id or None, job.identify(parameters, parts.settings))
    except job_runs.RunRefused as error:
        raise JobError(str(error)) from error
    try:
        yield run
    except job_runs.RunLost as error:
        raise JobError(f"another process has taken the run {error}") from error
    finally:
        try:
            job_runs.release(parts.db, run)
        except Unavailable:
            logger.warning("run not released", exc_info=True)


@contextmanager
def _lease(run: job_runs.Run, settings: Settings, lost: threading.Event) -> Iterator[None]:
    """Renew the lease inside the block; `lost` is set when that has failed for longer than it lasts."""
    ended = threading.Event()
    thread = threading.Thread(target=_renew, args=(run, settings, lost, ended), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _renew(run: job_runs.Run, settings: Settings, lost: threading.Event, ended: threading.Event) -> None:
    renewed_at = time.monotonic()
    with closing(Database(settings)) as db:
        while not ended.wait(RENEW_SECONDS):
            asked_at = time.monotonic()
            try:
                job_runs.renew(db, run)
                renewed_at = asked_at
            except job_runs.RunLost:
                lost.set()
                return
            except Exception:  # noqa: BLE001  whatever it is, the run must not go on without a lease
                logger.warning("lease not renewed", exc_info=True)
                if time.monotonic() + RENEW_SECONDS > renewed_at + job_runs.LEASE_SECONDS:
                    lost.set()
                    return
