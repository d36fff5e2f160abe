import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from stockroom.api.auth import CACHE_SECONDS, REFRESH_SECONDS, Verifier
from stockroom.runtime.errors import Forbidden, StorageUnavailable, Unauthenticated, Unavailable
from stockroom.runtime.settings import Settings

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    algorithm = jwt.algorithms.RSAAlgorithm
    return dict(algorithm.to_jwk(key.public_key(), as_dict=True)) | {"kid": kid, "alg": "RS256", "use": "sig"}


class Keys:
    """The keys bucket (its objects, how often each was read, whether it answers), and a clock."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.reads: list[str] = []
        self.is_away = False
        self.seconds = 0.0
        self.put("jwks/stockroom.json", {"keys": [jwk(KEY, "one")]})

    def put(self, name: str, value: Any) -> None:
        self.objects[name] = json.dumps(value).encode()

    def read(self, name: str) -> bytes | None:
        if self.is_away:
            raise StorageUnavailable("away")
        self.reads.append(name)
        return self.objects.get(name)


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def verifier(keys: Keys) -> Verifier:
    return Verifier(Settings(), keys.read, clock=lambda: keys.seconds)


def claims(**changes: Any) -> dict[str, Any]:
    base = {
        "iss": "stockroom",
        "aud": "stockroom",
        "sub": "alice",
        "scope": "upload",
        "exp": int(time.time()) + 600,
        "jti": "t1",
    }
    return {name: value for name, value in (base | changes).items() if value is not None}


def header(
    key: rsa.RSAPrivateKey | str = KEY, kid: str = "one", algorithm: str = "RS256", **changes: Any
) -> str:
    # The layer below `jwt.encode`, which refuses to sign some of the nonsense that others may.
    body = json.dumps(claims(**changes)).encode()
    return "Bearer " + jwt.PyJWS().encode(body, key, algorithm=algorithm, headers={"kid": kid})


def unsigned(**more: Any) -> str:
    """A token with a header of its own and no valid signature."""

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"Bearer {part({'alg': 'RS256', 'kid': 'one'} | more)}.{part(claims())}.AAAA"


def test_a_good_token(verifier: Verifier) -> None:
    caller = verifier.authenticate(header(name="Alice A."))
    assert (caller.issuer, caller.subject, caller.name) == ("stockroom", "alice", "Alice A.")
    assert caller.require("upload") is caller


def test_the_subject_is_never_the_name(verifier: Verifier) -> None:
    name = verifier.authenticate(header()).name
    assert name.startswith("contributor-")
    assert "alice" not in name
    assert verifier.authenticate(header()).name == name


def test_a_missing_scope_is_403(verifier: Verifier) -> None:
    with pytest.raises(Forbidden, match="upload") as caught:
        verifier.authenticate(header(scope="read")).require("upload")
    assert caught.value.code == "scope-missing"


def test_admin_has_every_scope(verifier: Verifier) -> None:
    verifier.authenticate(header(scope="admin")).require("upload")


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("", "token-missing"),
        ("Bearer", "token-missing"),
        ("Basic YTpi", "token-missing"),
        ("Bearer x", "token-invalid"),
        ("Bearer " + "x" * 9000, "token-invalid"),
        (header(key=OTHER), "token-invalid"),
        (header(kid="two"), "token-invalid"),
        (header(key="a shared secret of thirty-two bytes", algorithm="HS256"), "token-invalid"),
        (header(exp=1), "token-expired"),
        (header(exp=int(time.time()) + 40 * 24 * 3600), "token-invalid"),
        (header(iss="https://elsewhere.example"), "token-invalid"),
        (header(aud="another"), "token-invalid"),
        (header(sub=None), "token-invalid"),
        (header(sub=""), "token-invalid"),
        (header(exp=None), "token-invalid"),
        (header(scope=None), "token-invalid"),
        (header(scope=["upload"]), "token-invalid"),
        (header(exp="soon"), "token-invalid"),
        (header(exp=10**400), "token-invalid"),
        (header(iss=["stockroom"]), "token-invalid"),
        (header(sub="alice "), "token-invalid"),
        (header(sub="ali\u200bce"), "token-invalid"),
        (header(sub="\ud800"), "token-invalid"),
        (header(sub=7), "token-invalid"),
        (unsigned(crit=["\ud800"]), "token-invalid"),
        (unsigned(alg="none"), "token-invalid"),
    ],
)
def test_a_bad_token_is_401_and_says_why(verifier: Verifier, authorization: str, code: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        verifier.authenticate(authorization)
    assert caught.value.code == code
    assert caught.value.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_can_be_withdrawn(verifier: Verifier, keys: Keys) -> None:
    keys.put("denied.json", {"jti": ["t1"]})
    with pytest.raises(Unauthenticated) as caught:
        verifier.authenticate(header())
    assert caught.value.code == "token-revoked"
    verifier.authenticate(header(jti="t2"))


def test_keys_are_read_once(verifier: Verifier, keys: Keys) -> None:
    for _ in range(5):
        verifier.authenticate(header())
    assert keys.reads == ["jwks/stockroom.json", "denied.json"]


def test_a_new_key_is_found_and_an_unknown_one_does_not_hammer_storage(
    verifier: Verifier, keys: Keys
) -> None:
    verifier.authenticate(header())
    keys.put("jwks/stockroom.json", {"keys": [jwk(KEY, "one"), jwk(OTHER, "two")]})
    with pytest.raises(Unauthenticated):
        verifier.authenticate(header(key=OTHER, kid="two"))
    keys.seconds += REFRESH_SECONDS + 1
    verifier.authenticate(header(key=OTHER, kid="two"))
    keys.seconds += CACHE_SECONDS + 1
    verifier.authenticate(header())
    assert keys.reads.count("jwks/stockroom.json") == 3


@pytest.mark.parametrize("name", ["\u202eevil", "   ", 7, ["x"], "\ud800", "a\x00b"])
def test_a_name_that_cannot_be_shown_gives_way(verifier: Verifier, name: Any) -> None:
    assert verifier.authenticate(header(name=name, preferred_username="ali")).name == "ali"
    assert verifier.authenticate(header(name=name)).name.startswith("contributor-")


def test_a_name_is_shown_on_one_line(verifier: Verifier) -> None:
    assert verifier.authenticate(header(name=" two\nlines")).name == "two lines"


def test_keys_of_other_kinds_are_passed_over(verifier: Verifier, keys: Keys) -> None:
    others = [
        {"kty": "EC", "kid": "one", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "oct", "kid": "one", "k": "AA"},
        {**jwk(OTHER, "one"), "use": "enc"},
        {},
    ]
    keys.put("jwks/stockroom.json", {"keys": [*others, jwk(KEY, "one")]})
    verifier.authenticate(header())


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
    verifier: Verifier, keys: Keys, name: str, content: bytes
) -> None:
    keys.objects[name] = content
    # An empty key set is one without the token's key.
    with pytest.raises(Unauthenticated if content == b"" else Unavailable):
        verifier.authenticate(header())


def test_keys_that_were_read_outlast_storage(verifier: Verifier, keys: Keys) -> None:
    verifier.authenticate(header())
    keys.seconds += CACHE_SECONDS + 1
    keys.is_away = True
    verifier.authenticate(header())


def test_without_any_keys_nobody_is_let_in(verifier: Verifier, keys: Keys) -> None:
    keys.is_away = True
    with pytest.raises(Unavailable):
        verifier.authenticate(header())


def test_a_challenge_names_a_bad_token_and_not_a_missing_one(verifier: Verifier) -> None:
    for authorization, named in (("", False), ("Bearer x.y.z", True)):
        with pytest.raises(Unauthenticated) as caught:
            verifier.authenticate(authorization)
        assert ('error="invalid_token"' in caught.value.headers["WWW-Authenticate"]) is named
