import math
import socket
import threading

import msgspec
import pytest

from stockroom.renditions import Options
from stockroom.renditions.sandbox.protocol import (
    ANSWERS,
    MAX_MESSAGE,
    REQUESTS,
    Fault,
    RenderRequest,
    receive,
    send,
)


def test_a_message_arrives_with_its_descriptors() -> None:
    ours, theirs = socket.socketpair()
    request = RenderRequest(10, 5, Options(quality=7), ("webp",))
    with ours, theirs:
        send(ours, request, (theirs.fileno(),))
        received, (descriptor,) = receive(theirs, REQUESTS, max_descriptors=1)
        assert received == request
        socket.socket(fileno=descriptor).close()


def test_a_message_larger_than_a_buffer_arrives() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        with pytest.raises(BlockingIOError):
            send(ours, Fault("x" * 10_000_000))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(ours, Fault("x" * 100_000))
        assert receive(theirs, ANSWERS)[0] == Fault("x" * 100_000)


@pytest.mark.parametrize(
    "frame", [(MAX_MESSAGE + 1).to_bytes(4), b"\xff\xff\xff\xff", b"\0\0\0\2xx", b"\0\0\0\1\xc1"]
)
def test_what_is_no_message_is_an_error(frame: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(frame)
        with pytest.raises(ValueError, match=r"a message of|Expected|malformed"):
            receive(theirs, ANSWERS)


def _answer_with(**facts: object) -> bytes:
    """A `Decoded` with other facts, which need not be what a worker can say."""
    plain = {
        "media_type": "image/jpeg",
        "width": 1,
        "height": 1,
        "renditions": {},
        "color": "#000000",
        "thumbhash": b"",
        "phash": 0,
        "pixel_hash": bytes(32),
        "capture_time": None,
    }
    return msgspec.msgpack.encode({"type": "Decoded", "rendered": plain | facts})


NESTED = b"\x82\xa4type\xa5Fault\xa1x" + b"\x91" * 100_000 + b"\x01"
"""A `Fault` with a further field: 100,000 lists in each other."""


@pytest.mark.parametrize(
    "message",
    [
        NESTED,
        _answer_with(width=math.nan),
        _answer_with(phash=math.inf),
        _answer_with(width=1e300),
        _answer_with(capture_time=1e18),
        _answer_with(capture_time="0000-01-01T00:00:00"),
        _answer_with(media_type=None).replace(b"\xc0", b"\xa2\xff\xff", 1),
        _answer_with().replace(b"capture_time\xc0", b"capture_time\xc7\x0c\xff" + b"\x7f" * 12),
        msgspec.msgpack.encode({"type": "x" * 1_000_000}),
        msgspec.msgpack.encode({"type": "Rejected", "code": "x" * 1_000_000, "sentence": ""}),
    ],
)
def test_a_hostile_message_is_an_error_of_one_kind(message: bytes) -> None:
    """Short as well, whatever the message says: the error is logged."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sending = threading.Thread(target=ours.sendall, args=(len(message).to_bytes(4) + message,))
        sending.start()
        with pytest.raises(ValueError, match=r".") as caught:
            receive(theirs, ANSWERS)
        sending.join()
    assert len(str(caught.value)) <= 200


@pytest.mark.parametrize("frame", [b"", b"\0\0", b"\0\0\0\5abc"])
def test_a_connection_that_ends_early(frame: bytes) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            ours.sendall(frame)
        with pytest.raises(EOFError):
            receive(theirs, ANSWERS)


def test_a_message_that_arrives_too_slowly() -> None:
    """Byte by byte, each in time."""
    ours, theirs = socket.socketpair()
    is_over = threading.Event()

    def drip() -> None:
        for byte in b"\0\0\0\x60" + bytes(96):
            ours.sendall(bytes([byte]))
            if is_over.wait(0.02):
                return

    with ours, theirs:
        dripping = threading.Thread(target=drip)
        dripping.start()
        with pytest.raises(TimeoutError):
            receive(theirs, ANSWERS, seconds=0.2)
        is_over.set()
        dripping.join()


def test_a_message_of_another_kind_is_an_error() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(ours, Fault("traceback"))
        with pytest.raises(ValueError, match="Invalid value 'Fault'"):
            receive(theirs, REQUESTS)
