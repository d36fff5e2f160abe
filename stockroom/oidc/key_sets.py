"""An OpenID provider's key set, found by OpenID Connect Discovery 1.0, and without what is of no use here."""

import base64
import binascii
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from stockroom.api.key_objects import Key, KeySet
from stockroom.oidc.documents import UnusableDocument

MIN_MODULUS_BITS = 2048
MAX_MODULUS_BITS = 8192
"""The functions check a signature with each request, and a larger key would take them seconds."""
MAX_KEYS = 100
MAX_KEY_ID_CHARACTERS = 255

T = TypeVar("T")


class Discovery(msgspec.Struct):
    """What matters here of a provider's configuration."""

    issuer: str
    jwks_uri: str


class PublishedKeys(msgspec.Struct):
    """A key set as it was published: keys of every kind."""

    keys: list[dict[str, Any]]


def fetch_key_set(issuer: str, fetch: Callable[[str], bytes]) -> KeySet:
    """The keys that check an issuer's RS256 signatures. `fetch` returns the document at an address.

    Raises UnusableDocument when there is none, so that whoever has older keys keeps them.
    """
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    discovery = _decode(fetch(address), Discovery, address)
    # Otherwise one issuer could speak for another.
    if discovery.issuer != issuer:
        raise UnusableDocument(f"{address} is of the issuer {discovery.issuer[:200]!r}, not {issuer!r}")
    published = _decode(fetch(discovery.jwks_uri), PublishedKeys, discovery.jwks_uri)
    keys = [key for each in published.keys[:MAX_KEYS] if (key := _read_key(each)) is not None]
    if not keys:
        raise UnusableDocument(
            f"{discovery.jwks_uri} has no key for RS256 with a kid, among {len(published.keys)} keys"
        )
    return KeySet(keys=keys)


def _decode(body: bytes, shape: type[T], address: str) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UnusableDocument(f"{address} is not as it must be: {error}") from error


def _read_key(published: dict[str, Any]) -> Key | None:
    """The public key, if the functions can check signatures with it."""
    try:
        key = msgspec.convert(published, Key)
    except msgspec.ValidationError:
        return None
    operations = published.get("key_ops") or ["verify"]
    is_for_signatures = (
        published.get("alg", "RS256") == "RS256" and isinstance(operations, list) and "verify" in operations
    )
    if not (key.checks_signatures and is_for_signatures and 0 < len(key.kid) <= MAX_KEY_ID_CHARACTERS):
        return None
    modulus, exponent = _decode_number(key.n), _decode_number(key.e)
    is_sound = MIN_MODULUS_BITS <= modulus.bit_length() <= MAX_MODULUS_BITS and modulus % 2
    return key if is_sound and 2 < exponent < 2**32 and exponent % 2 else None


def _decode_number(text: str) -> int:
    """A number in base64url; 0 for what is none."""
    try:
        return int.from_bytes(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return 0
