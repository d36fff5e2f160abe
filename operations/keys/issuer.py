"""The operator as an issuer of tokens: which key signs, and what the keys bucket says of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from operations.keys import tokens
from operations.keys.bucket import Document, KeysBucket, read_token_id
from operations.keys.signers import Signer, SigningKeys
from stockroom.runtime.settings import OPERATOR_ISSUER
from tooling.errors import ToolError


@dataclass(frozen=True)
class Issuer:
    """The issuer `stockroom` of one library. `trusted` are all issuers that the library's functions trust."""

    signing_keys: SigningKeys
    bucket: KeysBucket
    audience: str
    trusted: Collection[str]

    def ensure(self) -> list[Document]:
        """Have a key that signs, a key set that names it, and a deny-list. Returns the key set's keys."""
        signer = self.signing_keys.current()
        if signer is None:
            signer = self.signing_keys.use(self.signing_keys.make())
        self.bucket.add_key(OPERATOR_ISSUER, signer)
        self.bucket.ensure_deny_list()
        return self.bucket.keys(OPERATOR_ISSUER)

    def make_token(self, *, subject: str, scopes: str, days: float, name: str = "") -> str:
        """A signed sign-in token; see `tokens.make_token`."""
        tokens.check_request(subject=subject, days=days)
        return tokens.make_token(
            self._require_signer(),
            issuer=OPERATOR_ISSUER,
            audience=self.audience,
            subject=subject,
            scopes=scopes,
            days=days,
            name=name,
        )

    def rotate(self) -> Signer:
        """Have a new key sign. The older key is given up, and its tokens stay valid until they expire."""
        old = self._require_signer()
        new = self.signing_keys.make()
        try:
            # First the key set: no token is signed by a key that functions cannot know.
            self.bucket.add_key(OPERATOR_ISSUER, new)
            self.signing_keys.use(new)
        except BaseException:
            self.signing_keys.retire(new)
            raise
        self.signing_keys.retire(old)
        return new

    def withdraw(self, kid: str) -> None:
        """Have no token of this key accepted any more, and give the key up. See `withdraw` below."""
        withdraw(self.bucket, self.signing_keys, kid)

    def revoke(self, *, jti: str = "", issuer: str = "", subject: str = "") -> str:
        """Put a token, or all of a person, on the deny-list. Returns what was withdrawn, in words."""
        return revoke(self.bucket, self.trusted, jti=jti, issuer=issuer, subject=subject)

    def _require_signer(self) -> Signer:
        signer = self.signing_keys.current()
        if signer is None:
            raise ToolError("there is no signing key yet: run `make keys`")
        return signer


def withdraw(bucket: KeysBucket, signing_keys: SigningKeys, kid: str) -> None:
    """Have no token of a key accepted any more, and give the key up. Raises ToolError if there is none."""
    if not kid:
        raise ToolError("which key? Give KID=")
    was_published = bucket.remove_key(OPERATOR_ISSUER, kid)
    signer = signing_keys.find(kid)
    if signer is not None:
        signing_keys.retire(signer)
    elif not was_published:
        known = ", ".join(str(key.get("kid")) for key in bucket.keys(OPERATOR_ISSUER)) or "none"
        raise ToolError(f"there is no key {kid}; the keys are: {known}")


def revoke(
    bucket: KeysBucket, trusted: Collection[str], *, jti: str = "", issuer: str = "", subject: str = ""
) -> str:
    """Put a token (its id, or itself), or all of a person, on the deny-list; returns words about it."""
    if bool(jti) == bool(subject):
        raise ToolError("what is withdrawn? Give either JTI= (a token or its id) or SUB= (and ISSUER=)")
    token_id, issuer = read_token_id(jti), issuer or OPERATOR_ISSUER
    is_new = bucket.deny(issuers=trusted, jti=token_id, issuer=issuer, subject=subject)
    what = f"the token {token_id}" if jti else f"every token of {subject!r} by {issuer}"
    return f"{what} is withdrawn" if is_new else f"{what} was withdrawn already"
