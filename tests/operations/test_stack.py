"""A stage's stack, and whose credentials reach it."""

from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from infra.stage_file import StageFile
from operations import stack
from tests.operations.conftest import Stacks
from tooling.errors import ToolError


@pytest.mark.usefixtures("aws")
def test_a_session_is_in_the_region_of_the_stage(stage: StageFile) -> None:
    session = stack.open_session(stage)
    assert session.region_name == "eu-central-1"
    assert stack.read_account(session) == "123456789012"
    assert stack.open_session(replace(stage, account=None)).region_name == "eu-central-1"


@pytest.mark.usefixtures("aws")
def test_the_credentials_of_another_account_are_refused(stage: StageFile) -> None:
    with pytest.raises(
        ToolError, match=r"belongs to the account 111122223333, and your credentials are of 123456789012"
    ):
        stack.open_session(replace(stage, account="111122223333"))


def test_without_credentials_the_operator_is_told_to_sign_in(
    stage: StageFile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(ToolError, match="sign in to AWS first"):
        stack.open_session(stage)
    monkeypatch.setenv("AWS_PROFILE", "unheard-of")
    with pytest.raises(ToolError, match=r"unheard-of.*sign in to AWS first"):
        stack.open_session(stage)


def test_a_stack_is_known_by_its_outputs(stage: StageFile, aws: Stacks) -> None:
    session = stack.open_session(stage)
    assert stack.find(aws, stage.stack_name) is None
    with pytest.raises(ToolError, match="not deployed: run `make deploy STAGE=trial`"):
        stack.read_outputs(stage, session)
    aws.set(Visibility="private")
    assert stack.find(aws, stage.stack_name) == stack.Deployed("CREATE_COMPLETE", {"Visibility": "private"})
    assert stack.read_outputs(stage, session) == {"Visibility": "private"}


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_a_stack_that_holds_nothing_is_none(stage: StageFile, aws: Stacks, status: str) -> None:
    aws.set(status)
    assert stack.find(aws, stage.stack_name) is None


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (NoCredentialsError(), "sign in to AWS first"),
        (ClientError({"Error": {"Code": "ExpiredToken"}}, "GetCallerIdentity"), "sign in to AWS first"),
        (ClientError({"Error": {"Code": "Throttling"}}, "DescribeStacks"), "Throttling"),
        (EndpointConnectionError(endpoint_url="https://nowhere"), "https://nowhere"),
    ],
)
def test_errors_of_aws_are_told_in_words(error: Exception, message: str) -> None:
    with pytest.raises(ToolError, match=message) as caught, stack.explained():
        raise error
    assert caught.value.__cause__ is error
