"""The function that fetches the keys of OpenID providers: where it is, and what it may do."""

from pathlib import Path

import pytest

from tests.infra.conftest import LOCAL, synthesise
from tests.infra.template import Template, as_list, names

ISSUERS = ({"url": "https://id.example/a"}, {"url": "https://login.example"})
NAMES = "stockroom,https://id.example/a,https://login.example"


@pytest.fixture(scope="module")
def trusting(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A template for AWS with two OpenID providers."""
    return synthesise(tmp_path_factory.mktemp("trusting"), issuers=ISSUERS)


def function(template: Template) -> tuple[str, dict[str, object]]:
    return template.one("AWS::Lambda::Function", "IssuerKeys")


def test_without_a_provider_there_is_none(template: Template) -> None:
    assert not [name for name in template.body["Resources"] if "IssuerKeys" in name]
    assert "FetchKeysFunction" not in template.outputs()


def test_it_is_outside_the_network_and_the_others_are_inside(trusting: Template) -> None:
    name, properties = function(trusting)
    assert "VpcConfig" not in properties
    others = trusting.of_type("AWS::Lambda::Function")
    assert all("VpcConfig" in others[each] for each in others if "Functions" in each)
    assert trusting.outputs()["FetchKeysFunction"] == {"Ref": name}


def test_it_may_write_the_key_sets_of_these_providers_and_nothing_else(trusting: Template) -> None:
    _, properties = function(trusting)
    role = properties["Role"]["Fn::GetAtt"][0]  # type: ignore[index]
    statements = [
        statement
        for policy in trusting.of_type("AWS::IAM::Policy").values()
        if {"Ref": role} in policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    keys, _ = trusting.one("AWS::S3::Bucket", "BucketsKeys")
    (statement,) = statements
    assert (statement["Effect"], as_list(statement["Action"])) == ("Allow", ["s3:PutObject"])
    assert [resource["Fn::Join"][1] for resource in statement["Resource"]] == [
        [{"Fn::GetAtt": [keys, "Arn"]}, "/jwks/https-id.example-a.json"],
        [{"Fn::GetAtt": [keys, "Arn"]}, "/jwks/https-login.example.json"],
    ]


def test_it_knows_the_issuers_and_nothing_of_the_database(trusting: Template) -> None:
    _, properties = function(trusting)
    variables = properties["Environment"]["Variables"]  # type: ignore[index]
    assert variables["STOCKROOM_ISSUERS"] == NAMES
    assert set(variables) == {
        "STOCKROOM_ISSUERS",
        "STOCKROOM_ISSUER_SCOPES",
        "STOCKROOM_VISIBILITY",
        "STOCKROOM_KEYS_BUCKET",
        "POWERTOOLS_SERVICE_NAME",
    }


def test_it_runs_once_an_hour(trusting: Template) -> None:
    name, _ = function(trusting)
    _, rule = trusting.one("AWS::Events::Rule", "IssuerKeys")
    assert rule["ScheduleExpression"] == "rate(1 hour)"
    assert names(rule["Targets"]) == {name}


def test_three_hours_of_failures_raise_an_alarm(trusting: Template) -> None:
    name, _ = function(trusting)
    _, alarm = trusting.one("AWS::CloudWatch::Alarm", "IssuerKeys")
    assert (alarm["MetricName"], alarm["Dimensions"][0]["Value"]) == ("Errors", {"Ref": name})
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["Threshold"]) == (3600, 3, 1)


def test_the_local_stack_fetches_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKROOM_ISSUERS", NAMES)
    local = synthesise(tmp_path, **LOCAL)
    assert local.one("AWS::Events::Rule", "IssuerKeys")
