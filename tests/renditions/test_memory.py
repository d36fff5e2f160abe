"""In every source format: limits that spare memory, and a rejection that says so where it runs out."""

import subprocess
import sys
from pathlib import Path

import pytest

from stockroom.renditions import SOURCE_FORMATS, ImageRejected, Options
from stockroom.renditions.outputs import LARGER
from stockroom.renditions.sandbox.decoder import Decoder
from tests.renditions.images import encode_flat, flat, photo_of
from tests.renditions.rejecting import find_pixel_limit, reject

NAMES = [format_.name for format_ in SOURCE_FORMATS]
WIDTH = 10_000
MOST_KILOBYTES, MOST_WITH_LARGER = 700_000, 800_000
"""What `Options` promises of all files: of the first decode, and of both."""


def read_peak(pid: int) -> int:
    """The largest memory that a process has had, in kB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


@pytest.mark.thorough
@pytest.mark.parametrize("name", NAMES)
def test_a_line_above_the_limit_is_rejected_and_the_limit_spares_memory(name: str) -> None:
    """One file for both: it has a line too many, and is then rendered under a limit that allows the line."""
    option = find_pixel_limit(photo_of(name), 300 * 200)
    height = getattr(Options(), option) // WIDTH + 1
    data = encode_flat(name, WIDTH, height, 200, 100, 50)
    # A file that is not compressed has more bytes than files may have.
    assert reject(data, Options(max_bytes=len(data))).code == "too-many-pixels"
    decoder = Decoder()
    try:
        decoder.start()
        limits = {"max_bytes": len(data), "max_pixels": 10**9, option: WIDTH * height}
        with decoder.decode(len(data), [data], Options(**limits), (LARGER.name,)) as picture:
            assert decoder.pid is not None
            assert read_peak(decoder.pid) < MOST_KILOBYTES
            (larger,) = picture.further_formats()
            assert larger.renditions.keys() == set(LARGER.renditions), larger.left_out or larger.fault
            assert read_peak(decoder.pid) < MOST_WITH_LARGER
    except ImageRejected as rejected:
        pytest.fail(f"{option} is too much for {name}: {rejected.code}")
    finally:
        decoder.close()


PROGRAM = """
import resource, sys
from stockroom.renditions import ImageRejected, Options, rendering
data = sys.stdin.buffer.read()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
limit = used + int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    rendering.render(data, Options(max_bytes=len(data)))
    print("picture")
except ImageRejected as rejected:
    print(rejected.code)
"""


def render_within(megabytes: int, data: bytes) -> str:
    """What becomes of a file where so much memory is left: a rejection's code, or nothing if it crashed."""
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(megabytes << 20)],
        cwd=root,
        env={"PYTHONPATH": str(root)},
        input=data,
        capture_output=True,
        check=False,
    )
    return ran.stdout.decode().strip()


@pytest.mark.parametrize(("megabytes", "outcome"), [(60, "too-much-memory"), (800, "picture")])
def test_running_out_of_memory_is_not_damage(megabytes: int, outcome: str) -> None:
    """One file, whole, under a limit that is too low for it, and under one that is not."""
    data = bytes(flat(6000, 6000, 10, 20, 30).jpegsave_buffer(interlace=True, Q=50))
    assert render_within(megabytes, data) == outcome


@pytest.mark.thorough
@pytest.mark.parametrize("name", NAMES)
def test_no_format_calls_a_file_damaged_for_which_memory_runs_out(name: str) -> None:
    """Some of their libraries end the process: the decoder's caller then tries the file again."""
    data = encode_flat(name, 5000, 4000, 10, 20, 30)
    ends = {render_within(megabytes, data) for megabytes in (20, 40, 60)}
    assert ends <= {"too-much-memory", "", "picture"}, "unreadable.py does not know how its library words it"
    assert render_within(800, data) == "picture"
