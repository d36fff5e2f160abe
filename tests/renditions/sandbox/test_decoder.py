"""A decoder renders the same pictures, and whatever happens to its worker costs one file."""

import atexit
import os
import resource
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import pytest

from stockroom.renditions import SOURCE_FORMATS, ImageRejected, Options, Rendered, render
from stockroom.renditions.libvips import pyvips
from stockroom.renditions.outputs import OUTPUT_FORMATS
from stockroom.renditions.sandbox.decoder import Decoder, FurtherFormat, SandboxedPicture
from stockroom.renditions.sandbox.failures import DecoderFailed, DecoderFault, DecoderUnavailable
from tests.renditions.images import flat, photo, photo_bytes, photo_of
from tests.renditions.matrix import MATRIX, make_file
from tests.renditions.sandbox import probes
from tests.renditions.sandbox.conftest import MakeDecoder


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


def small_photo() -> bytes:
    """For what is true of any file: it is rendered in an eighth of the time of `photo_bytes`."""
    return photo_of("jpeg")


@cache
def heavy() -> bytes:
    """A file that decodes for a fifth of a second, in 100 MB."""
    return bytes(flat(6000, 6000, 10, 20, 30).jpegsave_buffer(interlace=True, Q=50))


@pytest.mark.parametrize("name", [format_.name for format_ in SOURCE_FORMATS])
@pytest.mark.parametrize("size", [333, 1 << 20])
def test_it_renders_what_render_does(decoder_of_this_process: Decoder, name: str, size: int) -> None:
    data = photo_of(name)
    assert render_with(decoder_of_this_process, data, chunks(data, size)) == render(data)


@pytest.mark.thorough
def test_every_way_to_store_a_picture_works_in_a_confined_worker(decoder: Decoder) -> None:
    """A library that opens a file only for one of them would not get it."""
    for variant in MATRIX:
        data = make_file(variant)
        try:
            render_with(decoder, data, chunks(data, 50_000))
            code = ""
        except ImageRejected as rejected:
            code = rejected.code
        assert code == variant.code, variant


def test_it_rejects_what_render_does(decoder_of_this_process: Decoder) -> None:
    for data in (b"", b"no picture", photo_bytes()[:9000]):
        with pytest.raises(ImageRejected) as expected:
            render(data)
        with pytest.raises(ImageRejected) as got:
            render_with(decoder_of_this_process, data, chunks(data))
        assert (got.value.code, got.value.sentence) == (expected.value.code, expected.value.sentence)


def test_options_are_handed_over(decoder_of_this_process: Decoder) -> None:
    with pytest.raises(ImageRejected, match="too-many-pixels"):
        render_with(decoder_of_this_process, small_photo(), options=Options(max_pixels=1000))


def test_decoding_begins_before_the_file_has_arrived(decoder_of_this_process: Decoder) -> None:
    data = photo().pngsave_buffer(compression=0)
    bomb = data[:16] + (60000).to_bytes(4) * 2 + data[24:]
    read = 0

    def slowly() -> Iterator[bytes]:
        nonlocal read
        for chunk in chunks(bomb, 1024):
            read += len(chunk)
            yield chunk
            time.sleep(0.1)

    with pytest.raises(ImageRejected):
        render_with(decoder_of_this_process, bomb, slowly())
    assert read < len(bomb)


def test_a_fault_of_the_worker_is_no_rejection(decoder: Decoder) -> None:
    with pytest.raises(DecoderFault, match="OverflowError"):
        render_with(decoder, small_photo(), options=Options(quality=10**12))
    assert render_with(decoder, small_photo()) == render(small_photo())


def test_the_end_of_a_long_fault_is_quoted(make_decoder: MakeDecoder) -> None:
    with pytest.raises(DecoderFault, match="xend") as caught:
        render_with(make_decoder(program=TALKATIVE), small_photo())
    assert len(str(caught.value)) <= 4000


def test_more_bytes_than_announced_are_cut_off(decoder_of_this_process: Decoder) -> None:
    data = photo_bytes()
    with decoder_of_this_process.decode(len(data), [data + b"more"]) as picture:
        assert picture.rendered == render(data)


