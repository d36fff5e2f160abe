"""A deployment: what is checked first, what is started, and what is published."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from infra.stage_file import StageFile
from operations import cdk, cli, deploy, publish
from tests.operations import applications, databases
from tests.operations.conftest import Stacks
from tooling import ROOT
from tooling.errors import ToolError

pytestmark = pytest.mark.usefixtures("aws")
OUTPUTS = {
    "Visibility": "public",
    "DatabaseKind": "aurora",
    "SiteBucket": "site",
    "DistributionId": "D",
    "SiteUrl": "https://photos.example.org",
}
PREPARE, EXECUTE = "--method=prepare-change-set", "--method=execute-change-set"
NAME = "--change-set-name="


class Runs:
    """Stands in for the CDK: its commands, and what CloudFormation has after them."""

    def __init__(self, stacks: Stacks) -> None:
        self.stacks = stacks
        self.commands: list[tuple[str, ...]] = []
        # What CloudFront was told to forget.
        self.forgotten: list[list[str]] = []
        # The changes of each change set that was executed.
        self.executed: list[list[dict[str, Any]]] = []

    def __call__(self, command: str, *arguments: str, cwd: Path = ROOT) -> None:
        # For what is no command about the app, none is synthesised.
        assert (cwd / "cdk.json").exists() == (command != "bootstrap")
        self.commands.append((command, *arguments))
        names = [part.removeprefix(NAME) for part in arguments if part.startswith(NAME)]
        if PREPARE in arguments:
            self.stacks.change_sets[names[0]] = self.stacks.changes
        if EXECUTE in arguments:
            self.executed.append(self.stacks.change_sets[names[0]])
            # CloudFormation deletes all others with it.
            self.stacks.change_sets.clear()
            self.stacks.set(**OUTPUTS)

    @property
    def methods(self) -> list[str]:
        return [part for command in self.commands for part in command if part.startswith("--method=")]


@pytest.fixture
def runs(aws: Stacks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runs:
    """The commands of a deployment to a region that is bootstrapped, with a bucket for the page."""
    runs = Runs(aws)
    monkeypatch.setattr(cdk, "run", runs)
    built = tmp_path / "dist"
    built.mkdir()
    (built / "index.html").write_text("<!doctype html>")
    copy = publish.publish
    monkeypatch.setattr(
        publish, "publish", lambda s3, bucket, **options: copy(s3, bucket, built=built, **options)
    )
    monkeypatch.setattr(
        publish, "invalidate_distribution", lambda _cloudfront, _id, paths: runs.forgotten.append(paths)
    )
    boto3.client("ssm", region_name="eu-central-1").put_parameter(
        Name=deploy.BOOTSTRAP_VERSION, Value="30", Type="String"
    )
    boto3.client("s3", region_name="eu-central-1").create_bucket(
        Bucket="site", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return runs


@pytest.fixture
def said() -> list[str]:
    return []


ADDED = {"ResourceChange": {"LogicalResourceId": "X", "ResourceType": "AWS::SQS::Queue", "Action": "Add"}}
REPLACED = {
    "ResourceChange": {
        "LogicalResourceId": "Aurora",
        "ResourceType": "AWS::RDS::DBCluster",
        "Action": "Modify",
        "Replacement": "True",
    }
}


def test_the_stack_comes_first_and_then_the_page(stage: StageFile, runs: Runs, said: list[str]) -> None:
    runs.stacks.changes = [ADDED]
    deploy.deploy(stage, frozenset(), said.append)
    assert runs.methods == [PREPARE, EXECUTE]
    assert runs.executed == [[ADDED]]
    prepared, executed = runs.commands
    assert prepared[1] == executed[1] == "Stockroom"
    assert "stage=trial" in prepared
    # What is executed is what was checked: nothing is synthesised a second time.
    (output,) = (part.removeprefix("--output=") for part in prepared if part.startswith("--output="))
    assert f"--app={output}" in executed
    page = boto3.client("s3", region_name="eu-central-1").head_object(Bucket="site", Key="index.html")
    assert page["CacheControl"] == "no-cache"
    functions, page = runs.forgotten
    assert {"/api/*", "/p/*", "/feed.atom*", "/sitemap-*", "/robots.txt*"} <= set(functions)
    assert page == ["/", "/index.html"]
    assert any("https://photos.example.org" in line for line in said)


def test_no_stage_begins_in_an_account_on_the_free_plan(
    stage: StageFile, runs: Runs, said: list[str]
) -> None:
    """A quarter of an hour later, RDS would refuse the database."""
    runs.stacks.plan = "FREE"
    with pytest.raises(ToolError, match=r"free plan.*aws freetier upgrade-account-plan"):
        deploy.deploy(stage, frozenset(), said.append)
    assert runs.commands == []
    # Nobody is kept from a library that is there.
    runs.stacks.set(**OUTPUTS)
    deploy.deploy(stage, frozenset(), said.append)
    assert runs.methods == [PREPARE]


def test_an_account_whose_plan_nobody_tells_is_deployed_to(
    stage: StageFile, runs: Runs, said: list[str]
) -> None:
    runs.stacks.plan = None
    runs.stacks.changes = [ADDED]
    deploy.deploy(stage, frozenset(), said.append)
    assert runs.methods == [PREPARE, EXECUTE]


def test_a_stack_that_is_as_it_should_be_gets_its_page(stage: StageFile, runs: Runs, said: list[str]) -> None:
    runs.stacks.set(**OUTPUTS)
    deploy.deploy(stage, frozenset(), said.append)
    assert runs.methods == [PREPARE]
    assert not runs.stacks.change_sets
    assert any(line.startswith("page published: 1 files copied") for line in said)


def test_an_account_that_the_file_does_not_name_is_told(
    stage: StageFile, runs: Runs, said: list[str]
) -> None:
    runs.stacks.set(**OUTPUTS)
    deploy.deploy(stage, frozenset(), said.append)
    assert not any("account =" in line for line in said)
    deploy.deploy(replace(stage, account=None), frozenset(), said.append)
    assert any('write `account = "123456789012"` into stages/trial.toml' in line for line in said)


def test_a_private_library_does_not_become_public_unasked(
    stage: StageFile, runs: Runs, said: list[str]
) -> None:
    runs.stacks.set(**{**OUTPUTS, "Visibility": "private"})
    with pytest.raises(ToolError, match='CONFIRM="public"'):
        deploy.deploy(stage, frozenset(), said.append)
    assert runs.commands == []
    deploy.deploy(stage, frozenset({"public"}), said.append)


def test_an_issuer_with_entries_in_the_deny_list_is_not_dropped(
    stage: StageFile, runs: Runs, said: list[str]
) -> None:
    """Such an entry would be one without effect, with which the functions let nobody in."""
    runs.stacks.set(**OUTPUTS, KeysBucket="keys", Issuers="stockroom,https://old.example")
    s3 = boto3.client("s3", region_name="eu-central-1")
    s3.create_bucket(Bucket="keys", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    denied = '{"subjects": {"https://old.example": ["alice"]}}'
    s3.put_object(Bucket="keys", Key="denied.json", Body=denied.encode())
    with pytest.raises(ToolError, match=r"subjects: 'https://old\.example' is no issuer"):
        deploy.deploy(stage, frozenset(), said.append)
    assert runs.commands == []
    s3.put_object(Bucket="keys", Key="denied.json", Body=b"{}")
    deploy.deploy(stage, frozenset(), said.append)


def test_who_is_revoked_during_a_deployment_that_drops_their_issuer_is_told_of(
    stage: StageFile, runs: Runs, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From then on the functions let nobody in, and the operator shall hear that from the deployment."""
    runs.stacks.set(**OUTPUTS, KeysBucket="keys", Issuers="stockroom,https://old.example")
    runs.stacks.changes = [ADDED]
    s3 = boto3.client("s3", region_name="eu-central-1")
    s3.create_bucket(Bucket="keys", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="keys", Key="denied.json", Body=b"{}")

    def run(command: str, *arguments: str, **options: Any) -> None:
        runs(command, *arguments, **options)
        if EXECUTE in arguments:
            denied = '{"subjects": {"https://old.example": ["alice"]}}'
            s3.put_object(Bucket="keys", Key="denied.json", Body=denied.encode())

    monkeypatch.setattr(cdk, "run", run)
    with pytest.raises(ToolError, match=r"subjects: 'https://old\.example' is no issuer"):
        deploy.deploy(stage, frozenset(), said.append)
    assert any(line.startswith("page published") for line in said), "the deployment itself is whole"


