import base64
import json
import time
from typing import Any

import pytest

from stockroom.api.auth import CACHE_SECONDS, REFRESH_SECONDS, Verifier
from stockroom.runtime.errors import Forbidden, Unauthenticated, Unavailable
from stockroom.runtime.settings import Settings
from tests.tokens import KEY, OTHER_KEY, KeysBucket, make_claims, make_header, make_jwk


@pytest.fixture
def keys() -> KeysBucket:
    return KeysBucket()


@pytest.fixture
def verifier(keys: KeysBucket) -> Verifier:
    return Verifier(Settings(), keys.read, clock=lambda: keys.seconds)


def make_unsigned_header(**more: Any) -> str:
    """A token with a header of its own and no valid signature."""

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"Bearer {part({'alg': 'RS256', 'kid': 'one'} | more)}.{part(make_claims())}.AAAA"


def test_a_good_token(verifier: Verifier) -> None:
    caller = verifier.authenticate(make_header(name="Alice A."))
    assert (caller.issuer, caller.subject, caller.name) == ("stockroom", "alice", "Alice A.")
    assert caller.require("upload") is caller


def test_the_subject_is_never_the_name(verifier: Verifier) -> None:
    name = verifier.authenticate(make_header()).name
    assert name.startswith("contributor-")
    assert "alice" not in name
    assert verifier.authenticate(make_header()).name == name


def test_a_missing_scope_is_403(verifier: Verifier) -> None:
    with pytest.raises(Forbidden, match="upload") as caught:
        verifier.authenticate(make_header(scope="read")).require("upload")
    assert caught.value.code == "scope-missing"


def test_admin_has_every_scope(verifier: Verifier) -> None:
    verifier.authenticate(make_header(scope="admin")).require("upload")


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("", "token-missing"),
        ("Bearer", "token-missing"),
        ("Basic YTpi", "token-missing"),
        ("Bearer x", "token-invalid"),
        ("Bearer " + "x" * 9000, "token-invalid"),
        (make_header(key=OTHER_KEY), "token-invalid"),
        (make_header(kid="two"), "token-invalid"),
        (make_header(key="a shared secret of thirty-two bytes", algorithm="HS256"), "token-invalid"),
        (make_header(exp=1), "token-expired"),
        (make_header(exp=int(time.time()) + 40 * 24 * 3600), "token-invalid"),
        (make_header(iss="https://elsewhere.example"), "token-invalid"),
        (make_header(aud="another"), "token-invalid"),
        (make_header(sub=None), "token-invalid"),
        (make_header(sub=""), "token-invalid"),
        (make_header(exp=None), "token-invalid"),
        (make_header(scope=None), "token-invalid"),
        (make_header(scope=["upload"]), "token-invalid"),
        (make_header(exp="soon"), "token-invalid"),
        (make_header(exp=10**400), "token-invalid"),
        (make_header(iss=["stockroom"]), "token-invalid"),
        (make_header(sub="alice "), "token-invalid"),
        (make_header(sub="ali\u200bce"), "token-invalid"),
        (make_header(sub="\ud800"), "token-invalid"),
        (make_header(sub=7), "token-invalid"),
        (make_unsigned_header(crit=["\ud800"]), "token-invalid"),
        (make_unsigned_header(alg="none"), "token-invalid"),
    ],
)
def test_a_bad_token_is_401_and_says_why(verifier: Verifier, authorization: str, code: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        verifier.authenticate(authorization)
    assert caught.value.code == code
    assert caught.value.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_can_be_withdrawn(verifier: Verifier, keys: KeysBucket) -> None:
    keys.put("denied.json", {"jti": ["t1"]})
    with pytest.raises(Unauthenticated) as caught:
        verifier.authenticate(make_header())
    assert caught.value.code == "token-revoked"
    verifier.authenticate(make_header(jti="t2"))


def test_keys_are_read_once(verifier: Verifier, keys: KeysBucket) -> None:
    for _ in range(5):
        verifier.authenticate(make_header())
    assert keys.reads == ["jwks/stockroom.json", "denied.json"]


def test_a_new_key_is_found_and_an_unknown_one_does_not_hammer_storage(
    verifier: Verifier, keys: KeysBucket
) -> None:
    verifier.authenticate(make_header())
    keys.put("jwks/stockroom.json", {"keys": [make_jwk(KEY, "one"), make_jwk(OTHER_KEY, "two")]})
    with pytest.raises(Unauthenticated):
        verifier.authenticate(make_header(key=OTHER_KEY, kid="two"))
    keys.seconds += REFRESH_SECONDS + 1
    verifier.authenticate(make_header(key=OTHER_KEY, kid="two"))
    keys.seconds += CACHE_SECONDS + 1
    verifier.authenticate(make_header())
    assert keys.reads.count("jwks/stockroom.json") == 3


@pytest.mark.parametrize("name", ["\u202eevil", "   ", 7, ["x"], "\ud800", "a\x00b"])
def test_a_name_that_cannot_be_shown_gives_way(verifier: Verifier, name: Any) -> None:
    assert verifier.authenticate(make_header(name=name, preferred_username="ali")).name == "ali"
    assert verifier.authenticate(make_header(name=name)).name.startswith("contributor-")


def test_a_name_is_shown_on_one_line(verifier: Verifier) -> None:
    assert verifier.authenticate(make_header(name=" two\nlines")).name == "two lines"


def test_keys_of_other_kinds_are_passed_over(verifier: Verifier, keys: KeysBucket) -> None:
    others = [
        {"kty": "EC", "kid": "one", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "oct", "kid": "one", "k": "AA"},
        {**make_jwk(OTHER_KEY, "one"), "use": "enc"},
        {},
    ]
    keys.put("jwks/stockroom.json", {"keys": [*others, make_jwk(KEY, "one")]})
    verifier.authenticate(make_header())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("jwks/stockroom.json", b""),
        ("jwks/stockroom.json", b"{"),
        ("jwks/stockroom.json", b"[]"),
        ("jwks/stockroom.json", b'{"keys": null}'),
        ("jwks/stockroom.json", b'{"keys": [3]}'),
        ("denied.json", b'{"jti": null}'),
        ("denied.json", b'{"jti": "t1"}'),
        ("denied.json", b'{"jti": [1]}'),
        ("denied.json", b"[]"),
    ],
)
def test_broken_objects_let_nobody_in_and_say_503(
    verifier: Verifier, keys: KeysBucket, name: str, content: bytes
) -> None:
    keys.objects[name] = content
    # An empty key set is one without the token's key.
    with pytest.raises(Unauthenticated if content == b"" else Unavailable):
        verifier.authenticate(make_header())


def test_keys_that_were_read_outlast_storage(verifier: Verifier, keys: KeysBucket) -> None:
    verifier.authenticate(make_header())
    keys.seconds += CACHE_SECONDS + 1
    keys.is_away = True
    verifier.authenticate(make_header())


def test_without_any_keys_nobody_is_let_in(verifier: Verifier, keys: KeysBucket) -> None:
    keys.is_away = True
    with pytest.raises(Unavailable):
        verifier.authenticate(make_header())


def test_a_challenge_names_a_bad_token_and_not_a_missing_one(verifier: Verifier) -> None:
    for authorization, named in (("", False), ("Bearer x.y.z", True)):
        with pytest.raises(Unauthenticated) as caught:
            verifier.authenticate(authorization)
        assert ('error="invalid_token"' in caught.value.headers["WWW-Authenticate"]) is named
