"""Answers that one process stores for seconds, and entity tags.

A warm function is asked for the front page whenever the CDN's copy has run out; the stored answer saves a
search. The cache is small and its entries live for seconds: memory is scarce, and a deleted picture must be
gone soon.
"""

import hashlib
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from http import HTTPStatus

from msgspec import Struct

MAX_RESPONSES = 256
MAX_BYTES = 4_000_000
"""Memory of all stored bodies. A body with a single emoji takes four bytes a character."""


class StoredResponse(Struct, frozen=True):
    """A body as it is sent, with the headers that belong to it (ETag among them), and its status."""

    body: str
    headers: dict[str, str]
    status: HTTPStatus = HTTPStatus.OK


class ResponseCache:
    """The stored answers of one process, bounded in number and size; the least recently used go first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: OrderedDict[Hashable, tuple[float, int, StoredResponse]] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> StoredResponse | None:
        """The answer that is stored under a key, until it expires."""
        found = self._entries.get(key)
        if found is None:
            return None
        expires_at, _, response = found
        if self._clock() >= expires_at:
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return response

    def put(self, key: Hashable, response: StoredResponse, seconds: float) -> None:
        """Store an answer for so long at most."""
        size = sys.getsizeof(response.body)
        if size > MAX_BYTES:
            return
        if key in self._entries:
            self._drop(key)
        self._entries[key] = (self._clock() + seconds, size, response)
        self._bytes += size
        while len(self._entries) > MAX_RESPONSES or self._bytes > MAX_BYTES:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Hashable) -> None:
        # Python may have added the text's UTF-8 to it since then.
        _, size, _ = self._entries.pop(key)
        self._bytes -= size


def make_etag(body: bytes) -> str:
    """An entity tag: equal for equal bodies."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def matches_etag(if_none_match: str, tag: str) -> bool:
    """Whether a request's If-None-Match names a tag, so that the client has the body already.

    Tags are compared weakly: a CDN that compresses an answer makes its tag weak.
    """
    listed = [entry.strip().removeprefix("W/") for entry in if_none_match.split(",")]
    return bool(tag) and (tag in listed or listed == ["*"])
