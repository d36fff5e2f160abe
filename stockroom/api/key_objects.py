"""The objects of the private keys bucket, as a function remembers them: key sets and the deny-list.

An object is read anew every five minutes. While it cannot be read, the copy in memory counts until it is ten
minutes old, and nobody is let in after that: without the deny-list, a withdrawn token would be accepted.
"""

import json
import math
from collections.abc import Callable, Collection
from typing import Any, Generic, TypeVar

import msgspec
from aws_lambda_powertools.metrics import MetricUnit

from stockroom.runtime.errors import KeysUnavailable, StorageUnavailable
from stockroom.runtime.observability import logger, metrics

REFRESH_SECONDS = 300
"""An object that was read longer ago than this is read again."""
EXPIRY_SECONDS = 600
"""An object that was read longer ago than this no longer counts."""
RETRY_SECONDS = 5
"""After a read that failed, for so long no other is tried."""
UNREADABLE_METRIC = "KeysUnreadable"
"""Counts reads that failed: storage was away, or the object is absent or malformed. It has an alarm."""

MAX_CLAIM_CHARACTERS = 255
"""Characters of a token's subject, and of its id."""

T = TypeVar("T")

ReadObject = Callable[[str], bytes | None]
"""Reads an object of the keys bucket; None when it does not exist."""


class MalformedObject(ValueError):
    """An object of the keys bucket that is JSON of the right shape and yet wrong; the message says why."""


class Key(msgspec.Struct):
    """A public key of a key set; only those for RS256 signatures matter here."""

    kty: str = ""
    kid: str = ""
    use: str = "sig"
    n: str = ""
    e: str = ""

    @property
    def checks_signatures(self) -> bool:
        """Whether the key's type and use are those of RS256 signatures."""
        return self.kty == "RSA" and self.use == "sig"


class KeySet(msgspec.Struct):
    """A JWKS (RFC 7517). Issuers publish keys of other types and uses beside those for RS256 signatures."""

    keys: list[Key]


class DenyList(msgspec.Struct, forbid_unknown_fields=True):
    """What was withdrawn: tokens by their id, and everything of a person by issuer and subject.

    Whatever would withdraw nothing makes the list malformed: a field that is not known here, an issuer that
    is not trusted anyway, which is most often a misspelt one, and a text that no token can have.
    """

    jti: frozenset[str] = frozenset()
    subjects: dict[str, frozenset[str]] = {}

    def is_withdrawn(self, token_id: str, issuer: str, subject: str) -> bool:
        """Whether the list names the token or its holder."""
        return token_id in self.jti or subject in self.subjects.get(issuer, ())

    def check(self, issuers: Collection[str]) -> None:
        """Raise MalformedObject for an entry without effect; `issuers` are those that are trusted."""
        for issuer, subjects in self.subjects.items():
            if issuer not in issuers:
                raise MalformedObject(
                    f"subjects: {issuer[:100]!r} is no issuer of STOCKROOM_ISSUERS, so this withdraws nothing"
                )
            _check_texts(f"subjects of {issuer}", subjects)
        _check_texts("jti", self.jti)


class KeyObject(Generic[T]):
    """One JSON object of the keys bucket. `clock` returns seconds; `check` raises MalformedObject."""

    def __init__(
        self,
        name: str,
        shape: type[T],
        read: ReadObject,
        clock: Callable[[], float],
        check: Callable[[T], None] = lambda _: None,
    ) -> None:
        self._name = name
        self._shape = shape
        self._read = read
        self._clock = clock
        self._check = check
        self._value: T | None = None
        self._read_at = -math.inf
        self._failed_at = -math.inf

    def load(self, max_age: float = REFRESH_SECONDS) -> T:
        """The object, read anew if it was read more than `max_age` seconds ago.

        Raises KeysUnavailable when it cannot be read and no copy in memory is recent enough.
        """
        now = self._clock()
        if now - self._read_at > max_age and now - self._failed_at >= RETRY_SECONDS:
            self._refresh(now)
        if self._value is None or now - self._read_at > EXPIRY_SECONDS:
            raise KeysUnavailable("Sign-ins cannot be checked just now.")
        return self._value

    def _refresh(self, now: float) -> None:
        try:
            body = self._read(self._name)
            if body is None:
                raise FileNotFoundError(self._name)
            value = msgspec.json.decode(body, type=self._shape)
            json.loads(body, object_pairs_hook=_refuse_repeated_names)
            self._check(value)
            self._value = value
            self._read_at = now
        except (
            StorageUnavailable,
            FileNotFoundError,
            MalformedObject,
            msgspec.MsgspecError,
            UnicodeDecodeError,
            RecursionError,
        ) as error:
            self._failed_at = now
            logger.exception("keys not read", extra={"object": self._name, "reason": str(error)})
            metrics.add_metric(name=UNREADABLE_METRIC, unit=MetricUnit.Count, value=1)


def _check_texts(place: str, texts: Collection[str]) -> None:
    for text in texts:
        if not can_be_claimed(text):
            raise MalformedObject(f"{place}: no token can have {text[:100]!r}, so this withdraws nothing")


def can_be_claimed(text: str) -> bool:
    """Whether a token may have this text as its subject or id.

    Blanks at the ends are refused because databases compare texts as if they were not there.
    """
    return 0 < len(text) <= MAX_CLAIM_CHARACTERS and text == text.strip() and text.isprintable()


def _refuse_repeated_names(members: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The members; MalformedObject where two have one name, of which a reader takes the last alone."""
    names = [name for name, _ in members]
    if len(set(names)) < len(names):
        raise MalformedObject("an object has two members of one name")
    return members
