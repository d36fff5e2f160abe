"""The page of costs is of the present template, and nothing costs by the hour unseen."""

import pytest

from operations import cost
from tests.infra.template import Template

# These cost by the hour, and are designed away.
DEAR = (
    "AWS::EC2::NatGateway",
    "AWS::RDS::DBProxy",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::EC2::EIP",
    "AWS::WAFv2::WebACL",
)


def test_the_page_is_what_make_cost_writes(aurora: Template) -> None:
    page = cost.PAGE.read_text()
    assert page == cost.render_page(page, cost.read_prices(), cost.read_facts(aurora.body)), "run `make cost`"


@pytest.mark.parametrize("stage", ["aurora", "instance"])
def test_nothing_costs_by_the_hour_but_the_database(stage: str, request: pytest.FixtureRequest) -> None:
    template: Template = request.getfixturevalue(stage)
    assert [kind for kind in DEAR if template.of_type(kind)] == []
    endpoints = template.of_type("AWS::EC2::VPCEndpoint").values()
    assert [endpoint["VpcEndpointType"] for endpoint in endpoints] == ["Gateway"]
