"""Answers that one process stores for seconds, and entity tags.

A warm function is asked for the front page whenever the CDN's copy has run out; the stored answer saves a
search. The cache is small and its entries live for seconds: memory is scarce, and a deleted picture must be
gone soon.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from msgspec import Struct

MAX_RESPONSES = 256
MAX_CHARACTERS = 4_000_000
"""Characters of all stored bodies."""


class StoredResponse(Struct, frozen=True):
    """A body as it is sent, with the headers that belong to it (ETag among them)."""

    body: str
    headers: dict[str, str]


class ResponseCache:
    """The stored answers of one process, bounded in number and size; the least recently used go first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: OrderedDict[Hashable, tuple[float, StoredResponse]] = OrderedDict()
        self._characters = 0

    def get(self, key: Hashable) -> StoredResponse | None:
        """The answer that is stored under a key, until it expires."""
        found = self._entries.get(key)
        if found is None:
            return None
        expires_at, response = found
        if self._clock() >= expires_at:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return response

    def put(self, key: Hashable, response: StoredResponse, seconds: float) -> None:
        """Store an answer for so long at most."""
        if len(response.body) > MAX_CHARACTERS:
            return
        if key in self._entries:
            self._drop(key)
        self._entries[key] = (self._clock() + seconds, response)
        self._characters += len(response.body)
        while len(self._entries) > MAX_RESPONSES or self._characters > MAX_CHARACTERS:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Hashable) -> None:
        _, response = self._entries.pop(key)
        self._characters -= len(response.body)


def make_etag(body: bytes) -> str:
    """An entity tag: equal for equal bodies."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def matches_etag(if_none_match: str, tag: str) -> bool:
    """Whether a request's If-None-Match names a tag, so that the client has the body already.

    Tags are compared weakly: a CDN that compresses an answer makes its tag weak.
    """
    listed = [entry.strip().removeprefix("W/") for entry in if_none_match.split(",")]
    return bool(tag) and (tag in listed or listed == ["*"])
