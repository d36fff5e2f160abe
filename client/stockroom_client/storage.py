"""The PUT of one file to storage, exactly as its ticket says."""

import html
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from stockroom_client.items import Item
from stockroom_client.retry import PASSING, Retry, Stop, retry_after
from stockroom_client.transport import BLOCK, NetworkError, Response, Transport


class Result(Enum):
    """What became of a PUT."""

    LANDED = auto()  # storage has the file
    EXPIRED = auto()  # the ticket has run out before it was used
    FORBIDDEN = auto()  # storage does not accept the ticket (any more)
    CHANGED = auto()  # the file is no longer the one that was hashed
    REFUSED = auto()  # for good


@dataclass(frozen=True)
class Sent:
    """The result, and storage's reason in words when it is a bad one."""

    result: Result
    detail: str = ""


class _ChangedError(Exception):
    """The file on disk is not what the ticket was made for."""


class _UnreadableError(Exception):
    """Reading the file failed; apart from OSError, so that it is not taken for a failure of the network."""


def put(item: Item, transport: Transport, retry: Retry, stop: Stop, now: Callable[[], float]) -> Sent:
    """Send `item` by its ticket; passing failures are retried. `now` is the server's Unix time."""
    ticket = item.ticket
    assert ticket is not None  # noqa: S101 - only files with a ticket are queued
    headers = {**ticket["headers"], "Content-Length": str(item.size)}
    expires = datetime.fromisoformat(ticket["expires"]).timestamp()
    sent = Sent(Result.REFUSED)
    for attempt in range(1, retry.attempts + 1):
        stop.check()
        if now() >= expires:
            return Sent(Result.EXPIRED)
        try:
            response = transport.request(ticket["method"], ticket["url"], headers, lambda: _read(item, stop))
        except _ChangedError:
            return Sent(Result.CHANGED)
        except _UnreadableError as error:
            return Sent(Result.REFUSED, f"cannot be read: {error}")
        except NetworkError as error:
            stop.check()
            sent, asked = Sent(Result.REFUSED, str(error)), None
        else:
            sent, again = _judge(response, item)
            if not again:
                return sent
            asked = retry_after(response)
        item.done = 0
        if attempt < retry.attempts:
            stop.pause(retry.delay(attempt, asked))
    return sent


def _judge(response: Response, item: Item) -> tuple[Sent, bool]:
    """What an answer means, and whether to try again."""
    code, words = _error(response)
    # 412: there is an object under this key already, and only this content could get there: an earlier PUT
    # has landed, though its answer was lost.
    if response.status < 300 or response.status == 412:
        return Sent(Result.LANDED), False
    if response.status == 403:
        return Sent(Result.FORBIDDEN, words), False
    # 409: another PUT of the same key is under way; RequestTimeout: storage got tired of a slow line.
    if response.status in PASSING or response.status == 409 or code == "RequestTimeout":
        return Sent(Result.REFUSED, words), True
    # BadDigest: also a file that was changed without a new size or time.
    if code == "BadDigest" or not _unchanged(item):
        return Sent(Result.CHANGED, words), False
    return Sent(Result.REFUSED, words), False


def _error(response: Response) -> tuple[str, str]:
    """Storage's error code and a sentence, from its XML."""
    text = response.body[:10_000].decode("utf-8", "replace")
    code = re.search("<Code>([^<]*)</Code>", text)
    message = re.search("<Message>([^<]*)</Message>", text)
    words = html.unescape(message[1]) if message else f"{response.status} {response.reason}"
    return (code[1] if code else ""), f"storage answers: {words}"


def _read(item: Item, stop: Stop) -> Iterator[bytes]:
    """Exactly `item.size` bytes, or _ChangedError."""
    item.done = 0
    try:
        with item.path.open("rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if (status.st_size, status.st_mtime_ns) != (item.size, item.mtime_ns):
                raise _ChangedError
            left = item.size
            while left:
                stop.check()
                block = file.read(min(BLOCK, left))
                if not block:
                    raise _ChangedError
                yield block
                left -= len(block)
                item.done = item.size - left
    except OSError as error:
        raise _UnreadableError(error.strerror or str(error)) from error


def _unchanged(item: Item) -> bool:
    try:
        status = item.path.stat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (item.size, item.mtime_ns)
