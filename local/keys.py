"""The operator's signing keys: PEM files in the data folder, their public halves as a JWKS, and tokens.

The newest key signs. Tokens of an older key stay valid until its file is removed: a new key signs nobody out.
"""

import base64
import hashlib
import json
import secrets
import time
from pathlib import Path
from typing import Any

from local.layout import Layout, write_text
from tooling.errors import ToolError

ISSUER = AUDIENCE = "stockroom"
MAX_DAYS = 30


def ensure(layout: Layout) -> None:
    """Make a signing key if there is none."""
    if not _pems(layout):
        rotate(layout)


def rotate(layout: Layout) -> str:
    """Make a new signing key; returns its key id."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    kid = hashlib.sha256(pem).hexdigest()[:12]
    # The name holds the time, because copying a folder may change the files' own times.
    write_text(layout.keys / f"{int(time.time() * 1000):013d}-{kid}.pem", pem.decode(), mode=0o600)
    return kid


def jwks(layout: Layout) -> dict[str, list[dict[str, str]]]:
    """The public keys, newest first."""
    return {"keys": [_public(pem) for pem in reversed(_pems(layout))]}


def publish(layout: Layout, s3: Any, bucket: str) -> None:
    """Put the public keys into the bucket that the functions read, and an empty deny-list if it has none.

    Without a deny-list the functions let nobody in.
    """
    s3.put_object(
        Bucket=bucket,
        Key=f"jwks/{ISSUER}.json",
        Body=json.dumps(jwks(layout)).encode(),
        ContentType="application/json",
    )
    if s3.list_objects_v2(Bucket=bucket, Prefix="denied.json")["KeyCount"] == 0:
        s3.put_object(Bucket=bucket, Key="denied.json", Body=b'{"jti": []}', ContentType="application/json")


def token(layout: Layout, *, subject: str, scopes: str, days: float, name: str = "") -> str:
    """A signed sign-in token; spaces or commas separate `scopes`, and others see its holder as `name`.

    Raises ToolError for an empty subject or a lifetime outside 0 < days ≤ 30.
    """
    import jwt

    if not subject:
        raise ToolError("who is it for? Give SUB=")
    if not 0 < days <= MAX_DAYS:
        raise ToolError(f"a token lives for more than 0 and at most {MAX_DAYS} days")
    ensure(layout)
    pem = _pems(layout)[-1]
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "scope": " ".join(scopes.replace(",", " ").split()),
        "iat": now,
        "exp": now + int(days * 86400),
        "jti": secrets.token_urlsafe(12),
    }
    if name:
        claims["name"] = name
    return jwt.encode(claims, pem.read_text(), algorithm="RS256", headers={"kid": _kid(pem)})


def _pems(layout: Layout) -> list[Path]:
    """Private keys, oldest first."""
    return sorted(layout.keys.glob("*-*.pem"))


def _kid(pem: Path) -> str:
    return pem.stem.partition("-")[2]


def _public(pem: Path) -> dict[str, str]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = serialization.load_pem_private_key(pem.read_bytes(), password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise ToolError(f"{pem} is not an RSA key")
    numbers = private.public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": _kid(pem),
        "n": _base64url(numbers.n),
        "e": _base64url(numbers.e),
    }


def _base64url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
