"""The roles of the hosted pipeline: whom they let in, and what they allow."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.infra.conftest import write_stage
from tests.infra.linting import lint
from tests.infra.template import Template, as_list
from tooling import ROOT
from tooling.errors import ToolError

PROVIDER = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
CONTEXT = {"repository": "example/stockroom", "stage": "trial"}


def synthesise(folder: Path, **context: str) -> Template:
    from infra.pipeline import build

    chosen = {**CONTEXT, **context}
    write_stage(folder / "stages", "trial")
    write_stage(folder / "stages", "trial-diff")
    build(chosen, folder, folder / "stages").synth()
    return Template(json.loads((folder / "StockroomPipeline.template.json").read_text()), folder)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return synthesise(tmp_path_factory.mktemp("pipeline"))


@pytest.mark.parametrize(("role", "environment"), [("Deploy", "trial"), ("Diff", "trial-diff")])
def test_one_environment_of_one_repository_may_assume_a_role(
    pipeline: Template, role: str, environment: str
) -> None:
    _, properties = pipeline.one("AWS::IAM::Role", role)
    (statement,) = properties["AssumeRolePolicyDocument"]["Statement"]
    provider, _ = pipeline.one("AWS::IAM::OIDCProvider")
    assert statement == {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": {"Ref": provider}},
        "Condition": {
            "StringEquals": {
                "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                "token.actions.githubusercontent.com:sub": (
                    f"repo:example/stockroom:environment:{environment}"
                ),
            }
        },
    }


def test_a_repository_is_named_as_its_tokens_name_it(tmp_path: Path) -> None:
    # GitHub writes the ids of owner and repository into the tokens of all repositories since July 2026.
    roles = synthesise(tmp_path, repository="example@123456/stockroom@456789")
    (statement,) = roles.one("AWS::IAM::Role", "Deploy")[1]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"] == (
        "repo:example@123456/stockroom@456789:environment:trial"
    )


BOOTSTRAP = "arn:aws:iam::111122223333:role/cdk-hnb659fds-{}-role-111122223333-eu-central-1"
STACK = "arn:aws:cloudformation:eu-central-1:111122223333:stack/Stockroom-trial/*"
RDS = "arn:aws:rds:eu-central-1:111122223333"
SECRETS = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:*"
SITE = "arn:aws:s3:::stockroom-trial-bucketssite*"
DENY_LIST = "arn:aws:s3:::stockroom-trial-bucketskeys*/denied.json"
APPLICATIONS = "arn:aws:emr-serverless:eu-central-1:111122223333:/applications/*"
OWN = {"StringEquals": {"aws:ResourceTag/aws:cloudformation:stack-name": "Stockroom-trial"}}
ALLOWED = {
    "Deploy": {
        "sts:AssumeRole": {BOOTSTRAP.format(name) for name in ("deploy", "file-publishing", "lookup")},
        "cloudformation:DescribeStacks": {STACK},
        "cloudformation:DescribeChangeSet": {STACK},
        "cloudformation:DeleteChangeSet": {STACK},
        "cloudformation:ListStackResources": {STACK},
        "cloudformation:UpdateTerminationProtection": {STACK},
        "rds:ModifyDBCluster": {f"{RDS}:cluster:*", f"{RDS}:db:*"},
        "rds:ModifyDBInstance": {f"{RDS}:cluster:*", f"{RDS}:db:*"},
        "secretsmanager:GetSecretValue": {SECRETS},
        "secretsmanager:PutSecretValue": {SECRETS},
        "secretsmanager:GetRandomPassword": {"*"},
        "s3:ListBucket": {SITE},
        "s3:GetObject": {f"{SITE}/*", DENY_LIST},
        "s3:PutObject": {f"{SITE}/*"},
        "s3:DeleteObject": {f"{SITE}/*"},
        "cloudfront:CreateInvalidation": {"arn:aws:cloudfront::111122223333:distribution/*"},
        "emr-serverless:GetApplication": {APPLICATIONS},
        "emr-serverless:StopApplication": {APPLICATIONS},
        "emr-serverless:ListJobRuns": {APPLICATIONS},
    },
    "Diff": {"sts:AssumeRole": {BOOTSTRAP.format("lookup")}},
}


@pytest.mark.parametrize("role", ALLOWED)
def test_a_role_may_do_exactly_this(pipeline: Template, role: str) -> None:
    logical, properties = pipeline.one("AWS::IAM::Role", role)
    assert not {"ManagedPolicyArns", "Policies"} & properties.keys()
    allowed: dict[str, set[str]] = {}
    for policy in pipeline.of_type("AWS::IAM::Policy").values():
        for statement in policy["PolicyDocument"]["Statement"] if {"Ref": logical} in policy["Roles"] else ():
            assert statement["Effect"] == "Allow"
            # Of all databases and secrets, only those of the stage's own stack.
            if as_list(statement["Action"])[0] in {"rds:ModifyDBCluster", "secretsmanager:GetSecretValue"}:
                assert statement["Condition"] == OWN
            if as_list(statement["Action"])[0].startswith("emr-serverless:"):
                assert statement["Condition"] == {
                    "StringEquals": {"aws:ResourceTag/project": "stockroom", "aws:ResourceTag/stage": "trial"}
                }
            for action in as_list(statement["Action"]):
                resources = {render(resource) for resource in as_list(statement["Resource"])}
                allowed.setdefault(action, set()).update(resources)
    assert allowed == ALLOWED[role]


# What `make deploy` asks of AWS itself, and what it needs for that. Everybody may ask who they are; and
# without the parameter of the bootstrap the CDK looks for it by its own role. A deployment goes on
# where it may not ask for the account's plan.
CALLS = {
    "describe_stacks": "cloudformation:DescribeStacks",
    "describe_change_set": "cloudformation:DescribeChangeSet",
    "delete_change_set": "cloudformation:DeleteChangeSet",
    "list_objects_v2": "s3:ListBucket",
    "get_object": "s3:GetObject",
    "put_object": "s3:PutObject",
    "delete_object": "s3:DeleteObject",
    "create_invalidation": "cloudfront:CreateInvalidation",
    "list_stack_resources": "cloudformation:ListStackResources",
    "update_termination_protection": "cloudformation:UpdateTerminationProtection",
    "modify_db_cluster": "rds:ModifyDBCluster",
    "modify_db_instance": "rds:ModifyDBInstance",
    "get_random_password": "secretsmanager:GetRandomPassword",
    "get_secret_value": "secretsmanager:GetSecretValue",
    "put_secret_value": "secretsmanager:PutSecretValue",
    "get_application": "emr-serverless:GetApplication",
    "stop_application": "emr-serverless:StopApplication",
    "list_job_runs": "emr-serverless:ListJobRuns",
    "get_caller_identity": None,
    "get_parameter": None,
    "get_account_plan_state": None,
}


def test_the_role_allows_what_a_deployment_calls() -> None:
    called: set[str] = set()
    for module in ("deploy", "job_application", "protection", "publish", "stack"):
        code = (ROOT / f"operations/{module}.py").read_text()
        called |= set(
            re.findall(r"\.((?:describe|list|get|put|create|modify|update|delete|stop)_\w+)\(", code)
        )
        called |= set(re.findall(r'get_paginator\("(\w+)"\)', code))
    called -= {"get_paginator"}
    assert called == CALLS.keys()
    needed = {action for action in CALLS.values() if action}
    assert ALLOWED["Deploy"].keys() == needed | {"sts:AssumeRole"}


def test_the_site_bucket_is_named_as_the_role_expects(aurora: Template) -> None:
    """The name that CloudFormation gives begins by the stack's and the logical id, in lower case."""
    from infra.pipeline import SITE_BUCKET

    logical, properties = aurora.one("AWS::S3::Bucket", "BucketsSite")
    assert "BucketName" not in properties
    assert f"stockroom-trial-{logical}".lower().startswith(f"stockroom-trial-{SITE_BUCKET}")


