"""A decoder renders the same pictures, and whatever happens to its worker costs one file."""

import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from stockroom.renditions import SOURCE_FORMATS, ImageRejected, Options, Rendered, render
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.outputs import OUTPUT_FORMATS
from stockroom.renditions.sandbox.decoder import Decoder, DecoderFault, SandboxedPicture
from tests.renditions.images import flat, photo, photo_bytes, photo_of


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    made = Decoder()
    yield made
    made.close()


def chunks(data: bytes, size: int = 4096) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def render_with(
    decoder: Decoder, data: bytes, parts: Iterable[bytes] | None = None, options: Options | None = None
) -> Rendered:
    """What the decoder makes of a file that arrives at once, or in parts."""
    with decoder.decode(len(data), [data] if parts is None else parts, options) as picture:
        return picture.rendered


def worker_pid(decoder: Decoder) -> int:
    pid = decoder.pid
    assert pid is not None
    return pid


def wait_until_gone(pid: int) -> None:
    """Wait until a process has ended, without taking its status from who started it."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def heavy() -> bytes:
    """A file that decodes for a fifth of a second, in 100 MB."""
    return bytes(flat(6000, 6000, 10, 20, 30).jpegsave_buffer(interlace=True, Q=50))


@pytest.mark.parametrize("name", [format_.name for format_ in SOURCE_FORMATS])
@pytest.mark.parametrize("size", [333, 1 << 20])
def test_it_renders_what_render_does(decoder: Decoder, name: str, size: int) -> None:
    data = photo_of(name)
    assert render_with(decoder, data, chunks(data, size)) == render(data)


def test_it_rejects_what_render_does(decoder: Decoder) -> None:
    for data in (b"", b"no picture", photo_bytes()[:9000]):
        with pytest.raises(ImageRejected) as expected:
            render(data)
        with pytest.raises(ImageRejected) as got:
            render_with(decoder, data, chunks(data))
        assert (got.value.code, got.value.sentence) == (expected.value.code, expected.value.sentence)


def test_options_are_handed_over(decoder: Decoder) -> None:
    with pytest.raises(ImageRejected, match="too-many-pixels"):
        render_with(decoder, photo_bytes(), options=Options(max_pixels=1000))


def test_decoding_begins_before_the_file_has_arrived(decoder: Decoder) -> None:
    data = photo().pngsave_buffer(compression=0)
    bomb = data[:16] + (60000).to_bytes(4) * 2 + data[24:]
    read = 0

    def slowly() -> Iterator[bytes]:
        nonlocal read
        for chunk in chunks(bomb, 1024):
            read += len(chunk)
            yield chunk
            time.sleep(0.02)

    with pytest.raises(ImageRejected):
        render_with(decoder, bomb, slowly())
    assert read < len(bomb)


def test_a_fault_of_the_worker_is_no_rejection(decoder: Decoder) -> None:
    with pytest.raises(DecoderFault, match="OverflowError"):
        render_with(decoder, photo_bytes(), options=Options(quality=10**12))
    assert render_with(decoder, photo_bytes()) == render(photo_bytes())


def test_more_bytes_than_announced_are_cut_off(decoder: Decoder) -> None:
    data = photo_bytes()
    with decoder.decode(len(data), [data + b"more"]) as picture:
        assert picture.rendered == render(data)


def test_one_picture_at_a_time(decoder: Decoder) -> None:
    data = photo_bytes()
    with (
        decoder.decode(len(data), [data]),
        pytest.raises(RuntimeError, match="still open"),
        decoder.decode(len(data), [data]),
    ):
        pass
    assert render_with(decoder, data) == render(data)


class TestFurtherFormats:
    """The formats beside JPEG, of which each is encoded when the caller asks for it."""

    def test_they_follow_in_the_order_of_the_request(self, decoder: Decoder) -> None:
        data = photo_bytes()
        jpeg = pyvips.Image.new_from_buffer(render(data).renditions["720p"].data, "")
        with decoder.decode(len(data), [data], formats=("avif", "jpeg", "webp")) as picture:
            assert picture.rendered == render(data)
            made = list(picture.further_formats())
            assert list(picture.further_formats()) == [], "each is made once"
        assert [further.name for further in made] == ["avif", "webp"]
        for further in made:
            assert further.fault == ""
            sides = {name: (r.width, r.height) for name, r in further.renditions.items()}
            assert sides == {"720p": (1080, 720), "240p": (360, 240)}
            for rendition in further.renditions.values():
                assert rendition.media_type == OUTPUT_FORMATS[further.name].media_type
            image = pyvips.Image.new_from_buffer(further.renditions["720p"].data, "")
            assert (image - jpeg).abs().avg() < 4

    def test_they_are_not_begun_before_they_are_asked_for(self, decoder: Decoder) -> None:
        data = photo_bytes()
        with decoder.decode(len(data), [data], formats=("avif",)) as picture:
            before = processor_ticks(worker_pid(decoder))
            time.sleep(0.3)
            assert processor_ticks(worker_pid(decoder)) - before <= 1
            assert next(picture.further_formats()).fault == ""
            assert processor_ticks(worker_pid(decoder)) - before > 5

    @pytest.mark.parametrize("taken", [0, 1])
    def test_a_picture_that_is_abandoned_does_not_disturb_the_next_one(
        self, decoder: Decoder, taken: int
    ) -> None:
        data, other = photo_bytes(), photo_of("png")
        for _ in range(3):
            with decoder.decode(len(data), [data], formats=("webp", "avif")) as picture:
                for _, further in zip(range(taken), picture.further_formats(), strict=False):
                    assert further.name == "webp"
            with decoder.decode(len(other), [other], formats=("webp",)) as picture:
                assert picture.rendered == render(other)
                (further,) = picture.further_formats()
                assert further.renditions["720p"].height == 200
        first = worker_pid(decoder)
        assert render_with(decoder, data) == render(data)
        assert decoder.pid == first

    def test_an_error_of_the_caller_abandons_the_picture(self, decoder: Decoder) -> None:
        data = photo_bytes()
        with (
            pytest.raises(ConnectionError),
            decoder.decode(len(data), [data], formats=("webp",)),
        ):
            raise ConnectionError("storage went away")
        assert render_with(decoder, data) == render(data)

    def test_a_fault_in_one_format_leaves_the_others(self, decoder: Decoder) -> None:
        data = photo_bytes()
        with decoder.decode(len(data), [data], formats=("bmp", "webp")) as picture:
            bmp, webp = picture.further_formats()
        assert "KeyError: 'bmp'" in bmp.fault
        assert bmp.renditions == {}
        assert webp.fault == ""
        assert webp.renditions.keys() == {"720p", "240p"}

    def test_a_worker_that_dies_leaves_out_all_that_are_missing(self, decoder: Decoder) -> None:
        data = photo_bytes()
        with decoder.decode(len(data), [data], formats=("webp", "avif")) as picture:
            pid = worker_pid(decoder)
            os.kill(pid, signal.SIGKILL)
            wait_until_gone(pid)
            webp, avif = picture.further_formats()
        assert "SIGKILL" in webp.fault or "Broken pipe" in webp.fault
        assert avif.fault
        assert render_with(decoder, data) == render(data)

    def test_processor_time_is_limited_for_the_picture_with_its_formats(self) -> None:
        decoder = Decoder(cpu_seconds=0.5)
        try:
            data = photo_bytes()
            with decoder.decode(len(data), [data], formats=("avif",) * 9) as picture:
                faults = [further.fault for further in picture.further_formats()]
            assert any("too-slow" in fault for fault in faults)
            assert faults[-1]
            assert render_with(decoder, data) == render(data)
        finally:
            decoder.close()


def processor_ticks(pid: int) -> int:
    """Processor time of a process, in hundredths of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def kill_while_reading(decoder: Decoder, data: bytes, times: int) -> Iterator[bytes]:
    """Chunks of a file that kill the worker while they are being read, so many times."""
    for number, chunk in enumerate(chunks(data, len(data) // 8)):
        yield chunk
        if number < times:
            os.kill(worker_pid(decoder), signal.SIGKILL)


def test_a_worker_that_is_killed_once_costs_nothing(decoder: Decoder) -> None:
    data = photo_bytes()
    assert render_with(decoder, data, kill_while_reading(decoder, data, 1)) == render(data)


def test_a_worker_that_crashes_on_a_file_costs_that_file(decoder: Decoder) -> None:
    data = photo_bytes()
    before = render_with(decoder, data)

    def crash() -> Iterator[bytes]:
        # The file never gets further than this: whoever opens it is hit.
        while True:
            pid = worker_pid(decoder)
            os.kill(pid, signal.SIGSEGV)
            wait_until_gone(pid)
            yield data[:1000]

    with pytest.raises(ImageRejected) as caught:
        render_with(decoder, data, crash())
    assert caught.value.code == "undecodable"
    assert render_with(decoder, data) == before


def test_a_worker_that_died_while_it_was_idle_is_replaced(decoder: Decoder) -> None:
    data = photo_bytes()
    render_with(decoder, data)
    first = worker_pid(decoder)
    os.kill(first, signal.SIGKILL)
    wait_until_gone(first)
    assert render_with(decoder, data) == render(data)
    assert decoder.pid != first


def test_a_file_that_takes_too_long_is_rejected() -> None:
    decoder = Decoder(cpu_seconds=0.1)
    try:
        with pytest.raises(ImageRejected) as caught:
            render_with(decoder, heavy())
        assert caught.value.code == "too-slow"
        assert render_with(decoder, photo(64, 48).jpegsave_buffer()).width == 64
    finally:
        decoder.close()


def test_a_worker_that_hangs_is_ended() -> None:
    decoder = Decoder(answer_seconds=0.2)
    try:
        decoder.start()
        os.kill(worker_pid(decoder), signal.SIGSTOP)
        with pytest.raises(ImageRejected) as caught:
            render_with(decoder, photo_bytes())
        assert caught.value.code == "too-slow"
        assert decoder.pid is None
    finally:
        decoder.close()


def test_a_file_that_takes_too_much_memory_is_rejected() -> None:
    decoder = Decoder(memory_bytes=100 << 20)
    try:
        with pytest.raises(ImageRejected) as caught:
            render_with(decoder, heavy())
        assert caught.value.code == "too-much-memory"
        assert render_with(decoder, photo_bytes()) == render(photo_bytes())
    finally:
        decoder.close()


def test_a_file_that_stops_arriving_is_no_rejection(decoder: Decoder) -> None:
    data = photo_bytes()
    with pytest.raises(EOFError, match=f"9000 of {len(data)}"):
        render_with(decoder, data, [data[:9000]])

    def broken() -> Iterator[bytes]:
        yield data[:9000]
        raise ConnectionError("storage went away")

    with pytest.raises(ConnectionError):
        render_with(decoder, data, broken())
    assert render_with(decoder, data) == render(data)


def test_the_worker_has_no_credentials(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    render_with(decoder, photo_bytes())
    environment = Path(f"/proc/{decoder.pid}/environ").read_bytes()
    assert b"PYTHONPATH" in environment
    assert b"AWS_" not in environment


def test_the_workers_memory_for_a_large_photograph(decoder: Decoder) -> None:
    """50 million pixels in at most 110 MB, the libraries included."""
    render_with(decoder, bytes(photo(8688, 5792).jpegsave_buffer(Q=80)))
    status = Path(f"/proc/{decoder.pid}/status").read_text()
    assert int(status.split("VmHWM:")[1].split()[0]) / 1024 <= 110


def shared_files_of(pid: int) -> tuple[int, int]:
    """How many files a process has mapped, and how many descriptors of such files are open in it."""
    mapped = Path(f"/proc/{pid}/maps").read_text().count("memfd:original")
    opened = 0
    for name in os.listdir(f"/proc/{pid}/fd"):
        # The descriptor that lists the folder is gone by now.
        with suppress(FileNotFoundError):
            opened += "memfd:original" in os.readlink(f"/proc/{pid}/fd/{name}")
    return mapped, opened


@pytest.mark.parametrize("name", [format_.name for format_ in SOURCE_FORMATS])
def test_the_worker_lets_go_of_every_file_it_has_rendered(decoder: Decoder, name: str) -> None:
    """At once, without waiting for Python's garbage collector: 65 files of 37 MB would otherwise be 2 GB."""
    data = photo_of(name)

    def slowly() -> Iterator[bytes]:
        for chunk in chunks(data, len(data) // 4 + 1):
            yield chunk
            # The worker is reading by now: it opens the file while the rest is still on its way.
            time.sleep(0.005)

    for _ in range(12):
        render_with(decoder, data, slowly())
    wait_until_idle(decoder)
    assert shared_files_of(worker_pid(decoder)) == (0, 0)


def test_the_worker_lets_go_of_every_file_it_has_rejected(decoder: Decoder) -> None:
    data = photo_bytes()[:-9000]
    for _ in range(12):
        with pytest.raises(ImageRejected, match="truncated"):
            render_with(decoder, data, chunks(data, 50_000))
    wait_until_idle(decoder)
    assert shared_files_of(worker_pid(decoder)) == (0, 0)


def wait_until_idle(decoder: Decoder) -> None:
    """The worker answers before it puts the picture away: wait until it sleeps."""
    deadline = time.monotonic() + 5
    while "\nState:\tS" not in Path(f"/proc/{decoder.pid}/status").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_this_process_lets_go_of_every_file_too(decoder: Decoder) -> None:
    data = photo_bytes()
    with decoder.decode(len(data), chunks(data)) as picture:
        assert isinstance(picture, SandboxedPicture)
        assert shared_files_of(os.getpid()) == (0, 0)
    descriptors = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        render_with(decoder, data)
        with pytest.raises(ImageRejected):
            render_with(decoder, b"no picture")
    assert len(os.listdir("/proc/self/fd")) == descriptors
