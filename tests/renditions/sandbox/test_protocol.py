import socket
import threading
import time

import pytest

from stockroom.renditions import Options
from stockroom.renditions.sandbox.protocol import (
    ANSWERS,
    MAX_MESSAGE,
    REQUESTS,
    Fault,
    Request,
    receive,
    send,
)


def test_a_message_arrives_with_its_descriptors() -> None:
    ours, theirs = socket.socketpair()
    request = Request(10, 5, Options(quality=7), ("webp",))
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

    def drip() -> None:
        for byte in b"\0\0\0\x60" + bytes(96):
            ours.sendall(bytes([byte]))
            time.sleep(0.02)

    with ours, theirs:
        dripping = threading.Thread(target=drip)
        dripping.start()
        with pytest.raises(TimeoutError):
            receive(theirs, ANSWERS, seconds=0.2)
        dripping.join()


def test_a_message_of_another_kind_is_an_error() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(ours, Fault("traceback"))
        with pytest.raises(ValueError, match="missing required field `size`"):
            receive(theirs, REQUESTS)
