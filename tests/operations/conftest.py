"""AWS in memory, and a stage on it."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError
from botocore.stub import Stubber
from moto import mock_aws

from infra.stage_file import StageFile


class Stacks:
    """CloudFormation, as far as it describes stacks. (moto's needs packages that nothing else here does.)"""

    def __init__(self) -> None:
        # The account's plan, which moto does not know; None where AWS does not tell.
        self.plan: str | None = "PAID"
        self.described: dict[str, dict[str, Any]] = {}
        # Of the stack of `trial`: types and physical ids.
        self.resources: list[tuple[str, str]] = []
        self.is_protected = True
        # What cannot be deleted, with the reason.
        self.failures: dict[str, str] = {}
        # The changes of the next change set, and those of all that are prepared, by name.
        self.changes: list[dict[str, Any]] = []
        self.change_sets: dict[str, list[dict[str, Any]]] = {}

    def set(self, status: str = "CREATE_COMPLETE", **outputs: str) -> None:
        """Have a stack of the stage `trial`."""
        self.described["Stockroom-trial"] = {
            "StackStatus": status,
            "Outputs": [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()],
        }

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        if StackName not in self.described:
            message = f"Stack with id {StackName} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks")
        return {"Stacks": [self.described[StackName]]}

    def update_termination_protection(
        self,
        *,
        StackName: str,  # noqa: N803
        EnableTerminationProtection: bool,  # noqa: N803
    ) -> None:
        assert StackName in self.described
        self.is_protected = EnableTerminationProtection

    def delete_stack(self, *, StackName: str) -> None:  # noqa: N803
        assert not self.is_protected
        if not self.failures:
            del self.described[StackName]

    def get_waiter(self, name: str) -> Any:
        assert name == "stack_delete_complete"
        return self

    def wait(self, *, StackName: str, **_: Any) -> None:  # noqa: N803
        if StackName in self.described:
            raise WaiterError("StackDeleteComplete", "DELETE_FAILED", {})

    def describe_stack_events(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        assert StackName in self.described
        return {
            "StackEvents": [
                {"LogicalResourceId": "Vpc", "ResourceStatus": "DELETE_COMPLETE"},
                *(
                    {
                        "LogicalResourceId": name,
                        "ResourceStatus": "DELETE_FAILED",
                        "ResourceStatusReason": why,
                    }
                    for name, why in self.failures.items()
                ),
            ]
        }

    def get_paginator(self, operation: str) -> Any:
        pages = {"describe_change_set": self._list_changes, "list_stack_resources": self._list_resources}
        return SimpleNamespace(paginate=pages[operation])

    def _list_changes(self, *, StackName: str, ChangeSetName: str) -> list[dict[str, Any]]:  # noqa: N803
        """Two pages, and one that is empty."""
        assert StackName == "Stockroom-trial"
        if ChangeSetName not in self.change_sets:
            raise ClientError({"Error": {"Code": "ChangeSetNotFound"}}, "DescribeChangeSet")
        changes = self.change_sets[ChangeSetName]
        return [{"Changes": changes[:1]}, {"Changes": changes[1:]}, {}]

    def _list_resources(self, *, StackName: str) -> list[dict[str, Any]]:  # noqa: N803
        """A page for each resource."""
        assert StackName in self.described
        return [
            {
                "StackResourceSummaries": [
                    {"ResourceType": kind, "PhysicalResourceId": name, "ResourceStatus": "CREATE_COMPLETE"}
                ]
            }
            for kind, name in self.resources
        ]

    def delete_change_set(self, *, StackName: str, ChangeSetName: str) -> None:  # noqa: N803
        assert StackName == "Stockroom-trial"
        self.change_sets.pop(ChangeSetName, None)


def _answer_plan(client: Any, plan: str | None) -> Any:
    """The client, whose only answer is this plan."""
    stubber = Stubber(client)
    if plan is None:
        stubber.add_client_error("get_account_plan_state", "AccessDeniedException")
    else:
        answer = {"accountId": "123456789012", "accountPlanType": plan, "accountPlanStatus": "ACTIVE"}
        stubber.add_response("get_account_plan_state", answer, {})
    stubber.activate()
    return client


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stacks]:
    """An empty account, 123456789012, and its stacks."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    stacks = Stacks()
    make_client = boto3.Session.client

    def client(session: boto3.Session, service: str, *arguments: Any, **options: Any) -> Any:
        if service == "cloudformation":
            return stacks
        made = make_client(session, service, *arguments, **options)
        return _answer_plan(made, stacks.plan) if service == "freetier" else made

    monkeypatch.setattr(boto3.Session, "client", client)
    with mock_aws():
        yield stacks


@pytest.fixture
def stage() -> StageFile:
    return StageFile(name="trial", region="eu-central-1", visibility="public", account="123456789012")
