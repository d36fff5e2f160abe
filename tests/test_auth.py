import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from stockroom.auth import CACHE_SECONDS, Verifier
from stockroom.errors import Forbidden, Unauthenticated
from stockroom.settings import Settings

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    algorithm = jwt.algorithms.RSAAlgorithm
    return dict(algorithm.to_jwk(key.public_key(), as_dict=True)) | {"kid": kid, "alg": "RS256", "use": "sig"}


class Keys:
    """The keys bucket: objects, and how often each was read."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.reads: list[str] = []
        self.put("jwks/stockroom.json", {"keys": [jwk(KEY, "one")]})

    def put(self, name: str, value: Any) -> None:
        self.objects[name] = json.dumps(value).encode()

    def read(self, name: str) -> bytes | None:
        self.reads.append(name)
        return self.objects.get(name)


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def verifier(keys: Keys) -> Verifier:
    return Verifier(Settings(), keys.read)


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
    return "Bearer " + jwt.encode(claims(**changes), key, algorithm=algorithm, headers={"kid": kid})


def test_a_good_token(verifier: Verifier) -> None:
    caller = verifier.caller(header(name="Alice A."))
    assert (caller.issuer, caller.subject, caller.name) == ("stockroom", "alice", "Alice A.")
    assert caller.need("upload") is caller


def test_the_subject_is_never_the_name(verifier: Verifier) -> None:
    name = verifier.caller(header()).name
    assert name.startswith("contributor-")
    assert "alice" not in name
    assert verifier.caller(header()).name == name


def test_a_missing_scope_is_403(verifier: Verifier) -> None:
    with pytest.raises(Forbidden, match="upload") as caught:
        verifier.caller(header(scope="read")).need("upload")
    assert caught.value.code == "scope-missing"


def test_admin_has_every_scope(verifier: Verifier) -> None:
    verifier.caller(header(scope="admin")).need("upload")


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
    ],
)
def test_a_bad_token_is_401_and_says_why(verifier: Verifier, authorization: str, code: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        verifier.caller(authorization)
    assert caught.value.code == code
    assert caught.value.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_can_be_withdrawn(verifier: Verifier, keys: Keys) -> None:
    keys.put("denied.json", {"jti": ["t1"]})
    with pytest.raises(Unauthenticated) as caught:
        verifier.caller(header())
    assert caught.value.code == "token-revoked"
    verifier.caller(header(jti="t2"))


def test_keys_are_read_once(verifier: Verifier, keys: Keys) -> None:
    for _ in range(5):
        verifier.caller(header())
    assert keys.reads == ["jwks/stockroom.json", "denied.json"]


def test_a_new_key_is_found_and_an_unknown_one_does_not_hammer_storage(
    verifier: Verifier, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = time.monotonic()
    monkeypatch.setattr("stockroom.auth.time.monotonic", lambda: clock)
    verifier.caller(header())
    keys.put("jwks/stockroom.json", {"keys": [jwk(KEY, "one"), jwk(OTHER, "two")]})
    with pytest.raises(Unauthenticated):
        verifier.caller(header(key=OTHER, kid="two"))
    clock += 31
    verifier.caller(header(key=OTHER, kid="two"))
    clock += CACHE_SECONDS + 1
    verifier.caller(header())
    assert keys.reads.count("jwks/stockroom.json") == 3
