"""What nobody shall do by accident: delete the stack, delete the database, use the administrator's password.

A deployment that has succeeded ends with `protect`. The template cannot protect the database by itself,
because CloudFormation cannot take back the creation of a protected one, and a first deployment may fail.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

# What a first deployment that has failed leaves. It holds nothing.
FAILED_CREATIONS = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
PASSWORD_CHARACTERS = 30


@dataclass(frozen=True)
class Server:
    """A stack's database server: a cluster, or an instance that belongs to none."""

    identifier: str
    is_cluster: bool
    # The ARN of the secret with the administrator's password.
    secret: str

    def modify(self, rds: Any, **changes: object) -> None:
        if self.is_cluster:
            rds.modify_db_cluster(DBClusterIdentifier=self.identifier, ApplyImmediately=True, **changes)
        else:
            rds.modify_db_instance(DBInstanceIdentifier=self.identifier, ApplyImmediately=True, **changes)


def protect(session: boto3.Session, stack: str) -> None:
    """Protect the stack's database from deletion, and give its administrator another password.

    The old password is in the configuration of `migrate`, where everybody reads it who may read the account's
    functions. `migrate` needed it once, to make the account that it signs in to since.
    """
    rds, secrets = session.client("rds"), session.client("secretsmanager")
    for server in find_servers(session.client("cloudformation"), stack):
        password = secrets.get_random_password(PasswordLength=PASSWORD_CHARACTERS, ExcludePunctuation=True)[
            "RandomPassword"
        ]
        content = json.loads(secrets.get_secret_value(SecretId=server.secret)["SecretString"])
        server.modify(rds, MasterUserPassword=password, DeletionProtection=True)
        secrets.put_secret_value(
            SecretId=server.secret, SecretString=json.dumps({**content, "password": password})
        )


def release(session: boto3.Session, stack: str) -> None:
    """Let the stack's database be deleted, which leaves a snapshot."""
    rds = session.client("rds")
    for server in find_servers(session.client("cloudformation"), stack):
        server.modify(rds, DeletionProtection=False)


def release_failed_creation(cloudformation: Any, stack: str) -> None:
    """Let the CDK delete what a first deployment has left that failed; it does so before it tries again."""
    try:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return
        raise
    if found["StackStatus"] in FAILED_CREATIONS:
        release_stack(cloudformation, stack)


def release_stack(cloudformation: Any, stack: str) -> None:
    """Let the stack be deleted."""
    cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=False)


def find_servers(cloudformation: Any, stack: str) -> Iterator[Server]:
    """The stack's database servers, of which it has one."""
    of_type: dict[str, list[str]] = {}
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        for resource in page["StackResourceSummaries"]:
            if "PhysicalResourceId" in resource and resource["ResourceStatus"] != "DELETE_COMPLETE":
                of_type.setdefault(resource["ResourceType"], []).append(resource["PhysicalResourceId"])
    # An attachment, which joins the secret to its server, is named by the secret.
    (secret,) = of_type.get("AWS::SecretsManager::SecretTargetAttachment", [""])
    if clusters := of_type.get("AWS::RDS::DBCluster"):
        yield from (Server(name, is_cluster=True, secret=secret) for name in clusters)
    else:
        yield from (
            Server(name, is_cluster=False, secret=secret) for name in of_type.get("AWS::RDS::DBInstance", ())
        )
