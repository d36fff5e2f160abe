"""The command line of the jobs, `python -m jobs JOB …`. On EMR, Spark is given the same arguments."""

import argparse
import atexit
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from jobs.errors import JobError
from jobs.printing import END, SAID
from jobs.run import Job, Parameters, run_job
from jobs.spark import LOG_VARIABLE
from stockroom.runtime.errors import Unavailable
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import InvalidSetting

JOBS = ("audit", "check", "cleanup", "facts", "reindex", "rerender")
"""Each is a module of this package with a JOB."""
STARTED_BY_SPARK = "PYSPARK_GATEWAY_PORT"
"""A variable that Spark sets for a driver which it has started."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a job; the exit status: 0 when it came to its end, 1 when not, 2 for wrong arguments."""
    parser = _make_parser()
    given = parser.parse_args(arguments)
    job: Job = importlib.import_module(f"jobs.{given.job}").JOB
    defaults = Parameters()
    parameters = Parameters(*(getattr(given, name) for name in Parameters._fields))
    for name, value in parameters._asdict().items():
        if value != getattr(defaults, name) and name not in job.options:
            parser.error(f"{job.name} takes no --{name.replace('_', '-')}")
    if parameters.rate < 1:
        parser.error("--rate is a number above 0")
    _log_beside_spark()
    if STARTED_BY_SPARK in os.environ:
        # At the very end: after the stack trace of an error that nobody expected, too.
        atexit.register(print, END, flush=True)
    # Whoever stops a job lets it release its run.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        print(run_job(job, parameters, given.run, _say), flush=True)
    except (JobError, Unavailable, InvalidSetting) as error:
        print(f"{job.name}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{job.name}: stopped; the same command goes on with the run", file=sys.stderr)
        return 1
    return 0


def _make_parser() -> argparse.ArgumentParser:
    defaults = Parameters()
    parser = argparse.ArgumentParser(prog="python -m jobs", allow_abbrev=False)
    parser.add_argument("job", choices=JOBS)
    parser.add_argument("--run", default="", help="the id of a run that is to go on, or `new`")
    parser.add_argument("--where", default=defaults.where, help="which pictures: from=… to=… owner=…")
    parser.add_argument("--rate", type=int, default=defaults.rate, help="rows to change a second, at most")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done")
    parser.add_argument("--repair", action="store_true", help="repair what is found")
    parser.add_argument("--may-differ", action="store_true", help="the new index may find other pictures")
    parser.add_argument("--which", default=defaults.which, help="which facts: embedded or looks")
    return parser


def _log_beside_spark() -> None:
    """Have what the domain logs where Spark's own lines are: a terminal is for what the operator asked."""
    if name := os.environ.get(LOG_VARIABLE):
        stream = Path(name).open("a")  # noqa: SIM115  open until the end
        logger.registered_handler.setStream(stream)  # type: ignore[attr-defined]


def _say(text: str) -> None:
    print(f"{SAID}{text}", file=sys.stderr, flush=True)
