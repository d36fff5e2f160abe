"""What the API answers to wrong tokens and wrong questions, and that it survives them."""

import jwt
import pytest

from tests.integration.api import Person, described
from tests.integration.stack import LocalStack

pytestmark = pytest.mark.integration


def expired(stack: LocalStack) -> str:
    """A token that was good once."""
    good = stack.token()
    claims = jwt.decode(good, options={"verify_signature": False}) | {"exp": 1}
    key = max((stack.layout.data / "keys").glob("*-*.pem"))
    return jwt.encode(claims, key.read_text(), algorithm="RS256", headers=jwt.get_unverified_header(good))


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [("", 401, "token-missing"), ("x.y.z", 401, "token-invalid"), ("expired", 401, "token-expired")],
)
def test_a_wrong_token_is_refused_and_named(stack: LocalStack, token: str, status: int, code: str) -> None:
    sent = expired(stack) if token == "expired" else token
    reply = Person(stack, sent).call("POST", "/api/uploads", {"files": [described(b"x")]})
    assert (reply.status, reply.json["code"]) == (status, code)
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["www-authenticate"].startswith("Bearer")


def test_a_missing_scope_is_refused(stack: LocalStack) -> None:
    reply = Person(stack, stack.token(scopes="read")).call("GET", "/api/uploads")
    assert (reply.status, reply.json["code"]) == (403, "scope-missing")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/images?q=" + "x" * 7000, 400, "query-too-long"),
        ("/api/images?cursor=nonsense", 400, "invalid-cursor"),
        ("/api/images?from=2026-02-30", 400, None),
        ("/api/images?q=date:31-2-2026", 400, None),
        ("/api/images?colour=red", 400, "unknown-parameter"),
        ("/api/images/0000000000000", 404, "not-found"),
        ("/api/images/..%2F", 404, None),
    ],
)
def test_wrong_queries_are_refused(stack: LocalStack, path: str, status: int, code: str | None) -> None:
    reply = Person(stack).call("GET", path)
    assert reply.status == status, reply
    if code:
        assert reply.json["code"] == code


def test_a_hundred_thousand_characters_are_refused_and_hurt_nobody(stack: LocalStack) -> None:
    reply = Person(stack).call("GET", "/api/images?q=" + "x" * 100_000)
    assert reply.status in (400, 414)
    assert Person(stack).call("GET", "/api/health").status == 200
