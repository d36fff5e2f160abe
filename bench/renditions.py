"""How long a rendering takes, as a ratio to two baselines measured in the same run.

`python bench/renditions.py [rounds]` prints, for JPEG of 12 and 24 million pixels, the median of

- `render`,
- the floor: decode at the best DCT scale and encode both renditions, nothing else,
- two separate thumbnails from the file, without facts or checks,

then the ratios, each the median over rounds (a busy machine slows all three alike), and the peak memory of a
process that renders that one file.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from stockroom.renditions import render  # noqa: E402
from stockroom.renditions.libvips import pyvips  # noqa: E402

PHOTO = ROOT / "tests" / "renditions" / "data" / "casa-mila.jpg"
SIZES = {"12 MP": (4000, 3000), "24 MP": (6000, 4000)}


def source(width: int, height: int) -> bytes:
    """The photograph scaled up, with a sensor's noise, so that it is as hard to decode as a camera's."""
    scaled = pyvips.Image.new_from_file(str(PHOTO)).thumbnail_image(width, height=height, size="force")
    noise = pyvips.Image.gaussnoise(width, height, mean=0, sigma=5)
    return bytes((scaled + noise).cast("uchar").copy(interpretation="srgb").jpegsave_buffer(Q=90))


def encode(image: "pyvips.Image") -> None:
    image.jpegsave_buffer(Q=80, optimize_coding=True, keep="none")


def floor(data: bytes) -> Callable[[], None]:
    large = pyvips.Image.thumbnail_buffer(data, 5120, height=720, size="down").copy_memory()
    small = large.thumbnail_image(1706, height=240).copy_memory()
    height = pyvips.Image.new_from_buffer(data, "").height
    shrink = max(s for s in (1, 2, 4, 8) if height // s >= 720)

    def run() -> None:
        pyvips.Image.jpegload_buffer(data, shrink=shrink, access="sequential").copy_memory()
        encode(large)
        encode(small)

    return run


def two_thumbnails(data: bytes) -> None:
    for width, height in ((5120, 720), (1706, 240)):
        encode(pyvips.Image.thumbnail_buffer(data, width, height=height, size="down"))


def milliseconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return (time.perf_counter() - started) * 1e3


def peak_megabytes(data: bytes) -> int:
    program = [sys.executable, __file__, "--once"]
    return int(subprocess.run(program, input=data, capture_output=True, check=True).stdout)


def report(title: str, data: bytes, rounds: int) -> None:
    lowest = floor(data)
    candidates: list[Callable[[], object]] = [lambda: render(data), lowest, lambda: two_thumbnails(data)]
    for run in candidates:
        run()
    runs = [[milliseconds(run) for run in candidates] for _ in range(rounds)]
    ours, least, twice = (statistics.median(column) for column in zip(*runs, strict=True))
    to_floor = statistics.median(times[0] / times[1] for times in runs)
    to_two = statistics.median(times[0] / times[2] for times in runs)
    print(
        f"{title}, {len(data) / 1e6:.1f} MB: render {ours:.0f} ms, peak {peak_megabytes(data)} MB; "
        f"floor {least:.0f} ms (ratio {to_floor:.2f}); two thumbnails {twice:.0f} ms (ratio {to_two:.2f})"
    )


def main() -> None:
    if sys.argv[1:] == ["--once"]:
        render(sys.stdin.buffer.read())
        # Not getrusage: its maximum begins with what the parent process had before exec.
        status = Path("/proc/self/status").read_text()
        print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
        return
    rounds = int(sys.argv[1]) if sys.argv[1:] else 15
    for title, (width, height) in SIZES.items():
        report(title, source(width, height), rounds)


if __name__ == "__main__":
    main()
