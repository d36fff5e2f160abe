"""Running a batch job on this machine, against a stack that runs; most of them on Spark."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from jobs import progress, report
from jobs.progress import Progress
from jobs.results import PREFIX
from local import emulator, mariadb
from local.layout import Layout
from operations.job_progress import follow
from stockroom.runtime.job_runs import LEASE_SECONDS
from tooling import ROOT
from tooling.errors import ToolError
from tooling.programs import find_java

PYTHON = ROOT / ".venv-jobs" / "bin" / "python"
OWN_PYTHON = ROOT / ".venv" / "bin" / "python"
WITHOUT_SPARK = ("reindex",)
"""Jobs that need nothing but what the functions need."""
ABSENT = "the AWS emulator does not answer, as while `make up` restarts it"
FUNCTION = "AuditFunction"
"""The output with the name of a function that reads both buckets and writes to the database, as jobs do."""


def run(layout: Layout, arguments: Sequence[str]) -> int:
    """Run `python -m jobs` with these arguments until it ends; its exit status. Raises ToolError.

    The terminal shows how far the job is. Its report, if it writes one, is copied into the data folder.
    """
    emulator.check_running(layout)
    mariadb.check_running(layout)
    began = time.time()
    with _make_scratch(layout.folder("spark")) as (scratch, lock):
        is_on_spark = arguments[0] not in WITHOUT_SPARK
        command = [str(PYTHON if is_on_spark else OWN_PYTHON), "-m", "jobs", *arguments]
        env = environment(layout, scratch) if is_on_spark else function_environment(layout, scratch)
        left = _Left(layout, arguments[0], since=began)
        with (
            _Terminator() as terminator,
            subprocess.Popen(command, cwd=ROOT, env=env, pass_fds=[lock]) as process,
        ):
            terminator.watch(process)
            try:
                follow(left.read_progress, lambda seconds: _has_ended(process, seconds))
            except KeyboardInterrupt:
                # The terminal has told the job, too, which releases its run.
                process.wait()
    left.copy_report()
    return _judge(layout, process.returncode)


@contextmanager
def _make_scratch(folder: Path) -> Iterator[tuple[str, int]]:
    """A folder for the files of one job, with the descriptor of its lock, which the driver is to inherit.

    The folder goes at the end of the block. Where this process is killed, the next job deletes the folder,
    as soon as the driver is gone, too.
    """
    with ExitStack() as held:
        with _locked(folder):
            for left in folder.iterdir():
                with suppress(BlockingIOError, FileNotFoundError), _locked(left, fcntl.LOCK_NB):
                    shutil.rmtree(left, ignore_errors=True)
            scratch = mkdtemp(dir=folder)
            held.callback(shutil.rmtree, scratch, ignore_errors=True)
            lock = held.enter_context(_locked(Path(scratch)))
        yield scratch, lock


@contextmanager
def _locked(folder: Path, flags: int = 0) -> Iterator[int]:
    """Holds the lock of a folder, until the end of the block and of all who inherit the descriptor."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | flags)
        yield lock
    finally:
        os.close(lock)


class _Terminator:
    """Hands a SIGTERM on to the driver, which would go on without anybody who waits for it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._is_told = False
        self._before: Any = None

    def __enter__(self) -> "_Terminator":
        # Before there is a driver: the signal may come at any moment.
        self._before = signal.signal(signal.SIGTERM, self._take)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self._before)

    def watch(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        if self._is_told:
            process.terminate()

    def _take(self, *_: object) -> None:
        # The driver is told once: it lets go of its run then, in which nothing may disturb it.
        if not self._is_told and self._process is not None:
            self._process.terminate()
        self._is_told = True


def _judge(layout: Layout, status: int) -> int:
    """The exit status of a job whose driver has ended so. A driver that was killed has said nothing."""
    if status >= 0:
        return status
    print(
        f"» the driver was ended by {signal.Signals(-status).name}; where nobody did that, memory was short. "
        f"The same command goes on with its run, {LEASE_SECONDS} seconds from now at the latest "
        f"({layout.log('spark')})",
        file=sys.stderr,
    )
    return 1


def _has_ended(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


class _Left:
    """What a run leaves in the bucket. `since` tells it from earlier runs, in seconds since 1970."""

    def __init__(self, layout: Layout, job: str, *, since: float) -> None:
        self._layout = layout
        self._job = job
        self._since = since
        self._client = emulator.client(layout, "s3")
        self._bucket = layout.outputs()["UploadsBucket"]
        self._run_id = ""

    def read_progress(self) -> Progress | None:
        """How far the run is; None while that is not known. `make up` may restart the emulator meanwhile."""
        try:
            return self._read_newest_progress()
        except (BotoCoreError, ClientError):
            return None

    def _read_newest_progress(self) -> Progress | None:
        answer = self._client.list_objects_v2(
            Bucket=self._bucket, Prefix=f"{PREFIX}{self._job}/", Delimiter="/"
        )
        # The newest run: an older one that has not ended would not have let it begin.
        for folder in [item["Prefix"] for item in answer.get("CommonPrefixes", ())][-1:]:
            content = self._read(folder + progress.NAME)
            read = progress.decode(content) if content else None
            if read is not None and read.updated >= self._since * 1000:
                self._run_id = read.run_id
                return read
        return None

    def copy_report(self) -> None:
        """Have the page of the run where a browser opens it."""
        name = f"{PREFIX}{self._job}/{self._run_id}/{report.NAME}"
        try:
            content = self._read(name) if self._run_id else None
        except (BotoCoreError, ClientError):
            print(f"» the report is not copied, as {ABSENT}: {name}", file=sys.stderr)
            return
        if content is not None:
            path = self._layout.folder("reports") / f"{self._job}-{self._run_id}.html"
            path.write_bytes(content)
            print(f"» the report is {path}", file=sys.stderr)

    def _read(self, key: str) -> bytes | None:
        try:
            return bytes(self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read())
        except self._client.exceptions.NoSuchKey:
            return None


def environment(layout: Layout, scratch: str) -> dict[str, str]:
    """The environment of a job: that of a deployed function, and how Spark starts. Raises ToolError."""
    return {
        **function_environment(layout, scratch),
        **spark_environment(scratch),
        "SPARK_LOG_FILE": str(layout.log("spark")),
    }


def function_environment(layout: Layout, scratch: str) -> dict[str, str]:
    """The environment of a deployed function, so that a job has the settings of the functions.

    Raises ToolError where the emulator does not answer.
    """
    client = emulator.client(layout, "lambda")
    try:
        function = client.get_function_configuration(FunctionName=layout.outputs()[FUNCTION])
    except (BotoCoreError, ClientError) as error:
        raise ToolError(f"{ABSENT}: start the job when that is over") from error
    endpoint = emulator.endpoint(layout)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TERM", "COLUMNS") if name in os.environ}
    return {
        **kept,
        **function["Environment"]["Variables"],
        **emulator.credentials(layout),
        "AWS_REGION": emulator.REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "HOME": str(layout.data),
        "PYTHONPATH": str(ROOT),
        "TMPDIR": scratch,
    }


def spark_environment(scratch: str) -> dict[str, str]:
    """What has Spark run on this machine alone, and write to one folder. Raises ToolError without Java."""
    java = find_java()
    if java is None:
        raise ToolError("Spark needs Java 17 or 21: run `make setup-jobs`")
    return {
        "JAVA_HOME": str(java),
        "PYSPARK_PYTHON": str(PYTHON),
        "SPARK_CONF_DIR": str(ROOT / "jobs" / "spark_conf"),
        "SPARK_LOCAL_DIRS": scratch,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "TMPDIR": scratch,
    }