def test_one_picture_at_a_time(decoder_of_this_process: Decoder) -> None:
    data = small_photo()
    with (
        decoder_of_this_process.decode(len(data), [data]),
        pytest.raises(RuntimeError, match="still open"),
        decoder_of_this_process.decode(len(data), [data]),
    ):
        pass
    assert render_with(decoder_of_this_process, data) == render(data)


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
        data, other = small_photo(), photo_of("png")
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
        data = small_photo()
        with (
            pytest.raises(ConnectionError),
            decoder.decode(len(data), [data], formats=("webp",)),
        ):
            raise ConnectionError("storage went away")
        assert render_with(decoder, data) == render(data)

    def test_a_fault_in_one_format_leaves_the_others(self, decoder: Decoder) -> None:
        data = small_photo()
        with decoder.decode(len(data), [data], formats=("bmp", "webp")) as picture:
            bmp, webp = picture.further_formats()
        assert "KeyError: 'bmp'" in bmp.fault
        assert bmp.renditions == {}
        assert webp.fault == ""
        assert webp.renditions.keys() == {"720p", "240p"}

    def test_a_worker_that_dies_leaves_out_all_that_are_missing(self, decoder: Decoder) -> None:
        data = small_photo()
        with decoder.decode(len(data), [data], formats=("webp", "avif")) as picture:
            pid = worker_pid(decoder)
            os.kill(pid, signal.SIGKILL)
            wait_until_gone(pid)
            webp, avif = picture.further_formats()
        assert "SIGKILL" in webp.fault or "Broken pipe" in webp.fault
        assert avif.fault
        assert render_with(decoder, data) == render(data)

    def test_a_worker_that_dies_while_it_encodes_leaves_out_all_that_are_missing(
        self, decoder: Decoder
    ) -> None:
        data = bytes(photo(5120, 720).jpegsave_buffer())
        with decoder.decode(len(data), [data], formats=("webp", "avif", "webp")) as picture:
            formats = picture.further_formats()
            assert next(formats).fault == ""
            with killing_while_computing(worker_pid(decoder)):
                avif = next(formats)
            assert "SIGKILL" in avif.fault
            assert next(formats).fault
        assert render_with(decoder, data) == render(data)

    def test_processor_time_is_limited_for_the_picture_with_its_formats(
        self, make_decoder: MakeDecoder
    ) -> None:
        decoder = make_decoder(cpu_seconds=0.5)
        data = photo_bytes()
        with decoder.decode(len(data), [data], formats=("avif",) * 9) as picture:
            faults = [further.fault for further in picture.further_formats()]
        assert any("SIGPROF" in fault for fault in faults)
        assert faults[-1]
        assert render_with(decoder, data) == render(data)


FORGETFUL = """
from stockroom.renditions.sandbox import worker
def encode_larger(*_):
    raise MemoryError
worker.encode_larger = encode_larger
worker.main()
"""
"""A worker without enough memory for the second decode."""


