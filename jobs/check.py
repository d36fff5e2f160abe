"""`check`: whether the workers of Spark can do what jobs need, before a long job finds out."""

import platform
import sys
from functools import partial
from typing import NamedTuple

from jobs.errors import JobError
from jobs.run import Job, JobRun
from jobs.spark import spread
from stockroom.resources import resources


class Found(NamedTuple):
    """What is wrong with a worker, empty when nothing is; the protections that its decoder goes without."""

    complaint: str = ""
    refused: tuple[str, ...] = ()


def check(run: JobRun) -> str:
    """Has a task on each core reach both buckets and start a decoder."""
    run.resources.db.query("SELECT 1")
    cores = run.spark.defaultParallelism
    found = spread(run.spark, range(cores), partial(check_worker, python=sys.version_info[:2]))
    if complaints := sorted({each.complaint for each in found if each.complaint}):
        raise JobError("; ".join(complaints))
    line = (
        f"{cores} workers can read both buckets and decode (Spark {run.spark.version}, {platform.machine()})"
    )
    if refused := sorted({name for each in found for name in each.refused}):
        # The worker logs it where nobody looks.
        line += f"\nthe decoder's isolation is incomplete there: the kernel refuses {', '.join(refused)}"
    return line


def check_worker(_task: int, _attempt: int, *, python: tuple[int, int]) -> Found:
    """What there is to say of this worker."""
    if sys.version_info[:2] != python:
        return Found(
            f"workers run Python {platform.python_version()}, the driver {'.'.join(map(str, python))}"
        )
    parts = resources()
    parts.storage.list_originals("originals/", limit=1)
    parts.storage.list_renditions(0, limit=1)
    parts.decoder.wait_until_ready()
    return Found(refused=parts.decoder.refused)


JOB = Job("check", check, is_exclusive=False)
