"""A file that is still arriving reads like one that is there."""

import os
import socket
import threading
from collections.abc import Callable

import pytest

from stockroom.renditions import Options, render, worker
from stockroom.renditions.original import Arriving, Original
from stockroom.renditions.pipeline import decode
from stockroom.renditions.protocol import ANSWERS, PROGRESS_BYTES, Answer, Open, receive, send
from tests.renditions.images import encode, photo, photo_bytes


def dripping(size: int, step: int) -> Callable[[int], int]:
    return lambda available: min(size, available + step)


@pytest.mark.parametrize("format_", ["jpeg", "png", "webp", "gif", "avif"])
@pytest.mark.parametrize("step", [100, 5000, 1 << 20])
def test_a_picture_from_a_file_that_drips_in(format_: str, step: int) -> None:
    data = encode(photo(), format_)
    picture = decode(Arriving(data, len(data), 0, dripping(len(data), step)), Options())
    assert picture.described(picture.encoded("jpeg", Options())) == render(data)


def test_it_waits_for_no_more_than_is_asked_for() -> None:
    original = Arriving(b"0123456789", 10, 2, dripping(10, 3))
    assert original.slice(0, 2) == b"01"
    assert original._available == 2
    assert original.slice(2, 4) == b"23"
    assert original._available == 5
    assert original.slice(8, 99) == b"89"
    assert original.whole() == b"0123456789"


def test_a_whole_file_has_slices() -> None:
    assert Original(b"0123").slice(3, 9) == b"3"


def test_a_file_that_is_withdrawn_is_no_verdict() -> None:
    def ended(available: int) -> int:
        raise ConnectionError(f"after {available}")

    with pytest.raises(ConnectionError, match="after 9"):
        decode(Arriving(bytes(100), 100, 9, ended), Options())


def opened(data: bytes, announced: int, reports: list[int], seconds: float = 1000.0) -> Answer:
    """What a worker in this process answers to a file in shared memory."""
    ours, theirs = socket.socketpair()
    memory = os.memfd_create("test")
    os.write(memory, data)
    progress, report = os.pipe()
    with ours, theirs:
        loop = threading.Thread(target=worker.serve, args=(theirs, seconds))
        loop.start()
        send(ours, Open(announced, 0, Options()), (memory, progress))
        for count in reports:
            os.write(report, count.to_bytes(PROGRESS_BYTES, "little"))
        os.close(report)
        answer, _ = receive(ours, ANSWERS)
        ours.shutdown(socket.SHUT_WR)
        loop.join(5)
        assert not loop.is_alive()
    for descriptor in (memory, progress):
        os.close(descriptor)
    return answer


def test_the_loop_renders() -> None:
    data = photo_bytes()
    assert opened(data, len(data), [5000, len(data)]).rendered == render(data)


def test_the_loop_refuses() -> None:
    assert opened(b"", 0, []).refused == (
        "empty",
        "The file is empty (0 bytes). Check it on your device and upload it again.",
    )


def test_the_loop_says_when_a_file_was_withdrawn() -> None:
    fault = opened(photo_bytes(), len(photo_bytes()), [100]).fault
    assert fault is not None
    assert "100 of" in fault


def test_the_loop_survives_running_out_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(worker, "decode", exhausted)
    refused = opened(b"x", 1, [1]).refused
    assert refused is not None
    assert refused[0] == "too-much-memory"
