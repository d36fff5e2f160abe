"""A decoder of its own: the same pictures, and whatever happens to it costs one file."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stockroom.renditions import Options, Refused, render, worker
from stockroom.renditions.decoder import Decoder, DecoderFault
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.protocol import ANSWERS, Answer, Encode, receive, send
from tests.renditions.images import encode, flat, photo, photo_bytes


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    made = Decoder()
    yield made
    made.close()


def chunks(data: bytes, size: int = 4096) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


def heavy() -> bytes:
    """Decodes for a fifth of a second, whole in 100 MB."""
    return bytes(flat(6000, 6000, 10, 20, 30).jpegsave_buffer(interlace=True, Q=50))


@pytest.mark.parametrize("format_", ["jpeg", "png", "webp", "gif", "avif"])
@pytest.mark.parametrize("size", [333, 1 << 20])
def test_it_renders_what_render_does(decoder: Decoder, format_: str, size: int) -> None:
    data = encode(photo(), format_)
    assert decoder.render(len(data), chunks(data, size)) == render(data)


def test_it_refuses_what_render_does(decoder: Decoder) -> None:
    for data in (b"", b"no picture", photo_bytes()[:9000]):
        with pytest.raises(Refused) as expected:
            render(data)
        with pytest.raises(Refused) as got:
            decoder.render(len(data), chunks(data))
        assert (got.value.code, got.value.sentence) == (expected.value.code, expected.value.sentence)


def test_options_are_handed_over(decoder: Decoder) -> None:
    with pytest.raises(Refused, match="too-many-pixels"):
        decoder.render(len(photo_bytes()), [photo_bytes()], Options(max_pixels=1000))


def test_decoding_begins_before_the_file_has_arrived(decoder: Decoder) -> None:
    data = photo().pngsave_buffer(compression=0)
    bomb = data[:16] + (60000).to_bytes(4) * 2 + data[24:]
    read = 0

    def slowly() -> Iterator[bytes]:
        nonlocal read
        for chunk in chunks(bomb, 1024):
            read += len(chunk)
            yield chunk
            # Until the answer lies there, at the latest, after what its header needs.
            decoder_answers.wait(0.02)

    decoder_answers = threading.Event()
    with pytest.raises(Refused):
        decoder.render(len(bomb), slowly())
    assert read < len(bomb)


def test_further_formats_of_the_picture_rendered_last(decoder: Decoder) -> None:
    decoder.render(len(photo_bytes()), [photo_bytes()])
    for format_ in ("webp", "avif"):
        made = decoder.encode(format_)
        assert {name: (r.width, r.height) for name, r in made.items()} == {
            "720p": (1080, 720),
            "240p": (360, 240),
        }
        for rendition in made.values():
            assert rendition.content_type == f"image/{format_}"
            image = pyvips.Image.new_from_buffer(rendition.data, "")
            assert not image.get_typeof("exif-data")
            jpeg = pyvips.Image.new_from_buffer(render(photo_bytes()).renditions["720p"].data, "")
            if rendition.height == 720:
                assert (image - jpeg).abs().avg() < 4


def test_without_a_picture_there_is_nothing_to_encode(decoder: Decoder) -> None:
    with pytest.raises(DecoderFault, match="nothing has been rendered"):
        decoder.encode("webp")
    decoder.render(len(photo_bytes()), [photo_bytes()])
    with pytest.raises(DecoderFault, match="KeyError"):
        decoder.encode("bmp")
    with pytest.raises(Refused):
        decoder.render(2, [b"no"])
    with pytest.raises(DecoderFault, match="nothing has been rendered"):
        decoder.encode("webp")


def killing(decoder: Decoder, data: bytes, times: int) -> Iterator[bytes]:
    """Chunks of a file that kill the decoder while it is being read, so many times."""
    for number, chunk in enumerate(chunks(data, len(data) // 8)):
        yield chunk
        if number < times:
            assert decoder.pid is not None
            os.kill(decoder.pid, signal.SIGKILL)


def test_a_decoder_that_is_killed_once_costs_nothing(decoder: Decoder) -> None:
    data = photo_bytes()
    assert decoder.render(len(data), killing(decoder, data, 1)) == render(data)


def test_a_decoder_that_crashes_on_a_file_costs_that_file(decoder: Decoder) -> None:
    """A real crash: the process aborts in the middle of its work, each time it sees this file."""
    data = photo_bytes()
    before = decoder.render(len(data), [data])
    with pytest.raises(Refused) as caught:
        decoder.render(len(data), _crashing(decoder, data))
    assert caught.value.code == "undecodable"
    assert decoder.render(len(data), [data]) == before


def _crashing(decoder: Decoder, data: bytes) -> Iterator[bytes]:
    while True:
        # The file never gets further than this: whoever opens it is hit.
        assert decoder.pid is not None
        os.kill(decoder.pid, signal.SIGSEGV)
        _gone(decoder.pid)
        yield data[:1000]


def _gone(pid: int) -> None:
    """Wait until a process has ended, without taking its status from who started it."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_a_decoder_that_died_while_idle_is_replaced(decoder: Decoder) -> None:
    data = photo_bytes()
    decoder.render(len(data), [data])
    first = decoder.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    _gone(first)
    assert decoder.render(len(data), [data]) == render(data)
    assert decoder.pid != first


