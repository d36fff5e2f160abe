"""What a decoder and its worker say to each other: MessagePack, with the length of each message in front.

A worker says `Ready` over its own socket once it has loaded its libraries and has been confined. Requests go
over the same socket, and may be sent before that. The descriptors that travel with a request are the file's
shared memory, a pipe, and a socket that belongs to this picture alone:

    decoder → pipe     how many bytes of the file have arrived, whenever that changes
    worker  → picture  `Decoded` (or `Rejected` or `Fault`, which is the last answer then)
    decoder → picture  NEXT_FORMAT, once it wants the next of the formats that the request names
    worker  → picture  `Encoded`, `LeftOut` or `Fault`, for that format

A `DescribeRequest` goes the same way, for a file of which some bytes are there. Nobody uses its pipe:

    worker  → picture  `Described`, or `Missing`, `Rejected` or `Fault`

Whoever closes the picture's socket has ended the conversation about this picture, and about no other.

Messages are never pickled: what the worker says has been near a stranger's file.
"""

import socket
import time
from datetime import datetime
from typing import Literal, TypeVar

import msgspec
from msgspec.msgpack import Decoder

from stockroom.renditions.embedded.embedded import Embedded
from stockroom.renditions.options import Options
from stockroom.renditions.rejection import RejectionCode
from stockroom.renditions.rendered import Rendered, Rendition

MAX_MESSAGE = 20 * 1024 * 1024
"""The renditions of one format, of the largest sides, fit into it: two of any content, and that at 1440p even
of noise, which has 17 MiB at the quality of renditions."""
_MAX_QUOTED = 200
PROGRESS_BYTES = 8
"""The size of a number in the pipe, whose lowest byte comes first."""
NEXT_FORMAT = b"\x01"

T = TypeVar("T")


class RenderRequest(msgspec.Struct, frozen=True, tag=True):
    """Render the file in the shared memory: as JPEG at once, then in `formats`, one after the other.

    `size` and `available` are in bytes: of the whole file, and of what has arrived by now.
    """

    size: int
    available: int
    options: Options
    formats: tuple[str, ...]


class DescribeRequest(msgspec.Struct, frozen=True, tag=True):
    """Say what the file in the shared memory says about its picture, without a look at its pixels.

    `ranges` (start and end) are the bytes of the file that the memory has; the others are zeros there.
    """

    size: int
    ranges: tuple[tuple[int, int], ...]
    options: Options


class Ready(msgspec.Struct, frozen=True):
    """The worker can render. `refused` names the protections (`confinement.Protection`) that the kernel
    refused it."""

    refused: tuple[str, ...]


class Decoded(msgspec.Struct, frozen=True, tag=True):
    """The facts about the picture, with its JPEG renditions."""

    rendered: Rendered


class Encoded(msgspec.Struct, frozen=True, tag=True):
    """The renditions in a further format."""

    renditions: dict[str, Rendition]


LeftOutReason = RejectionCode | Literal["no-larger"]
"""Why a picture has no rendition at 1440p: it has no more lines, or its file cannot be opened once more."""


class LeftOut(msgspec.Struct, frozen=True, tag=True):
    """The picture has no renditions in a further format, and gets none however often it is tried.

    Of "too-much-memory" that is so only if the worker has had no earlier file.
    """

    reason: LeftOutReason


class Described(msgspec.Struct, frozen=True, tag=True):
    """What the file says about its picture."""

    embedded: Embedded
    capture_time: datetime | None


class Missing(msgspec.Struct, frozen=True, tag=True):
    """Which bytes are needed, beside those that are there, to describe the file."""

    start: int
    end: int


class Rejected(msgspec.Struct, frozen=True, tag=True):
    """The file cannot become a picture."""

    code: RejectionCode
    sentence: str


class Fault(msgspec.Struct, frozen=True, tag=True):
    """The worker failed by a mistake of its own, with this traceback."""

    traceback: str


Answer = Decoded | Encoded | LeftOut | Described | Missing | Rejected | Fault
READY: Decoder[Ready] = Decoder(Ready)
REQUESTS: Decoder[RenderRequest | DescribeRequest] = Decoder(RenderRequest | DescribeRequest)
ANSWERS: Decoder[Answer] = Decoder(Answer)


def send(receiver: socket.socket, message: msgspec.Struct, descriptors: tuple[int, ...] = ()) -> None:
    """Send one message. Raises OSError when nobody is there to read it."""
    body = msgspec.msgpack.encode(message)
    frame = len(body).to_bytes(4) + body
    if descriptors:
        # Messages with descriptors are requests, which are small enough to leave in one piece.
        socket.send_fds(receiver, [frame], list(descriptors))
    else:
        receiver.sendall(frame)


def receive(
    sender: socket.socket, kind: Decoder[T], max_descriptors: int = 0, seconds: float | None = None
) -> tuple[T, list[int]]:
    """The next message and the descriptors that came with it.

    Raises EOFError when the sender has closed its end, ValueError for bytes that are no message of this kind,
    and TimeoutError when the whole message has not arrived within so many seconds.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    if seconds is not None:
        sender.settimeout(seconds)
    head, descriptors, _, _ = socket.recv_fds(sender, 4, max_descriptors)
    if len(head) < 4:
        head += _receive_exactly(sender, 4 - len(head), deadline)
    length = int.from_bytes(head)
    if length > MAX_MESSAGE:
        raise ValueError(f"a message of {length} bytes")
    message = _receive_exactly(sender, length, deadline)
    try:
        return kind.decode(message), descriptors
    except (ValueError, OverflowError, RecursionError) as error:
        # Parts that are nested too deep, numbers that are too large. The error may quote the whole message.
        raise ValueError(str(error)[:_MAX_QUOTED]) from None


def _receive_exactly(sender: socket.socket, size: int, deadline: float | None) -> bytes:
    data = bytearray(size)
    view, filled = memoryview(data), 0
    while filled < size:
        if deadline is not None:
            # Each call would wait for this long again, and a hostile sender could send a byte at a time.
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError(f"{filled} of {size} bytes in time")
            sender.settimeout(remaining)
        received = sender.recv_into(view[filled:])
        if not received:
            raise EOFError("the connection ended within a message")
        filled += received
    return bytes(data)
