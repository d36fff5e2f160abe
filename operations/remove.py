"""Takes a stage away: its stack, and by choice its archive.

The archive is the buckets of pictures and keys, and a last snapshot of the database. A signing key in KMS
stays with it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import boto3
from botocore.exceptions import WaiterError

from infra.stage_file import StageFile
from operations import job_application, protection
from operations.keys.signers import DELETION_DAYS
from operations.keys.stage import StageKeys
from operations.protection import Server
from operations.stack import explained, find, open_session, read_account
from tooling.errors import ToolError

Say = Callable[[str], None]
Keep = Literal["archive", "nothing"]
# Outputs with the names of the buckets. The page can be published again, so it is no part of the archive.
ARCHIVE = ("UploadsBucket", "ImagesBucket", "KeysBucket")
PAGE = "SiteBucket"
MANUAL = "docs/deploy.md#remove-a-stage"
# Lambda gives the network back within twenty minutes.
DELETION = {"Delay": 15, "MaxAttempts": 240}


def remove(stage: StageFile, keep: str, confirmed: str, say: Say) -> None:
    """Delete the stage's stack. Raises ToolError before anything has changed, where a word is missing or a
    batch job is under way.

    A removal that was interrupted goes on when it is called again, as long as there is a stack.
    """
    _check_words(stage, keep, confirmed)
    session = open_session(stage)
    _check_account(stage, session)
    cloudformation = session.client("cloudformation")
    deployed = find(cloudformation, stage.stack_name)
    if deployed is None:
        raise ToolError(
            f"the stage {stage.name} is not deployed in {stage.region}. If a removal was interrupted, "
            f"buckets of its own may be left: see {MANUAL}"
        )
    buckets = [deployed.outputs[name] for name in ARCHIVE if name in deployed.outputs]
    with explained():
        if application := deployed.outputs.get("JobsApplication"):
            job_application.stop(session, application)
        protection.release_stack(cloudformation, stage.stack_name)
        for server in protection.find_servers(cloudformation, stage.stack_name):
            snapshot = None
            if keep == "archive":
                snapshot = f"{stage.stack_name.lower()}-{datetime.now(UTC):%Y%m%d%H%M%S}"
            if delete_server(session.client("rds"), server, snapshot):
                say(f"deleted the database; its last snapshot is {snapshot or 'none'}")
        s3 = session.client("s3")
        if keep == "nothing":
            _retire_signing_key(stage, session, say)
            # Without the stack nobody would know the buckets of a removal that was interrupted meanwhile.
            for bucket in buckets:
                say(f"emptied the bucket {bucket}: {empty_bucket(s3, bucket)} objects")
        say(f"deleting {stage.stack_name}; Lambda keeps the network for up to twenty minutes")
        _delete_stack(cloudformation, stage.stack_name)
        delete_bucket(s3, deployed.outputs[PAGE])
        if keep == "archive":
            say(f"what is left: that snapshot, and the buckets {', '.join(buckets)}")
            if stage.signing == "kms":
                say("the key that signs tokens stays in KMS, for a dollar a month")
            say("how to bring the library back: docs/deploy.md#bring-a-library-back")
            return
        for bucket in buckets:
            delete_bucket(s3, bucket)
    say(f"database and buckets of {stage.name} are deleted, and nothing of them is left")


def _check_account(stage: StageFile, session: boto3.Session) -> None:
    """Raise ToolError where the shell's credentials alone say in which account the stage is deleted."""
    if stage.account is None:
        with explained():
            account = read_account(session)
        raise ToolError(
            f"whose stage {stage.name} is meant? If that of your credentials' account: "
            f'write `account = "{account}"` into stages/{stage.name}.toml, and run the command again'
        )


def _retire_signing_key(stage: StageFile, session: boto3.Session, say: Say) -> None:
    """The key is no resource of the stack, as tokens are made without one. A file stays with its owner."""
    if stage.signing == "kms":
        keys = StageKeys(stage, session).signing_keys
        if signer := keys.current():
            keys.retire(signer, is_current=True)
            say(f"KMS deletes the signing key {signer.kid} after {DELETION_DAYS} days")


