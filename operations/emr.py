"""EMR Serverless, on which a stage runs its batch jobs.

The stack has the application, the role and the packed environment (infra/jobs.py). All else that a job needs
to know is what the deployed function `resize` knows: its renditions are those of the jobs, too.
"""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.rds_authorities import RDS_AUTHORITIES
from infra.stage_file import StageFile
from jobs import progress, report
from jobs.results import PREFIX
from operations.job_application import UNDER_WAY, Attempt, list_runs
from operations.stack import read_outputs
from stockroom.runtime.accounts import JOBS
from tooling.errors import ToolError

ENVIRONMENT = "environment"
"""The folder of a worker in which Spark unpacks the packed environment."""
PYTHON = f"./{ENVIRONMENT}/bin/python"
DRIVER_PROCESSORS = 2
EXECUTOR_PROCESSORS = 4
AUDIT_PROCESSORS = 2
"""Workers of the audit ask the database, where jobs have five connections. The driver takes two of them."""
CONNECTIONS = {
    "rerender": 3,
    "facts": 2,
    "cleanup": 2,
    "audit": 2 + AUDIT_PROCESSORS,
    "reindex": 5,
    "check": 1,
}
"""Connections to the database that a job has at once. Each has those of its driver and of its lease;
`rerender` that of the thread that moves rows, `audit` those of its workers, `reindex` three for a rebuild.
"""
HEAP_GB = 2
OVERHEAD_GB = 6
"""What Python and libvips have beside the heap of Java: a decoder may take 1
(stockroom/renditions/sandbox/decoder.py), and an executor has four. With four processors EMR has no worker
below 8."""
MAX_MINUTES = 7 * 24 * 60
"""EMR ends a run after so long, and without this after 12 hours. A run that was ended can go on."""
PATIENCE = {
    # Of infra/functions.py, for what meets a database that was paused for a day.
    "STOCKROOM_DB_CONNECT_SECONDS": "90",
    "STOCKROOM_DB_RETRY_SECONDS": "90",
    "STOCKROOM_DB_STATEMENT_SECONDS": "120",
}
STOP_SECONDS = 60
"""So long has a driver that is stopped to let go of its run. Otherwise EMR ends a batch job at once."""
LOGS = f"{PREFIX}logs/"
DRY_RUN = "-dry-run"
"""Ends the name that a dry run has on EMR."""


