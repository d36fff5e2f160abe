"""The function that fetches the keys of OpenID providers: where it is, and what it may do."""

from tests.infra.conftest import ISSUER_NAMES
from tests.infra.template import Template, as_list, names


def function(template: Template) -> tuple[str, dict[str, object]]:
    return template.one("AWS::Lambda::Function", "IssuerKeys")


def test_without_a_provider_there_is_none(template: Template) -> None:
    assert not [name for name in template.body["Resources"] if "IssuerKeys" in name]
    assert "FetchKeysFunction" not in template.outputs()


def test_it_is_outside_the_network_and_the_others_are_inside(chosen: Template) -> None:
    name, properties = function(chosen)
    assert "VpcConfig" not in properties
    others = chosen.of_type("AWS::Lambda::Function")
    assert all("VpcConfig" in others[each] for each in others if "Functions" in each)
    assert chosen.outputs()["FetchKeysFunction"] == {"Ref": name}


def test_it_may_write_the_key_sets_of_these_providers_and_nothing_else(chosen: Template) -> None:
    _, properties = function(chosen)
    role = properties["Role"]["Fn::GetAtt"][0]  # type: ignore[index]
    statements = [
        statement
        for policy in chosen.of_type("AWS::IAM::Policy").values()
        if {"Ref": role} in policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    keys, _ = chosen.one("AWS::S3::Bucket", "BucketsKeys")
    (statement,) = statements
    assert (statement["Effect"], as_list(statement["Action"])) == ("Allow", ["s3:PutObject"])
    assert [resource["Fn::Join"][1] for resource in statement["Resource"]] == [
        [{"Fn::GetAtt": [keys, "Arn"]}, "/jwks/https-id.example-a.json"],
        [{"Fn::GetAtt": [keys, "Arn"]}, "/jwks/https-login.example.json"],
    ]


def test_it_knows_the_issuers_and_nothing_of_the_database(chosen: Template) -> None:
    _, properties = function(chosen)
    variables = properties["Environment"]["Variables"]  # type: ignore[index]
    assert variables["STOCKROOM_ISSUERS"] == ISSUER_NAMES
    assert set(variables) == {
        "STOCKROOM_ISSUERS",
        "STOCKROOM_ISSUER_SCOPES",
        "STOCKROOM_ISSUER_CLIENTS",
        "STOCKROOM_VISIBILITY",
        "STOCKROOM_MAX_PENDING",
        "STOCKROOM_KEYS_BUCKET",
        "POWERTOOLS_SERVICE_NAME",
    }


def test_it_runs_once_an_hour(chosen: Template) -> None:
    name, _ = function(chosen)
    _, rule = chosen.one("AWS::Events::Rule", "IssuerKeys")
    assert rule["ScheduleExpression"] == "rate(1 hour)"
    assert names(rule["Targets"]) == {name}


def test_three_hours_of_failures_raise_an_alarm(chosen: Template) -> None:
    name, _ = function(chosen)
    _, alarm = chosen.one("AWS::CloudWatch::Alarm", "IssuerKeys")
    assert (alarm["MetricName"], alarm["Dimensions"][0]["Value"]) == ("Errors", {"Ref": name})
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["Threshold"]) == (3600, 3, 1)


def test_the_local_stack_fetches_too(local_by_shell: Template) -> None:
    assert local_by_shell.one("AWS::Events::Rule", "IssuerKeys")


def test_the_page_may_connect_to_the_provider_that_it_signs_in_at(chosen: Template) -> None:
    assert chosen.environment("search")["STOCKROOM_ISSUER_CLIENTS"] == "https://id.example/a=page"
    (policy,) = (
        each["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]["ContentSecurityPolicy"]
        for name, each in chosen.of_type("AWS::CloudFront::ResponseHeadersPolicy").items()
        if "SiteHeaders" in name
    )
    connect = str(policy["ContentSecurityPolicy"]).partition("connect-src")[2].partition("; ")[0]
    assert connect.endswith(" https://id.example")
    assert "https://login.example" not in connect
