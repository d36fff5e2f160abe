"""The operator as an issuer of tokens: which key signs, and what the keys bucket says of it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from operations.keys.bucket import Document, KeysBucket, read_token_id, replaced
from operations.keys.signers import Signer, SigningKeys
from stockroom.runtime.settings import OPERATOR_ISSUER
from tooling.errors import ToolError


def ensure(signing_keys: SigningKeys, bucket: KeysBucket) -> list[Document]:
    """Have a key that signs, a key set that names it, and a deny-list. Returns the key set's keys."""
    signer = signing_keys.current() or signing_keys.use(signing_keys.make())
    bucket.add_key(OPERATOR_ISSUER, signer)
    bucket.ensure_deny_list()
    return bucket.keys(OPERATOR_ISSUER)


def rotate(signing_keys: SigningKeys, bucket: KeysBucket) -> Signer:
    """Have a new key sign. The older key is given up, and its tokens stay valid until they expire.

    The key set decides which of two rotations at once is the one. Raises ToolError for the other, and where
    the key that signs here is not the newest one.
    """
    old = require_signer(signing_keys)
    published = bucket.keys(OPERATOR_ISSUER)
    if published and published[0].get("kid") != old.kid:
        raise replaced(old.kid, published)
    new = signing_keys.make()
    try:
        # First the key set: no token is signed by a key that functions cannot know.
        bucket.add_key(OPERATOR_ISSUER, new, expected=published)
        signing_keys.use(new)
    except BaseException:
        with suppress(ToolError):
            bucket.take_key_back(OPERATOR_ISSUER, new.kid)
        signing_keys.retire(new, is_current=False)
        raise
    signing_keys.retire(old, is_current=False)
    return new


def withdraw(signing_keys: SigningKeys, bucket: KeysBucket, kid: str) -> None:
    """Have no token of a key accepted any more, and give the key up. Raises ToolError if there is none."""
    if not kid:
        raise ToolError("which key? Give KID=")
    published = [str(key.get("kid")) for key in bucket.keys(OPERATOR_ISSUER)]
    if kid not in published and signing_keys.find(kid) is None:
        raise ToolError(f"there is no key {kid}; the keys are: {', '.join(published) or 'none'}")
    bucket.withdraw_key(OPERATOR_ISSUER, kid)
    # Another operator may have had a new key sign meanwhile, and has given this one up.
    signer = signing_keys.find(kid)
    if signer is not None:
        signing_keys.retire(signer, is_current=True)


def revoke(
    bucket: KeysBucket, trusted: Collection[str], *, jti: str = "", issuer: str = "", subject: str = ""
) -> str:
    """Put a token (its id, or itself), or all of a person, on the deny-list; returns words about it.

    `trusted` are all issuers that the functions trust.
    """
    if bool(jti) == bool(subject):
        raise ToolError("what is withdrawn? Give either JTI= (a token or its id) or SUB= (and ISSUER=)")
    token_id, issuer = read_token_id(jti), issuer or OPERATOR_ISSUER
    is_new = bucket.deny(issuers=trusted, jti=token_id, issuer=issuer, subject=subject)
    what = f"the token {token_id}" if jti else f"every token of {subject!r} by {issuer}"
    return f"{what} is withdrawn" if is_new else f"{what} was withdrawn already"


def require_signer(signing_keys: SigningKeys) -> Signer:
    """The key that signs. Raises ToolError while there is none."""
    signer = signing_keys.current()
    if signer is None:
        raise ToolError("there is no signing key: `make keys` makes one")
    return signer
