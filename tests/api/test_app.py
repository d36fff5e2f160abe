import json
from collections.abc import Callable
from typing import Any

import pytest

from stockroom.api.app import MAX_BODY, Answer, Api
from stockroom.runtime.errors import TooManyPending
from stockroom.uploads.requests import TicketsRequest
from tests.events import Context, http


@pytest.fixture
def api() -> Api:
    api = Api("test")

    @api.route("/api/things")
    def things() -> dict[str, Any]:
        api.only_parameters("tag", "limit", "q")
        return {
            "tags": api.parameters("tag"),
            "q": api.parameter("q"),
            "limit": api.integer("limit", 24, 1, 100),
            "agent": api.header("user-agent"),
        }

    @api.route("/api/things/{name}", methods=["DELETE"])
    def remove(name: str) -> None:
        if name == "kept":
            raise TooManyPending("Too many.", headers={"X-Extra": "1"})
        if name == "cursed":
            raise ZeroDivisionError("secret detail")

    @api.route("/api/things", methods=["POST"])
    def create() -> Answer:
        return Answer(api.body(TicketsRequest), headers={"Cache-Control": "private, no-store"})

    return api


def call(api: Api, *arguments: Any, **options: Any) -> tuple[int, dict[str, str], Any]:
    answer = api(http(*arguments, **options), Context())
    assert "multiValueHeaders" not in answer
    return answer["statusCode"], answer["headers"], json.loads(answer["body"]) if answer["body"] else None


def test_repeated_encoded_and_empty_parameters(api: Api) -> None:
    status, headers, body = call(
        api, "GET /api/things", query="tag=a&tag=b%20c%2B&q=&limit=5", headers={"user-agent": "x"}
    )
    assert status == 200
    assert headers["Content-Type"] == "application/json"
    assert body == {"tags": ["a", "b c+"], "q": "", "limit": 5, "agent": "x"}


def test_absent_parameters_have_defaults(api: Api) -> None:
    assert call(api, "GET /api/things")[2] == {"tags": [], "q": None, "limit": 24, "agent": ""}


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("colour=red", "?colour", "unknown-parameter"),
        ("q=1&q=2", "?q", "repeated-parameter"),
        ("limit=0", "?limit", "invalid-number"),
        ("limit=101", "?limit", "invalid-number"),
        ("limit=-1", "?limit", "invalid-number"),
        ("limit=%D9%A3", "?limit", "invalid-number"),
        ("limit=" + "9" * 5000, "?limit", "invalid-number"),
    ],
)
def test_a_wrong_parameter_is_named(api: Api, query: str, pointer: str, code: str) -> None:
    status, headers, body = call(api, "GET /api/things", query=query)
    assert status == 400
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Cache-Control"] == "no-store"
    assert body["code"] == code
    assert body["errors"] == [{"pointer": pointer, "code": code, "detail": body["detail"]}]
    assert body["type"] == f"urn:stockroom:problem:{code}"


def test_a_hundred_parameters_and_no_more(api: Api) -> None:
    assert call(api, "GET /api/things", query="&".join(["tag=a"] * 100))[0] == 200
    status, _, body = call(api, "GET /api/things", query="&".join(["tag=a"] * 101))
    assert (status, body["code"]) == (400, "too-many-parameters")


@pytest.mark.parametrize("encoded", [False, True])
def test_a_body(api: Api, encoded: bool) -> None:
    status, headers, body = call(api, "POST /api/things", body={"ids": ["é"]}, encoded=encoded)
    assert (status, body) == (200, {"ids": ["é"]})
    assert headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("{", 400, "invalid-json"),
        ("", 400, "invalid-json"),
        ("[]", 400, "invalid-field"),
        ("[" * 200_000, 400, "invalid-json"),
        ('{"ids":["\\ud800"]}', 400, "invalid-json"),
        ('{"ids":"x"}', 400, "invalid-field"),
        ('{"ids":[],"more":1}', 400, "unknown-field"),
        ('"' + "x" * MAX_BODY + '"', 413, "body-too-large"),
    ],
)
def test_a_wrong_body(api: Api, text: str, status: int, code: str) -> None:
    answered, _, body = call(api, "POST /api/things", body=text)
    assert (answered, body["code"]) == (status, code)


def test_another_media_type_is_415(api: Api) -> None:
    status, headers, body = call(
        api, "POST /api/things", body="a=b", headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert (status, body["code"]) == (415, "unsupported-media-type")
    assert headers["Content-Type"] == "application/problem+json"


def test_another_method_is_405(api: Api) -> None:
    status, headers, body = call(api, "PUT /api/things", body={})
    assert (status, body["code"]) == (405, "method-not-allowed")
    assert headers["Allow"]


def test_no_answer_is_204(api: Api) -> None:
    assert call(api, "DELETE /api/things/{name}", path={"name": "old"})[0::2] == (204, None)


def test_a_problem_keeps_its_headers(api: Api) -> None:
    status, headers, body = call(api, "DELETE /api/things/{name}", path={"name": "kept"})
    assert (status, body["code"], headers["X-Extra"]) == (429, "too-many-pending", "1")
    assert "errors" not in body


def test_an_unexpected_error_tells_nothing(api: Api, logs: Callable[[], str]) -> None:
    status, _, body = call(api, "DELETE /api/things/{name}", path={"name": "cursed"})
    assert (status, body["code"]) == (500, "internal-error")
    assert "secret" not in json.dumps(body)
    logged = logs()
    assert "secret detail" in logged
    assert '"ServerErrors"' in logged


def test_every_request_is_one_log_line_with_its_correlation_id(api: Api, logs: Callable[[], str]) -> None:
    call(api, "GET /api/things")
    lines = [json.loads(line) for line in logs().splitlines()]
    (request,) = [line for line in lines if line.get("message") == "request"]
    assert request["correlation_id"] == "request-1"
    assert request["route"] == "GET /api/things"
    assert request["status"] == 200
    assert any("_aws" in line for line in lines)


def test_payload_1_is_understood_too(api: Api) -> None:
    event = {
        "requestContext": {"httpMethod": "GET", "resourcePath": "/api/things", "requestId": "r"},
        "multiValueQueryStringParameters": {"q": ["x"]},
        "headers": {},
        "pathParameters": None,
        "body": None,
        "stageVariables": None,
    }
    assert json.loads(api(event, Context())["body"])["q"] == "x"


def test_outside_a_view_there_is_no_request() -> None:
    with pytest.raises(RuntimeError):
        Api("idle").header("x")
