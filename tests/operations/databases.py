"""Databases in an account in memory, as a stack has them."""

import json
from collections.abc import Callable
from typing import Any

import boto3

from tests.operations.conftest import Stacks

REGION = "eu-central-1"
FIRST_PASSWORD = "of-the-first-deployment"


def rds() -> Any:
    return boto3.client("rds", region_name=REGION)


def secrets() -> Any:
    return boto3.client("secretsmanager", region_name=REGION)


def add_aurora(stacks: Stacks) -> str:
    """Give the stack of `trial` a cluster with one instance; the ARN of the secret."""
    rds().create_db_cluster(
        DBClusterIdentifier="aurora",
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword=FIRST_PASSWORD,
        DeletionProtection=False,
    )
    rds().create_db_instance(
        DBInstanceIdentifier="writer",
        DBClusterIdentifier="aurora",
        DBInstanceClass="db.serverless",
        Engine="aurora-mysql",
    )
    return _add_resources(stacks, ("AWS::RDS::DBCluster", "aurora"), ("AWS::RDS::DBInstance", "writer"))


def add_instance(stacks: Stacks) -> str:
    """Give the stack of `trial` an instance; the ARN of the secret."""
    rds().create_db_instance(
        DBInstanceIdentifier="small",
        DBInstanceClass="db.t4g.small",
        Engine="mysql",
        MasterUsername="admin",
        MasterUserPassword=FIRST_PASSWORD,
        AllocatedStorage=20,
        DeletionProtection=False,
    )
    return _add_resources(stacks, ("AWS::RDS::DBInstance", "small"))


ADD: dict[str, Callable[[Stacks], str]] = {"aurora": add_aurora, "small": add_instance}
"""By the name of the server, what adds it."""


def is_protected(server: str) -> bool:
    if server == "aurora":
        return bool(
            rds().describe_db_clusters(DBClusterIdentifier=server)["DBClusters"][0]["DeletionProtection"]
        )
    return bool(
        rds().describe_db_instances(DBInstanceIdentifier=server)["DBInstances"][0]["DeletionProtection"]
    )


def list_servers() -> set[str]:
    clusters = rds().describe_db_clusters()["DBClusters"]
    instances = rds().describe_db_instances()["DBInstances"]
    return {each["DBClusterIdentifier"] for each in clusters} | {
        each["DBInstanceIdentifier"] for each in instances
    }


def list_snapshots() -> set[str]:
    """The snapshots that were asked for."""
    clusters = rds().describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
    instances = rds().describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    return {each["DBClusterSnapshotIdentifier"] for each in clusters} | {
        each["DBSnapshotIdentifier"] for each in instances
    }


def _add_resources(stacks: Stacks, *servers: tuple[str, str]) -> str:
    content = {"username": "admin", "password": FIRST_PASSWORD, "host": "here"}
    secret = str(secrets().create_secret(Name="admin", SecretString=json.dumps(content))["ARN"])
    stacks.set()
    stacks.resources = [
        ("AWS::SecretsManager::Secret", "of-the-cdn"),
        ("AWS::SecretsManager::SecretTargetAttachment", secret),
        *servers,
    ]
    return secret
