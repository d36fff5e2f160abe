"""Batch jobs of a stage: how they are started, followed, interrupted and stopped."""

import gzip
import io
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from moto.emrserverless import models
from moto.s3.models import s3_backends

from infra.stage_file import StageFile
from jobs import reindex
from jobs.command_line import JOBS as JOB_NAMES
from jobs.printing import END
from jobs.progress import Progress, encode
from operations import cli, emr, jobs
from operations.stack import open_session
from stockroom.runtime.accounts import JOBS
from tests.operations.conftest import Stacks
from tooling.errors import ToolError

ACCOUNT = "123456789012"
REGION = "eu-central-1"
BUCKET = "uploads-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/jobs"
VARIABLES = {
    "STOCKROOM_MAX_PIXELS": "9000000",
    "STOCKROOM_UPLOADS_BUCKET": BUCKET,
    "STOCKROOM_S3_ENDPOINT": "",
    "STOCKROOM_DB_HOST": "db.example",
    "STOCKROOM_DB_USER": "stockroom_ingest",
    "STOCKROOM_DB_CA": "/var/task/rds-ca.pem",
    "POWERTOOLS_METRICS_NAMESPACE": "Stockroom-trial",
}

# How many executors EMR Serverless has Spark begin with, where a job does not say otherwise.
EMR_DEFAULTS = {
    "spark.executor.instances": "3",
    "spark.dynamicAllocation.initialExecutors": "3",
    "spark.dynamicAllocation.minExecutors": "0",
}


class Emr:
    """What AWS does while an operator looks on: a step each time that the command waits."""

    def __init__(self, application: str) -> None:
        self.application = application
        self.s3 = boto3.client("s3", region_name=REGION)
        self.steps: Iterator[Callable[[], object]] = iter(())

    @property
    def runs(self) -> list[Any]:
        """The job runs that somebody has started, as moto has them."""
        found: list[Any] = models.emrserverless_backends[ACCOUNT][REGION].job_runs[self.application][1:]
        return found

    def play(self, *steps: Callable[[], object]) -> None:
        self.steps = iter(steps)

    def wait(self, _seconds: float) -> None:
        next(self.steps)()

    def begin(self, job: str) -> None:
        """Somebody else has started a job."""
        boto3.client("emr-serverless", region_name=REGION).start_job_run(
            applicationId=self.application, clientToken=job, executionRoleArn=ROLE, name=job
        )
        self.runs[-1].state = "RUNNING"

    def log(self, **logs: str) -> None:
        """EMR stores what the driver of the last run has printed so far, of both streams in `stdout`."""
        for stream, text in logs.items():
            folder = f"jobs/logs/applications/{self.application}/jobs/{self.runs[-1].id}/SPARK_DRIVER"
            self.put(f"{folder}/{stream}.gz", gzip.compress(text.encode()))

    def end(self, state: str = "SUCCESS", *, stdout: str | None = None) -> None:
        """The last run ends, and all that its driver has printed arrives."""
        run = self.runs[-1]
        if stdout is not None:
            self.log(stdout=f"{stdout}{END}\n")
        run.state, run.state_details = state, "as it says"
        run.billed_resource_utilization = {"vCPUHour": 1.25, "memoryGBHour": 3.5, "storageGBHour": 0.0}

    def put(self, key: str, content: bytes, *, age: timedelta = timedelta()) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=content)
        stored = s3_backends[ACCOUNT]["aws"].buckets[BUCKET].keys[key]
        stored.last_modified = datetime.now(UTC).replace(tzinfo=None) - age

    def tell(self, run: str, job: str = "rerender", *, age: timedelta = timedelta(), **counts: Any) -> None:
        """The driver writes how far it is."""
        told = Progress(job=job, run_id=run, **{"total": 10, **counts})
        self.put(f"jobs/{job}/{run}/progress.json", encode(told), age=age)


