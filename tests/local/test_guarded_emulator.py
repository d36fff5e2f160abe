"""What the check in front of the emulator lets through. test_emulator.py tries it on the real emulator."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from local.guarded_emulator import HEALTH, SECRET_HEADER, guard

SECRET = "of-this-stack"
KNOWN = {SECRET_HEADER: SECRET}
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature=x"}


def ask(
    method: str = "GET", path: str = "/bucket/key", query: str = "", kind: str = "http", **headers: str
) -> tuple[bool, list[MutableMapping[str, Any]]]:
    """Whether a request reaches the emulator, and what is answered if it does not."""
    reached: list[str] = []
    sent: list[MutableMapping[str, Any]] = []

    async def emulator(scope: MutableMapping[str, Any], _receive: Any, _send: Any) -> None:
        reached.append(scope["type"])
        assert SECRET_HEADER.lower().encode() not in dict(scope["headers"])

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("the check reads no body")

    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }

    async def run() -> None:
        await guard(emulator, SECRET)(scope, receive, send)

    asyncio.run(run())
    return reached == [kind], sent


def status(sent: list[MutableMapping[str, Any]]) -> Any:
    return sent[0]["status"]


@pytest.mark.parametrize("known", [KNOWN, SIGNED])
def test_requests_of_the_cdn_and_signed_ones_arrive(known: dict[str, str]) -> None:
    assert ask(**known) == (True, [])


def test_presigned_requests_arrive() -> None:
    assert ask(query="X-Amz-Signature=x") == (True, [])


@pytest.mark.parametrize(
    "headers", [{}, {SECRET_HEADER: "guessed"}, {SECRET_HEADER: ""}, {"Authorization": "Bearer x"}]
)
def test_any_other_request_is_404(headers: dict[str, str]) -> None:
    is_reached, sent = ask(**headers)
    assert (is_reached, status(sent)) == (False, 404)


def test_a_preflight_request_is_not_signed() -> None:
    assert not ask("OPTIONS", query="X-Amz-Signature=x")[0]
    assert not ask("OPTIONS", **SIGNED)[0]
    assert ask("OPTIONS", **KNOWN)[0]


@pytest.mark.parametrize(
    "path", ["/_ministack/reset", "/_localstack/health", "/_aws/x", "/_alb/x", "/health"]
)
def test_the_emulators_own_routes_are_reached_by_nobody(path: str) -> None:
    for known in (KNOWN, SIGNED, KNOWN | SIGNED):
        assert not ask("POST", path, **known)[0]
        assert not ask("GET", path, query="X-Amz-Signature=x", **known)[0]


def test_the_answer_of_a_custom_resource_arrives() -> None:
    assert ask("PUT", "/_ministack/cfn-response/token")[0]
    assert not ask("POST", "/_ministack/cfn-response/token")[0]


def test_health_needs_the_secret() -> None:
    assert status(ask(path=HEALTH, **KNOWN)[1]) == 200
    for headers in ({}, SIGNED):
        is_reached, sent = ask(path=HEALTH, **headers)
        assert (is_reached, status(sent)) == (False, 404)


def test_a_connection_of_another_kind_is_closed() -> None:
    assert ask(kind="websocket", **KNOWN) == (False, [{"type": "websocket.close"}])
    assert ask(kind="lifespan") == (True, [])