class TestLargerRendition:
    """The rendition at 1440p, for which the worker opens the file once more."""

    @pytest.mark.parametrize("trailing", [0, 300_000])
    def test_it_is_made_from_all_bytes_of_the_file(self, decoder: Decoder, trailing: int) -> None:
        """Also where the first decode is done before the last bytes have arrived."""
        data = photo_bytes() + bytes(trailing)
        with decoder.decode(len(data), chunks(data), formats=("webp", "1440p")) as picture:
            assert picture.rendered == render(data), "no other rendition, and no fact, depends on it"
            webp, larger = picture.further_formats()
        assert webp.renditions.keys() == {"720p", "240p"}
        assert (larger.name, larger.fault, larger.left_out) == ("1440p", "", None)
        assert {name: (r.width, r.height) for name, r in larger.renditions.items()} == {"1440p": (1800, 1200)}

    def test_a_picture_of_few_lines_has_none(self, decoder: Decoder) -> None:
        data = small_photo()
        with decoder.decode(len(data), [data], formats=("1440p",)) as picture:
            (larger,) = picture.further_formats()
        assert larger == FurtherFormat("1440p", left_out="no-larger")

    def test_a_file_that_has_used_up_its_time_has_none(self, make_decoder: MakeDecoder) -> None:
        """The worker is ended within the second decode, and the next picture gets another one."""
        decoder = make_decoder(cpu_seconds=0.5)
        data = photo_bytes()
        with decoder.decode(len(data), [data], formats=("1440p",) * 40) as picture:
            first_without = next(each for each in picture.further_formats() if not each.renditions)
        assert first_without == FurtherFormat("1440p", left_out="too-slow")
        assert render_with(decoder, data) == render(data)

    def test_a_worker_that_dies_of_it_is_a_fault(self, decoder: Decoder) -> None:
        data = photo_bytes()
        with (
            decoder.decode(len(data), [data], formats=("1440p",)) as picture,
            killing_while_computing(worker_pid(decoder)),
        ):
            (larger,) = picture.further_formats()
        assert "SIGKILL" in larger.fault
        assert larger.left_out is None
        assert render_with(decoder, data) == render(data)

    def test_a_worker_that_does_not_answer_in_time_is_a_fault(self, make_decoder: MakeDecoder) -> None:
        """The machine may be busy: only the worker's own processor time says that the file is slow."""
        decoder = make_decoder(answer_seconds=2)
        data = photo_of("jpeg", 1200, 800)
        with decoder.decode(len(data), [data], formats=("1440p",)) as picture:
            os.kill(worker_pid(decoder), signal.SIGSTOP)
            (larger,) = picture.further_formats()
        assert "does not answer" in larger.fault
        assert larger.left_out is None
        assert decoder.pid is None
        assert render_with(decoder, data) == render(data)

    def test_memory_that_earlier_files_have_left_is_no_fact(self, make_decoder: MakeDecoder) -> None:
        """The next attempt gets a fresh worker, whose memory says something about the file."""
        decoder = make_decoder(program=FORGETFUL)
        render_with(decoder, small_photo())
        data = photo_of("jpeg", 1200, 800)
        with decoder.decode(len(data), [data], formats=("1440p",)) as picture:
            (larger,) = picture.further_formats()
        assert (larger.left_out, decoder.pid) == (None, None)
        assert "memory" in larger.fault
        with decoder.decode(len(data), [data], formats=("1440p",)) as picture:
            (larger,) = picture.further_formats()
        assert larger == FurtherFormat("1440p", left_out="too-much-memory")

    @pytest.mark.parametrize("name", [format_.name for format_ in SOURCE_FORMATS])
    def test_every_format_can_be_opened_twice_in_a_confined_worker(self, decoder: Decoder, name: str) -> None:
        data = photo_of(name, 1200, 800)
        with decoder.decode(len(data), chunks(data), formats=("1440p",)) as picture:
            (larger,) = picture.further_formats()
        assert (larger.fault, larger.renditions["1440p"].height) == ("", 800)


