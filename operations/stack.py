"""A stage's stack as it is deployed: whose account it is in, how it is, and what its outputs are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from infra.stage_file import StageFile
from tooling.errors import ToolError

# In these states CloudFormation knows a stack that holds no library: at most what a failed creation has left.
EMPTY = {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_COMPLETE"}
SIGN_IN = "sign in to AWS first, for example by `aws sso login`, and choose a profile by AWS_PROFILE"
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}


@dataclass(frozen=True)
class Deployed:
    """A stack that holds resources."""

    status: str
    outputs: Mapping[str, str]


def open_session(stage: StageFile) -> boto3.Session:
    """The operator's credentials, in the stage's region. Raises ToolError for other credentials than its own.

    The account that the file names is the only one that anything is done in.
    """
    with explained():
        session = boto3.Session(region_name=stage.region)
        account = read_account(session)
    if stage.account not in (None, account):
        raise ToolError(
            f"the stage {stage.name} belongs to the account {stage.account}, and your credentials are of "
            f"{account}: choose others (AWS_PROFILE), or change `account` in stages/{stage.name}.toml"
        )
    return session


def read_account(session: boto3.Session) -> str:
    """The account of the credentials."""
    return str(session.client("sts").get_caller_identity()["Account"])


def find(cloudformation: Any, name: str) -> Deployed | None:
    """The stack of this name, or None while there is none that holds anything."""
    with explained():
        try:
            (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            # CloudFormation has no code of its own for it.
            if "does not exist" in str(error):
                return None
            raise
    if stack["StackStatus"] in EMPTY:
        return None
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}
    return Deployed(stack["StackStatus"], outputs)


def read_outputs(stage: StageFile, session: boto3.Session) -> Mapping[str, str]:
    """The outputs of the stage's stack. Raises ToolError while it is not deployed."""
    deployed = find(session.client("cloudformation"), stage.stack_name)
    if deployed is None:
        raise ToolError(f"the stage {stage.name} is not deployed: run `make deploy STAGE={stage.name}`")
    return deployed.outputs


@contextmanager
def explained() -> Iterator[None]:
    """Turns errors of AWS inside the `with` block into ToolError, in words for the operator."""
    try:
        yield
    except (NoCredentialsError, ProfileNotFound, TokenRetrievalError, UnauthorizedSSOTokenError) as error:
        raise ToolError(f"{error}: {SIGN_IN}") from error
    except ClientError as error:
        hint = f": {SIGN_IN}" if error.response.get("Error", {}).get("Code") in EXPIRED else ""
        raise ToolError(f"{error}{hint}") from error
    except BotoCoreError as error:
        raise ToolError(str(error)) from error