def test_a_database_that_would_be_replaced_stops_the_deployment(
    stage: StageFile, runs: Runs, said: list[str]
) -> None:
    runs.stacks.set(**OUTPUTS)
    runs.stacks.changes = [ADDED, REPLACED]
    with pytest.raises(ToolError, match=r"Aurora \(AWS::RDS::DBCluster\) is replaced"):
        deploy.deploy(stage, frozenset(), said.append)
    assert runs.methods == [PREPARE]
    # Nor can anybody execute by hand what was refused.
    assert not runs.stacks.change_sets


def _change_application(runs: Runs, state: str) -> Any:
    """A change of what jobs run on; a client of EMR, which has a job in that state."""
    emr, application = applications.add(state)
    change = {
        "LogicalResourceId": "JobsApplication",
        "PhysicalResourceId": application,
        "ResourceType": "AWS::EMRServerless::Application",
        "Action": "Modify",
        "Replacement": "False",
    }
    runs.stacks.set(**OUTPUTS)
    runs.stacks.changes = [ADDED, {"ResourceChange": change}]
    return emr


def test_what_jobs_run_on_is_stopped_before_it_is_changed(
    stage: StageFile, runs: Runs, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.job_application.POLL_SECONDS", 0)
    emr = _change_application(runs, "SUCCESS")
    deploy.deploy(stage, frozenset(), said.append)
    assert [each["state"] for each in emr.list_applications()["applications"]] == ["STOPPED"]
    assert runs.methods == [PREPARE, EXECUTE]


def test_what_a_job_runs_on_is_not_changed(stage: StageFile, runs: Runs, said: list[str]) -> None:
    emr = _change_application(runs, "RUNNING")
    with pytest.raises(ToolError, match=r"a job is under way \(rerender\)"):
        deploy.deploy(stage, frozenset(), said.append)
    assert [each["state"] for each in emr.list_applications()["applications"]] == ["STARTED"]
    assert runs.methods == [PREPARE]
    assert not runs.stacks.change_sets


def test_a_deployment_never_executes_what_another_has_prepared(
    stage: StageFile, runs: Runs, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one would replace the database, and nobody has checked its changes yet."""
    runs.stacks.set(**OUTPUTS)
    runs.stacks.changes = [ADDED]
    checked: list[tuple[str, ...]] = []

    def run(command: str, *arguments: str, **options: Any) -> None:
        if EXECUTE in arguments:
            # Between the check and the execution, somebody else deploys.
            checked.append((command, *arguments))
            runs.stacks.changes = [ADDED, REPLACED]
            with pytest.raises(ToolError):
                deploy.deploy(stage, frozenset(), said.append)
            return
        runs(command, *arguments, **options)
        if checked:
            runs(*checked[0])

    monkeypatch.setattr(cdk, "run", run)
    deploy.deploy(stage, frozenset(), said.append)
    assert runs.executed == [[ADDED]]


def test_a_deployment_protects_the_database(stage: StageFile, runs: Runs, said: list[str]) -> None:
    databases.add_aurora(runs.stacks)
    runs.stacks.set(**OUTPUTS)
    deploy.deploy(stage, frozenset(), said.append)
    assert databases.is_protected("aurora")


def test_a_database_that_may_be_replaced_can_be_deleted_meanwhile(
    stage: StageFile, runs: Runs, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    databases.add_aurora(runs.stacks)
    runs.stacks.set(**OUTPUTS)
    deploy.deploy(stage, frozenset(), said.append)
    runs.stacks.changes = [REPLACED]
    was_protected: list[bool] = []

    def run(command: str, *arguments: str, **options: Any) -> None:
        was_protected.append(databases.is_protected("aurora"))
        runs(command, *arguments, **options)

    monkeypatch.setattr(cdk, "run", run)
    deploy.deploy(stage, frozenset({"database"}), said.append)
    assert was_protected == [True, False]
    assert databases.is_protected("aurora")


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_the_remains_of_a_failed_first_deployment_are_no_obstacle(
    stage: StageFile, runs: Runs, said: list[str], status: str
) -> None:
    runs.stacks.set(status)
    runs.stacks.changes = [ADDED]
    deploy.deploy(stage, frozenset(), said.append)
    assert not runs.stacks.is_protected  # so that the CDK can delete the stack before it makes another one


def test_a_region_that_is_not_bootstrapped_says_how(stage: StageFile, runs: Runs, said: list[str]) -> None:
    with pytest.raises(ToolError, match="run `make bootstrap STAGE=trial` once"):
        deploy.deploy(replace(stage, region="eu-west-1"), frozenset(), said.append)
    assert runs.commands == []


def test_settings_of_the_shell_are_said_to_have_no_effect(
    stage: StageFile, runs: Runs, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKROOM_VISIBILITY", "private")
    runs.stacks.changes = [ADDED]
    deploy.deploy(stage, frozenset(), said.append)
    assert any("STOCKROOM_VISIBILITY: set in your shell, and of no effect" in line for line in said)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (deploy.synthesise, "synth"),
        (deploy.show_differences, "diff"),
        (deploy.bootstrap, "bootstrap"),
    ],
)
def test_other_commands_of_the_cdk(
    stage: StageFile, runs: Runs, act: Callable[[StageFile], None], expected: str
) -> None:
    act(stage)
    ((command, *arguments),) = runs.commands
    assert command == expected
    if command == "bootstrap":
        assert arguments == ["aws://123456789012/eu-central-1"]
    else:
        assert "stage=trial" in arguments


def test_credentials_that_may_not_read_the_parameter_leave_the_check_to_the_cdk(
    stage: StageFile, said: list[str]
) -> None:
    session = boto3.Session(region_name="eu-central-1")
    ssm = session.client("ssm")
    session.client = lambda _: ssm
    with Stubber(ssm) as stub:
        stub.add_client_error("get_parameter", "AccessDeniedException")
        deploy._check_bootstrap(stage, session, said.append)
        stub.add_client_error("get_parameter", "InternalServerError")
        with pytest.raises(ToolError, match="InternalServerError"):
            deploy._check_bootstrap(stage, session, said.append)
    assert len(said) == 1


def test_a_command_that_fails_is_an_error_without_a_stack_trace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "node"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o700)
    monkeypatch.setattr(cdk, "PROGRAMS", tmp_path)
    assert cli.main(["synth", "--stage", "staging"]) == 1
    assert "`cdk synth` failed" in capsys.readouterr().err
