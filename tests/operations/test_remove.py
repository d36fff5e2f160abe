"""What a removal deletes, what it keeps, and what it asks first."""

from dataclasses import replace
from typing import Any

import boto3
import pytest

from infra.stage_file import StageFile
from operations import cli, protection, remove
from operations.keys.signers import KmsSigner
from operations.keys.stage import StageKeys
from tests.operations import applications, databases
from tests.operations.conftest import Stacks
from tooling.errors import ToolError

BUCKETS = {
    "UploadsBucket": "uploads",
    "ImagesBucket": "images",
    "KeysBucket": "keys",
    "SiteBucket": "site",
}


@pytest.fixture(params=list(databases.ADD))
def deployed(aws: Stacks, request: pytest.FixtureRequest) -> Stacks:
    """A stage with a protected database of each kind, and two objects in each bucket."""
    databases.ADD[request.param](aws)
    aws.set(**BUCKETS)
    s3 = _s3()
    for bucket in BUCKETS.values():
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": databases.REGION})
        for key in ("a", "b"):
            s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    protection.protect(boto3.Session(region_name=databases.REGION), "Stockroom-trial")
    return aws


@pytest.fixture
def said() -> list[str]:
    return []


def _s3() -> Any:
    return boto3.client("s3", region_name=databases.REGION)


def _buckets() -> set[str]:
    return {bucket["Name"] for bucket in _s3().list_buckets()["Buckets"]}


def test_an_archive_is_kept(deployed: Stacks, stage: StageFile, said: list[str]) -> None:
    remove.remove(stage, "archive", "", said.append)
    assert deployed.described == {}
    assert databases.list_servers() == set()
    (snapshot,) = databases.list_snapshots()
    assert snapshot.startswith("stockroom-trial-2")
    assert _buckets() == {"uploads", "images", "keys"}
    assert len(_s3().list_objects_v2(Bucket="uploads")["Contents"]) == 2
    assert f"deleted the database; its last snapshot is {snapshot}" in said
    assert any(line.endswith("the buckets uploads, images, keys") for line in said)
    # No stack has the key.
    assert said[-2] == "the key that signs tokens stays in KMS, for a dollar a month"


def test_nothing_is_kept_if_that_is_said_twice(deployed: Stacks, stage: StageFile, said: list[str]) -> None:
    remove.remove(stage, "nothing", "trial", said.append)
    assert deployed.described == {}
    assert databases.list_servers() == set()
    assert databases.list_snapshots() == set()
    assert _buckets() == set()
    assert said[-1] == "database and buckets of trial are deleted, and nothing of them is left"
    assert "emptied the bucket uploads: 2 objects" in said
    assert not any("stays in KMS" in line for line in said)


def test_versions_of_deleted_originals_go_too(deployed: Stacks, stage: StageFile, said: list[str]) -> None:
    s3 = _s3()
    s3.put_bucket_versioning(Bucket="uploads", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="uploads", Key="c", Body=b"x")
    for key in ("a", "c"):
        s3.delete_object(Bucket="uploads", Key=key)
    remove.remove(stage, "nothing", "trial", said.append)
    assert deployed.described == {}
    assert _buckets() == set()
    # Two objects of before, a new one, and two markers.
    assert "emptied the bucket uploads: 5 objects" in said


@pytest.mark.parametrize(("words", "left"), [(("archive", ""), True), (("nothing", "trial"), False)])
def test_the_signing_key_goes_with_the_last_of_the_archive(
    deployed: Stacks, stage: StageFile, said: list[str], words: tuple[str, str], left: bool
) -> None:
    keys = StageKeys(stage, boto3.Session(region_name=databases.REGION)).signing_keys
    signer = keys.use(keys.make())
    assert isinstance(signer, KmsSigner)
    remove.remove(stage, *words, said.append)
    assert deployed.described == {}
    assert (keys.current() is not None) == left
    state = signer.kms.describe_key(KeyId=signer.key_id)["KeyMetadata"]["KeyState"]
    assert state == ("Enabled" if left else "PendingDeletion")
    assert any(f"the signing key {signer.kid}" in line for line in said) != left


