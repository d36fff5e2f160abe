"""The one command that brings a stage to what its file and this checkout say."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.stage_file import STACK, StageFile
from operations import cdk, job_application, protection, publish
from operations.confirmation import DATABASE, check_changes, check_choices
from operations.keys.stage import StageKeys
from operations.stack import explained, find, open_session, read_account, read_outputs
from stockroom.runtime.settings import OPERATOR_SETTINGS
from tooling import ROOT
from tooling.errors import ToolError

Say = Callable[[str], None]
APPLICATION = "AWS::EMRServerless::Application"
# The parameter by which the CDK knows that a region is bootstrapped.
BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
# For a question that a deployment can do without.
QUICK = Config(connect_timeout=5, read_timeout=5, retries={"total_max_attempts": 1})


def synthesise(stage: StageFile) -> None:
    """Write the stage's CloudFormation template into cdk.out. Needs no credentials."""
    cdk.run("synth", "--quiet", f"--app={cdk.APP}", *_context(stage))


def show_differences(stage: StageFile) -> None:
    """Print what a deployment would change."""
    open_session(stage)
    cdk.run("diff", f"--app={cdk.APP}", *_context(stage))


def bootstrap(stage: StageFile) -> None:
    """Prepare the stage's region for the CDK: once for each account and region."""
    with explained():
        account = read_account(open_session(stage))
    with TemporaryDirectory() as empty:
        cdk.run("bootstrap", f"aws://{account}/{stage.region}", cwd=Path(empty))


def deploy(stage: StageFile, confirmed: Collection[str], say: Say) -> None:
    """Deploy the stage's stack, then its page. Raises ToolError before anything has changed, if it can."""
    _warn_of_environment(stage, say)
    session = open_session(stage)
    _check_bootstrap(stage, session, say)
    cloudformation = session.client("cloudformation")
    deployed = find(cloudformation, stage.stack_name)
    keys = StageKeys(stage, session)
    if deployed is not None:
        check_choices(stage, deployed, confirmed)
        keys.check_dropped_issuers()
    else:
        _check_plan(session)
    with explained():
        protection.release_failed_creation(cloudformation, stage.stack_name)
        account = read_account(session)
    what = "deploying" if deployed else "for the first time, which takes a quarter of an hour: deploying"
    say(f"{what} {stage.stack_name} to {stage.region} of the account {account}")
    # Its own name: what another deployment prepares meanwhile must not be what this one executes.
    change_set = f"stockroom-{secrets.token_hex(8)}"
    cdk.run(
        "deploy",
        STACK,
        f"--app={cdk.APP}",
        f"--output={_assembly(stage)}",
        "--method=prepare-change-set",
        f"--change-set-name={change_set}",
        "--require-approval=never",
        *_context(stage),
    )
    if _is_change_set_allowed(stage, session, change_set, confirmed):
        if DATABASE in confirmed:
            # CloudFormation could not delete the database that another one replaces.
            with explained():
                protection.release(session, stage.stack_name)
        # What has been checked, and nothing else.
        cdk.run(
            "deploy",
            STACK,
            f"--app={_assembly(stage)}",
            "--method=execute-change-set",
            f"--change-set-name={change_set}",
            "--require-approval=never",
            "--progress=events",
        )
        outputs = read_outputs(stage, session)
        # No other command needs the functions and all that they import.
        from infra.declared_routes import list_routes
        from infra.normalise_query import list_stored_patterns

        with explained():
            # Stored answers are of the functions and settings before.
            publish.invalidate_distribution(
                session.client("cloudfront"),
                outputs["DistributionId"],
                list_stored_patterns(list_routes()),
            )
    else:
        say("the stack is as it should be already")
    with explained():
        protection.protect(session, stage.stack_name)
    publish_page(stage, session, say)
    if deployed is not None:
        # An operator may have revoked somebody meanwhile, by the issuers of before.
        keys.check_dropped_issuers()
    outputs = read_outputs(stage, session)
    say(f"{stage.name} is up: {outputs['SiteUrl']}")
    if stage.account is None:
        say(f'write `account = "{account}"` into stages/{stage.name}.toml, so that no other account is meant')
    say(f"nobody is let in before `make keys STAGE={stage.name}`; then `make token STAGE={stage.name} SUB=…`")


