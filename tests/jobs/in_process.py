"""Jobs without Spark: their tasks run in this process, one after the other."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from jobs.run import Job, Parameters, run_job
from stockroom.resources import Resources

Work = Callable[[Any, int], Any]


class Killed(BaseException):
    """This process is ended, at this moment."""


class Tasks:
    """Runs the tasks of a job; `kill_at` is the number of the one before which the process is killed."""

    def __init__(self) -> None:
        self.count = 0
        self.kill_at: int | None = None

    def spread(self, _context: object, tasks: Sequence[Any], work: Work) -> list[Any]:
        done = []
        for task in tasks:
            if self.count == self.kill_at:
                raise Killed
            self.count += 1
            done.append(work(task, 0))
        return done


def run(job: Job, run_id: str = "", **parameters: Any) -> str:
    """The last line of a run."""
    return run_job(job, Parameters(**parameters), run_id, lambda _: None)


def prepare(monkeypatch: pytest.MonkeyPatch, resources: Resources, module: str) -> Tasks:
    """Have the job of a module run in this process, on these resources."""
    tasks = Tasks()
    monkeypatch.setattr("jobs.run.resources", lambda: resources)
    monkeypatch.setattr("jobs.run.start_context", lambda _: _Context())
    monkeypatch.setattr(f"{module}.resources", lambda: resources)
    monkeypatch.setattr(f"{module}.spread", tasks.spread)
    return tasks


class _Context:
    def cancelAllJobs(self) -> None:  # noqa: N802  Spark's name
        """Nothing goes on behind this process's back."""

    def stop(self) -> None:
        """Nothing was started."""
