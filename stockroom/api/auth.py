"""Authentication: RS256 JWTs, checked offline against each issuer's JWKS and a deny-list of token ids.

The key sets and the deny-list are objects in the private keys bucket, read at most every ten minutes. The
private key that signs tokens stays with the operator; no function ever sees it.
"""

import hashlib
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from stockroom.runtime.errors import Forbidden, StorageUnavailable, Unauthenticated, Unavailable
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings, issuer_slug

if TYPE_CHECKING:
    import jwt

CACHE_SECONDS = 600
"""For so long an object of the keys bucket is used before it is read again."""
REFRESH_SECONDS = 30
"""A token with an unknown key id causes another read of the key set, but not more often than this."""
MAX_LIFETIME = 31 * 24 * 3600
"""Seconds that a token may still be good for: thirty days, and one day for clocks that differ."""
MAX_TOKEN_CHARACTERS = 8192
MAX_SUBJECT_CHARACTERS = 255
MAX_DISPLAY_NAME_CHARACTERS = 200
REQUIRED_CLAIMS = ["iss", "aud", "exp", "sub", "scope"]

T = TypeVar("T")

ReadObject = Callable[[str], bytes | None]
"""Reads an object of the keys bucket; None when it does not exist."""


class Caller(msgspec.Struct, frozen=True):
    """The person behind a token. `issuer` and `subject` together identify them; `name` is shown to others."""

    issuer: str
    subject: str
    name: str
    scopes: frozenset[str]

    def require(self, scope: str) -> "Caller":
        """The caller, if the token has `scope` or `admin`; Forbidden otherwise."""
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
    """A JWKS (RFC 7517). Issuers publish keys of other types and uses beside those for RS256 signatures."""

    keys: list[_Key] = []


class _DenyList(msgspec.Struct):
    """The ids (`jti`) of the tokens that were withdrawn."""

    jti: list[str] = []


class _CachedObject(msgspec.Struct, Generic[T]):
    """An object of the keys bucket as it was read last, and when."""

    name: str
    shape: type[T]
    value: T
    read_at: float = -math.inf


class Verifier:
    """Checks tokens. Holds the objects of the keys bucket that it has read."""

    def __init__(
        self, settings: Settings, read: ReadObject, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._read = read
        self._clock = clock
        self._deny_list = _CachedObject("denied.json", _DenyList, _DenyList())
        self._key_sets = {
            issuer: _CachedObject(f"jwks/{issuer_slug(issuer)}.json", _KeySet, _KeySet())
            for issuer in settings.issuers
        }

    def authenticate(self, authorization: str) -> Caller:
        """The caller of an `Authorization` header; Unauthenticated says what is wrong with the header."""
        # cryptography takes 50 ms to import, and a public search never needs it.
        import jwt

        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("Sign in first: send Authorization: Bearer with a token.")
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise _invalid_token("it is too long")
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
            if not isinstance(issuer, str) or issuer not in self._key_sets:
                raise _invalid_token("its issuer is not trusted here")
            claims = jwt.decode(
                token,
                self._find_key(issuer, key_id),
                algorithms=["RS256"],
                audience=self._settings.audience,
                issuer=issuer,
                options={"require": REQUIRED_CLAIMS},
                leeway=5,
            )
            return self._check_claims(claims)
        except jwt.ExpiredSignatureError:
            raise Unauthenticated(
                "The sign-in has expired; ask for a new sign-in link.", code="token-expired"
            ) from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            # The library's own message may quote the token, and is not written for contributors.
            raise _invalid_token(_REASONS.get(type(error).__name__, "it is malformed")) from None

    def _check_claims(self, claims: dict[str, Any]) -> Caller:
        if claims["exp"] - time.time() > MAX_LIFETIME:
            raise _invalid_token("it is good for more than 30 days")
        if not isinstance(claims["scope"], str):
            raise _invalid_token("its scope is not a text")
        jti = claims.get("jti")
        if jti is not None and str(jti) in self._load(self._deny_list, CACHE_SECONDS).jti:
            raise Unauthenticated("This sign-in has been withdrawn.", code="token-revoked")
        issuer, subject = str(claims["iss"]), str(claims["sub"])
        # Databases compare texts as if blanks at their ends were not there.
        is_clean = subject == subject.strip() and subject.isprintable()
        if not 0 < len(subject) <= MAX_SUBJECT_CHARACTERS or not is_clean:
            raise _invalid_token("its subject is empty, too long or has invisible characters")
        names = (_clean_name(claims.get(claim)) for claim in ("name", "preferred_username"))
        return Caller(
            issuer=issuer,
            subject=subject,
            name=next((name for name in names if name), _make_pseudonym(issuer, subject)),
            scopes=frozenset(claims["scope"].split()),
        )

    def _find_key(self, issuer: str, key_id: object) -> "jwt.PyJWK":
        import jwt

        for max_age in (CACHE_SECONDS, REFRESH_SECONDS):
            for key in self._load(self._key_sets[issuer], max_age).keys:
                if key.kid == key_id and key.kty == "RSA" and key.use == "sig":
                    return jwt.PyJWK({"kty": "RSA", "n": key.n, "e": key.e}, algorithm="RS256")
        raise _invalid_token("it was signed with a key that is not known here")

    def _load(self, cached: _CachedObject[T], max_age: float) -> T:
        """The object, read anew if it was read more than `max_age` seconds ago; an absent object is empty."""
        if self._clock() - cached.read_at <= max_age:
            return cached.value
        try:
            body = self._read(cached.name)
            cached.value = msgspec.json.decode(body or b"{}", type=cached.shape)
        except (StorageUnavailable, msgspec.MsgspecError, UnicodeDecodeError):
            # An object that was read before is better than none. Without any, nobody can be let in.
            logger.exception("keys not read", extra={"object": cached.name})
            if cached.read_at == -math.inf:
                raise Unavailable("Sign-ins cannot be checked just now; try again shortly.") from None
        cached.read_at = self._clock()
        return cached.value


_REASONS = {
    "InvalidSignatureError": "its signature is wrong",
    "InvalidAlgorithmError": "it is not signed with RS256",
    "InvalidAudienceError": "it was made for another audience",
    "InvalidIssuerError": "its issuer is not trusted here",
    "ImmatureSignatureError": "it is not good yet",
    "InvalidIssuedAtError": "it is not good yet",
    "MissingRequiredClaimError": f"it lacks one of the claims {', '.join(REQUIRED_CLAIMS)}",
}
"""What is said of a token, by the class of PyJWT's error."""


def _invalid_token(reason: str) -> Unauthenticated:
    return Unauthenticated(f"The token is not good: {reason}.", code="token-invalid")


def _clean_name(name: object) -> str:
    """A name that may be shown to everybody; empty when the claim holds none."""
    text = " ".join(name.split())[:MAX_DISPLAY_NAME_CHARACTERS] if isinstance(name, str) else ""
    return text if text.isprintable() else ""


def _make_pseudonym(issuer: str, subject: str) -> str:
    """A stable display name for a caller whose token has none; the subject itself is never shown."""
    return "contributor-" + hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:8]
