"""What is said of each token that is refused, and the last token that is not."""

import time
from datetime import datetime, tzinfo
from typing import Any

import pytest

from stockroom.api.auth import (
    MAX_DISPLAY_NAME_CHARACTERS,
    MAX_LIFETIME,
    MAX_TOKEN_CHARACTERS,
    NEW_KEY_SECONDS,
    Verifier,
)
from stockroom.api.key_objects import MAX_CLAIM_CHARACTERS
from stockroom.runtime.errors import Forbidden, Unauthenticated
from stockroom.runtime.settings import Settings
from tests.tokens import KEY, OTHER_KEY, KeysBucket, make_header, make_jwk


def make_claim(name: str, value: Any) -> str:
    """A header with a token that is good but for one claim."""
    claims: dict[str, Any] = {name: value}
    return make_header(**claims)


SHARED_SECRET = "a shared secret of thirty-two bytes"


def refuse(verifier: Verifier, authorization: str) -> str:
    """What is said of a token."""
    with pytest.raises(Unauthenticated) as caught:
        verifier.authenticate(authorization)
    return caught.value.detail


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        ("Bearer x", "it is malformed"),
        ("Bearer " + "x" * MAX_TOKEN_CHARACTERS, "it is malformed"),
        ("Bearer " + "x" * (MAX_TOKEN_CHARACTERS + 1), "it is too long"),
        (make_header(key=OTHER_KEY), "its signature is wrong"),
        (make_header(kid="two"), "it was signed with a key that is not known here"),
        (make_header(SHARED_SECRET, algorithm="HS256"), "it is not signed with RS256"),
        (make_header(iss="https://elsewhere.example"), "its issuer is not trusted here"),
        (make_header(iss=7), "its issuer is not trusted here"),
        (make_header(aud="another"), "it was made for another audience"),
        (make_header(nbf=int(time.time()) + 3600), "it is not good yet"),
        (make_header(iat=int(time.time()) + 3600), "it is not good yet"),
        (make_header(exp=int(time.time()) + 40 * 24 * 3600), "it is good for more than 30 days"),
        (make_header(scope=["upload"]), "its scope is not a text"),
        (make_header(jti=""), "its jti is empty, too long or has invisible characters"),
        (make_header(jti=7), "its jti is not a text"),
        (make_header(sub=""), "its subject is empty, too long or has invisible characters"),
        (make_header(sub=" alice"), "its subject is empty, too long or has invisible characters"),
        (
            make_header(sub="x" * (MAX_CLAIM_CHARACTERS + 1)),
            "its subject is empty, too long or has invisible characters",
        ),
        *(
            (make_claim(claim, None), "it lacks one of the claims iss, aud, exp, sub, scope, jti")
            for claim in ("aud", "exp", "sub", "scope", "jti")
        ),
    ],
)  # fmt: skip
def test_a_bad_token_is_told_what_is_wrong_with_it(
    verifier: Verifier, authorization: str, reason: str
) -> None:
    assert refuse(verifier, authorization) == f"The token is not good: {reason}."


def test_a_missing_and_an_expired_token_are_told_what_to_do(verifier: Verifier) -> None:
    assert refuse(verifier, "") == "Sign in first: send Authorization: Bearer with a token."
    assert refuse(verifier, make_header(exp=1)) == "The sign-in has expired; ask for a new sign-in link."


def test_a_withdrawn_token_is_told_so(verifier: Verifier, keys: KeysBucket) -> None:
    keys.put("denied.json", {"jti": ["t1"]})
    assert refuse(verifier, make_header()) == "This sign-in has been withdrawn."


def test_a_missing_scope_is_named(verifier: Verifier) -> None:
    with pytest.raises(Forbidden) as caught:
        verifier.authenticate(make_header(scope="read")).require("upload")
    assert caught.value.detail == (
        "This token does not allow that: it lacks the scope 'upload', "
        "or its issuer may not grant that scope here."
    )


@pytest.mark.parametrize("subject", ["x", "x" * MAX_CLAIM_CHARACTERS])
def test_the_shortest_and_the_longest_subject(verifier: Verifier, subject: str) -> None:
    assert verifier.authenticate(make_header(sub=subject)).subject == subject


def test_the_longest_lifetime(verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    now = int(time.time())
    monkeypatch.setattr(time, "time", lambda: float(now))
    verifier.authenticate(make_header(exp=now + MAX_LIFETIME))
    refuse(verifier, make_header(exp=now + MAX_LIFETIME + 1))


@pytest.mark.parametrize(("claim", "good", "bad"), [("exp", -4, -5), ("nbf", 5, 6), ("iat", 5, 6)])
def test_clocks_may_differ_by_five_seconds(
    verifier: Verifier, monkeypatch: pytest.MonkeyPatch, claim: str, good: int, bad: int
) -> None:
    class Still(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Still":
            return cls.fromtimestamp(moment, tz)

    moment = int(time.time())
    monkeypatch.setattr("jwt.api_jwt.datetime", Still)
    verifier.authenticate(make_claim(claim, moment + good))
    refuse(verifier, make_claim(claim, moment + bad))


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  "])
def test_the_scheme_is_in_any_case(verifier: Verifier, scheme: str) -> None:
    assert verifier.authenticate(scheme + make_header().removeprefix("Bearer ")).subject == "alice"


def test_a_long_name_is_cut(verifier: Verifier) -> None:
    long = "x" * (MAX_DISPLAY_NAME_CHARACTERS + 1)
    assert verifier.authenticate(make_header(name=long)).name == long[:-1]


def test_an_unknown_key_is_looked_for_again_after_half_a_minute(verifier: Verifier, keys: KeysBucket) -> None:
    verifier.authenticate(make_header())
    keys.put("jwks/stockroom.json", {"keys": [make_jwk(KEY, "one"), make_jwk(OTHER_KEY, "two")]})
    keys.seconds += NEW_KEY_SECONDS
    refuse(verifier, make_header(key=OTHER_KEY, kid="two"))
    keys.seconds += 1
    verifier.authenticate(make_header(key=OTHER_KEY, kid="two"))


def test_each_issuer_has_its_own_keys(keys: KeysBucket) -> None:
    issuer = "https://id.example/a"
    keys.put("jwks/https-id.example-a.json", {"keys": [make_jwk(OTHER_KEY, "one")]})
    verifier = Verifier(Settings(issuers=("stockroom", issuer)), keys.read, clock=lambda: keys.seconds)
    claims: dict[str, Any] = {"iss": issuer, "sub": "alice"}
    caller = verifier.authenticate(make_header(key=OTHER_KEY, **claims))
    assert (caller.issuer, caller.subject) == (issuer, "alice")
    assert (
        refuse(verifier, make_header(key=KEY, **claims)) == "The token is not good: its signature is wrong."
    )
