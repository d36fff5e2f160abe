"""What a deployment protects, and what lifts the protection."""

import json
from typing import Any

import boto3
import pytest

from operations import protection
from tests.operations import databases
from tests.operations.conftest import Stacks

STACK = "Stockroom-trial"


@pytest.fixture
def session(aws: Stacks) -> boto3.Session:  # noqa: ARG001  the session is of that account
    return boto3.Session(region_name=databases.REGION)


@pytest.mark.parametrize("server", databases.ADD)
def test_the_database_is_protected_and_its_first_password_is_worth_nothing(
    aws: Stacks, session: boto3.Session, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    secret = databases.ADD[server](aws)
    modified: list[dict[str, Any]] = []
    modify = protection.Server.modify

    def record(self: protection.Server, rds: Any, **changes: Any) -> None:
        modified.append(changes)
        modify(self, rds, **changes)

    monkeypatch.setattr(protection.Server, "modify", record)
    protection.protect(session, STACK)
    assert databases.is_protected(server)
    content = json.loads(databases.secrets().get_secret_value(SecretId=secret)["SecretString"])
    (changes,) = modified
    assert content == {"username": "admin", "password": changes["MasterUserPassword"], "host": "here"}
    assert content["password"] != databases.FIRST_PASSWORD
    assert len(content["password"]) >= 20


@pytest.mark.parametrize("server", databases.ADD)
def test_the_protection_can_be_lifted(aws: Stacks, session: boto3.Session, server: str) -> None:
    databases.ADD[server](aws)
    protection.protect(session, STACK)
    protection.release(session, STACK)
    assert not databases.is_protected(server)


@pytest.mark.parametrize(
    ("status", "is_protected"),
    [("ROLLBACK_COMPLETE", False), ("ROLLBACK_FAILED", False), ("CREATE_COMPLETE", True)],
)
def test_what_a_failed_first_deployment_leaves_can_be_deleted(
    aws: Stacks, session: boto3.Session, status: str, is_protected: bool
) -> None:
    aws.set(status)
    protection.release_failed_creation(session.client("cloudformation"), STACK)
    assert aws.is_protected == is_protected


def test_before_the_first_deployment_there_is_nothing_to_release(aws: Stacks, session: boto3.Session) -> None:
    protection.release_failed_creation(session.client("cloudformation"), STACK)
    assert aws.described == {}
