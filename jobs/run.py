"""The frame of every job: its run, which no other run of the job may disturb, and what the run works with."""

import secrets
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from jobs.errors import JobError
from jobs.results import ResultStore
from jobs.spark import start_context
from stockroom.resources import Resources, resources
from stockroom.runtime.timestamps import now

if TYPE_CHECKING:
    from pyspark import SparkContext


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


@dataclass
class JobRun:
    """A run of a job while it is under way."""

    job: str
    run_id: str
    is_resumed: bool
    parameters: Parameters
    resources: Resources
    stopped: threading.Event = field(default_factory=threading.Event)
    """Set when the run is no longer this process's: its lease was lost."""

    @cached_property
    def store(self) -> ResultStore:
        return ResultStore(self.resources.settings.uploads_bucket, self.job, self.run_id)

    @cached_property
    def spark(self) -> "SparkContext":
        """Spark, which takes seconds to start: at the first use."""
        return start_context(f"{self.job} {self.run_id}")

    def check(self) -> None:
        """Raise JobError when the run is no longer this process's."""
        if self.stopped.is_set():
            raise JobError(f"the run {self.run_id} was taken over by another process")

    def close(self) -> None:
        if "spark" in vars(self):
            self.spark.stop()


class Job(NamedTuple):
    """A job: its name, what it does, and which of the parameters it takes."""

    name: str
    work: Callable[[JobRun], str]
    """Does the whole of a run; the last line that the operator reads."""
    options: frozenset[str] = frozenset()
    is_exclusive: bool = True
    """Whether its runs are recorded, so that only one is under way, and one that was killed goes on."""


def run_job(job: Job, parameters: Parameters, run_id: str = "") -> str:
    """The last line of a run: of the one with this id, or of a new one. Raises JobError."""
    run = JobRun(job.name, run_id or new_run_id(), bool(run_id), parameters, resources())
    with closing(run):
        return job.work(run)


def new_run_id() -> str:
    """An id for a run that sorts by time: `20260131-235959-1f2e`."""
    return f"{now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
