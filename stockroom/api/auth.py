"""Who is calling: RS256 JWTs checked offline against each issuer's JWKS and a deny-list of token ids.

Both are objects in the private keys bucket, read at most every ten minutes. The private key that signs
stays with the operator; no function ever sees it.
"""

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from stockroom.runtime.errors import Forbidden, StorageUnavailable, Unauthenticated, Unavailable
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings, issuer_slug

if TYPE_CHECKING:
    import jwt

CACHE_SECONDS = 600
REFRESH_SECONDS = 30  # how often an unknown key id may cause a fresh read
MAX_LIFETIME = 31 * 24 * 3600  # thirty days, and a day for clocks
MAX_TOKEN = 8192  # characters
MAX_SUBJECT = 255
MAX_NAME = 200
REQUIRED = ["iss", "aud", "exp", "sub", "scope"]

T = TypeVar("T")

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


class _Key(msgspec.Struct):
    kty: str = ""
    kid: str = ""
    use: str = "sig"
    n: str = ""
    e: str = ""


class _KeySet(msgspec.Struct):
    """RFC 7517. Providers publish keys of other types and uses beside those that we need."""

    keys: list[_Key] = []


class _DenyList(msgspec.Struct):
    jti: list[str] = []


@dataclass
class _Kept(Generic[T]):
    """An object of the keys bucket, and when it was read."""

    name: str
    shape: type[T]
    value: T
    read_at: float = -math.inf


class Verifier:
    """Checks tokens; keeps what it has read of the keys bucket."""

    def __init__(self, settings: Settings, read: ReadObject) -> None:
        self._settings = settings
        self._read = read
        self._denied = _Kept("denied.json", _DenyList, _DenyList())
        self._keys = {
            issuer: _Kept(f"jwks/{issuer_slug(issuer)}.json", _KeySet, _KeySet())
            for issuer in settings.issuers
        }

    def caller(self, authorization: str) -> Caller:
        """The caller of an `Authorization` header; 401 says what is wrong with it."""
        # cryptography takes 50 ms to import, and a public search never needs it.
        import jwt

        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("Sign in first: send Authorization: Bearer with a token.")
        if len(token) > MAX_TOKEN:
            raise _invalid("it is too long")
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
            if not isinstance(issuer, str) or issuer not in self._keys:
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
            return self._caller(claims)
        except jwt.ExpiredSignatureError:
            raise Unauthenticated(
                "The sign-in has expired; ask for a new sign-in link.", code="token-expired"
            ) from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            # The library's words may quote the token; these are for people.
            raise _invalid(_REASONS.get(type(error).__name__, "it is malformed")) from None

    def _caller(self, claims: dict[str, Any]) -> Caller:
        if claims["exp"] - time.time() > MAX_LIFETIME:
            raise _invalid("it is good for more than 30 days")
        if not isinstance(claims["scope"], str):
            raise _invalid("its scope is not a text")
        jti = claims.get("jti")
        if jti is not None and str(jti) in self._current(self._denied, CACHE_SECONDS).jti:
            raise Unauthenticated("This sign-in has been withdrawn.", code="token-revoked")
        issuer, subject = str(claims["iss"]), str(claims["sub"])
        # Databases compare texts with blanks at their ends as if these were not there.
        if not 0 < len(subject) <= MAX_SUBJECT or subject != subject.strip() or not subject.isprintable():
            raise _invalid("its subject is empty, too long or has characters that nobody sees")
        names = (_clean(claims.get(claim)) for claim in ("name", "preferred_username"))
        return Caller(
            issuer=issuer,
            subject=subject,
            name=next((name for name in names if name), _pseudonym(issuer, subject)),
            scopes=frozenset(claims["scope"].split()),
        )

    def _key(self, issuer: str, key_id: object) -> "jwt.PyJWK":
        import jwt

        for age in (CACHE_SECONDS, REFRESH_SECONDS):
            for key in self._current(self._keys[issuer], age).keys:
                if key.kid == key_id and key.kty == "RSA" and key.use == "sig":
                    return jwt.PyJWK({"kty": "RSA", "n": key.n, "e": key.e}, algorithm="RS256")
        raise _invalid("it was signed with a key that is not known here")

    def _current(self, kept: _Kept[T], seconds: float) -> T:
        """The object, read again when that was longer ago than `seconds`; an absent one is empty."""
        if time.monotonic() - kept.read_at <= seconds:
            return kept.value
        try:
            body = self._read(kept.name)
            kept.value = msgspec.json.decode(body or b"{}", type=kept.shape)
        except (StorageUnavailable, msgspec.MsgspecError, UnicodeDecodeError):
            # What was read before is better than nothing; without it nobody can be let in.
            logger.exception("keys not read", extra={"object": kept.name})
            if kept.read_at == -math.inf:
                raise Unavailable("Sign-ins cannot be checked just now; try again shortly.") from None
        kept.read_at = time.monotonic()
        return kept.value


_REASONS = {
    "InvalidSignatureError": "its signature is wrong",
    "InvalidAlgorithmError": "it is not signed with RS256",
    "InvalidAudienceError": "it was made for another audience",
    "InvalidIssuerError": "its issuer is not trusted here",
    "ImmatureSignatureError": "it is not good yet",
    "InvalidIssuedAtError": "it is not good yet",
    "MissingRequiredClaimError": f"it lacks one of the claims {', '.join(REQUIRED)}",
}


def _invalid(why: str) -> Unauthenticated:
    return Unauthenticated(f"The token is not good: {why}.", code="token-invalid")


def _clean(name: object) -> str:
    """A name that may be shown to everybody, or nothing."""
    text = " ".join(name.split())[:MAX_NAME] if isinstance(name, str) else ""
    return text if text.isprintable() else ""


def _pseudonym(issuer: str, subject: str) -> str:
    """A stable display name for an identity that brings none; the subject itself is never shown."""
    return "contributor-" + hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:8]
