"""CloudFront: which path leads where, how long answers are stored, and under which headers."""

import re
from base64 import b64encode
from fnmatch import fnmatch
from hashlib import sha256
from typing import Any

import pytest

from infra.declared_routes import list_routes
from infra.normalise_query import generate_cloudfront_code, list_uncached_patterns
from infra.page_paths import generate_request_code, generate_response_code
from infra.site_policy import INLINE_SCRIPT
from stockroom.api.client_limits import CDN_HEADER
from tests.infra.cloudfront_evaluator import (
    ALL_VIEWER_EXCEPT_HOST_HEADER,
    CACHING_DISABLED,
    CACHING_OPTIMIZED,
)
from tests.infra.conftest import WEB_ACL
from tests.infra.template import Template, names
from tooling import ROOT

UNCACHED = [
    "/api/duplicates",
    "/api/images/*/original",
    "/api/images/delete",
    "/api/images/edit",
    "/api/images/restore",
    "/api/images/takedown",
    "/api/log",
    "/api/takedowns",
    "/api/takedowns/*",
    "/api/uploads",
    "/api/uploads/*",
    "/api/uploads/cancel",
    "/api/uploads/retry",
    "/api/uploads/tickets",
]
PAGES = ["/p/?*", "/picture/?*", "/by/?*"]
FILES = ["/robots.txt", "/sitemap.xml", "/sitemap-*.xml"]
SEARCHES = ["/oembed", "/feed.atom", "/feed.json"]
"""What answers have the queries and the keys of those under `/api/`."""


def _distribution(template: Template) -> dict[str, Any]:
    body = template.one("AWS::CloudFront::Distribution")[1]["DistributionConfig"]
    assert isinstance(body, dict)
    return body


def _behavior(template: Template, path: str) -> dict[str, Any]:
    (found,) = [each for each in _distribution(template)["CacheBehaviors"] if each["PathPattern"] == path]
    assert isinstance(found, dict)
    return found


def _origin(template: Template, behavior: dict[str, Any]) -> dict[str, Any]:
    (found,) = [
        each for each in _distribution(template)["Origins"] if each["Id"] == behavior["TargetOriginId"]
    ]
    assert isinstance(found, dict)
    return found


