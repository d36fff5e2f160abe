"""The resources that cost something by being there are as many as docs/cost.md counts."""

import pytest

from operations.cost import read_prices
from tests.infra.template import Template

KINDS = {
    "alarms": "AWS::CloudWatch::Alarm",
    "secrets": "AWS::SecretsManager::Secret",
    "dashboards": "AWS::CloudWatch::Dashboard",
}
# These cost by the hour, and are designed away.
DEAR = (
    "AWS::EC2::NatGateway",
    "AWS::RDS::DBProxy",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::EC2::EIP",
    "AWS::WAFv2::WebACL",
)


@pytest.mark.parametrize("stage", ["aurora", "instance"])
def test_the_template_has_as_many_as_are_counted(stage: str, request: pytest.FixtureRequest) -> None:
    template: Template = request.getfixturevalue(stage)
    counted = {name: len(template.of_type(kind)) for name, kind in KINDS.items()}
    assert counted == read_prices().resources, (
        "correct [resources] in operations/prices.toml, and run `make cost`"
    )


@pytest.mark.parametrize("stage", ["aurora", "instance"])
def test_nothing_costs_by_the_hour_but_the_database(stage: str, request: pytest.FixtureRequest) -> None:
    template: Template = request.getfixturevalue(stage)
    assert [kind for kind in DEAR if template.of_type(kind)] == []
    endpoints = template.of_type("AWS::EC2::VPCEndpoint").values()
    assert [endpoint["VpcEndpointType"] for endpoint in endpoints] == ["Gateway"]