def processor_ticks(pid: int) -> int:
    """Processor time of a process, in hundredths of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@contextmanager
def killing_while_computing(pid: int) -> Iterator[None]:
    """Kill a process once it has computed for 0.03 seconds from now on."""
    before = processor_ticks(pid)
    # However busy the machine is, this process has its turn before the other one is done.
    os.setpriority(os.PRIO_PROCESS, pid, 19)

    def kill() -> None:
        while processor_ticks(pid) < before + 3:
            time.sleep(0.002)
        os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    yield
    killer.join()


class TestStarting:
    """A worker that is not ready has judged nothing: whatever happens to it says nothing about the file."""

    def test_libraries_that_do_not_load(
        self, make_decoder: MakeDecoder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        # As without the layer, or with one for another processor.
        (tmp_path / "pyvips.py").write_text("raise OSError('cannot load library libvips.so.42')")
        with monkeypatch.context() as patch:
            patch.syspath_prepend(str(tmp_path))
            decoder = make_decoder()
            for _ in range(3):
                with pytest.raises(DecoderUnavailable, match=r"cannot load library libvips\.so\.42"):
                    render_with(decoder, small_photo())
        assert render_with(decoder, small_photo()) == render(small_photo()), "once they are there again"

    def test_a_worker_that_is_killed_while_a_file_arrives(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(program="import time; time.sleep(1000)")
        data = photo_bytes()
        with pytest.raises(DecoderUnavailable, match="SIGKILL"):
            render_with(decoder, data, kill_while_reading(decoder, data, 1))

    def test_a_worker_that_hangs(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(program="import time; time.sleep(1000)", start_seconds=0.2)
        with pytest.raises(DecoderUnavailable, match=r"not ready after 0\.2 s"):
            render_with(decoder, small_photo())
        assert decoder.pid is None

    def test_too_little_memory_to_start(self, make_decoder: MakeDecoder) -> None:
        with pytest.raises(DecoderUnavailable):
            render_with(make_decoder(memory_bytes=1 << 20), small_photo())


def kill_while_reading(decoder: Decoder, data: bytes, times: int) -> Iterator[bytes]:
    """Chunks of a file that kill the worker while they are being read, so many times."""
    for number, chunk in enumerate(chunks(data, len(data) // 8)):
        yield chunk
        if number < times:
            pid = worker_pid(decoder)
            os.kill(pid, signal.SIGKILL)
            wait_until_gone(pid)


def failure_of(decoder: Decoder, data: bytes, parts: Iterable[bytes] | None = None) -> DecoderFailed:
    """How the decoder fails with a file; the worker must be gone then."""
    with pytest.raises(DecoderFailed) as caught:
        render_with(decoder, data, parts)
    assert decoder.pid is None
    return caught.value


REFUSING = """
from stockroom.renditions.sandbox import seccomp
from stockroom.renditions.sandbox.kernel import PR_SET_NO_NEW_PRIVS, prctl
from stockroom.renditions.sandbox.worker import main
prctl(PR_SET_NO_NEW_PRIVS, 1)
refuse = seccomp.fail_with(38)
numbers = {numbers}
seccomp.install([
    seccomp.Instruction(0x20, 0),
    *(step for number in numbers for step in (seccomp.Instruction(0x15, number, if_false=1), refuse)),
    seccomp.ALLOW,
])
main()
"""
LANDLOCK, SECCOMP = 444, {"x86_64": 317, "aarch64": 277}[os.uname().machine]


class TestRefusedProtections:
    """A kernel that refuses a protection is named in the log, once for all workers."""

    @pytest.mark.parametrize(
        ("numbers", "names", "level"),
        [((LANDLOCK,), "landlock", "INFO"), ((LANDLOCK, SECCOMP), "landlock, seccomp", "WARNING")],
    )
    def test_they_are_logged_once(
        self,
        make_decoder: MakeDecoder,
        caplog: pytest.LogCaptureFixture,
        numbers: tuple[int, ...],
        names: str,
        level: str,
    ) -> None:
        caplog.set_level("INFO")
        decoder = make_decoder(program=REFUSING.replace("{numbers}", repr(numbers)))
        for _ in range(2):
            assert render_with(decoder, small_photo()) == render(small_photo())
            pid = worker_pid(decoder)
            os.kill(pid, signal.SIGKILL)
            wait_until_gone(pid)
        messages = [(record.levelname, record.getMessage()) for record in caplog.records]
        assert messages == [(level, f"the decoder's isolation is incomplete: this kernel refuses {names}")]


NESTING = r"""
from stockroom.renditions.sandbox import worker
nested = b"\x82\xa4type\xa5Fault\xa1x" + b"\x91" * 100_000 + b"\x01"
worker._send = lambda picture, _: picture.sendall(len(nested).to_bytes(4) + nested)
worker.main()
"""
TALKATIVE = """
from stockroom.renditions.sandbox.worker import main
def decode(*_):
    raise ValueError("x" * 1_000_000 + "end")