def render(value: dict[str, Any] | str) -> str:
    """An ARN, with the pseudo parameters of an account filled in."""
    if isinstance(value, str):
        return value
    known = {"AWS::Partition": "aws", "AWS::AccountId": "111122223333", "AWS::Region": "eu-central-1"}
    return "".join(part if isinstance(part, str) else known[part["Ref"]] for part in value["Fn::Join"][1])


def test_the_provider_of_an_account_that_has_one_is_used(tmp_path: Path) -> None:
    template = synthesise(tmp_path, provider=PROVIDER)
    assert template.of_type("AWS::IAM::OIDCProvider") == {}
    for role in template.of_type("AWS::IAM::Role").values():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Federated": PROVIDER}


@pytest.mark.parametrize(
    ("context", "message"),
    [
        ({"repository": ""}, "which repository"),
        ({"repository": "example/*"}, "which repository"),
        ({"repository": "example"}, "which repository"),
        ({"stage": ""}, "cannot be a stage"),
        ({"stage": "*"}, "cannot be a stage"),
        ({"stage": "other"}, "has no file"),
        # Its role would be the one by which the stage `trial` is compared.
        ({"stage": "trial-diff"}, "where the stage trial is compared"),
    ],
)
def test_nobody_is_let_in_by_a_pattern(context: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=message):
        synthesise(tmp_path, **context)


def test_the_template_follows_best_practices_or_the_reason_is_recorded(pipeline: Template) -> None:
    report = json.loads((pipeline.folder / "validation-report.json").read_text())
    assert [plugin for plugin in report["pluginReports"] if plugin["violations"]] == []


def test_the_checks_are_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from infra.pipeline import PipelineRoles

    monkeypatch.setattr(PipelineRoles, "_make_bootstrap_arn", lambda *_: "arn:aws:iam::111122223333:role/*")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        synthesise(tmp_path)


def test_the_template_is_valid(pipeline: Template) -> None:
    assert lint([pipeline.folder / "StockroomPipeline.template.json"]) == (0, "")
