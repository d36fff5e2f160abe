"""Who is calling: RS256 JWTs checked offline against each issuer's JWKS and a deny-list of token ids.

Both are objects in the private keys bucket, read at most every ten minutes. The private key that signs
stays with the operator; no function ever sees it.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from stockroom.errors import Forbidden, Unauthenticated
from stockroom.settings import Settings, issuer_slug

if TYPE_CHECKING:
    import jwt

CACHE_SECONDS = 600
REFRESH_SECONDS = 30  # how often an unknown key id may cause a fresh read
MAX_LIFETIME = 31 * 24 * 3600  # thirty days, and a day for clocks
MAX_TOKEN = 8192  # characters
REQUIRED = ["iss", "aud", "exp", "sub", "scope"]

ReadObject = Callable[[str], bytes | None]
"""Reads an object of the keys bucket; None when it does not exist."""


@dataclass(frozen=True)
class Caller:
    """The person behind a token. `issuer` and `subject` together identify them; `name` is shown."""

    issuer: str
    subject: str
    name: str
    scopes: frozenset[str]

    def need(self, scope: str) -> "Caller":
        """Itself, or 403 when the token lacks `scope`; `admin` may do everything."""
        if scope not in self.scopes and "admin" not in self.scopes:
            raise Forbidden(
                f"This token does not allow that: it lacks the scope {scope!r}.", code="scope-missing"
            )
        return self


class Verifier:
    """Checks tokens; keeps what it has read of the keys bucket."""

    def __init__(self, settings: Settings, read: ReadObject) -> None:
        self._settings = settings
        self._read = read
        self._cache: dict[str, tuple[float, dict[str, Any]]] = {}

    def caller(self, authorization: str) -> Caller:
        """The caller of an `Authorization` header; 401 says what is wrong with it."""
        # cryptography takes 50 ms to import, and a public search never needs it.
        import jwt

        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Unauthenticated("Sign in first: send Authorization: Bearer with a token.")
        token = token.strip()
        if len(token) > MAX_TOKEN:
            raise _invalid("it is too long")
        try:
            key_id = str(jwt.get_unverified_header(token).get("kid", ""))
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
            if issuer not in self._settings.issuers:
                raise _invalid("its issuer is not trusted here")
            claims = jwt.decode(
                token,
                self._key(issuer, key_id),
                algorithms=["RS256"],
                audience=self._settings.audience,
                issuer=issuer,
                options={"require": REQUIRED},
                leeway=5,
            )
        except jwt.ExpiredSignatureError:
            raise Unauthenticated(
                "The sign-in has expired; ask for a new sign-in link.", code="token-expired"
            ) from None
        except (jwt.InvalidTokenError, ValueError) as error:
            raise _invalid(str(error)) from None
        return self._caller(claims)

    def _caller(self, claims: dict[str, Any]) -> Caller:
        if claims["exp"] - time.time() > MAX_LIFETIME:
            raise _invalid("it is good for more than 30 days")
        if not isinstance(claims["scope"], str):
            raise _invalid("its scope is not a text")
        if str(claims.get("jti", "")) in self._object("denied.json").get("jti", ()):
            raise Unauthenticated("This sign-in has been withdrawn.", code="token-revoked")
        issuer, subject = str(claims["iss"]), str(claims["sub"])
        if not 0 < len(subject) <= 255:
            raise _invalid("its subject is empty or too long")
        name = claims.get("name") or claims.get("preferred_username")
        return Caller(
            issuer=issuer,
            subject=subject,
            name=name[:200] if isinstance(name, str) else _pseudonym(issuer, subject),
            scopes=frozenset(claims["scope"].split()),
        )

    def _key(self, issuer: str, key_id: str) -> "jwt.PyJWK":
        import jwt

        name = f"jwks/{issuer_slug(issuer)}.json"
        for fresh in (False, True):
            for key in self._object(name, fresh=fresh).get("keys", ()):
                if key.get("kid") == key_id:
                    return jwt.PyJWK(key, algorithm="RS256")
        raise _invalid("it was signed with a key that is not known here")

    def _object(self, name: str, *, fresh: bool = False) -> dict[str, Any]:
        read_at, value = self._cache.get(name, (0.0, {}))
        age = time.monotonic() - read_at
        if name not in self._cache or age > (REFRESH_SECONDS if fresh else CACHE_SECONDS):
            body = self._read(name)
            value = msgspec.json.decode(body) if body is not None else {}
            self._cache[name] = (time.monotonic(), value)
        return value


def _invalid(why: str) -> Unauthenticated:
    return Unauthenticated(f"The token is not good: {why}.", code="token-invalid")


def _pseudonym(issuer: str, subject: str) -> str:
    """A stable display name for an identity that brings none; the subject itself is never shown."""
    return "contributor-" + hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:8]
