"""Sign-in tokens of the operator's: JWTs, signed by whatever holds the key."""

import json
import secrets
import time

from jwt.utils import base64url_encode

from operations.keys.signers import Signer
from stockroom.api.key_objects import can_be_claimed
from stockroom.runtime.settings import SCOPES
from tooling.errors import ToolError

MAX_DAYS = 30


def make_token(
    signer: Signer,
    *,
    issuer: str,
    audience: str,
    subject: str,
    scopes: str,
    days: float,
    name: str = "",
) -> str:
    """A signed sign-in token; spaces or commas separate `scopes`, and others see its holder as `name`.

    Raises ToolError for a subject that no token can have, a scope that there is not, or a lifetime outside
    0 < days ≤ 30.
    """
    check_request(subject=subject, scopes=scopes, days=days)
    now = int(time.time())
    claims: dict[str, str | int] = {
        "iss": issuer,
        "aud": audience,
        "sub": subject,
        "scope": " ".join(_split(scopes)),
        "iat": now,
        "exp": now + int(days * 86400),
        "jti": secrets.token_urlsafe(12),
    }
    if name:
        claims["name"] = name
    # PyJWT signs with keys that it is given, but KMS gives none away. This is the compact form of RFC 7515.
    signing_input = b".".join(
        _encode(part) for part in ({"alg": "RS256", "typ": "JWT", "kid": signer.kid}, claims)
    )
    return (signing_input + b"." + base64url_encode(signer.sign(signing_input))).decode()


def check_request(*, subject: str, scopes: str, days: float) -> None:
    """Raise ToolError for a token that cannot be made."""
    if not subject:
        raise ToolError("who is it for? Give SUB=")
    if not can_be_claimed(subject):
        raise ToolError("SUB= is too long, has blanks at its ends or characters that cannot be seen")
    if not (asked := _split(scopes)) or not SCOPES.issuperset(asked):
        raise ToolError(f"SCOPES= is {scopes!r}: it must be some of {', '.join(sorted(SCOPES))}")
    if not 0 < days <= MAX_DAYS:
        raise ToolError(f"a token lives for more than 0 and at most {MAX_DAYS} days")


def _split(scopes: str) -> list[str]:
    return scopes.replace(",", " ").split()


def _encode(part: dict[str, str | int] | dict[str, str]) -> bytes:
    return base64url_encode(json.dumps(part, separators=(",", ":")).encode())