def _check_words(stage: StageFile, keep: str, confirmed: str) -> None:
    if keep not in get_args(Keep):
        raise ToolError(
            "what shall be left? KEEP=archive: the buckets of pictures and keys, and a snapshot of the "
            "database. KEEP=nothing: all of it is deleted for good."
        )
    if keep == "nothing" and confirmed != stage.name:
        raise ToolError(
            f"this deletes every picture of {stage.name} and its database for good. If you want that: "
            f"`make remove STAGE={stage.name} KEEP=nothing CONFIRM={stage.name}`"
        )


def delete_server(rds: Any, server: Server, snapshot: str | None) -> bool:
    """Delete a database server, and wait until it is gone; False when it was gone before.

    `snapshot` names what is left of it. CloudFormation would always leave one, under a name of its own.
    """
    status = _find_status(rds, server)
    if status is None:
        return False
    if status != "deleting":
        server.modify(rds, DeletionProtection=False)
        last: dict[str, Any] = {"SkipFinalSnapshot": True}
        if snapshot is not None:
            last = {"SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": snapshot}
        if server.is_cluster:
            for member in _list_members(rds, server):
                rds.delete_db_instance(DBInstanceIdentifier=member, SkipFinalSnapshot=True)
            rds.delete_db_cluster(DBClusterIdentifier=server.identifier, **last)
        else:
            rds.delete_db_instance(DBInstanceIdentifier=server.identifier, **last)
    if server.is_cluster:
        rds.get_waiter("db_cluster_deleted").wait(DBClusterIdentifier=server.identifier)
    else:
        rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier=server.identifier)
    return True


def _find_status(rds: Any, server: Server) -> str | None:
    """How a server is; None when there is none of this name any more."""
    try:
        if server.is_cluster:
            (found,) = rds.describe_db_clusters(DBClusterIdentifier=server.identifier)["DBClusters"]
            return str(found["Status"])
        (found,) = rds.describe_db_instances(DBInstanceIdentifier=server.identifier)["DBInstances"]
        return str(found["DBInstanceStatus"])
    except (rds.exceptions.DBClusterNotFoundFault, rds.exceptions.DBInstanceNotFoundFault):
        return None


def _list_members(rds: Any, cluster: Server) -> list[str]:
    """The instances of a cluster, which it cannot be deleted with."""
    (found,) = rds.describe_db_clusters(DBClusterIdentifier=cluster.identifier)["DBClusters"]
    return [member["DBInstanceIdentifier"] for member in found["DBClusterMembers"]]


def _delete_stack(cloudformation: Any, stack: str) -> None:
    cloudformation.delete_stack(StackName=stack)
    try:
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig=DELETION)
    except WaiterError as error:
        reasons = "\n".join(_list_failures(cloudformation, stack))
        raise ToolError(
            f"CloudFormation could not delete {stack}; run the command again.\n{reasons}"
        ) from error


def _list_failures(cloudformation: Any, stack: str) -> list[str]:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    return [
        f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in events
        if event["ResourceStatus"] == "DELETE_FAILED"
    ]


def delete_bucket(s3: Any, bucket: str) -> None:
    """Delete a bucket with all that is in it."""
    empty_bucket(s3, bucket)
    s3.delete_bucket(Bucket=bucket)


def empty_bucket(s3: Any, bucket: str) -> int:
    """Delete all that is in a bucket, with all versions; how many versions that were."""
    count = 0
    # A page has a thousand versions, as many as one deletion takes. An object of a bucket that never had
    # versions is one, of the id "null".
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        objects = [
            {"Key": each["Key"], "VersionId": each["VersionId"]}
            for kind in ("Versions", "DeleteMarkers")
            for each in page.get(kind, ())
        ]
        if objects:
            answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
            if errors := answer.get("Errors"):
                raise ToolError(f"{bucket}: {errors[0]['Key']} could not be deleted ({errors[0]['Code']})")
            count += len(objects)
    return count
