"""The keys bucket as operators change it: key sets and the deny-list, by writes that lose nobody's change.

Each change reads an object, and writes it only if it is still what was read (If-Match). When another operator
was faster, the change is made again, on what they wrote.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
import msgspec

from operations.keys.signers import Signer, make_jwk
from stockroom.api.auth import MAX_LIFETIME
from stockroom.api.key_objects import DenyList, KeySet, MalformedObject
from stockroom.runtime.settings import key_set_name
from tooling.errors import ToolError

ATTEMPTS = 10
DENY_LIST = "denied.json"
EXPIRY = "exp"
"""The member of a key in a key set that says when its last token expires; functions do not read it."""
WITHDRAWN = "withdrawn"
"""The member of a key set with the ids of keys that must not come back; functions do not read it."""

Document = dict[str, Any]


@dataclass(frozen=True)
class KeysBucket:
    """The bucket that the functions read. `clock` returns Unix seconds."""

    s3: Any
    name: str
    clock: Callable[[], float] = time.time

    def keys(self, issuer: str) -> list[Document]:
        """The keys that check an issuer's tokens, newest first; empty when none was published."""
        return _keys(self._read(key_set_name(issuer))[0], key_set_name(issuer))

    def add_key(self, issuer: str, signer: Signer, *, expected: Sequence[Document] | None = None) -> None:
        """Publish a key as the newest; the others stay until the last of their tokens has expired.

        Raises ToolError for a key that was withdrawn, or that a newer one has replaced: somebody may still
        have a copy of it. `expected` are the keys to which it is added; ToolError if they are others by now.
        """
        now = int(self.clock())

        def edit(document: Document | None) -> Document:
            keys = _keys(document, key_set_name(issuer))
            if signer.kid in (document or {}).get(WITHDRAWN, ()):
                raise ToolError(
                    f"the key {signer.kid} was withdrawn: `make withdraw KID={signer.kid}` gives this copy up"
                )
            is_newest = bool(keys) and keys[0].get("kid") == signer.kid
            if not is_newest:
                if any(EXPIRY in key for key in keys if key.get("kid") == signer.kid):
                    raise replaced(signer.kid, keys)
                if expected is not None and keys != expected:
                    raise ToolError("another operator has changed the key set meanwhile: try again")
            others = [{EXPIRY: now + MAX_LIFETIME, **key} for key in keys if key.get("kid") != signer.kid]
            kept = [key for key in others if key[EXPIRY] > now]
            return {**(document or {}), "keys": [make_jwk(signer), *kept]}

        self._change(key_set_name(issuer), edit)

    def take_key_back(self, issuer: str, kid: str) -> None:
        """Publish a key set without a key that has signed nothing; the newest other key signs on."""

        def edit(document: Document | None) -> Document:
            kept = [key for key in _keys(document, key_set_name(issuer)) if key.get("kid") != kid]
            newest = [{name: value for name, value in key.items() if name != EXPIRY} for key in kept[:1]]
            return {**(document or {}), "keys": [*newest, *kept[1:]]}

        self._change(key_set_name(issuer), edit)

    def withdraw_key(self, issuer: str, kid: str) -> None:
        """Publish a key set without this key, to which it is not added again."""

        def edit(document: Document | None) -> Document:
            kept = [key for key in _keys(document, key_set_name(issuer)) if key.get("kid") != kid]
            others = [each for each in (document or {}).get(WITHDRAWN, ()) if each != kid]
            return {**(document or {}), "keys": kept, WITHDRAWN: [*others, kid]}

        self._change(key_set_name(issuer), edit)

    def replace_keys(self, issuer: str, signers: Collection[Signer]) -> None:
        """Publish these keys and no others."""
        self._change(key_set_name(issuer), lambda _: {"keys": [make_jwk(signer) for signer in signers]})

    def ensure_deny_list(self) -> None:
        """Have a deny-list: without one the functions let nobody in."""
        self._change(DENY_LIST, lambda document: {"jti": []} if document is None else document)

    def deny(self, *, issuers: Collection[str], jti: str = "", issuer: str = "", subject: str = "") -> bool:
        """Withdraw a token by its id, or all tokens of a subject. False when the deny-list names it already.

        Raises ToolError where the entry would withdraw nothing: such a list lets nobody in.
        """
        is_new = False

        def edit(document: Document | None) -> Document:
            nonlocal is_new
            denied = _check_deny_list(document or {}, issuers)
            edited = dict(document or {})
            if jti:
                edited["jti"] = [*edited.get("jti", ()), *({jti} - denied.jti)]
            if subject:
                subjects = dict(edited.get("subjects", {}))
                known = subjects.get(issuer, [])
                subjects[issuer] = [*known, *({subject} - set(known))]
                edited["subjects"] = subjects
            _check_deny_list(edited, issuers)
            is_new = edited != document
            return edited

        self._change(DENY_LIST, edit)
        return is_new

    def check_deny_list(self, issuers: Collection[str]) -> None:
        """Raise ToolError for a deny-list with which functions of these issuers would let nobody in."""
        _check_deny_list(self._read(DENY_LIST)[0] or {}, issuers)

    def _change(self, key: str, edit: Callable[[Document | None], Document]) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        for _ in range(ATTEMPTS):
            document, condition = self._read(key)
            edited = edit(document)
            if edited == document:
                return
            try:
                self.s3.put_object(
                    Bucket=self.name,
                    Key=key,
                    Body=json.dumps(edited).encode(),
                    ContentType="application/json",
                    **condition,
                )
            except ClientError as error:
                # 409: two conditional writes at once; 404: the object was deleted meanwhile.
                if error.response["ResponseMetadata"]["HTTPStatusCode"] in (404, 409, 412) and (
                    error.response["Error"]["Code"] != "NoSuchBucket"
                ):
                    continue
                raise ToolError(f"{self.name}/{key} cannot be written: {error}") from error
            except BotoCoreError as error:
                raise ToolError(f"{self.name}/{key} cannot be written: {error}") from error
            return
        raise ToolError(f"{self.name}/{key} keeps changing: try again")

    def _read(self, key: str) -> tuple[Document | None, dict[str, str]]:
        """The object, and the condition under which it is still the same."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self.s3.get_object(Bucket=self.name, Key=key)
            body = answer["Body"].read()
        except self.s3.exceptions.NoSuchKey:
            return None, {"IfNoneMatch": "*"}
        except (BotoCoreError, ClientError) as error:
            raise ToolError(f"{self.name}/{key} cannot be read: {error}") from error
        try:
            document = json.loads(body)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise ToolError(f"{self.name}/{key} holds no JSON object: mend or delete it, and try again")
        return document, {"IfMatch": answer["ETag"]}


def replaced(kid: str, keys: Sequence[Document]) -> ToolError:
    """What is said of a key that is not the newest of the published `keys`."""
    newest = keys[0].get("kid")
    return ToolError(
        f"the key {kid} was replaced by {newest}. If another machine has that one, copy it from there. If "
        f"nobody has it, because its rotation was cut short, `make withdraw KID={newest}` takes it back"
    )


def read_token_id(text: str) -> str:
    """The id of a token that is given itself; a text that is no token is an id."""
    try:
        token_id = jwt.decode(text, options={"verify_signature": False}).get("jti")
    except jwt.PyJWTError:
        return text
    return token_id if isinstance(token_id, str) else text


def _keys(document: Document | None, name: str) -> list[Document]:
    if document is None:
        return []
    try:
        msgspec.convert(document, KeySet)
    except msgspec.ValidationError as error:
        raise ToolError(f"{name} is no key set ({error}): mend or delete it, and try again") from None
    keys: list[Document] = document["keys"]
    return keys


def _check_deny_list(document: Document, issuers: Collection[str]) -> DenyList:
    try:
        denied = msgspec.convert(document, DenyList)
        denied.check(issuers)
    except (msgspec.ValidationError, MalformedObject) as error:
        raise ToolError(f"{DENY_LIST}: {error}") from None
    return denied
