"""Spark: the context, and how a list of sources becomes tasks that take about equally long."""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any, TypeVar

from jobs.errors import JobError
from stockroom.runtime.observability import logger

if TYPE_CHECKING:
    from pyspark import SparkContext

S = TypeVar("S")
R = TypeVar("R")

LOG_VARIABLE = "SPARK_LOG_FILE"
"""Names the file for what Spark itself has to say, where it is the driver that starts Spark."""
TASK_BYTES = 64 * 1024 * 1024
"""Bytes of sources in one task, some seconds of a core: so much is done again when a worker is lost. A task
without any takes 55 ms (docs/benchmarks.md)."""
MIN_TASK_BYTES = 3 * 1024 * 1024
"""Bytes of a task at least, half a second of a core, where there is too little for all cores."""
MAX_CORES = 4000
"""What a cluster without a limit is taken to have."""
SOURCE_BYTES = 300 * 1024
"""Each source counts for so many bytes at least: requests and the start of a decode take time, too."""


def start_context(name: str) -> "SparkContext":
    """The Spark context of this process, by the configuration that Spark itself finds.

    That is `jobs/spark_conf` on this machine (local/jobs.py), and EMR's own on EMR.
    """
    from pyspark import SparkContext
    from pyspark.java_gateway import launch_gateway

    with open(os.environ.get(LOG_VARIABLE) or os.devnull, "ab") as log:
        # On EMR the driver is a child of Spark already, and nothing is started here.
        gateway = launch_gateway(popen_kwargs={"stderr": log})
    return SparkContext(appName=f"stockroom {name}", gateway=gateway)


def pack(
    sources: Sequence[S], size_of: Callable[[S], int], cores: int, task_bytes: int = TASK_BYTES
) -> list[list[S]]:
    """Tasks of about equal bytes, the longest first; each has sources that follow each other.

    Each of `cores` gets equally many, where there is enough to do. A source that is larger than a task is a
    task alone.
    """
    sizes = [max(size_of(source), SOURCE_BYTES) for source in sources]
    share = _share(sum(sizes), cores, task_bytes)
    tasks: list[tuple[int, list[S]]] = []
    size, task, before, number = 0, list[S](), 0, 0
    for source, added in zip(sources, sizes, strict=True):
        # Whichever share the middle of a source lies in, that one it belongs to.
        its_number = int((before + added / 2) / share)
        if task and (its_number != number or size + added > task_bytes):
            tasks.append((size, task))
            size, task = 0, []
        size, before, number = size + added, before + added, its_number
        task.append(source)
    if task:
        tasks.append((size, task))
    # The last tasks to begin are the shortest, so that all cores end at about the same time.
    return [task for _, task in sorted(tasks, key=lambda entry: -entry[0])]


def _share(total: int, cores: int, task_bytes: int) -> float:
    """The bytes of a task: equally many tasks for each core, but none that is hardly any work."""
    rounds = ceil(total / (task_bytes * cores))
    return max(total / (rounds * cores), MIN_TASK_BYTES) if total else 1.0


def spread(context: "SparkContext", tasks: Sequence[S], work: Callable[[S, int], R]) -> list[R]:
    """What `work` answers to each task, each on whichever core is free, in the order of the tasks.

    `work` is a function of a module, or a partial of one. It gets the task, and how many attempts at it there
    were before: Spark begins a task again when its worker is lost.
    """
    if not tasks:
        return []
    from py4j.protocol import Py4JJavaError

    try:
        return list(context.parallelize(tasks, len(tasks)).mapPartitions(partial(_run_task, work)).collect())
    except Py4JJavaError as error:
        logger.error("Spark gave up", extra={"reason": str(error.java_exception)})
        raise JobError(f"a task has failed several times: {_reason(str(error.java_exception))}") from error


def count_cores(context: "SparkContext") -> int:
    """The cores that tasks can have: those of now, or as many as the cluster may grow to."""
    conf = context.getConf()
    grown = int(conf.get("spark.dynamicAllocation.maxExecutors", "0")) * int(
        conf.get("spark.executor.cores", "1")
    )
    return max(int(context.defaultParallelism), min(grown, MAX_CORES))


def _reason(text: str) -> str:
    """The line that says what was raised, of a text with the stack traces of Python and Java."""
    lines = [line for line in text.splitlines() if line and not line[0].isspace()]
    # Spark's own line, then Python's stack trace, whose last line is the error's.
    errors = [line for line in lines if not line.startswith(("org.apache", "Traceback", "Driver stacktrace"))]
    return (errors or lines or ["no reason given"])[0]


def _run_task(work: Callable[[Any, int], R], tasks: Iterator[Any]) -> Iterator[R]:
    from pyspark import TaskContext

    context = TaskContext.get()
    attempt = context.attemptNumber() if context is not None else 0
    for task in tasks:
        yield work(task, attempt)
