"""Running a stage's scheduled functions now, by the operator's credentials."""

from __future__ import annotations

import json
from typing import Any

import boto3
from botocore.config import Config

from infra.stage_file import StageFile
from operations.stack import explained, read_outputs
from tooling.errors import ToolError

# A function runs for up to 15 minutes without a byte on the way. A second attempt would be a second run.
PATIENT = Config(read_timeout=900, tcp_keepalive=True, retries={"total_max_attempts": 1})


def invoke(stage: StageFile, session: boto3.Session, output: str, event: dict[str, Any] | None = None) -> Any:
    """The answer of a function, by the name of the stack's output. Raises ToolError where it fails."""
    name = read_outputs(stage, session)[output]
    with explained():
        answer: Any = session.client("lambda", config=PATIENT).invoke(
            FunctionName=name, Payload=json.dumps(event or {}).encode()
        )
        result = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" in answer:
        raise ToolError(f"{name} failed, and its log says more: {json.dumps(result)}")
    return result
