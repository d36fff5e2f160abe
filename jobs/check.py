"""`check`: whether the workers of Spark can do what jobs need, before a long job finds out."""

import platform
import sys
from functools import partial

from jobs.errors import JobError
from jobs.run import Job, JobRun
from jobs.spark import spread
from stockroom.resources import resources


def check(run: JobRun) -> str:
    """Has a task on each core reach both buckets and start a decoder."""
    run.resources.db.query("SELECT 1")
    cores = run.spark.defaultParallelism
    found = spread(run.spark, range(cores), partial(check_worker, python=sys.version_info[:2]))
    if complaints := sorted({complaint for complaint in found if complaint}):
        raise JobError("; ".join(complaints))
    return (
        f"{cores} workers can read both buckets and decode (Spark {run.spark.version}, {platform.machine()})"
    )


def check_worker(_task: int, _attempt: int, *, python: tuple[int, int]) -> str:
    """What is wrong with this worker; empty when nothing is."""
    if sys.version_info[:2] != python:
        return f"workers run Python {platform.python_version()}, the driver {'.'.join(map(str, python))}"
    parts = resources()
    parts.storage.list_originals("originals/", limit=1)
    parts.storage.list_renditions(0, limit=1)
    parts.decoder.wait_until_ready()
    return ""


JOB = Job("check", check, is_exclusive=False)