def _headers(template: Template, behavior: dict[str, Any]) -> dict[str, Any]:
    policy = behavior["ResponseHeadersPolicyId"]["Ref"]
    found = template.of_type("AWS::CloudFront::ResponseHeadersPolicy")[policy]
    security = found["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert isinstance(security, dict)
    return security


def test_the_special_cases_come_before_the_rest_of_the_api(template: Template) -> None:
    paths = [each["PathPattern"] for each in _distribution(template)["CacheBehaviors"]]
    assert set(paths) == {"/i/*", "/api/*", *UNCACHED, *PAGES, *FILES, *SEARCHES}
    assert all(paths.index("/api/*") > paths.index(path) for path in UNCACHED)


@pytest.mark.parametrize(("path", "bucket"), [("/i/*", "Images"), (None, "Site")])
def test_buckets_are_read_with_signed_requests_only(
    template: Template, path: str | None, bucket: str
) -> None:
    behavior = _behavior(template, path) if path else _distribution(template)["DefaultCacheBehavior"]
    origin = _origin(template, behavior)
    assert template.one("AWS::S3::Bucket", f"Buckets{bucket}")[0] in names(origin["DomainName"])
    assert "OriginAccessControlId" in origin
    assert "AllowedMethods" not in behavior


def test_no_public_answer_is_behind_a_pattern_that_is_not_cached() -> None:
    public = [route.path for route in list_routes() if route.method == "GET" and not route.is_personal]
    assert not any(fnmatch(path, pattern) for path in public for pattern in UNCACHED)
    assert all(
        any(fnmatch(path, pattern) for pattern in UNCACHED) for path in list_uncached_patterns(list_routes())
    )


@pytest.mark.parametrize("path", UNCACHED)
def test_what_is_private_is_not_cached(template: Template, path: str) -> None:
    assert _behavior(template, path)["CachePolicyId"] == CACHING_DISABLED


def test_a_private_library_is_not_cached_so_that_tokens_get_through(chosen: Template) -> None:
    assert _behavior(chosen, "/api/*")["CachePolicyId"] == CACHING_DISABLED


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.json", "/oembed"])
def test_what_a_private_library_shares_is_not_stored_and_asks_the_function_for_each_token(
    chosen: Template, path: str
) -> None:
    behavior = _behavior(chosen, path)
    assert behavior["CachePolicyId"] == CACHING_DISABLED
    assert behavior["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST_HEADER


@pytest.mark.parametrize("path", PAGES)
def test_the_page_of_a_private_picture_is_made_without_knowing_who_asks(chosen: Template, path: str) -> None:
    """So it cannot say more to one than to another: whatever an id stands for, the answer is the same."""
    assert "OriginRequestPolicyId" not in _behavior(chosen, path)


@pytest.mark.parametrize("path", [*PAGES, *FILES])
def test_pages_and_files_of_the_api_are_found_by_their_path_alone(template: Template, path: str) -> None:
    behavior = _behavior(template, path)
    assert "OriginRequestPolicyId" not in behavior
    assert "AllowedMethods" not in behavior
    policy = template.of_type("AWS::CloudFront::CachePolicy")[behavior["CachePolicyId"]["Ref"]]
    config = policy["CachePolicyConfig"]
    assert (config["MinTTL"], config["DefaultTTL"]) == (0, 0)
    key = config["ParametersInCacheKeyAndForwardedToOrigin"]
    for kind in ("QueryString", "Header", "Cookie"):
        assert key[f"{kind}sConfig"] == {f"{kind}Behavior": "none"}
    api, _ = template.one("AWS::ApiGatewayV2::Api")
    assert api in names(_origin(template, behavior)["DomainName"])


@pytest.mark.parametrize("path", PAGES)
def test_whoever_makes_a_page_it_may_do_the_same_in_a_browser(template: Template, path: str) -> None:
    default = _distribution(template)["DefaultCacheBehavior"]
    assert _behavior(template, path)["ResponseHeadersPolicyId"] == default["ResponseHeadersPolicyId"]


@pytest.mark.parametrize("path", [*FILES, *SEARCHES])
def test_no_browser_runs_anything_of_a_feed_or_a_sitemap(template: Template, path: str) -> None:
    api = _behavior(template, "/api/*")
    assert _behavior(template, path)["ResponseHeadersPolicyId"] == api["ResponseHeadersPolicyId"]


@pytest.mark.parametrize("path", SEARCHES)
def test_feeds_are_stored_and_passed_on_as_searches_are(
    aurora: Template, chosen: Template, path: str
) -> None:
    for template in (aurora, chosen):
        assert _behavior(template, path) == _behavior(template, "/api/*") | {"PathPattern": path}


def test_the_function_knows_the_site_by_the_deployment(aurora: Template, local: Template) -> None:
    distribution, _ = aurora.one("AWS::CloudFront::Distribution")
    assert aurora.environment("search")["STOCKROOM_SITE_URL"] == {
        "Fn::Join": ["", ["https://", {"Fn::GetAtt": [distribution, "DomainName"]}]]
    }
    assert local.environment("search")["STOCKROOM_SITE_URL"] == "http://localhost:8123"
    assert "STOCKROOM_SITE_URL" not in aurora.environment("upload_url")


@pytest.mark.parametrize("path", [*UNCACHED, "/api/*", *SEARCHES])
def test_the_api_sees_all_but_the_host(template: Template, path: str) -> None:
    behavior = _behavior(template, path)
    assert behavior["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST_HEADER
    assert set(behavior["AllowedMethods"]) >= {"GET", "POST", "PATCH", "DELETE"}
    api, _ = template.one("AWS::ApiGatewayV2::Api")
    assert api in names(_origin(template, behavior)["DomainName"])


def test_the_api_says_how_long_an_answer_is_stored(template: Template) -> None:
    policy = template.of_type("AWS::CloudFront::CachePolicy")[
        _behavior(template, "/api/*")["CachePolicyId"]["Ref"]
    ]["CachePolicyConfig"]
    assert (policy["MinTTL"], policy["DefaultTTL"]) == (0, 0)
    key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    assert key["HeadersConfig"] == {"HeaderBehavior": "none"}
    assert key["CookiesConfig"] == {"CookieBehavior": "none"}
    assert key["EnableAcceptEncodingBrotli"]
    assert key["EnableAcceptEncodingGzip"]


def test_queries_are_normalised_where_answers_are_stored(template: Template) -> None:
    (association,) = _behavior(template, "/api/*")["FunctionAssociations"]
    (function,) = names(association["FunctionARN"])
    assert association["EventType"] == "viewer-request"
    properties = template.of_type("AWS::CloudFront::Function")[function]
    assert properties["FunctionCode"] == generate_cloudfront_code(list_routes())
    assert properties["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"


def test_errors_are_not_stored_and_not_rewritten(template: Template) -> None:
    responses = _distribution(template)["CustomErrorResponses"]
    assert {each["ErrorCode"] for each in responses} >= {403, 404, 500, 502, 503, 504}
    assert all(each["ErrorCachingMinTTL"] == 0 for each in responses)
    assert not any("ResponsePagePath" in each for each in responses)


def test_renditions_can_do_nothing_in_a_browser(template: Template) -> None:
    security = _headers(template, _behavior(template, "/i/*"))
    policy = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert policy == "default-src 'none'; sandbox"
    assert security["ContentTypeOptions"] == {"Override": True}


def _hash_inline_script() -> str:
    (script,) = re.findall(
        r"<script>(.*?)</script>", (ROOT / "frontend" / "index.html").read_text(), re.DOTALL
    )
    return f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"


def _site_policy(template: Template) -> dict[str, str]:
    security = _headers(template, _distribution(template)["DefaultCacheBehavior"])
    value = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    text = value if isinstance(value, str) else "".join(map(str, value["Fn::Join"][1]))
    return dict(directive.split(" ", 1) for directive in text.split("; "))


def test_the_page_runs_only_what_is_its_own(template: Template) -> None:
    policy = _site_policy(template)
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == f"'self' 'wasm-unsafe-eval' '{INLINE_SCRIPT}'"
    assert _hash_inline_script() == INLINE_SCRIPT
    assert policy["frame-ancestors"] == "'none'"


def test_another_page_gets_no_hold_of_the_window_of_this_one(template: Template) -> None:
    behavior = _distribution(template)["DefaultCacheBehavior"]
    policy = template.of_type("AWS::CloudFront::ResponseHeadersPolicy")[
        behavior["ResponseHeadersPolicyId"]["Ref"]
    ]
    assert policy["ResponseHeadersPolicyConfig"]["CustomHeadersConfig"]["Items"] == [
        {"Header": "Cross-Origin-Opener-Policy", "Override": True, "Value": "same-origin"}
    ]


def test_the_page_may_send_uploads_to_the_bucket(local: Template, aurora: Template) -> None:
    assert _site_policy(local)["connect-src"] == "'self' http://127.0.0.1:8123"
    # The bucket's own name: the policy cannot refer to the bucket, whose CORS refers to the distribution.
    _, uploads = aurora.one("AWS::S3::Bucket", "BucketsUploads")
    wanted = ["https://", *uploads["BucketName"]["Fn::Join"][1], ".s3.", {"Ref": "AWS::Region"}]
    assert "".join(map(str, wanted)) in _site_policy(aurora)["connect-src"]


def test_a_page_that_is_none_is_looked_for_in_the_bucket_alone(template: Template) -> None:
    """With the right to list it, S3 says of a missing file that it is missing."""
    behavior = _distribution(template)["DefaultCacheBehavior"]
    site, _ = template.one("AWS::S3::Bucket", "BucketsSite")
    statements = [
        statement
        for policy in template.of_type("AWS::S3::BucketPolicy").values()
        if site in names(policy["Bucket"])
        for statement in policy["PolicyDocument"]["Statement"]
        if "cloudfront.amazonaws.com" in str(statement["Principal"])
    ]
    actions = {action for each in statements for action in _list(each["Action"])}
    assert actions == {"s3:GetObject", "s3:ListBucket"}
    # Nobody lists it: no path leads to the bucket itself, and nothing of a query reaches it.
    assert behavior["CachePolicyId"] == CACHING_OPTIMIZED
    assert "OriginRequestPolicyId" not in behavior


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_the_page_has_the_functions_that_are_tested(template: Template) -> None:
    associations = _distribution(template)["DefaultCacheBehavior"]["FunctionAssociations"]
    code = {}
    for association in associations:
        (function,) = names(association["FunctionARN"])
        properties = template.of_type("AWS::CloudFront::Function")[function]
        code[association["EventType"]] = properties["FunctionCode"]
        assert properties["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
    assert code == {"viewer-request": generate_request_code(), "viewer-response": generate_response_code()}


def test_only_the_page_has_them(template: Template) -> None:
    others = _distribution(template)["CacheBehaviors"]
    functions = {
        each["PathPattern"]: each["FunctionAssociations"] for each in others if "FunctionAssociations" in each
    }
    assert functions.keys() == {"/api/*", *SEARCHES}
    assert all(each == functions["/api/*"] for each in functions.values())


def test_the_functions_know_what_comes_through_the_cdn(template: Template) -> None:
    origin = _origin(template, _behavior(template, "/api/*"))
    (header,) = origin["OriginCustomHeaders"]
    assert header["HeaderName"] == CDN_HEADER
    for name in ("search", "upload_url", "manage_images"):
        assert template.environment(name)["STOCKROOM_CDN_SECRET"] == header["HeaderValue"]


@pytest.mark.parametrize("database", ["aurora", "instance"])
def test_what_the_cdn_proves_itself_by_is_a_generated_secret(
    request: pytest.FixtureRequest, database: str
) -> None:
    template = request.getfixturevalue(database)
    logical_id, secret = template.one("AWS::SecretsManager::Secret", "CdnSecret")
    assert secret["GenerateSecretString"]["PasswordLength"] >= 32
    # A header's value, of visible characters alone.
    assert secret["GenerateSecretString"]["ExcludePunctuation"]
    value = template.environment("search")["STOCKROOM_CDN_SECRET"]
    assert value == {
        "Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": logical_id}, ":SecretString:::}}"]]
    }


def test_the_local_stack_generates_its_secret_itself(local: Template) -> None:
    assert local.of_type("AWS::SecretsManager::Secret") == {}


def test_a_web_acl_is_an_option(aurora: Template, chosen: Template) -> None:
    assert "WebACLId" not in _distribution(aurora)
    assert _distribution(chosen)["WebACLId"] == WEB_ACL
