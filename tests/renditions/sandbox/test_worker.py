"""The worker's loop, in a thread of this process: it answers everything, and goes on."""

import os
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from stockroom.renditions import Options, Rendered, Rendition, render
from stockroom.renditions.original import Original
from stockroom.renditions.rejection import corrupt, too_much_memory
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
    LeftOut,
    Rejected,
    RenderRequest,
    receive,
    send,
)
from tests.renditions.images import photo_bytes, photo_of


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


def ask_for_larger(data: bytes, decode: worker.Decode = decode) -> Answer:
    """The answer about the rendition at 1440p, which is asked for alone."""
    half = len(data) // 2
    with (
        serving(decode) as loop,
        request(loop, data, reports=[half, len(data)], formats=("1440p",)) as picture,
    ):
        assert isinstance(answer_to(picture), Decoded)
        picture.sendall(NEXT_FORMAT)
        return answer_to(picture)


def test_the_file_is_decoded_once_more_for_the_larger_rendition() -> None:
    answer = ask_for_larger(photo_bytes())
    assert isinstance(answer, Encoded)
    assert {name: (r.width, r.height) for name, r in answer.renditions.items()} == {"1440p": (1800, 1200)}


def test_a_picture_of_few_lines_has_no_larger_rendition() -> None:
    assert ask_for_larger(photo_of("jpeg")) == LeftOut("no-larger")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (too_much_memory(), "too-much-memory"),
        (corrupt(), "corrupt"),
        (MemoryError(), "too-much-memory"),
    ],
)
def test_a_file_that_cannot_be_opened_again_has_no_larger_rendition(
    monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    def fail(*_: object) -> dict[str, Rendition]:
        raise error

    monkeypatch.setattr(worker, "encode_larger", fail)
    answer = ask_for_larger(photo_bytes())
    assert isinstance(answer, LeftOut)
    assert answer.reason == reason


def test_a_second_decode_for_which_too_little_time_is_left_is_not_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def begun(*_: object) -> dict[str, Rendition]:
        raise AssertionError

    monkeypatch.setattr(worker, "encode_larger", begun)
    monkeypatch.setattr("signal.getitimer", lambda _: (0.0, 0.0))
    assert ask_for_larger(photo_bytes()) == LeftOut("too-slow")


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