def test_a_stage_of_any_account_is_not_removed(deployed: Stacks, stage: StageFile, said: list[str]) -> None:
    """Another account may have a stage of the same name, and the shell chooses the credentials."""
    for words in (("archive", ""), ("nothing", "trial")):
        with pytest.raises(ToolError, match='write `account = "123456789012"`'):
            remove.remove(replace(stage, account=None), *words, said.append)
    assert deployed.is_protected
    assert databases.list_servers()
    assert _buckets() == set(BUCKETS.values())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("", ""), "KEEP=archive"),
        (("all", ""), "KEEP=archive"),
        (("nothing", ""), "CONFIRM=trial"),
        (("nothing", "production"), "CONFIRM=trial"),
    ],
)
def test_a_missing_word_changes_nothing(
    deployed: Stacks, stage: StageFile, said: list[str], words: tuple[str, str], message: str
) -> None:
    with pytest.raises(ToolError, match=message):
        remove.remove(stage, *words, said.append)
    assert deployed.is_protected
    assert databases.list_servers()
    assert _buckets() == set(BUCKETS.values())


def test_a_removal_that_cloudformation_could_not_finish_says_why_and_goes_on(
    deployed: Stacks, stage: StageFile, said: list[str]
) -> None:
    deployed.failures = {"Vpc": "it has a dependency"}
    with pytest.raises(ToolError, match="Vpc: it has a dependency"):
        remove.remove(stage, "archive", "", said.append)
    assert _buckets() == set(BUCKETS.values())
    deployed.failures = {}
    # The database is gone already.
    remove.remove(stage, "archive", "", said.append)
    assert deployed.described == {}
    assert len(databases.list_snapshots()) == 1


def test_a_removal_that_is_interrupted_while_the_stack_goes_leaves_no_picture_to_pay_for(
    deployed: Stacks, stage: StageFile, said: list[str]
) -> None:
    deployed.failures = {"Vpc": "it has a dependency"}
    with pytest.raises(ToolError, match="Vpc: it has a dependency"):
        remove.remove(stage, "nothing", "trial", said.append)
    assert _buckets() == set(BUCKETS.values())
    assert not any("Contents" in _s3().list_objects_v2(Bucket=name) for name in ("uploads", "images", "keys"))


def _have_jobs(deployed: Stacks, state: str) -> tuple[Any, str]:
    emr, made = applications.add(state)
    deployed.set(**BUCKETS, JobsApplication=made)
    return emr, made


def test_what_jobs_ran_on_is_stopped_before_the_stack_is_deleted(
    deployed: Stacks, stage: StageFile, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.job_application.POLL_SECONDS", 0)
    emr, application = _have_jobs(deployed, "SUCCESS")
    remove.remove(stage, "archive", "", said.append)
    assert emr.get_application(applicationId=application)["application"]["state"] == "STOPPED"
    assert deployed.described == {}


@pytest.mark.parametrize("state", ["RUNNING", "CANCELLING"])
def test_nothing_is_removed_while_a_job_is_under_way(
    deployed: Stacks, stage: StageFile, said: list[str], state: str
) -> None:
    _have_jobs(deployed, state)
    with pytest.raises(ToolError, match=r"a job is under way \(rerender\)"):
        remove.remove(stage, "nothing", "trial", said.append)
    assert deployed.is_protected
    assert databases.list_servers()
    assert _buckets() == set(BUCKETS.values())


def test_a_stage_that_is_not_there_is_said_to_be_so(aws: Stacks, stage: StageFile, said: list[str]) -> None:
    with pytest.raises(
        ToolError, match=r"trial is not deployed in eu-central-1\. If a removal was interrupted"
    ):
        remove.remove(stage, "archive", "", said.append)
    assert aws.described == {}


def test_the_command_hands_its_words_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(remove, "remove", lambda stage, *words: asked.append((stage.name, *words[:2])))
    assert cli.main(["remove", "--stage", "staging", "--keep", "nothing", "--confirm", "staging"]) == 0
    assert asked == [("staging", "nothing", "staging")]
