"""The HTTP API has the routes that the Chalice apps declare, and no others."""

import re
from typing import Any

import pytest

from infra.declared_routes import APPS, list_routes
from tests.infra.conftest import ROUTE_RATES
from tests.infra.template import Template, names

# API Gateway's default quotas of an account in its smaller regions: requests a second, and requests at once.
# In most regions both are four times as high.
SMALLEST_RATE_QUOTA = 2500
SMALLEST_BURST_QUOTA = 1250
FOR_PROGRAMS = {
    *(f"GET {path}" for path in ("/feed.atom", "/feed.json", "/oembed")),
    *(f"GET {path}" for path in ("/robots.txt", "/sitemap.xml", "/{page}")),
    *(f"HEAD {path}" for path in ("/p/{id+}", "/picture/{id+}", "/by/{id+}")),
    *(f"HEAD {path}" for path in ("/robots.txt", "/sitemap.xml", "/{page}")),
}
"""What crawlers and readers of feeds ask for."""
UPLOADING = {"POST /api/uploads", "POST /api/uploads/tickets", "GET /api/uploads"}


def _function_of(template: Template, route: dict[str, Any]) -> set[str]:
    integrations = template.of_type("AWS::ApiGatewayV2::Integration")
    (integration,) = names(route["Target"])
    return names(integrations[integration]["IntegrationUri"])


@pytest.mark.parametrize(
    ("name", "logical"),
    [("upload_url", "UploadUrl"), ("search", "Search"), ("manage_images", "ManageImages")],
)
def test_one_route_for_each_of_chalice_leads_to_its_function(
    template: Template, name: str, logical: str
) -> None:
    function, _ = template.one("AWS::Lambda::Function", f"Functions{logical}")
    routed = {
        route["RouteKey"]
        for route in template.of_type("AWS::ApiGatewayV2::Route").values()
        if function in _function_of(template, route)
    }
    declared = {key for route in APPS[name].declared for key in route.keys}
    assert declared
    assert routed == declared


def test_no_route_catches_all(template: Template) -> None:
    for route in template.of_type("AWS::ApiGatewayV2::Route").values():
        assert "$default" not in route["RouteKey"]
        # Below the folders of pages, whatever is no page is told so by one.
        assert "+}" not in route["RouteKey"] or re.match(r"(GET|HEAD) /(p|picture|by)/", route["RouteKey"])
        assert not route["RouteKey"].startswith("ANY ")


def test_payloads_are_of_version_2(template: Template) -> None:
    integrations = template.of_type("AWS::ApiGatewayV2::Integration").values()
    assert {integration["PayloadFormatVersion"] for integration in integrations} == {"2.0"}


# What AWS documents: HTTP APIs wait 30 s for an integration at most, CloudFront 30 s for an origin unless
# it is set; a paused Aurora resumes in about 15 s.
HTTP_API_SECONDS = 30
RESUME_SECONDS = 15
COLD_START_SECONDS = 3


@pytest.mark.parametrize("name", ["upload_url", "search", "manage_images"])
def test_a_request_ends_before_the_api_gives_up_and_after_an_ordinary_wake_up(
    template: Template, name: str
) -> None:
    connect, retry, statement = template.patience(name)
    timeout = template.function(name)["Timeout"]
    assert connect > RESUME_SECONDS
    assert connect + statement < timeout <= HTTP_API_SECONDS - COLD_START_SECONDS
    # A client that is answered 503 comes again by itself.
    assert retry == 1


def test_the_cdn_waits_as_long_as_the_api(template: Template) -> None:
    _, distribution = template.one("AWS::CloudFront::Distribution")
    waits = [
        origin["CustomOriginConfig"].get("OriginReadTimeout", 30)
        for origin in distribution["DistributionConfig"]["Origins"]
        if "CustomOriginConfig" in origin
    ]
    assert waits
    assert min(waits) >= HTTP_API_SECONDS


def test_requests_are_logged(template: Template) -> None:
    _, stage = template.one("AWS::ApiGatewayV2::Stage")
    assert "$context.requestId" in stage["AccessLogSettings"]["Format"]


