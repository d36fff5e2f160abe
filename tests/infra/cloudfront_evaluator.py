"""What CloudFront would do with a request, by the distribution of a template.

The rules are those of the developer's guide: "Request and response behavior", "Manage how long content stays
in the cache", "How CloudFront processes HTTP 4xx and 5xx status codes", "Configure CloudFront to forward the
Authorization header". https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from tests.infra.cloudfront_runtime import run_function
from tests.infra.template import Template, names

# What AWS manages, a template names by an id.
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def _make_policy(ttls: tuple[int, int, int], *, is_compressed: bool) -> dict[str, Any]:
    minimum, default, maximum = ttls
    return {
        "MinTTL": minimum,
        "DefaultTTL": default,
        "MaxTTL": maximum,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingBrotli": is_compressed,
            "EnableAcceptEncodingGzip": is_compressed,
            "QueryStringsConfig": {"QueryStringBehavior": "none"},
            "HeadersConfig": {"HeaderBehavior": "none"},
            "CookiesConfig": {"CookieBehavior": "none"},
        },
    }


MANAGED_CACHE_POLICIES = {
    CACHING_DISABLED: _make_policy((0, 0, 0), is_compressed=False),
    CACHING_OPTIMIZED: _make_policy((1, 86_400, 31_536_000), is_compressed=True),
}
MANAGED_ORIGIN_REQUEST_POLICIES = {
    ALL_VIEWER_EXCEPT_HOST_HEADER: {
        "QueryStringsConfig": {"QueryStringBehavior": "all"},
        "HeadersConfig": {"HeaderBehavior": "allExcept", "Headers": ["host"]},
        "CookiesConfig": {"CookieBehavior": "all"},
    },
}

CACHED_ERRORS = {404, 414, 500, 501, 502, 503, 504}
ERRORS_CACHED_BY_HEADER = {400, 403, 405, 412, 415}
ERRORS_THAT_OBEY_NO_STORE = {404, 410, 414, 501}


@dataclass(frozen=True)
class Request:
    path: str
    """With its query."""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What the origin says."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """What becomes of a request and of the origin's answer to it."""

    refused: int = 0
    """The status of an answer that the CDN gives without asking the origin."""
    origin: str = ""
    target: str = ""
    """The path that the origin is asked for."""
    sends_query: bool = False
    forwarded: frozenset[str] = frozenset()
    """Which of the request's headers the origin gets."""
    key: tuple[str, ...] = ()
    seconds: int = 0
    """For how long the answer is stored; 0: it is not."""


