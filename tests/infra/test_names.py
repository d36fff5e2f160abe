"""Names that somebody chose: no two stacks of an account have the same one, in whichever regions they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.deployment import read_metric
from tests.infra.template import Template, names

# The stacks of two stages in one region, and of one of them in another region. The last one has the longest
# names: of a stack that is called like this, and of a region.
# CloudFormation gives stacks UUIDs of version 1: one host made all of these, the first two within seconds.
STACKS = [
    {
        "AWS::StackName": name,
        "AWS::Region": region,
        "AWS::StackId": f"arn:aws:cloudformation:{region}:111122223333:stack/{name}/{uuid}",
    }
    for name, region, uuid in [
        ("Stockroom", "eu-west-1", "e15255d0-198f-11ec-b726-02a7eba5ab24"),
        ("Stockroom-staging", "eu-west-1", "e2525ad0-198f-11ec-b726-02a7eba5ab24"),
        ("Stockroom-staging", "ap-southeast-1", "e15255d0-2ac0-11ec-b726-02a7eba5ab24"),
    ]
]
NAME = re.compile(r"(?:[A-Za-z0-9]*Config[.])?[A-Za-z]*(?:Name|Identifier)")
# What has a name that need not be unique, or the name of something else.
NOT_UNIQUE = {
    "AWS::ApiGatewayV2::Stage": {"StageName"},
    "AWS::CloudWatch::Alarm": {"MetricName"},
    "AWS::Lambda::Permission": {"FunctionName"},
    "AWS::IAM::Policy": {"PolicyName"},  # inside its role
    "AWS::RDS::DBCluster": {"DatabaseName"},
    "AWS::RDS::DBInstance": {"DBName"},
    "AWS::EC2::VPCEndpoint": {"ServiceName"},
}
LENGTHS = {
    "AWS::CloudFront::Function": 64,
    "AWS::CloudFront::OriginAccessControl": 64,
    "AWS::CloudFront::CachePolicy": 128,
    "AWS::CloudFront::ResponseHeadersPolicy": 128,
    "AWS::S3::Bucket": 63,
}


def _resolve(value: Any, pseudo_parameters: dict[str, str]) -> str | None:
    """A name as text, or None where it is the name of another resource, which AWS makes."""
    if isinstance(value, str):
        return value
    if "Ref" in value:
        return pseudo_parameters.get(value["Ref"])
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        texts = [_resolve(part, pseudo_parameters) for part in parts]
        return None if None in texts else separator.join(map(str, texts))
    if "Fn::Select" in value:
        index, split = value["Fn::Select"]
        separator, whole = split["Fn::Split"]
        text = _resolve(whole, pseudo_parameters)
        return None if text is None else text.split(separator)[int(index)]
    return None


def _names(template: Template, stack: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """The type of each resource that is named by somebody, with the property and the name."""
    for resource in template.body["Resources"].values():
        kind = resource["Type"]
        properties = dict(resource.get("Properties", {}))
        for key in [key for key in properties if key.endswith("Config")]:
            properties |= {f"{key}.{name}": value for name, value in properties[key].items()}
        for key, value in properties.items():
            if NAME.fullmatch(key) and key not in NOT_UNIQUE.get(kind, ()):
                name = _resolve(value, stack)
                if name is not None:
                    yield kind, key, name


@pytest.mark.parametrize("database", ["aurora", "instance"])
def test_stacks_of_an_account_share_no_name(request: pytest.FixtureRequest, database: str) -> None:
    template = request.getfixturevalue(database)
    of_stacks = [list(_names(template, stack)) for stack in STACKS]
    for of_stack in of_stacks:
        assert len(of_stack) == len(set(of_stack))
    # Some are names in one region only, and these need not differ between regions.
    regional = {"AWS::ApiGatewayV2::Api", "AWS::Logs::LogGroup", "AWS::Logs::QueryDefinition"}
    everything = [each for of_stack in of_stacks for each in of_stack if each[0] not in regional]
    assert {kind for kind, _, _ in everything} >= set(LENGTHS)
    assert sorted(each for each in set(everything) if everything.count(each) > 1) == []


def test_names_are_as_short_as_they_must_be(aurora: Template) -> None:
    for kind, _, name in _names(aurora, STACKS[-1]):
        assert len(name) <= LENGTHS.get(kind, 255), (kind, name)


def test_global_names_tell_the_stack_and_the_region(aurora: Template) -> None:
    for kind, _, name in _names(aurora, STACKS[-1]):
        if kind.startswith("AWS::CloudFront::"):
            assert name.startswith("Stockroom-staging-ap-southeast-1-"), (kind, name)


def test_nothing_is_exported(template: Template) -> None:
    assert not [name for name, output in template.body["Outputs"].items() if "Export" in output]


def test_stages_of_a_region_count_apart(template: Template) -> None:
    for name in ("upload_url", "search", "manage_images", "resize", "reaper", "audit", "migrate"):
        namespace = template.environment(name)["POWERTOOLS_METRICS_NAMESPACE"]
        assert namespace == {"Ref": "AWS::StackName"}
    for alarm in template.of_type("AWS::CloudWatch::Alarm").values():
        metric = read_metric(alarm) if "Metrics" in alarm else alarm
        # Metrics of AWS have the names of this stack's resources.
        is_of_aws = str(metric["Namespace"]).startswith("AWS/")
        assert metric["Namespace"] == {"Ref": "AWS::StackName"} or (is_of_aws and names(metric["Dimensions"]))
