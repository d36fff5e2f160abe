"""What is left when the stack is deleted, or when its first deployment fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.template import Template, names

RETAINED = {"Retain", "RetainExceptOnCreate"}
# Where a retained resource may name what is deleted, as nothing holds the one for the other's sake: S3 keeps
# the address of a queue and the name of an origin as text, and an order of creation ends with the creation.
HARMLESS = {
    ("AWS::S3::Bucket", "NotificationConfiguration"),
    ("AWS::S3::Bucket", "CorsConfiguration"),
    ("AWS::S3::Bucket", "DependsOn"),
}
DATABASES = ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance")


def _retained(template: Template) -> dict[str, dict[str, Any]]:
    return {
        name: resource
        for name, resource in template.body["Resources"].items()
        if {resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")} & RETAINED
    }


def _references(resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The logical ids that a resource names, and where."""
    for place, value in resource.get("Properties", {}).items():
        yield from ((place, name) for name in names(value))
    yield from (("DependsOn", name) for name in resource.get("DependsOn", []))


def _databases(template: Template) -> list[dict[str, Any]]:
    """The clusters, and the instances that belong to none."""
    return [
        resource
        for resource in template.body["Resources"].values()
        if resource["Type"] in DATABASES and "DBClusterIdentifier" not in resource["Properties"]
    ]


@pytest.fixture(params=["aurora", "instance"])
def on_aws(request: pytest.FixtureRequest) -> Template:
    chosen = request.getfixturevalue(request.param)
    assert isinstance(chosen, Template)
    return chosen


def test_the_buckets_alone_outlive_the_stack(on_aws: Template) -> None:
    assert set(_retained(on_aws)) == set(on_aws.of_type("AWS::S3::Bucket"))


def test_nothing_that_is_kept_needs_what_is_deleted(on_aws: Template) -> None:
    retained = _retained(on_aws)
    dangling = {
        (resource["Type"], place, name)
        for resource in retained.values()
        for place, name in _references(resource)
        if name in on_aws.body["Resources"]
        and name not in retained
        and (resource["Type"], place) not in HARMLESS
    }
    assert dangling == set()


def test_a_first_deployment_that_fails_leaves_nothing(on_aws: Template) -> None:
    for resource in on_aws.body["Resources"].values():
        assert resource.get("DeletionPolicy") != "Retain"
        # What is protected cannot be deleted, not even by the rollback of its own creation.
        assert "DeletionProtection" not in resource.get("Properties", {})


def test_a_database_that_is_deleted_or_replaced_leaves_a_snapshot(on_aws: Template) -> None:
    (server,) = _databases(on_aws)
    assert server["DeletionPolicy"] == server["UpdateReplacePolicy"] == "Snapshot"


def test_what_only_a_database_uses_goes_with_it(on_aws: Template) -> None:
    for kind in ("RDS::DBSubnetGroup", "RDS::DBParameterGroup", "RDS::DBClusterParameterGroup", "EC2::VPC"):
        for name in on_aws.of_type(f"AWS::{kind}"):
            assert on_aws.body["Resources"][name].get("DeletionPolicy", "Delete") == "Delete"


def test_the_stack_itself_is_protected_on_aws_alone(on_aws: Template, local: Template) -> None:
    assert on_aws.manifest()["terminationProtection"] is True
    assert not local.manifest().get("terminationProtection")


def test_the_stack_has_tags_which_cloudformation_gives_to_its_resources(on_aws: Template) -> None:
    assert on_aws.manifest()["tags"] == {"project": "stockroom", "stage": "trial"}


def test_the_local_stack_leaves_nothing(local: Template) -> None:
    assert _retained(local) == {}


def test_no_log_outlives_the_stack(on_aws: Template) -> None:
    # Lambda itself would make a log group that belongs to no stack and never expires.
    logs = on_aws.of_type("AWS::Logs::LogGroup")
    kept = {
        name
        for name, function in on_aws.of_type("AWS::Lambda::Function").items()
        if not names(function.get("LoggingConfig", {}).get("LogGroup")) & set(logs)
    }
    assert kept == set()
    assert all(log["RetentionInDays"] == 90 for log in logs.values())
    assert all(on_aws.body["Resources"][name]["DeletionPolicy"] == "Delete" for name in logs)
