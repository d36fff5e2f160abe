"""EMR's application, on which a stage runs its batch jobs: what runs there, and how it comes to rest."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import boto3

from tooling.errors import ToolError

UNDER_WAY = ("SUBMITTED", "PENDING", "SCHEDULED", "QUEUED", "RUNNING")
AT_REST = ("CREATED", "STOPPED", "TERMINATED")
"""In these states EMR lets an application be changed or deleted. It stops five minutes after its last job."""
STOP_SECONDS = 300
POLL_SECONDS = 5


@dataclass(frozen=True)
class Attempt:
    """A job as EMR runs it. A run that was killed goes on as another one of these."""

    job: str
    id: str
    created_at: datetime


def list_runs(emr: Any, application: str, states: Sequence[str]) -> Iterator[Attempt]:
    """The attempts of an application that are in one of these states."""
    pages = emr.get_paginator("list_job_runs").paginate(applicationId=application, states=list(states))
    for each in (run for page in pages for run in page["jobRuns"]):
        yield Attempt(each.get("name", ""), each["id"], each["createdAt"])


def stop(session: boto3.Session, application: str) -> None:
    """Stop an application, and wait until it has stopped. Raises ToolError while a job is under way."""
    emr = session.client("emr-serverless")
    deadline = time.monotonic() + STOP_SECONDS
    while (state := _read_state(emr, application)) not in AT_REST:
        if jobs := [run.job for run in list_runs(emr, application, (*UNDER_WAY, "CANCELLING"))]:
            raise ToolError(f"a job is under way ({', '.join(jobs)}): wait for it, or `make stop-job`")
        if time.monotonic() > deadline:
            raise ToolError(f"EMR's application {application} does not stop: it is {state}")
        if state == "STARTED":
            emr.stop_application(applicationId=application)
        time.sleep(POLL_SECONDS)


def _read_state(emr: Any, application: str) -> str:
    try:
        return str(emr.get_application(applicationId=application)["application"]["state"])
    except emr.exceptions.ResourceNotFoundException:
        return "TERMINATED"
