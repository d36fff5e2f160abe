"""Answers that a process keeps for seconds, and what a client need not be sent again.

A warm function gets the front page asked for again and again, whenever the CDN's copy has run out; this saves
it the database. Few and short-lived: what is deleted must be gone soon, and memory is small.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

MAX_ANSWERS = 256
MAX_BYTES = 4_000_000


@dataclass(frozen=True)
class Answered:
    """A body as it is sent, with the headers that belong to it (ETag among them)."""

    body: bytes
    headers: dict[str, str]


@dataclass
class Kept:
    """The answers of one process, the least recently used first."""

    clock: Callable[[], float] = time.monotonic
    _answers: "OrderedDict[object, tuple[float, Answered]]" = field(default_factory=OrderedDict)
    _bytes: int = 0

    def get(self, key: object) -> Answered | None:
        """The answer to a question, while it is fresh."""
        found = self._answers.get(key)
        if found is None:
            return None
        until, answer = found
        if self.clock() >= until:
            self._drop(key)
            return None
        self._answers.move_to_end(key)
        return answer

    def put(self, key: object, answer: Answered, seconds: float) -> None:
        """Keep an answer for so long at most."""
        if seconds <= 0 or len(answer.body) > MAX_BYTES:
            return
        if key in self._answers:
            self._drop(key)
        self._answers[key] = (self.clock() + seconds, answer)
        self._bytes += len(answer.body)
        while len(self._answers) > MAX_ANSWERS or self._bytes > MAX_BYTES:
            self._drop(next(iter(self._answers)))

    def _drop(self, key: object) -> None:
        _, answer = self._answers.pop(key)
        self._bytes -= len(answer.body)


def etag(body: bytes) -> str:
    """An entity tag: equal for equal bodies."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def has(if_none_match: str, tag: str) -> bool:
    """Whether a request's If-None-Match says that the client has the body of this tag.

    Compared weakly: a CDN that compresses an answer makes its tag weak.
    """
    listed = [entry.strip().removeprefix("W/") for entry in if_none_match.split(",")]
    return bool(tag) and (tag in listed or listed == ["*"])