def test_nothing_that_a_client_writes_is_in_a_line_about_its_request(template: Template) -> None:
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
    of_aws = {
        "error.message",
        "httpMethod",
        "integrationErrorMessage",
        "requestId",
        "requestTime",
        "responseLatency",
        "responseLength",
        "routeKey",
        "status",
    }
    _, stage = template.one("AWS::ApiGatewayV2::Stage")
    assert set(re.findall(r"\$context\.([\w.]+)", stage["AccessLogSettings"]["Format"])) <= of_aws


def test_the_limits_of_the_stage_fit_the_smallest_quota_of_an_account(template: Template) -> None:
    _, stage = template.one("AWS::ApiGatewayV2::Stage")
    assert stage["DefaultRouteSettings"] == {
        "DetailedMetricsEnabled": False,
        "ThrottlingRateLimit": 200,
        "ThrottlingBurstLimit": 400,
    }
    limits = stage["RouteSettings"].values()
    # A flood that is aimed at every route at once leaves something to the account's other APIs.
    assert sum(each["ThrottlingRateLimit"] for each in limits) < SMALLEST_RATE_QUOTA
    assert all(each["ThrottlingBurstLimit"] < SMALLEST_BURST_QUOTA for each in limits)


def test_whoever_needs_no_token_has_a_tighter_limit(template: Template) -> None:
    _, stage = template.one("AWS::ApiGatewayV2::Stage")
    for route in list_routes():
        for key in route.keys:
            rate = 10 if key in FOR_PROGRAMS else 100
            if route.scope is not None:
                rate = 200 if key in UPLOADING else 10 if route.scope == "admin" else 30
            # A route that has settings takes none of the default ones.
            assert stage["RouteSettings"][key] == {
                "DetailedMetricsEnabled": False,
                "ThrottlingRateLimit": rate,
                "ThrottlingBurstLimit": 2 * rate,
            }


def test_no_route_keeps_a_limit_that_the_file_does_not_give_it_any_more(template: Template) -> None:
    """API Gateway's UpdateStage keeps settings that it is not given, and AWS does not say what CloudFormation
    does about those that a template leaves out.
    """
    _, stage = template.one("AWS::ApiGatewayV2::Stage")
    assert set(stage["RouteSettings"]) == {key for route in list_routes() for key in route.keys}


def test_a_route_is_there_before_its_limit(template: Template) -> None:
    name, stage = template.one("AWS::ApiGatewayV2::Stage")
    routes = template.of_type("AWS::ApiGatewayV2::Route")
    limited = {name for name, route in routes.items() if route["RouteKey"] in stage["RouteSettings"]}
    assert limited <= set(template.body["Resources"][name]["DependsOn"])


def test_the_limit_of_anonymous_requests_is_a_choice(chosen: Template) -> None:
    _, stage = chosen.one("AWS::ApiGatewayV2::Stage")
    anonymous = {key for route in list_routes() if route.scope is None for key in route.keys} - FOR_PROGRAMS
    assert {
        (each["ThrottlingRateLimit"], each["ThrottlingBurstLimit"])
        for key, each in stage["RouteSettings"].items()
        if key not in ROUTE_RATES and key in anonymous
    } == {(25, 50)}


def test_each_route_can_have_a_limit_of_its_own(chosen: Template) -> None:
    """Whether it needs a token or not."""
    _, stage = chosen.one("AWS::ApiGatewayV2::Stage")
    limits = {key: stage["RouteSettings"][key]["ThrottlingRateLimit"] for key in ROUTE_RATES}
    assert limits == ROUTE_RATES


def test_no_function_reserves_what_a_new_account_does_not_have(template: Template) -> None:
    # Such an account may have a quota of ten, of which Lambda lets nobody reserve anything.
    for function in template.of_type("AWS::Lambda::Function").values():
        assert "ReservedConcurrentExecutions" not in function


def test_the_processes_that_search_can_be_limited(chosen: Template) -> None:
    reserved = {
        name: each["ReservedConcurrentExecutions"]
        for name, each in chosen.of_type("AWS::Lambda::Function").items()
        if "ReservedConcurrentExecutions" in each
    }
    assert reserved == {chosen.one("AWS::Lambda::Function", "FunctionsSearch")[0]: 50}
