import json
import time
from typing import Any

import jwt
import pytest

from functions.upload_url import app as module
from functions.upload_url.app import app
from stockroom.resources import Resources
from tests.api.test_auth import KEY, claims, jwk
from tests.events import Context, http
from tests.factories import file


@pytest.fixture(autouse=True)
def wired(at: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    at.storage._client.put_object(
        Bucket=at.settings.keys_bucket,
        Key="jwks/stockroom.json",
        Body=json.dumps({"keys": [jwk(KEY, "one")]}),
    )
    monkeypatch.setattr(module, "resources", lambda: at)


def token(**changes: Any) -> str:
    signed = jwt.encode(claims(name="Alice", **changes), KEY, algorithm="RS256", headers={"kid": "one"})
    return f"Bearer {signed}"


def call(*arguments: Any, **options: Any) -> tuple[int, Any]:
    options.setdefault("token", token())
    answer = app(http(*arguments, **options), Context())
    if answer["statusCode"] < 400:
        assert answer["headers"]["Cache-Control"] == "private, no-store"
    return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None


def test_the_whole_protocol() -> None:
    status, body = call("POST /api/uploads", body={"files": [file(b"1"), file(b"2", size=0)]})
    assert status == 200
    good, bad = body["files"]
    assert good["state"] == "pending"
    assert set(good["ticket"]) == {"method", "url", "headers", "expires"}
    assert bad == {"state": "rejected", "error": bad["error"]}

    status, body = call("POST /api/uploads/tickets", body={"ids": [good["id"], "gone"]})
    assert status == 200
    assert [answer["state"] for answer in body["files"]] == ["pending", "gone"]

    status, body = call("GET /api/uploads", query=f"ids={good['id']}")
    assert (status, body["uploads"][0]["state"], body["next"]) == (200, "pending", None)
    assert call("GET /api/uploads", query="limit=1")[1]["uploads"][0]["id"] == good["id"]

    assert call("DELETE /api/uploads/{image_id}", path={"image_id": good["id"]}) == (204, None)
    assert call("GET /api/uploads")[1]["uploads"] == []


@pytest.mark.parametrize(
    "route",
    ["POST /api/uploads", "POST /api/uploads/tickets", "GET /api/uploads", "DELETE /api/uploads/{image_id}"],
)
@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ("", 401, "token-missing"),
        (token(exp=int(time.time()) - 60), 401, "token-expired"),
        (token(scope="read"), 403, "scope-missing"),
    ],
)
def test_every_route_is_guarded(route: str, sent: str, status: int, code: str) -> None:
    body: Any = {} if route.startswith("POST") else None
    path = {"image_id": "0" * 13} if "{" in route else None
    answered, problem = call(route, path, body=body, token=sent)
    assert (answered, problem["code"]) == (status, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"files": []}, "no-files"),
        ({"files": [file()] * 501}, "too-many-files"),
        ({"files": [file()], "extra": True}, "unknown-field"),
        ({}, "missing-field"),
    ],
)
def test_a_wrong_batch_is_400(body: Any, code: str) -> None:
    status, problem = call("POST /api/uploads", body=body)
    assert (status, problem["code"]) == (400, code)
