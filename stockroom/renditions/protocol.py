"""What a function and its decoder say to each other, over a socket: MessagePack with a length ahead.

Never pickle: what comes back has been near a stranger's file, and decides nothing but its own fields.
"""

import socket
from typing import TypeVar

import msgspec
from msgspec.msgpack import Decoder

from stockroom.renditions.model import Options, Rendered, Rendition
from stockroom.renditions.refused import Code

MAX_MESSAGE = 64 * 1024 * 1024
PROGRESS_BYTES = 8
"""A progress report is the number of bytes that are there, little end first, in the pipe of a file."""

T = TypeVar("T")


class Open(msgspec.Struct, tag=True):
    """Render a file. Beside it travel two descriptors: memory that holds the file, and a pipe of progress."""

    size: int
    available: int
    options: Options


class Encode(msgspec.Struct, tag=True):
    """Encode the picture rendered last in a further format."""

    format: str
    options: Options


class Answer(msgspec.Struct, omit_defaults=True):
    """One of them is set."""

    rendered: Rendered | None = None
    renditions: dict[str, Rendition] | None = None
    refused: tuple[Code, str] | None = None
    # Our own mistake, as a traceback.
    fault: str | None = None


REQUESTS: Decoder[Open | Encode] = Decoder(Open | Encode)
ANSWERS: Decoder[Answer] = Decoder(Answer)


def send(to: socket.socket, message: msgspec.Struct, descriptors: tuple[int, ...] = ()) -> None:
    """Raises OSError when nobody is there to read."""
    body = msgspec.msgpack.encode(message)
    frame = len(body).to_bytes(4) + body
    if descriptors:
        # Requests are small: they leave in one piece.
        socket.send_fds(to, [frame], list(descriptors))
    else:
        to.sendall(frame)


def receive(sender: socket.socket, kind: Decoder[T], descriptors: int = 0) -> tuple[T, list[int]]:
    """The next message and its descriptors. EOFError at the end, ValueError for what is no such message."""
    head, fds, _, _ = socket.recv_fds(sender, 4, descriptors)
    head += _exactly(sender, 4 - len(head)) if len(head) < 4 else b""
    length = int.from_bytes(head)
    if length > MAX_MESSAGE:
        raise ValueError(f"a message of {length} bytes")
    try:
        return kind.decode(_exactly(sender, length)), fds
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error


def _exactly(sender: socket.socket, size: int) -> bytes:
    data = bytearray(size)
    view, at = memoryview(data), 0
    while at < size:
        got = sender.recv_into(view[at:])
        if not got:
            raise EOFError
        at += got
    return bytes(data)
