"""The jobs on a real Spark, in local mode: one for all tests of this module, as it takes seconds to start."""

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest

import jobs.run
from jobs import check, waves
from jobs.errors import JobError
from jobs.run import Parameters, run_job
from jobs.spark import LOG_VARIABLE, spread, start_context
from local import emulator
from local.jobs import spark_environment
from local.layout import Layout
from stockroom.images.storage import Storage
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from tests.emulators import run_emulator
from tests.jobs.archive import VERSION, Archive
from tests.jobs.executors import divide, render_and_die
from tests.renditions.images import photo_of
from tests.servers import BUCKETS, Server
from tooling import ROOT

# Spark leaves its sockets to the garbage collector.
pytestmark = [pytest.mark.filterwarnings("ignore::ResourceWarning"), pytest.mark.thorough]


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    """An S3 that other processes reach, too."""
    with run_emulator(tmp_path_factory.mktemp("jobs")) as layout:
        for bucket in BUCKETS.values():
            emulator.client(layout, "s3").create_bucket(Bucket=bucket)
        yield layout


@pytest.fixture(scope="module")
def context(layout: Layout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Spark, whose workers have the environment that this process has now."""
    scratch = tmp_path_factory.mktemp("spark")
    environment = {
        **emulator.credentials(layout),
        **BUCKETS,
        **spark_environment(str(scratch)),
        "AWS_ENDPOINT_URL": emulator.endpoint(layout),
        "STOCKROOM_RENDITION_VERSION": str(VERSION),
        "PYTHONPATH": str(ROOT),
        LOG_VARIABLE: str(scratch / "spark.log"),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        context = start_context("tests")
        yield context
        gateway = context._gateway  # it has no other name
        context.stop()
        # Else its threads go on in this process until its end.
        gateway.shutdown()
        gc.collect()


@pytest.fixture
def archive(
    context: Any, layout: Layout, mariadb: Server, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Archive:
    settings = mariadb.settings(rendition_version=VERSION)
    parts = Resources(settings=settings, db=database, storage=Storage(settings))
    monkeypatch.setattr(jobs.run, "resources", lambda: parts)
    monkeypatch.setattr(jobs.run, "start_context", lambda _name: context)
    # The next test needs it, too.
    monkeypatch.setattr(context, "stop", lambda: None)
    return Archive(parts, emulator.client(layout, "s3"))


def test_an_archive_is_rendered_though_a_worker_is_killed(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One task: its second half is rendered by the worker of its second attempt.
    pictures = archive.add(4)
    (broken,) = archive.add(1, photo_of("jpeg")[:3000])
    monkeypatch.setattr(waves, "render_task", render_and_die)
    line = archive.rerender()
    assert "5 of 5 pictures: 4 done, 1 failed, 0 skipped" in line
    assert archive.versions() == dict.fromkeys(pictures, 2) | {broken: 1}
    results = archive.results()
    workers = [results[image_id].worker for image_id in pictures]
    assert (len(set(workers[:2])), len(set(workers[2:])), len(set(workers))) == (1, 1, 2)
    assert {results[image_id].outcome for image_id in pictures} == {"rendered"}


def test_the_workers_can_do_what_jobs_need(archive: Archive) -> None:
    line = run_job(check.JOB, Parameters(), "", archive.lines.append)
    assert line.startswith(f"{os.cpu_count()} workers can read both buckets and decode (Spark 4.0.")


def test_a_task_that_fails_each_time_is_explained_in_a_line(context: Any) -> None:
    with pytest.raises(JobError, match=r"failed several times: .*ZeroDivisionError"):
        spread(context, [0], divide)