class Distribution:
    def __init__(self, template: Template) -> None:
        self._template = template
        self._config = template.one("AWS::CloudFront::Distribution")[1]["DistributionConfig"]
        self._functions = template.of_type("AWS::CloudFront::Function")

    def decide(self, request: Request, answer: Answer) -> Decision:
        path, _, query = request.path.partition("?")
        behavior = self._find_behavior(path)
        if request.method not in behavior.get("AllowedMethods", ["GET", "HEAD"]):
            return Decision(refused=403)
        policy = self._policy(behavior["CachePolicyId"], "CachePolicy", MANAGED_CACHE_POLICIES)
        in_key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
        path, query = self._run_function(behavior, request.method, path, query)
        has_query = in_key["QueryStringsConfig"]["QueryStringBehavior"] == "all"
        assert in_key["HeadersConfig"] == {"HeaderBehavior": "none"}
        assert in_key["CookiesConfig"] == {"CookieBehavior": "none"}
        sent = self._sent(behavior)
        headers = {name.lower() for name in request.headers}
        forwarded = headers & {"accept-encoding"} if in_key["EnableAcceptEncodingGzip"] else set()
        if sent["HeadersConfig"]["HeaderBehavior"] == "allExcept":
            forwarded |= headers - set(sent["HeadersConfig"]["Headers"])
        if sent["CookiesConfig"]["CookieBehavior"] == "none":
            forwarded -= {"cookie"}
        if request.method in ("GET", "HEAD") and policy["MaxTTL"] > 0:
            forwarded -= {"authorization"}
        return Decision(
            origin=self._name_origin(behavior),
            target=path,
            sends_query=bool(query)
            and (has_query or sent["QueryStringsConfig"]["QueryStringBehavior"] == "all"),
            forwarded=frozenset(forwarded),
            key=(path, query if has_query else "", self._encoding(in_key, request)),
            seconds=self._count_seconds(behavior, policy, request.method, answer),
        )

    def shares(self, request: Request, answer: Answer, again: Request) -> bool:
        """Whether the answer to the first request is the answer to another one right after it."""
        first, second = self.decide(request, answer), self.decide(again, answer)
        # What a HEAD has left has no body for a GET.
        is_whole = request.method in ("GET", again.method)
        return bool(first.seconds and second.seconds) and first.key == second.key and is_whole

    def _find_behavior(self, path: str) -> dict[str, Any]:
        """The first behaviour whose pattern fits, in the order of the template."""
        for behavior in self._config["CacheBehaviors"]:
            # Both wildcards of CloudFront, `*` and `?`, mean what they do in names of files.
            assert "[" not in behavior["PathPattern"]
            if fnmatchcase(path, behavior["PathPattern"]):
                assert isinstance(behavior, dict)
                return behavior
        default = self._config["DefaultCacheBehavior"]
        assert isinstance(default, dict)
        return default

    def _policy(self, reference: Any, kind: str, managed: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
        if isinstance(reference, str):
            return managed[reference]
        config = self._template.of_type(f"AWS::CloudFront::{kind}")[reference["Ref"]][f"{kind}Config"]
        assert isinstance(config, dict)
        return config

    def _sent(self, behavior: dict[str, Any]) -> dict[str, Any]:
        if "OriginRequestPolicyId" not in behavior:
            return {
                f"{kind}sConfig": {f"{kind}Behavior": "none"} for kind in ("QueryString", "Header", "Cookie")
            }
        return self._policy(
            behavior["OriginRequestPolicyId"], "OriginRequestPolicy", MANAGED_ORIGIN_REQUEST_POLICIES
        )

    def _run_function(self, behavior: dict[str, Any], method: str, path: str, query: str) -> tuple[str, str]:
        """Path and query after the viewer request's function, if there is one."""
        for association in behavior.get("FunctionAssociations", []):
            if association["EventType"] != "viewer-request":
                # What it changes, it changes in each answer, also in one that was stored.
                continue
            (function,) = names(association["FunctionARN"])
            path, query = _run_function(self._functions[function]["FunctionCode"], method, path, query)
        return f"/{self._config['DefaultRootObject']}" if path == "/" else path, query

    def _encoding(self, in_key: dict[str, Any], request: Request) -> str:
        """Accept-Encoding as CloudFront normalises it for the key."""
        accepted = {name.lower(): value for name, value in request.headers.items()}.get("accept-encoding", "")
        known = {"br": in_key["EnableAcceptEncodingBrotli"], "gzip": in_key["EnableAcceptEncodingGzip"]}
        return ",".join(name for name, is_in_key in known.items() if is_in_key and name in accepted)

    def _name_origin(self, behavior: dict[str, Any]) -> str:
        (origin,) = (each for each in self._config["Origins"] if each["Id"] == behavior["TargetOriginId"])
        return "bucket" if "OriginAccessControlId" in origin else "api"

    def _count_seconds(
        self, behavior: dict[str, Any], policy: dict[str, Any], method: str, answer: Answer
    ) -> int:
        if method not in behavior.get("CachedMethods", ["GET", "HEAD"]) or policy["MaxTTL"] == 0:
            return 0
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if headers.get("vary") == "*" and policy["MinTTL"] == 0:
            return 0
        header = headers.get("cache-control", "")
        directives = dict(re.findall(r"([a-z-]+)(?:=(\d+))?", header))
        age = directives.get("s-maxage") or directives.get("max-age") or ""
        forbids = bool({"no-store", "no-cache", "private"} & directives.keys())
        if answer.status >= 400:
            return self._count_seconds_of_error(policy, answer.status, age, forbids=forbids)
        if forbids:
            return int(policy["MinTTL"])
        wanted = min(int(age), policy["MaxTTL"]) if age else policy["DefaultTTL"]
        return int(max(policy["MinTTL"], wanted))

    def _count_seconds_of_error(self, policy: dict[str, Any], status: int, age: str, *, forbids: bool) -> int:
        least = next(
            (
                each["ErrorCachingMinTTL"]
                for each in self._config.get("CustomErrorResponses", [])
                if each["ErrorCode"] == status
            ),
            10,
        )
        given = min(int(age), policy["MaxTTL"]) if age else 0
        if status in ERRORS_CACHED_BY_HEADER:
            return max(least, given) if age else 0
        if status not in CACHED_ERRORS or (forbids and status in ERRORS_THAT_OBEY_NO_STORE):
            return 0
        return int(least if forbids else max(least, given))


@cache
def _run_function(code: str, method: str, path: str, query: str) -> tuple[str, str]:
    request = {"method": method, "uri": path, "querystring": parse_query(query), "headers": {}}
    (run,) = run_function(code, [{"request": request}])
    return run.answer["uri"], _write_query(run.answer["querystring"])


def parse_query(query: str) -> dict[str, Any]:
    """A query string as CloudFront hands it to a function: as it is written, by name."""
    parameters: dict[str, Any] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        parameters.setdefault(name, []).append({"value": value})
    return {
        name: values[0] | ({"multiValue": values} if len(values) > 1 else {})
        for name, values in parameters.items()
    }


def _write_query(query: str | dict[str, Any]) -> str:
    if isinstance(query, str):
        return query
    pairs = [
        (name, each["value"]) for name, given in query.items() for each in given.get("multiValue", [given])
    ]
    return "&".join(f"{name}={value}" for name, value in pairs)
