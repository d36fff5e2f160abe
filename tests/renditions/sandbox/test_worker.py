"""The worker's loop, in a thread of this process: it answers everything, and goes on."""

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from stockroom.renditions import Options, Rendered, Rendition, render
from stockroom.renditions.original import Original
from stockroom.renditions.rendering import Picture, decode
from stockroom.renditions.sandbox import worker
from stockroom.renditions.sandbox.protocol import (
    ANSWERS,
    NEXT_FORMAT,
    PROGRESS_BYTES,
    Answer,
    Decoded,
    Encoded,
    Fault,
    Rejected,
    RenderRequest,
    receive,
    send,
)
from tests.renditions.images import photo_bytes


@contextmanager
def serving(decode: worker.Decode = decode) -> Iterator[socket.socket]:
    """The socket of a loop that has to end when the socket is closed."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        loop = threading.Thread(target=worker.serve, args=(theirs, 1000.0, decode))
        loop.start()
        yield ours
        ours.shutdown(socket.SHUT_WR)
        loop.join(5)
        assert not loop.is_alive()


def request(
    loop: socket.socket,
    data: bytes,
    *,
    reports: Sequence[int] = (),
    formats: tuple[str, ...] = (),
) -> socket.socket:
    """Ask for a file of which the reports say how much has arrived; the picture's socket."""
    memory = os.memfd_create("test")
    os.write(memory, data)
    progress, report = os.pipe()
    ours, theirs = socket.socketpair()
    with theirs:
        message = RenderRequest(len(data), 0, Options(), formats)
        send(loop, message, (memory, progress, theirs.fileno()))
    for count in reports:
        os.write(report, count.to_bytes(PROGRESS_BYTES, "little"))
    for descriptor in (memory, progress, report):
        os.close(descriptor)
    return ours


def answer_to(picture: socket.socket) -> Answer:
    return receive(picture, ANSWERS)[0]


def ask(data: bytes, reports: Sequence[int] = (), decode: worker.Decode = decode) -> Answer:
    with serving(decode) as loop, request(loop, data, reports=reports) as picture:
        return answer_to(picture)


def test_it_renders() -> None:
    data = photo_bytes()
    assert ask(data, reports=[5000, len(data)]) == Decoded(render(data))


def test_it_rejects() -> None:
    assert ask(b"") == Rejected(
        "empty", "The file is empty (0 bytes). Check it on your device and upload it again."
    )


def test_a_file_that_was_withdrawn_is_a_fault() -> None:
    answer = ask(photo_bytes(), reports=[100])
    assert isinstance(answer, Fault)
    assert "100 of" in answer.traceback


def test_running_out_of_memory_is_a_rejection() -> None:
    def exhausted(*_: object) -> Picture:
        raise MemoryError

    answer = ask(b"x", [1], exhausted)
    assert isinstance(answer, Rejected)
    assert answer.code == "too-much-memory"


def test_a_fault_that_cannot_be_described_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a traceback needs a module that was not imported while files could be opened."""

    def fail(*_: object) -> Picture:
        raise PermissionError("no file can be opened")

    monkeypatch.setattr("traceback.format_exc", fail)
    answer = ask(b"x", [1], fail)
    assert answer == Fault("PermissionError('no file can be opened')")


def test_formats_are_encoded_one_by_one_and_faults_are_answers() -> None:
    data = photo_bytes()
    with serving() as loop, request(loop, data, reports=[len(data)], formats=("bmp", "webp")) as picture:
        assert isinstance(answer_to(picture), Decoded)
        picture.sendall(NEXT_FORMAT)
        fault = answer_to(picture)
        assert isinstance(fault, Fault)
        assert "KeyError" in fault.traceback
        picture.sendall(NEXT_FORMAT)
        webp = answer_to(picture)
        assert isinstance(webp, Encoded)
        assert webp.renditions["720p"].media_type == "image/webp"
        with pytest.raises(EOFError):
            answer_to(picture)


def test_a_picture_that_is_abandoned_is_put_away() -> None:
    data = photo_bytes()
    with serving() as loop:
        # One that is abandoned before its first answer, and one after it.
        request(loop, data, reports=[len(data)], formats=("webp",)).close()
        with request(loop, data, reports=[len(data)], formats=("webp",)) as picture:
            assert isinstance(answer_to(picture), Decoded)
        with request(loop, b"no picture", reports=[10]) as picture:
            assert isinstance(answer_to(picture), Rejected)


def test_an_answer_that_cannot_be_sent_is_a_fault() -> None:
    class Endless(Picture, frozen=True):
        """A picture whose facts do not fit into a message."""

        def encode(self, *_: object) -> dict[str, Rendition]:
            return {}

        def derive_facts(self, _renditions: object) -> Rendered:
            return Rendered(
                media_type="image/jpeg",
                width=2**70,
                height=1,
                renditions={},
                color="",
                thumbhash=b"",
                phash=0,
                pixel_hash=b"",
                capture_time=None,
            )

    picture = decode(Original(photo_bytes()), Options())
    answer = ask(b"x", [1], lambda *_: Endless(picture.header, picture.large, picture.small))
    assert isinstance(answer, Fault)
    assert "OverflowError" in answer.traceback