class Service:
    """The jobs of one stage."""

    def __init__(self, stage: StageFile, session: boto3.Session) -> None:
        self._stage = stage
        self._session = session
        self._outputs = read_outputs(stage, session)
        if "JobsApplication" not in self._outputs:
            raise ToolError(
                f"the stage {stage.name} has nothing to run jobs on: choose job_processors in "
                f"stages/{stage.name}.toml and deploy it (docs/jobs.md)"
            )
        self._application = self._outputs["JobsApplication"]
        self._bucket = self._outputs["UploadsBucket"]
        self._emr = session.client("emr-serverless")
        self._s3 = session.client("s3")

    def find(self, job: str) -> Attempt | None:
        """The attempt at a job that is under way."""
        for attempt in list_runs(self._emr, self._application, UNDER_WAY):
            if attempt.job == job:
                return attempt
        return None

    def start(self, job: str, arguments: Sequence[str], name: str) -> Attempt:
        """Start a job with the arguments of `python -m jobs JOB`, by a name at which it is found again.

        Raises ToolError where jobs that are under way leave it too few connections to the database: it would
        wait for them for 90 seconds, and fail.
        """
        others = [each.job for each in list_runs(self._emr, self._application, UNDER_WAY)]
        left = JOBS.connections - sum(_count_connections(other) for other in others)
        if _count_connections(name) > left:
            raise ToolError(
                f"{name} takes {_count_connections(name)} connections to the database, and of the "
                f"{JOBS.connections} of jobs {left} are left beside {' and '.join(others)}: "
                f"start {name} when that has ended"
            )
        answer = self._emr.start_job_run(
            applicationId=self._application,
            # The same one for all of botocore's attempts: an answer that is lost starts no second run.
            clientToken=str(uuid.uuid4()),
            executionRoleArn=self._outputs["JobsRole"],
            name=name,
            executionTimeoutMinutes=MAX_MINUTES,
            jobDriver={
                "sparkSubmit": {
                    "entryPoint": self._outputs["JobsProgram"],
                    "entryPointArguments": [job, *arguments],
                }
            },
            configurationOverrides={
                "applicationConfiguration": [
                    {"classification": "spark-defaults", "properties": self._make_properties(job)}
                ],
                "monitoringConfiguration": {
                    "s3MonitoringConfiguration": {"logUri": f"s3://{self._bucket}/{LOGS}"},
                    # A bucket of AWS's own, to which the network does not lead.
                    "managedPersistenceMonitoringConfiguration": {"enabled": False},
                },
            },
        )
        return self._read(answer["jobRunId"])

    def stop(self, job: str) -> bool:
        """Whether a job was under way, which is stopped."""
        attempt = self.find(job)
        if attempt is None:
            return False
        # EMR gives time to a job that is running alone: another one has no driver yet.
        is_running = self.describe(attempt)["state"] == "RUNNING"
        grace = {"shutdownGracePeriodInSeconds": STOP_SECONDS} if is_running else {}
        self._emr.cancel_job_run(applicationId=self._application, jobRunId=attempt.id, **grace)
        return True

    def describe(self, attempt: Attempt) -> dict[str, Any]:
        """What EMR says of an attempt: its state, and what it has used."""
        answer: dict[str, Any] = self._emr.get_job_run(applicationId=self._application, jobRunId=attempt.id)[
            "jobRun"
        ]
        return answer

    def find_run(self, attempt: Attempt) -> str | None:
        """The id of the run whose progress was written since the attempt began; the newest one."""
        found: list[tuple[datetime, str]] = []
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{PREFIX}{attempt.job}/", Delimiter="/"
        )
        # S3 tells the second of a change, and EMR the millisecond.
        since = attempt.created_at.replace(microsecond=0)
        for folder in (each["Prefix"] for page in pages for each in page.get("CommonPrefixes", ())):
            written = self._written_at(f"{folder}{progress.NAME}")
            if written is not None and written >= since:
                found.append((written, folder.removeprefix(f"{PREFIX}{attempt.job}/").rstrip("/")))
        return max(found)[1] if found else None

    def read_progress(self, job: str, run: str) -> progress.Progress | None:
        """How far a run is, as its driver has written it last."""
        content = self._read_object(f"{PREFIX}{job}/{run}/{progress.NAME}")
        return progress.decode(content) if content else None

    def read_report(self, job: str, run: str) -> bytes | None:
        """The page about a run that has ended."""
        return self._read_object(f"{PREFIX}{job}/{run}/{report.NAME}")

    def read_log(self, attempt: Attempt, stream: str) -> str | None:
        """What the driver has written to `stdout` or `stderr`."""
        key = f"{LOGS}applications/{self._application}/jobs/{attempt.id}/SPARK_DRIVER/{stream}.gz"
        content = self._read_object(key)
        return None if content is None else gzip.decompress(content).decode(errors="replace")

    def _read(self, attempt_id: str) -> Attempt:
        run = self._emr.get_job_run(applicationId=self._application, jobRunId=attempt_id)["jobRun"]
        return Attempt(run["name"], attempt_id, run["createdAt"])

    def _make_properties(self, job: str) -> dict[str, str]:
        of_driver = {
            **self._read_variables(),
            **PATIENCE,
            "STOCKROOM_DB_USER": JOBS.name,
            "STOCKROOM_DB_CA": f"./{ENVIRONMENT}/{RDS_AUTHORITIES.name}",
        }
        if job == "audit":
            processors, executors, of_executor = AUDIT_PROCESSORS, 1, of_driver
        else:
            processors = EXECUTOR_PROCESSORS
            executors = ((self._stage.job_processors or 0) - DRIVER_PROCESSORS) // EXECUTOR_PROCESSORS
            # An executor asks storage alone.
            of_executor = {
                name: value for name, value in of_driver.items() if not name.startswith("STOCKROOM_DB_")
            }
        return {
            "spark.archives": f"{self._outputs['JobsEnvironment']}#{ENVIRONMENT}",
            "spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON": PYTHON,
            "spark.emr-serverless.driverEnv.PYSPARK_PYTHON": PYTHON,
            "spark.executorEnv.PYSPARK_PYTHON": PYTHON,
            "spark.driver.cores": str(DRIVER_PROCESSORS),
            "spark.driver.memory": f"{HEAP_GB}g",
            "spark.driver.memoryOverhead": f"{OVERHEAD_GB}g",
            "spark.executor.cores": str(processors),
            "spark.executor.memory": f"{HEAP_GB}g",
            "spark.executor.memoryOverhead": f"{OVERHEAD_GB}g",
            # Of these two and the minimum, Spark begins with the largest, and refuses to begin where that is
            # above the maximum. EMR's own default is three for each.
            "spark.executor.instances": "1",
            "spark.dynamicAllocation.initialExecutors": "1",
            "spark.dynamicAllocation.maxExecutors": str(max(1, executors)),
            # Otherwise Spark may look for tables in Glue, to which the network does not lead.
            "spark.sql.catalogImplementation": "in-memory",
            **{f"spark.emr-serverless.driverEnv.{name}": value for name, value in of_driver.items()},
            **{f"spark.executorEnv.{name}": value for name, value in of_executor.items()},
        }

    def _read_variables(self) -> dict[str, str]:
        """The settings of the function `resize`, and what an SDK needs in a worker of EMR."""
        configuration = self._session.client("lambda").get_function_configuration(
            FunctionName=self._outputs["ResizeFunction"]
        )
        variables: Mapping[str, str] = configuration["Environment"]["Variables"]
        return {
            **{
                name: value
                for name, value in variables.items()
                # Spark has no use for a property without a value; a setting without one has its default.
                if value and name.startswith(("STOCKROOM_", "POWERTOOLS_"))
            },
            "POWERTOOLS_SERVICE_NAME": "jobs",
            "AWS_REGION": self._stage.region,
            "AWS_DEFAULT_REGION": self._stage.region,
        }

    def _written_at(self, key: str) -> datetime | None:
        try:
            written: datetime = self._s3.head_object(Bucket=self._bucket, Key=key)["LastModified"]
        except ClientError as error:
            if _is_absent(error):
                return None
            raise
        return written

    def _read_object(self, key: str) -> bytes | None:
        try:
            content: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if _is_absent(error):
                return None
            raise
        return content


def _is_absent(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in {"NoSuchKey", "404"}


def _count_connections(name: str) -> int:
    """Connections of a job of EMR, by its name. A dry run only asks how much there is to do."""
    return 1 if name.endswith(DRY_RUN) else CONNECTIONS.get(name, 0)
