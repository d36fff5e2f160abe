"""The HTTP API has the routes that the Chalice apps declare, and no others."""

from typing import Any

import pytest

from infra.routes import APPS, list_routes
from tests.infra.template import Template, names


def _function_of(template: Template, route: dict[str, Any]) -> set[str]:
    integrations = template.of_type("AWS::ApiGatewayV2::Integration")
    (integration,) = names(route["Target"])
    return names(integrations[integration]["IntegrationUri"])


@pytest.mark.parametrize(("name", "logical"), [("upload_url", "UploadUrl"), ("search", "Search")])
def test_one_route_for_each_of_chalice_leads_to_its_function(
    template: Template, name: str, logical: str
) -> None:
    function, _ = template.one("AWS::Lambda::Function", f"Functions{logical}")
    routed = {
        route["RouteKey"]
        for route in template.of_type("AWS::ApiGatewayV2::Route").values()
        if function in _function_of(template, route)
    }
    declared = {f"{route.method} {route.path}" for route in APPS[name].declared}
    assert declared
    assert routed == declared


def test_no_route_catches_all(template: Template) -> None:
    for route in template.of_type("AWS::ApiGatewayV2::Route").values():
        assert "$default" not in route["RouteKey"]
        assert "+}" not in route["RouteKey"]
        assert not route["RouteKey"].startswith("ANY ")


def test_payloads_are_of_version_2(template: Template) -> None:
    integrations = template.of_type("AWS::ApiGatewayV2::Integration").values()
    assert {integration["PayloadFormatVersion"] for integration in integrations} == {"2.0"}


def test_functions_answer_before_the_api_gives_up_and_after_the_database_wakes(template: Template) -> None:
    for name in ("upload_url", "search"):
        assert 25 < template.function(name)["Timeout"] < 30


def test_requests_are_throttled_and_logged(template: Template) -> None:
    _, stage = template.one("AWS::ApiGatewayV2::Stage")
    settings = stage["DefaultRouteSettings"]
    assert settings["ThrottlingRateLimit"] > 0
    assert settings["ThrottlingBurstLimit"] >= settings["ThrottlingRateLimit"]
    assert "$context.requestId" in stage["AccessLogSettings"]["Format"]


def test_routes_without_a_token_take_less_than_the_rest(template: Template) -> None:
    name, stage = template.one("AWS::ApiGatewayV2::Stage")
    throttled = stage["RouteSettings"]
    assert set(throttled) == {
        f"{route.method} {route.path}" for route in list_routes() if route.scope is None
    }
    for settings in throttled.values():
        assert 0 < settings["ThrottlingRateLimit"] < stage["DefaultRouteSettings"]["ThrottlingRateLimit"]
        assert settings["ThrottlingBurstLimit"] >= settings["ThrottlingRateLimit"]
    # Settings of a route are refused before there is the route.
    awaited = set(template.body["Resources"][name]["DependsOn"])
    assert set(template.of_type("AWS::ApiGatewayV2::Route")) <= awaited
