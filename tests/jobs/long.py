"""Runs of `rerender` as an operator starts them, which are killed, disturbed and repeated: minutes.

`make test-long PARTS=jobs` runs these tests. Each pays for a Spark of its own.
"""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from local import emulator
from local.jobs import PYTHON, spark_environment
from local.layout import Layout
from stockroom.images.storage import Storage
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from tests.emulators import run_emulator
from tests.jobs.archive import VERSION, Archive
from tests.protocol.s3_proxy import Fault, S3Proxy
from tests.renditions.images import flat, photo_of
from tests.servers import BUCKETS, Server
from tooling import ROOT

PATIENCE_SECONDS = 600
FILLED_BYTES = 8_000_000
"""Three of these originals are a task, so that there are many tasks without many pictures."""


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    with run_emulator(tmp_path_factory.mktemp("jobs")) as layout:
        for bucket in BUCKETS.values():
            emulator.client(layout, "s3").create_bucket(Bucket=bucket)
        yield layout


class Operator:
    """Starts jobs on an archive."""

    def __init__(self, archive: Archive, environment: dict[str, str], scratch: Path) -> None:
        self.archive = archive
        self.environment = environment
        self._scratch = scratch
        self.errors = scratch / "errors"

    def start(self, **environment: str) -> "subprocess.Popen[str]":
        with self.errors.open("w") as errors:
            return subprocess.Popen(
                [PYTHON, "-m", "jobs", "rerender", "--rate", "10000"],
                cwd=ROOT,
                env=self.environment | environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def run(self, **environment: str) -> str:
        """What a run that comes to its end has printed."""
        with self.start(**environment) as job:
            printed, _ = job.communicate(timeout=PATIENCE_SECONDS)
        assert job.returncode == 0, self.errors.read_text()
        return printed

    def wait_for(self, is_so: Callable[[], bool], job: "subprocess.Popen[str]") -> None:
        """Wait until something is so, while a job runs."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert job.poll() is None, self.errors.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def count_parts(self) -> int:
        keys = self.archive.s3.list_objects_v2(Bucket=BUCKETS["STOCKROOM_UPLOADS_BUCKET"], Prefix="jobs/")
        return sum("/parts/" in item["Key"] for item in keys.get("Contents", ()))


@pytest.fixture
def operator(
    layout: Layout,
    mariadb: Server,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Operator:
    for name, value in {
        **emulator.credentials(layout),
        "AWS_ENDPOINT_URL": emulator.endpoint(layout),
    }.items():
        monkeypatch.setenv(name, value)
    environment = {
        "PATH": os.environ["PATH"],
        **mariadb.environment(mariadb.name),
        **BUCKETS,
        **emulator.credentials(layout),
        **spark_environment(str(tmp_path)),
        "AWS_ENDPOINT_URL": emulator.endpoint(layout),
        "STOCKROOM_RENDITION_VERSION": str(VERSION),
        "PYTHONPATH": str(ROOT),
        "SPARK_LOG_FILE": str(tmp_path / "spark.log"),
    }
    settings = mariadb.settings(rendition_version=VERSION)
    parts = Resources(settings=settings, db=database, storage=Storage(settings))
    s3 = emulator.client(layout, "s3")
    for bucket in BUCKETS.values():
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for item in page.get("Contents", ()):
                s3.delete_object(Bucket=bucket, Key=item["Key"])
    return Operator(Archive(parts, s3), environment, tmp_path)


def filled() -> bytes:
    """A photograph that is large for what there is in it."""
    return photo_of("jpeg", 600, 400) + secrets.token_bytes(FILLED_BYTES)


def add_filled(archive: Archive, count: int) -> list[int]:
    return [archive.add(1, filled())[0] for _ in range(count)]


def end_lease(operator: Operator) -> None:
    """What two minutes do."""
    operator.archive.resources.db.execute("UPDATE job_run SET lease_until = '2020-01-01'")


def test_a_killed_driver_leaves_no_process_and_its_run_goes_on(operator: Operator) -> None:
    pictures = add_filled(operator.archive, 24)
    job = operator.start()
    operator.wait_for(lambda: operator.count_parts() >= 2, job)
    family = psutil.Process(job.pid).children(recursive=True)
    job.kill()
    job.communicate()
    psutil.wait_procs(family, timeout=60)
    assert not [process for process in family if process.is_running() and process.status() != "zombie"]
    recorded = set(operator.archive.results())
    assert 0 < len(recorded) < len(pictures)
    end_lease(operator)
    assert "24 of 24 pictures: 24 done, 0 failed" in operator.run()
    # `results` refuses a picture that is recorded twice.
    results = operator.archive.results()
    assert results.keys() == set(pictures)
    assert {results[image_id].outcome for image_id in recorded} == {"rendered"}
    assert set(operator.archive.versions().values()) == {VERSION}


def test_the_second_of_two_runs_is_refused_and_the_first_is_not_disturbed(operator: Operator) -> None:
    add_filled(operator.archive, 9)
    first = operator.start()
    operator.wait_for(lambda: operator.count_parts() >= 1, first)
    with subprocess.Popen(
        [PYTHON, "-m", "jobs", "rerender"],
        cwd=ROOT,
        env=operator.environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as second:
        _, complaint = second.communicate()
    assert second.returncode == 1
    assert "is under way" in complaint
    printed, _ = first.communicate(timeout=PATIENCE_SECONDS)
    assert "9 of 9 pictures: 9 done" in printed


def test_ctrl_c_lets_go_of_the_run_at_once(operator: Operator) -> None:
    add_filled(operator.archive, 12)
    job = operator.start()
    operator.wait_for(lambda: operator.count_parts() >= 1, job)
    job.send_signal(signal.SIGINT)
    job.communicate(timeout=PATIENCE_SECONDS)
    assert job.returncode == 1
    assert "goes on with the run" in operator.errors.read_text()
    assert "12 of 12 pictures: 12 done" in operator.run()


def test_an_executor_that_is_lost_is_replaced(operator: Operator) -> None:
    """Executors are processes of their own here, as on a cluster."""
    pictures = add_filled(operator.archive, 24)
    cluster = "--master local-cluster[2,1,1024] pyspark-shell"
    job = operator.start(PYSPARK_SUBMIT_ARGS=cluster)
    operator.wait_for(lambda: operator.count_parts() >= 1, job)
    executors = [
        process
        for process in psutil.Process(job.pid).children(recursive=True)
        if "CoarseGrainedExecutorBackend" in " ".join(process.cmdline())
    ]
    assert len(executors) == 2
    executors[0].kill()
    printed, _ = job.communicate(timeout=PATIENCE_SECONDS)
    assert "24 of 24 pictures: 24 done, 0 failed" in printed, operator.errors.read_text()
    assert operator.archive.results().keys() == set(pictures)


def test_one_huge_picture_holds_up_none_of_the_small_ones(operator: Operator) -> None:
    small = operator.archive.add(200)
    (huge,) = operator.archive.add(1, flat(10_000, 10_000, 30, 60, 90).write_to_buffer(".jpg"))
    assert "201 of 201 pictures: 201 done" in operator.run()
    results = operator.archive.results()
    assert results.keys() == {*small, huge}


@pytest.mark.parametrize("fault", ["503", "answer lost", "cut body"])
@pytest.mark.parametrize("line", ["GET ", "PUT "])
def test_storage_on_a_bad_day_costs_time_alone(operator: Operator, line: str, fault: Fault) -> None:
    pictures = operator.archive.add(20)
    with S3Proxy(operator.environment["AWS_ENDPOINT_URL"], line, fault, times=15) as proxy:
        printed = operator.run(AWS_ENDPOINT_URL=proxy.url)
        assert proxy.left == 0
    assert "20 of 20 pictures: 20 done, 0 failed, 0 skipped" in printed
    assert operator.archive.versions() == dict.fromkeys(pictures, VERSION)