@pytest.fixture
def service(aws: Stacks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Emr:
    monkeypatch.setattr(models, "JOB_STATUS", "SUBMITTED")
    client = boto3.client("emr-serverless", region_name=REGION)
    # moto knows no newer label.
    application = client.create_application(releaseLabel="emr-6.6.0", type="SPARK", clientToken="x")
    made = Emr(application["applicationId"])
    # moto knows an application only once it has had a run.
    client.start_job_run(applicationId=made.application, clientToken="y", executionRoleArn=ROLE)
    models.emrserverless_backends[ACCOUNT][REGION].job_runs[made.application][0].state = "SUCCESS"
    made.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    aws.set(
        JobsApplication=made.application,
        JobsRole=ROLE,
        JobsEnvironment="s3://assets/environment.tgz",
        JobsProgram="s3://assets/program.py",
        UploadsBucket=BUCKET,
        ResizeFunction=_make_function(),
    )
    # Of this module alone: other threads of the process may sleep, too.
    clock = SimpleNamespace(sleep=made.wait, monotonic=time.monotonic)
    monkeypatch.setattr("operations.jobs.time", clock)
    monkeypatch.setattr(jobs, "REPORTS", tmp_path / "reports")
    return made


def _make_function() -> str:
    document = "{}"
    role = boto3.client("iam").create_role(RoleName="resize", AssumeRolePolicyDocument=document)["Role"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "")
    function = boto3.client("lambda", region_name=REGION).create_function(
        FunctionName="resize-1",
        Runtime="python3.13",
        Role=role["Arn"],
        Handler="app.handler",
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": VARIABLES},
    )
    return str(function["FunctionName"])


@pytest.fixture
def stage(stage: StageFile, monkeypatch: pytest.MonkeyPatch) -> StageFile:
    chosen = replace(stage, job_processors=64)
    monkeypatch.setattr(cli, "read_stage", lambda _: chosen)
    return chosen


def run(stage: StageFile, job: str = "rerender", arguments: Iterable[str] = ()) -> tuple[str, list[str]]:
    """What the driver has printed, and what was said meanwhile."""
    said: list[str] = []
    printed = jobs.run_job(stage, open_session(stage), job, list(arguments), said.append)
    return printed, said


def test_a_job_is_followed_until_its_report_is_here(
    service: Emr, stage: StageFile, capsys: pytest.CaptureFixture[str]
) -> None:
    def finish() -> None:
        service.tell("run-1", done=9, failed=1, is_finished=True)
        service.put("jobs/rerender/run-1/report.html", b"<p>all")
        logged = '{"level":"INFO","message":"original"}'
        service.end(stdout=f'» run run-1 begins\n{logged}\n9 pictures\n{{\n  "rows": 9\n}}\n')

    service.play(
        lambda: setattr(service.runs[0], "state", "RUNNING"),
        lambda: service.tell("run-1", done=3, failed=1, rate=2.5, seconds_left=2.4),
        finish,
    )
    printed, said = run(stage)
    # Without what the domain has logged in between, and without what the operator was told.
    assert printed == '9 pictures\n{\n  "rows": 9\n}\n'
    assert (jobs.REPORTS / "rerender-run-1.html").read_bytes() == b"<p>all"
    shown = capsys.readouterr().err
    assert "4 of 10 pictures: 3 done, 1 failed, 0 skipped; 2.5 pictures/s" in shown
    assert "2 s left" in shown
    # What a job that has come to its end says of itself comes once.
    assert "10 of 10 pictures" not in shown
    told = "\n".join(said)
    assert "rerender: running" in told
    assert "run run-1 begins" in said
    assert "1.25 vCPU-hours and 3.50 GB-hours" in told
    assert str(jobs.REPORTS) in told


def test_a_job_gets_the_settings_of_the_function_that_renders(service: Emr, stage: StageFile) -> None:
    service.play(lambda: service.end(stdout=""))
    run(stage, arguments=["--where", "owner=7"])
    (started,) = service.runs
    assert started.name == "rerender"
    assert started.execution_role_arn == ROLE
    assert started.execution_timeout_minutes == emr.MAX_MINUTES
    submitted = started.job_driver["sparkSubmit"]
    assert submitted["entryPoint"] == "s3://assets/program.py"
    assert submitted["entryPointArguments"] == ["rerender", "--where", "owner=7"]
    (configuration,) = started.configuration_overrides["applicationConfiguration"]
    assert configuration["classification"] == "spark-defaults"
    properties = configuration["properties"]
    # EMR takes no more (ConfigurationOverrides of its API).
    assert len(properties) <= 100
    assert all(properties.values())
    assert properties["spark.archives"] == "s3://assets/environment.tgz#environment"
    of_driver, of_executor = (
        {name.removeprefix(start): value for name, value in properties.items() if name.startswith(start)}
        for start in ("spark.emr-serverless.driverEnv.", "spark.executorEnv.")
    )
    for variables in (of_driver, of_executor):
        assert variables["STOCKROOM_MAX_PIXELS"] == "9000000"
        assert variables["STOCKROOM_UPLOADS_BUCKET"] == BUCKET
        assert variables["AWS_REGION"] == REGION
        assert variables["PYSPARK_PYTHON"] == "./environment/bin/python"
    assert of_driver["STOCKROOM_DB_HOST"] == "db.example"
    assert of_driver["STOCKROOM_DB_USER"] == "stockroom_jobs"
    assert of_driver["STOCKROOM_DB_CA"] == "./environment/rds-ca.pem"
    assert not [name for name in of_executor if name.startswith("STOCKROOM_DB_")]


def test_workers_fit_into_what_the_stage_allows(service: Emr, stage: StageFile) -> None:
    service.play(lambda: service.end(stdout=""))
    run(stage)
    (configuration,) = service.runs[0].configuration_overrides["applicationConfiguration"]
    chosen = configuration["properties"]
    executors = int(chosen["spark.dynamicAllocation.maxExecutors"])
    taken = int(chosen["spark.driver.cores"]) + executors * int(chosen["spark.executor.cores"])
    assert 64 - int(chosen["spark.executor.cores"]) < taken <= 64
    # What EMR Serverless offers for four and for two processors: whole gigabytes, 8 to 30 and 4 to 16.
    for worker in ("driver", "executor"):
        heap, overhead = (
            int(chosen[f"spark.{worker}.{part}"].removesuffix("g")) for part in ("memory", "memoryOverhead")
        )
        assert 8 <= heap + overhead <= 16


@pytest.mark.parametrize(("job", "processors"), [("rerender", 6), ("rerender", 13), ("audit", 64)])
def test_spark_begins_with_no_more_executors_than_it_may_have(
    service: Emr, stage: StageFile, job: str, processors: int
) -> None:
    service.play(lambda: service.end(stdout=""))
    run(replace(stage, job_processors=processors), job)
    (configuration,) = service.runs[0].configuration_overrides["applicationConfiguration"]
    chosen = EMR_DEFAULTS | configuration["properties"]
    # As SchedulerBackendUtils of Spark has it, which ends the program otherwise.
    first = max(int(chosen[name]) for name in EMR_DEFAULTS)
    assert first <= int(chosen["spark.dynamicAllocation.maxExecutors"])


def test_the_audit_takes_no_more_connections_than_jobs_have(service: Emr, stage: StageFile) -> None:
    service.play(lambda: service.end(stdout=""))
    run(stage, "audit")
    (configuration,) = service.runs[0].configuration_overrides["applicationConfiguration"]
    chosen = configuration["properties"]
    workers = int(chosen["spark.executor.cores"]) * int(chosen["spark.dynamicAllocation.maxExecutors"])
    of_driver = 2
    assert workers + of_driver <= JOBS.connections
    assert chosen["spark.executorEnv.STOCKROOM_DB_USER"] == "stockroom_jobs"
    assert chosen["spark.executorEnv.STOCKROOM_DB_CA"] == "./environment/rds-ca.pem"


def test_nothing_leaves_the_network_for_logs(service: Emr, stage: StageFile) -> None:
    service.play(lambda: service.end(stdout=""))
    run(stage)
    monitoring = service.runs[0].configuration_overrides["monitoringConfiguration"]
    assert monitoring == {
        "s3MonitoringConfiguration": {"logUri": f"s3://{BUCKET}/jobs/logs/"},
        "managedPersistenceMonitoringConfiguration": {"enabled": False},
    }


def test_who_looks_away_leaves_the_job_running_and_can_come_back(service: Emr, stage: StageFile) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    service.play(lambda: setattr(service.runs[0], "state", "RUNNING"), interrupt)
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        jobs.run_job(stage, open_session(stage), "cleanup", [], said.append)
    assert "`make rerender-cleanup STAGE=trial` follows it again" in said[-1]
    assert service.runs[0].state == "RUNNING"
    service.play(lambda: service.end(stdout="done\n"))
    printed, said = run(stage, "cleanup", ["--run", "x"])
    assert printed == "done\n"
    assert "nothing is started" in said[0]
    assert len(service.runs) == 1


def test_a_dry_run_is_not_taken_for_the_job_nor_the_job_for_it(service: Emr, stage: StageFile) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    service.play(lambda: setattr(service.runs[0], "state", "RUNNING"), interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(stage)
    service.play(lambda: setattr(service.runs[1], "state", "RUNNING"), interrupt)
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        jobs.run_job(stage, open_session(stage), "rerender", ["--dry-run"], said.append)
    assert "`make rerender DRY_RUN=1 STAGE=trial` follows it again" in said[-1]
    assert "JOB=rerender-dry-run" in said[-1]
    service.play(lambda: service.end(stdout="10 pictures\n"))
    printed, said = run(stage, arguments=["--dry-run"])
    assert printed == "10 pictures\n"
    assert "nothing is started" in said[0]
    assert [(each.name, each.state) for each in service.runs] == [
        ("rerender", "RUNNING"),
        ("rerender-dry-run", "SUCCESS"),
    ]


def test_another_job_may_run_at_the_same_time(service: Emr, stage: StageFile) -> None:
    service.begin("facts")
    service.play(lambda: service.end(stdout=""))
    run(stage)
    assert [each.name for each in service.runs] == ["facts", "rerender"]


def test_a_job_that_would_lack_connections_is_not_started(service: Emr, stage: StageFile) -> None:
    service.begin("reindex")
    with pytest.raises(ToolError, match=r"rerender takes 3 connections .* 0 are left beside reindex: start"):
        run(stage)
    assert [each.name for each in service.runs] == ["reindex"]


def test_it_is_known_of_every_job_how_many_connections_it_takes() -> None:
    assert emr.CONNECTIONS.keys() == set(JOB_NAMES)
    assert emr.CONNECTIONS["reindex"] == reindex.MAX_PROCESSES + 3
    assert max(emr.CONNECTIONS.values()) <= JOBS.connections


def test_progress_of_earlier_runs_is_not_taken_for_that_of_this_one(
    service: Emr, stage: StageFile, capsys: pytest.CaptureFixture[str]
) -> None:
    service.tell("run-1", done=10, age=timedelta(days=2))
    service.tell("run-2", done=1, age=timedelta(days=1))
    service.play(
        lambda: setattr(service.runs[0], "state", "RUNNING"),
        # A run that was killed goes on, although there is a newer one.
        lambda: service.tell("run-1", done=5),
        lambda: service.end(stdout=""),
    )
    run(stage)
    shown = [line for line in capsys.readouterr().err.splitlines() if " pictures:" in line]
    assert {line.partition(" pictures")[0] for line in shown} == {"rerender: 5 of 10"}


def test_a_job_that_fails_says_why(service: Emr, stage: StageFile) -> None:
    def arrive() -> None:
        service.log(stderr="INFO SparkContext: Successfully stopped\n" * 50)
        service.end(
            "FAILED", stdout="» run run-1 begins\n" + "line\n" * 50 + "rerender: it was this\x1b[2J\n"
        )

    # The log comes a moment after the end.
    service.play(lambda: service.end("FAILED"), arrive)
    with pytest.raises(ToolError) as caught:
        run(stage)
    message = str(caught.value)
    assert "rerender ended as FAILED" in message
    assert "as it says" in message
    assert "rerender: it was this" in message
    assert "\x1b" not in message
    assert message.count("line\n") == jobs.LAST_LINES - 1
    # What Spark has logged at its end would hide the reason.
    assert "SparkContext" not in message


def test_where_the_driver_has_said_nothing_spark_may_know_why(
    service: Emr, stage: StageFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "LOG_SECONDS", 0)

    def fail() -> None:
        service.log(stderr="line\n" * 50 + "AccessDenied: environment.tgz\n")
        service.end("FAILED")

    service.play(fail)
    with pytest.raises(ToolError, match=r"AccessDenied: environment\.tgz"):
        run(stage)


def test_a_log_that_emr_has_stored_before_the_end_is_read_again(service: Emr, stage: StageFile) -> None:
    def end() -> None:
        service.log(stdout="» run run-1 begins\n")
        service.end()

    service.play(end, lambda: service.end(stdout="» run run-1 begins\n9 pictures\n"))
    printed, _ = run(stage)
    assert printed == "9 pictures\n"


def test_a_log_that_never_comes_is_not_waited_for_without_end(
    service: Emr, stage: StageFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "LOG_SECONDS", 0)
    service.play(service.end)
    assert run(stage)[0] == ""
    service.play(lambda: service.tell("run-1", done=9, failed=1, is_finished=True), service.end)
    assert run(stage)[0].startswith("10 of 10 pictures: 9 done, 1 failed")


def test_a_job_can_be_stopped(service: Emr, stage: StageFile, capsys: pytest.CaptureFixture[str]) -> None:
    service.begin("rerender")
    assert cli.main(["stop-job", "--stage", stage.name, "--job", "facts"]) == 1
    assert service.runs[0].state == "RUNNING"
    assert cli.main(["stop-job", "--stage", stage.name, "--job", "rerender"]) == 0
    assert service.runs[0].state == "CANCELLED"
    assert "no run of 'facts' is under way" in capsys.readouterr().err


@pytest.mark.parametrize(("state", "time"), [("RUNNING", emr.STOP_SECONDS), ("PENDING", None)])
def test_a_driver_that_is_stopped_has_time_to_let_go_of_its_run(
    service: Emr, stage: StageFile, monkeypatch: pytest.MonkeyPatch, state: str, time: int | None
) -> None:
    boto3.client("emr-serverless", region_name=REGION).start_job_run(
        applicationId=service.application, clientToken="z", executionRoleArn=ROLE, name="rerender"
    )
    service.runs[0].state = state
    asked: list[dict[str, Any]] = []
    call = BaseClient._make_api_call

    def watch(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        if operation == "CancelJobRun":
            asked.append(arguments)
        return call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", watch)
    jobs.stop_job(stage, open_session(stage), "rerender")
    assert [each.get("shutdownGracePeriodInSeconds") for each in asked] == [time]


@pytest.mark.usefixtures("aws")
def test_a_stage_without_processors_for_jobs_says_how_to_have_some(aws: Stacks, stage: StageFile) -> None:
    aws.set(UploadsBucket=BUCKET)
    with pytest.raises(ToolError, match="choose job_processors in"):
        run(stage)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (
            ["rerender", "--where", "owner=7", "--run", "r", "--rate", "50", "--dry-run"],
            ["rerender", "--where", "owner=7", "--run", "r", "--rate", "50", "--dry-run"],
        ),
        (["rerender", "--where", "", "--run", "", "--rate", ""], ["rerender"]),
        (["rerender-cleanup", "--run", "r"], ["cleanup", "--run", "r"]),
        (["reindex"], ["reindex"]),
        (["audit", "--spark"], ["audit"]),
        (["audit", "--spark", "--repair", "--run", "r"], ["audit", "--run", "r", "--repair"]),
        (
            ["facts", "--where", "from=2026", "--which", "looks"],
            ["facts", "--where", "from=2026", "--which", "looks"],
        ),
        (["check-jobs"], ["check"]),
    ],
)
@pytest.mark.usefixtures("aws")
def test_each_command_is_a_job_with_its_arguments(
    command: list[str], expected: list[str], stage: StageFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []

    def run_job(_stage: object, _session: object, job: str, arguments: list[str], _say: object) -> str:
        started.append([job, *arguments])
        return ""

    monkeypatch.setattr(jobs, "run_job", run_job)
    name, *options = command
    assert cli.main([name, "--stage", stage.name, *options]) == 0
    assert started == [expected]


def test_the_run_of_a_job_means_nothing_to_the_functions(
    stage: StageFile, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["audit", "--stage", stage.name, "--repair", "--run", "r"]) == 1
    assert "give SPARK=1 with it" in capsys.readouterr().err
