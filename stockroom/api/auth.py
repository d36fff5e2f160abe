"""Authentication: RS256 JWTs, checked offline against each issuer's JWKS and a deny-list.

The key sets and the deny-list are objects in the private keys bucket, see `stockroom.api.key_objects`. The
private key that signs tokens stays with the operator; no function ever sees it.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from stockroom.analysis.appearance import DIRECTIONS, has_too_many_marks, mixes_scripts, remove_invisible
from stockroom.api.key_objects import (
    REFRESH_SECONDS,
    DenyList,
    KeyObject,
    KeySet,
    ReadObject,
    can_be_claimed,
)
from stockroom.runtime.errors import Forbidden, Unauthenticated
from stockroom.runtime.settings import Settings, key_set_name

if TYPE_CHECKING:
    import jwt

NEW_KEY_SECONDS = 30
"""A token with an unknown key id causes another read of the key set, but not more often than this."""
MAX_LIFETIME = 31 * 24 * 3600
"""Seconds that a token may still be good for: thirty days, and one day for clocks that differ."""
MAX_TOKEN_CHARACTERS = 8192
MAX_DISPLAY_NAME_CHARACTERS = 200
REQUIRED_CLAIMS = ["iss", "aud", "exp", "sub", "scope", "jti"]


class Caller(msgspec.Struct, frozen=True):
    """The person behind a token. `issuer` and `subject` together identify them.

    `name` is shown to others; it is empty where the token has none that can be shown.
    """

    issuer: str
    subject: str
    name: str
    scopes: frozenset[str]

    def require(self, scope: str) -> "Caller":
        """The caller, if the token has `scope` or `admin`; Forbidden otherwise."""
        if scope not in self.scopes and "admin" not in self.scopes:
            raise Forbidden(
                f"This token does not allow that: it lacks the scope {scope!r}, "
                "or its issuer may not grant that scope here.",
                code="scope-missing",
            )
        return self


class Verifier:
    """Checks tokens. Holds the objects of the keys bucket that it has read."""

    def __init__(
        self, settings: Settings, read: ReadObject, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._deny_list = KeyObject(
            "denied.json", DenyList, read, clock, check=lambda denied: denied.check(settings.issuers)
        )
        self._key_sets = {
            issuer: KeyObject(key_set_name(issuer), KeySet, read, clock) for issuer in settings.issuers
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
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
            # The library's own message may quote the token, and is not written for contributors.
            raise _invalid_token(_REASONS.get(type(error).__name__, "it is malformed")) from None

    def _check_claims(self, claims: dict[str, Any]) -> Caller:
        if claims["exp"] - time.time() > MAX_LIFETIME:
            raise _invalid_token("it is good for more than 30 days")
        if not isinstance(claims["scope"], str):
            raise _invalid_token("its scope is not a text")
        issuer, subject = str(claims["iss"]), str(claims["sub"])
        for name, text in (("subject", subject), ("jti", claims["jti"])):
            if not can_be_claimed(text):
                raise _invalid_token(f"its {name} is empty, too long or has invisible characters")
        if self._deny_list.load().is_withdrawn(claims["jti"], issuer, subject):
            raise Unauthenticated("This sign-in has been withdrawn.", code="token-revoked")
        return Caller(
            issuer=issuer,
            subject=subject,
            # `preferred_username` is not shown: it is often an e-mail address.
            name=_clean_name(claims.get("name")),
            scopes=self._settings.grantable_scopes(issuer).intersection(claims["scope"].split()),
        )

    def _find_key(self, issuer: str, key_id: object) -> "jwt.PyJWK":
        import jwt

        key_set = self._key_sets[issuer]
        # A key id that is not in the copy may be that of a new key.
        for max_age in (REFRESH_SECONDS, NEW_KEY_SECONDS):
            for key in key_set.load(max_age).keys:
                if key.kid == key_id and key.checks_signatures:
                    return jwt.PyJWK({"kty": "RSA", "n": key.n, "e": key.e}, algorithm="RS256")
        raise _invalid_token("it was signed with a key that is not known here")


_REASONS = {
    "InvalidSignatureError": "its signature is wrong",
    "InvalidAlgorithmError": "it is not signed with RS256",
    "InvalidAudienceError": "it was made for another audience",
    "InvalidIssuerError": "its issuer is not trusted here",
    "ImmatureSignatureError": "it is not good yet",
    "InvalidIssuedAtError": "it is not good yet",
    "InvalidJTIError": "its jti is not a text",
    "MissingRequiredClaimError": f"it lacks one of the claims {', '.join(REQUIRED_CLAIMS)}",
}
"""What is said of a token, by the class of PyJWT's error."""


def _invalid_token(reason: str) -> Unauthenticated:
    return Unauthenticated(f"The token is not good: {reason}.", code="token-invalid")


def _clean_name(name: object) -> str:
    """A name that may be shown to everybody, without invisible characters; empty when the claim holds none.

    A name that looks like another, or covers what stands beside it, is none.
    """
    if not isinstance(name, str) or not DIRECTIONS.isdisjoint(name):
        return ""
    text = " ".join(remove_invisible(name, keeps_spelling=False).split())[:MAX_DISPLAY_NAME_CHARACTERS]
    can_be_shown = text.isprintable() and not has_too_many_marks(text) and not mixes_scripts(text)
    return text if can_be_shown else ""
