"""The roles of the hosted pipeline: whom they let in, and what they allow."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra import pipeline as pipeline_module
from tests.infra.template import Template, as_list

PROVIDER = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
CONTEXT = {"repository": "example/stockroom", "environment": "staging"}


def synthesise(folder: Path, **context: str) -> Template:
    pipeline_module.build({**CONTEXT, **context}, folder).synth()
    return Template(json.loads((folder / "StockroomPipeline.template.json").read_text()), folder)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return synthesise(tmp_path_factory.mktemp("pipeline"))


@pytest.mark.parametrize(("role", "environment"), [("Deploy", "staging"), ("Diff", "staging-diff")])
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


@pytest.mark.parametrize(
    ("role", "bootstrap"), [("Deploy", {"deploy", "file-publishing", "lookup"}), ("Diff", {"lookup"})]
)
def test_a_role_may_assume_roles_of_the_bootstrap_and_nothing_else(
    pipeline: Template, role: str, bootstrap: set[str]
) -> None:
    logical, properties = pipeline.one("AWS::IAM::Role", role)
    assert not {"ManagedPolicyArns", "Policies"} & properties.keys()
    policies = [
        policy
        for policy in pipeline.of_type("AWS::IAM::Policy").values()
        if {"Ref": logical} in policy["Roles"]
    ]
    (statement,) = (each for policy in policies for each in policy["PolicyDocument"]["Statement"])
    assert (statement["Effect"], statement["Action"]) == ("Allow", "sts:AssumeRole")
    assert {render(resource) for resource in as_list(statement["Resource"])} == {
        f"arn:aws:iam::111122223333:role/cdk-hnb659fds-{name}-role-111122223333-eu-central-1"
        for name in bootstrap
    }


def render(value: dict[str, Any]) -> str:
    """An ARN, with the pseudo parameters of an account filled in."""
    known = {"AWS::Partition": "aws", "AWS::AccountId": "111122223333", "AWS::Region": "eu-central-1"}
    return "".join(part if isinstance(part, str) else known[part["Ref"]] for part in value["Fn::Join"][1])


def test_the_provider_of_an_account_that_has_one_is_used(tmp_path: Path) -> None:
    template = synthesise(tmp_path, provider=PROVIDER)
    assert template.of_type("AWS::IAM::OIDCProvider") == {}
    for role in template.of_type("AWS::IAM::Role").values():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Federated": PROVIDER}


@pytest.mark.parametrize(
    "context",
    [
        {"repository": ""},
        {"repository": "example/*"},
        {"repository": "example"},
        {"environment": ""},
        {"environment": "*"},
        # The environment in which another stage is compared is no stage.
        {"environment": "staging-diff"},
    ],
)
def test_nobody_is_let_in_by_a_pattern(context: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needed, and must be like"):
        synthesise(tmp_path, **context)


def test_the_template_follows_best_practices_without_an_exception(pipeline: Template) -> None:
    report = json.loads((pipeline.folder / "validation-report.json").read_text())
    assert [plugin for plugin in report["pluginReports"] if plugin["violations"]] == []
    assert "cdk_nag" not in json.dumps(pipeline.body)


def test_the_checks_are_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline_module, "_make_bootstrap_arn", lambda *_: "arn:aws:iam::111122223333:role/*")
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        synthesise(tmp_path)


def test_the_template_is_valid(pipeline: Template) -> None:
    linter = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run(
        [linter, "--", pipeline.folder / "StockroomPipeline.template.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