def test_a_file_that_takes_too_long_is_refused() -> None:
    decoder = Decoder(seconds=0.1)
    try:
        data = heavy()
        with pytest.raises(Refused) as caught:
            decoder.render(len(data), [data])
        assert caught.value.code == "too-slow"
        small = photo(64, 48).jpegsave_buffer()
        assert decoder.render(len(small), [small]).width == 64
    finally:
        decoder.close()


def test_a_decoder_that_hangs_is_killed(decoder: Decoder) -> None:
    decoder.start()
    assert decoder.pid is not None
    assert decoder._socket is not None
    os.kill(decoder.pid, signal.SIGSTOP)
    decoder._socket.settimeout(0.2)
    with pytest.raises(Refused) as caught:
        decoder.render(len(photo_bytes()), [photo_bytes()])
    assert caught.value.code == "too-slow"
    assert decoder.pid is None


def test_a_file_that_takes_too_much_memory_is_refused() -> None:
    decoder = Decoder(memory=100 << 20)
    try:
        data = heavy()
        with pytest.raises(Refused) as caught:
            decoder.render(len(data), [data])
        assert caught.value.code == "too-much-memory"
        assert decoder.render(len(photo_bytes()), [photo_bytes()]) == render(photo_bytes())
    finally:
        decoder.close()


def test_a_file_that_stops_arriving_is_no_verdict(decoder: Decoder) -> None:
    data = photo_bytes()
    with pytest.raises(EOFError, match=f"9000 of {len(data)}"):
        decoder.render(len(data), [data[:9000]])

    def broken() -> Iterator[bytes]:
        yield data[:9000]
        raise ConnectionError("storage went away")

    with pytest.raises(ConnectionError):
        decoder.render(len(data), broken())
    assert decoder.render(len(data), [data]) == render(data)


def test_more_bytes_than_announced_are_cut(decoder: Decoder) -> None:
    data = photo_bytes()
    assert decoder.render(len(data), [data + b"more"]) == render(data)


def test_it_has_no_credentials(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    decoder.render(len(photo_bytes()), [photo_bytes()])
    environment = Path(f"/proc/{decoder.pid}/environ").read_bytes()
    assert b"PYTHONPATH" in environment
    assert b"AWS_" not in environment


def test_its_memory_for_a_large_photograph(decoder: Decoder) -> None:
    """50 million pixels, as the design has it: at most 110 MB."""
    data = bytes(photo(8688, 5792).jpegsave_buffer(Q=80))
    decoder.render(len(data), [data])
    status = Path(f"/proc/{decoder.pid}/status").read_text()
    assert int(status.split("VmHWM:")[1].split()[0]) / 1024 <= 110


def served(*frames: bytes) -> list[Answer]:
    """What a worker in this process answers, until the other end closes."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        loop = threading.Thread(target=worker.serve, args=(theirs, 1000.0))
        loop.start()
        for frame in frames:
            ours.sendall(frame)
        answers = [receive(ours, ANSWERS)[0] for _ in frames]
        ours.shutdown(socket.SHUT_WR)
        loop.join(5)
        assert not loop.is_alive()
    return answers


def test_the_loop_answers_mistakes_and_goes_on() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send(ours, Encode("webp", Options()))
        frame = theirs.recv(4096)
    first, second = served(frame, frame)
    assert first.fault == second.fault == "nothing has been rendered"


@pytest.mark.parametrize("frame", [b"\xff\xff\xff\xff", b"\0\0\0\2xx", b"\0\0\0\1\xc1"])
def test_what_is_no_message_is_an_error(frame: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(frame)
        with pytest.raises(ValueError, match=r"a message of|Expected|malformed"):
            receive(theirs, ANSWERS)


def test_a_message_that_ends_in_the_middle() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            ours.sendall(b"\0\0")
        with pytest.raises(EOFError):
            receive(theirs, ANSWERS)
