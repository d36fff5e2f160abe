"""Keys and tokens, good and bad, and the bucket that holds the keys."""

import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.settings import Settings
from tests.factories import s3_client

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def make_jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    """The public half of a key, as a JWKS lists it."""
    algorithm = jwt.algorithms.RSAAlgorithm
    return dict(algorithm.to_jwk(key.public_key(), as_dict=True)) | {"kid": kid, "alg": "RS256", "use": "sig"}


def make_claims(**changes: Any) -> dict[str, Any]:
    """Claims of a good token, changed: alice's, scope `upload`. A claim that is None is left out."""
    claims = {
        "iss": "stockroom",
        "aud": "stockroom",
        "sub": "alice",
        "scope": "upload",
        "exp": int(time.time()) + 24 * 3600,  # tokens are made when tests are collected, long before they run
        "jti": "t1",
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def make_header(
    key: rsa.RSAPrivateKey | str = KEY, kid: str = "one", algorithm: str = "RS256", **changes: Any
) -> str:
    """An Authorization header with a token of these claims."""
    # `jwt.encode` would refuse to sign some claims that other issuers may sign.
    body = json.dumps(make_claims(**changes)).encode()
    return "Bearer " + jwt.PyJWS().encode(body, key, algorithm=algorithm, headers={"kid": kid})


def publish_key(settings: Settings) -> None:
    """Put the JWKS with KEY and an empty deny-list into the keys bucket."""
    for name, value in {"jwks/stockroom.json": {"keys": [make_jwk(KEY, "one")]}, "denied.json": {}}.items():
        s3_client().put_object(Bucket=settings.keys_bucket, Key=name, Body=json.dumps(value))


class KeysBucket:
    """A keys bucket in memory that counts its reads and may be away, and a clock that stands still."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.reads: list[str] = []
        self.is_away = False
        self.seconds = 0.0
        self.put("jwks/stockroom.json", {"keys": [make_jwk(KEY, "one")]})
        self.put("denied.json", {"jti": []})

    def put(self, name: str, value: Any) -> None:
        self.objects[name] = json.dumps(value).encode()

    def read(self, name: str) -> bytes | None:
        if self.is_away:
            raise StorageUnavailable("away")
        self.reads.append(name)
        return self.objects.get(name)
