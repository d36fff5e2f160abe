"""Applications of EMR, as tests make them."""

from typing import Any

import boto3
from moto.emrserverless import models

ACCOUNT, REGION = "123456789012", "eu-central-1"


def add(state: str) -> tuple[Any, str]:
    """A client of EMR, and the id of an application that has started, with a job in that state."""
    emr = boto3.client("emr-serverless", region_name=REGION)
    # moto knows no newer label.
    made = emr.create_application(releaseLabel="emr-6.6.0", type="SPARK", clientToken="x")["applicationId"]
    role = f"arn:aws:iam::{ACCOUNT}:role/jobs"
    emr.start_job_run(applicationId=made, clientToken="y", executionRoleArn=role, name="rerender")
    models.emrserverless_backends[ACCOUNT][REGION].job_runs[made][0].state = state
    return emr, str(made)
