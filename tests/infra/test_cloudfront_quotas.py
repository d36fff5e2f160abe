"""What CloudFront takes at most: it refuses a deployment that has more, and no schema says so.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
"""

from typing import Any

import pytest

from infra.declared_routes import list_routes
from tests.infra.template import Template

NAMES_IN_A_POLICY = 10  # of headers, of cookies, of query strings
HEADERS_IN_A_RESPONSE_POLICY = 10
LENGTH_OF_A_HEADERS_VALUE = 1783
BYTES_OF_A_FUNCTION = 10 * 1024
BEHAVIORS = 75
ORIGINS = 25
POLICIES_OF_AN_ACCOUNT = 20  # of each kind
# Of an account, so that another stage has room, too.
STAGES = 5


def _distribution(template: Template) -> dict[str, Any]:
    body = template.one("AWS::CloudFront::Distribution")[1]["DistributionConfig"]
    assert isinstance(body, dict)
    return body


def _count_names(key: dict[str, Any]) -> dict[str, int]:
    """How many names of each kind a policy lists."""
    return {
        kind: len(key[f"{kind}sConfig"].get(f"{kind}s", [])) for kind in ("Header", "Cookie", "QueryString")
    }


@pytest.mark.parametrize(
    ("kind", "config", "parameters"),
    [
        ("CachePolicy", "CachePolicyConfig", "ParametersInCacheKeyAndForwardedToOrigin"),
        ("OriginRequestPolicy", "OriginRequestPolicyConfig", None),
    ],
)
def test_a_policy_lists_no_more_names_than_it_may(
    template: Template, kind: str, config: str, parameters: str | None
) -> None:
    for policy in template.of_type(f"AWS::CloudFront::{kind}").values():
        body = policy[config][parameters] if parameters else policy[config]
        assert max(_count_names(body).values()) <= NAMES_IN_A_POLICY


def test_the_routes_have_more_parameters_than_a_policy_could_list(template: Template) -> None:
    # So the cache key has all of them, after a function has sorted them and dropped defaults.
    parameters = {each.name for route in list_routes() for each in route.query_parameters}
    assert len(parameters) > NAMES_IN_A_POLICY
    _, policy = template.one("AWS::CloudFront::CachePolicy", "ApiCache")
    key = policy["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}


def test_headers_of_answers_are_few_and_short(template: Template) -> None:
    for policy in template.of_type("AWS::CloudFront::ResponseHeadersPolicy").values():
        config = policy["ResponseHeadersPolicyConfig"]
        custom = config.get("CustomHeadersConfig", {}).get("Items", [])
        assert len(custom) <= HEADERS_IN_A_RESPONSE_POLICY
        security = config["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
        for value in [security, *(each["Value"] for each in custom)]:
            # A reference is counted with its name, which is longer than most values.
            assert len(str(value)) <= LENGTH_OF_A_HEADERS_VALUE


def test_functions_are_small(template: Template) -> None:
    functions = template.of_type("AWS::CloudFront::Function").values()
    assert functions
    for function in functions:
        assert len(function["FunctionCode"].encode()) <= BYTES_OF_A_FUNCTION


def test_the_distribution_has_no_more_behaviors_and_origins_than_it_may(template: Template) -> None:
    assert len(_distribution(template)["CacheBehaviors"]) < BEHAVIORS
    assert len(_distribution(template)["Origins"]) <= ORIGINS


def test_a_behavior_has_one_function_an_event(template: Template) -> None:
    config = _distribution(template)
    for behavior in [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]:
        events = [each["EventType"] for each in behavior.get("FunctionAssociations", [])]
        assert len(events) == len(set(events))
        assert set(events) <= {"viewer-request", "viewer-response"}


@pytest.mark.parametrize("kind", ["CachePolicy", "ResponseHeadersPolicy", "OriginRequestPolicy"])
def test_an_account_has_room_for_several_stages(template: Template, kind: str) -> None:
    assert STAGES * len(template.of_type(f"AWS::CloudFront::{kind}")) <= POLICIES_OF_AN_ACCOUNT