def publish_page(stage: StageFile, session: boto3.Session, say: Say) -> None:
    """Publish the built page to the stage's site. Raises ToolError while there is no stack."""
    outputs = read_outputs(stage, session)
    with explained():
        published = publish.publish(
            session.client("s3"),
            outputs["SiteBucket"],
            invalidate=partial(
                publish.invalidate_distribution, session.client("cloudfront"), outputs["DistributionId"]
            ),
        )
    say(f"page published: {len(published.copied)} files copied, {len(published.removed)} old ones removed")


def _warn_of_environment(stage: StageFile, say: Say) -> None:
    if ignored := [name for name in OPERATOR_SETTINGS if os.environ.get(name)]:
        say(f"{', '.join(ignored)}: set in your shell, and of no effect: stages/{stage.name}.toml decides")


def _check_bootstrap(stage: StageFile, session: boto3.Session, say: Say) -> None:
    """Raise ToolError for a region in which the CDK cannot deploy yet."""
    ssm: Any = session.client("ssm")
    try:
        with explained():
            ssm.get_parameter(Name=BOOTSTRAP_VERSION)
    except ToolError as error:
        cause = error.__cause__
        code = cause.response["Error"]["Code"] if isinstance(cause, ClientError) else ""
        if code == "ParameterNotFound":
            raise ToolError(
                f"{stage.region} of this account is not prepared for the CDK: run "
                f"`make bootstrap STAGE={stage.name}` once"
            ) from None
        if code not in ("AccessDenied", "AccessDeniedException"):
            raise
        say(f"your credentials may not read {BOOTSTRAP_VERSION}; the CDK checks it by its own role")


def _check_plan(session: boto3.Session) -> None:
    """Raise ToolError for an account on AWS's free plan, under which RDS refuses the database.

    Where AWS does not tell, CloudFormation finds out: accounts that are older than the plans have none, and
    credentials may lack the permission to ask.
    """
    try:
        plans: Any = session.client("freetier", region_name="us-east-1", config=QUICK)
        plan = plans.get_account_plan_state().get("accountPlanType")
    except (BotoCoreError, ClientError):
        return
    if plan == "FREE":
        raise ToolError(
            "the account is on AWS's free plan, under which RDS refuses the database: change to the paid "
            "plan by `aws freetier upgrade-account-plan --region us-east-1 --account-plan-type PAID`, and "
            "deploy again (docs/deploy.md)"
        )


def _is_change_set_allowed(
    stage: StageFile, session: boto3.Session, change_set: str, confirmed: Collection[str]
) -> bool:
    """Whether the prepared change set can be executed; False where it changes nothing.

    Raises ToolError for one that needs a word, or that a batch job is in the way of. No change set is left
    behind that nobody executes.
    """
    cloudformation = session.client("cloudformation")
    is_allowed = False
    try:
        with explained():
            changes = _list_changes(cloudformation, stage.stack_name, change_set)
        check_changes(stage, changes, confirmed)
        with explained():
            for application in _list_changed_applications(changes):
                job_application.stop(session, application)
        is_allowed = bool(changes)
    finally:
        if not is_allowed:
            with explained():
                cloudformation.delete_change_set(StackName=stage.stack_name, ChangeSetName=change_set)
    return is_allowed


def _list_changes(cloudformation: Any, stack: str, change_set: str) -> list[dict[str, Any]]:
    """The changes of the prepared change set; none if the stack is as it should be."""
    pages = cloudformation.get_paginator("describe_change_set").paginate(
        StackName=stack, ChangeSetName=change_set
    )
    return [change for page in pages for change in page.get("Changes", ())]


def _list_changed_applications(changes: Collection[Mapping[str, Any]]) -> Iterator[str]:
    """The applications of EMR that a change set changes or removes, which CloudFormation does not stop."""
    for change in (each.get("ResourceChange", {}) for each in changes):
        if change.get("ResourceType") == APPLICATION and change["Action"] != "Add":
            yield change["PhysicalResourceId"]


def _assembly(stage: StageFile) -> str:
    return str(ROOT / "build" / "cdk" / stage.name)


def _context(stage: StageFile) -> tuple[str, str]:
    return ("--context", f"stage={stage.name}")