main(decode)
"""


class TestFailing:
    """A worker that fails with a file is no verdict, and the next file gets another worker."""

    def test_killed_while_it_receives(self, decoder: Decoder) -> None:
        data = photo_bytes()
        decoder.wait_until_ready()
        failure = failure_of(decoder, data, kill_while_reading(decoder, data, 1))
        assert failure.rejection.code == "undecodable"
        assert "SIGKILL" in str(failure)
        assert render_with(decoder, data) == render(data)

    def test_killed_while_it_decodes(self, decoder: Decoder) -> None:
        data = heavy()
        decoder.wait_until_ready()
        with killing_while_computing(worker_pid(decoder)):
            assert failure_of(decoder, data).rejection.code == "undecodable"
        assert render_with(decoder, data).height == 6000

    def test_killed_before_it_is_asked(self, decoder: Decoder) -> None:
        decoder.wait_until_ready()
        first = worker_pid(decoder)
        os.kill(first, signal.SIGKILL)
        wait_until_gone(first)
        assert render_with(decoder, small_photo()) == render(small_photo())
        assert decoder.pid != first

    def test_a_file_that_takes_too_long(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(cpu_seconds=0.1)
        failure = failure_of(decoder, heavy())
        assert failure.rejection.code == "too-slow"
        assert "SIGPROF" in str(failure)
        assert render_with(decoder, photo(64, 48).jpegsave_buffer()).width == 64

    def test_a_worker_that_hangs(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(answer_seconds=0.2)
        decoder.wait_until_ready()
        os.kill(worker_pid(decoder), signal.SIGSTOP)
        assert failure_of(decoder, small_photo()).rejection.code == "too-slow"

    def test_an_answer_that_no_sound_worker_gives(self, make_decoder: MakeDecoder) -> None:
        failure = failure_of(make_decoder(program=probes.FORGING), small_photo())
        assert failure.rejection.code == "undecodable"
        assert "impossible answer" in str(failure)

    def test_an_answer_that_cannot_be_parsed(self, make_decoder: MakeDecoder) -> None:
        """Lists in lists: the parser gives up, and not the process that reads the answer."""
        failure = failure_of(make_decoder(program=NESTING), small_photo())
        assert failure.rejection.code == "undecodable"
        assert "recursion" in str(failure)

    def test_a_file_that_takes_too_much_memory(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(memory_bytes=100 << 20)
        assert failure_of(decoder, heavy()).rejection.code == "too-much-memory"
        assert render_with(decoder, small_photo()) == render(small_photo())


class TestVerdicts:
    """A decoder that cannot read a sound file may not call another one damaged."""

    WITHOUT_AVIF = (
        "import pyvips; from stockroom.renditions.sandbox.worker import main; "
        "pyvips.operation_block_set('VipsForeignLoadHeif', True); main()"
    )

    def test_a_loader_that_is_missing_is_no_rejection(self, make_decoder: MakeDecoder) -> None:
        decoder = make_decoder(program=self.WITHOUT_AVIF)
        for data in (photo_of("avif"), photo_of("avif")[:-50]):
            with pytest.raises(DecoderFault, match="this decoder cannot read AVIF"):
                render_with(decoder, data)
        assert render_with(decoder, small_photo()) == render(small_photo())

    @pytest.mark.parametrize("name", [format_.name for format_ in SOURCE_FORMATS])
    def test_a_decoder_that_reads_the_format_rejects(
        self, decoder_of_this_process: Decoder, name: str
    ) -> None:
        data = photo_of(name)
        with pytest.raises(ImageRejected) as caught:
            render_with(decoder_of_this_process, data[: len(data) // 2])
        assert caught.value.code in {"truncated", "corrupt"}


def test_a_file_that_stops_arriving_is_no_rejection(decoder_of_this_process: Decoder) -> None:
    data = photo_bytes()
    with pytest.raises(EOFError, match=f"9000 of {len(data)}"):
        render_with(decoder_of_this_process, data, [data[:9000]])

    def broken() -> Iterator[bytes]:
        yield data[:9000]
        raise ConnectionError("storage went away")

    with pytest.raises(ConnectionError):
        render_with(decoder_of_this_process, data, broken())
    assert render_with(decoder_of_this_process, data) == render(data)


def test_the_workers_memory_for_a_large_photograph(decoder: Decoder) -> None:
    """50 million pixels in at most 110 MB, the libraries included."""
    large = photo(2172, 1448).replicate(4, 4)
    assert large.width * large.height > 50_000_000
    render_with(decoder, bytes(large.jpegsave_buffer(Q=80)))
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
def test_the_worker_lets_go_of_every_file_it_has_rendered(
    decoder_of_this_process: Decoder, name: str
) -> None:
    """At once, without waiting for Python's garbage collector: 65 files of 37 MB would otherwise be 2 GB."""
    data = photo_of(name)

    def slowly() -> Iterator[bytes]:
        for chunk in chunks(data, len(data) // 4 + 1):
            yield chunk
            # The worker is reading by now: it opens the file while the rest is still on its way.
            time.sleep(0.005)

    for _ in range(12):
        render_with(decoder_of_this_process, data, slowly())
    wait_until_idle(decoder_of_this_process)
    assert shared_files_of(worker_pid(decoder_of_this_process)) == (0, 0)


@pytest.mark.thorough
def test_twenty_large_files_leave_nothing_behind(decoder: Decoder) -> None:
    """Each in pieces, so that the worker reads it while it arrives: three times the reserve in all."""
    data = bytes(photo(2100, 1600).pngsave_buffer(compression=0))
    assert len(data) > 10_000_000
    decoder.wait_until_ready()
    first = worker_pid(decoder)
    resident = []
    for _ in range(20):
        render_with(decoder, data, chunks(data, 128 * 1024))
        wait_until_idle(decoder)
        resident.append(int(Path(f"/proc/{first}/statm").read_text().split()[1]) * resource.getpagesize())
    assert decoder.pid == first
    assert shared_files_of(first) == (0, 0)
    assert len(os.listdir(f"/proc/{first}/fd")) == 3
    # The allocator keeps a reserve of 64 MB at most.
    assert max(resident[5:]) < resident[4] + len(data) + (64 << 20)


@pytest.mark.parametrize("leak", [{"memory": 100 << 20, "descriptors": 0}, {"memory": 0, "descriptors": 4}])
def test_a_worker_that_grows_is_replaced_after_the_picture(
    make_decoder: MakeDecoder, leak: dict[str, int]
) -> None:
    decoder = make_decoder(program=probes.LEAKING.format(**leak))
    data = small_photo()
    workers = []
    for _ in range(8):
        decoder.start()
        workers.append(worker_pid(decoder))
        assert render_with(decoder, data) == render(data)
    lives = [workers.count(pid) for pid in set(workers)]
    assert len(lives) >= 2
    assert max(lives) <= 4


def test_replaced_workers_leave_nothing_to_be_done_at_the_end(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered: list[object] = []
    monkeypatch.setattr(atexit, "register", registered.append)
    for _ in range(3):
        decoder.start()
        pid = worker_pid(decoder)
        os.kill(pid, signal.SIGKILL)
        wait_until_gone(pid)
    assert registered == [decoder.close]


def test_the_worker_lets_go_of_every_file_it_has_rejected(decoder: Decoder) -> None:
    data = photo_bytes()[:-9000]
    for _ in range(12):
        with pytest.raises(ImageRejected, match="truncated"):
            render_with(decoder, data, chunks(data, 50_000))
    wait_until_idle(decoder)
    assert shared_files_of(worker_pid(decoder)) == (0, 0)


def wait_until_idle(decoder: Decoder) -> None:
    """The worker answers before it puts the picture away: wait until it sleeps."""
    deadline = time.monotonic() + 60
    while "\nState:\tS" not in Path(f"/proc/{decoder.pid}/status").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_this_process_lets_go_of_every_file_too(decoder: Decoder) -> None:
    data = small_photo()
    with decoder.decode(len(data), chunks(data)) as picture:
        assert isinstance(picture, SandboxedPicture)
        assert shared_files_of(os.getpid()) == (0, 0)
    descriptors = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        render_with(decoder, data)
        with pytest.raises(ImageRejected):
            render_with(decoder, b"no picture")
    assert len(os.listdir("/proc/self/fd")) == descriptors
