"""How fast renditions are made, how good they are and in how much memory, beside other ways to make them.

`python -m bench.renditions [--rounds N] [--only TITLE]` runs every candidate on every photograph, in turns,
on one core, each candidate in a process of its own. Times are processor time, which on one core is the wall
time without what other programs of the machine took. The tables are printed, and written into
docs/benchmarks.md.
"""

import argparse
import os
import platform
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from bench import photographs, quality
from bench.rendition_runs import CHAIN, FINE, FLOOR, NODE, OURS, ROUGH_FLOOR, TWO_CALLS, Result, measure
from bench.report import replace_section, table
from stockroom.renditions import Options
from stockroom.renditions.original import Original
from stockroom.renditions.outputs import LARGER, OUTPUT_FORMATS
from stockroom.renditions.rendering import decode

SUMMARY_HEADS = [
    "",
    "over the floor",
    "over a floor of one time the lines",
    "sharp, two calls",
    "two calls, no fast shrink",
    "sharp, chained",
    "chained, no fast shrink",
    "peak MB",
    "720p dB",
    "sharp's dB",
    "240p SSIM",
]
HEADS = ["", "ms", "of ours", "peak MB", "KiB made", "720p dB", "240p SSIM", "720p ΔE"]


def time_ratio(results: dict[str, Result], numerator: str, denominator: str) -> float:
    """One candidate's best time divided by another's: other programs only ever make a time longer."""
    return min(results[numerator].milliseconds) / min(results[denominator].milliseconds)


def summary_row(title: str, results: dict[str, Result]) -> list[str]:
    """Stockroom beside the floors and sharp, on one photograph."""
    floors = [f"{(time_ratio(results, OURS, floor) - 1) * 100:+.0f} %" for floor in (FLOOR, ROUGH_FLOOR)]
    others = (TWO_CALLS, TWO_CALLS + FINE, CHAIN, CHAIN + FINE)
    ratios = [f"{time_ratio(results, other, OURS):.2f}" for other in others]
    ours, sharp = results[OURS], results[CHAIN]
    quality_figures = [f"{ours.psnr or 0:.1f}", f"{sharp.psnr or 0:.1f}", f"{ours.ssim or 0:.4f}"]
    return [title, *floors, *ratios, f"{ours.megabytes:.0f}", *quality_figures]


def photograph_table(results: dict[str, Result]) -> str:
    """Every candidate on one photograph."""
    rows = []
    for name, result in results.items():
        figures = [
            f"{min(result.milliseconds):.0f}",
            f"{time_ratio(results, name, OURS):.2f}",
            f"{result.megabytes:.0f}",
            f"{result.bytes / 1024:.0f}",
        ]
        if result.psnr is None:
            figures += ["", "", ""]
        else:
            figures += [f"{result.psnr:.1f}", f"{result.ssim:.4f}", f"{result.delta_e:.2f}"]
        rows.append([name, *figures])
    return table(HEADS, rows)


def write_section(results: dict[str, dict[str, Result]], files: dict[str, Path], rounds: int) -> str:
    """The section of docs/benchmarks.md, from the results by photograph and candidate."""
    parts = [
        f"Both JPEGs at quality 80 from one file; {rounds} rounds in turn, one core of {_processor()}, "
        f"load {os.getloadavg()[0]:.1f} when this was written. Processor milliseconds (at best), peak of a "
        "fresh process that renders that file, and the pixels before they are encoded against Pillow's "
        "decode of the whole file, converted to sRGB and scaled by its Lanczos filter. The floor decodes at "
        "the smallest scale from which a filter still gives 45 dB "
        "([formats](formats.md#how-pictures-are-made-smaller)) and encodes two pictures; it neither scales "
        "nor converts. That of one time the lines decodes at the smallest scale that has 720 lines, too "
        "coarse for 45 dB. By its fast shrinking sharp gives less than that for some sizes; without it, it "
        "can be compared there too. CMYK is converted by another rendering intent there, so that its dB say "
        "nothing.",
        table(SUMMARY_HEADS, [summary_row(title, of) for title, of in results.items()]),
    ]
    for title, of in results.items():
        size = files[title].stat().st_size / 1e6
        parts += [f"### {title}, {size:.1f} MB", photograph_table(of)]
    parts += [
        "### Further formats of a 12 MP picture that is ready",
        formats_table(files["12 MP JPEG"], rounds),
    ]
    return "\n\n".join(parts)


def formats_table(path: Path, rounds: int) -> str:
    """What each output format costs and saves, for both sizes together, and the SSIM of its 720p."""
    picture = decode(Original(path.read_bytes()), Options())
    raw = quality.pixels_of(picture.large)
    formats = {name: format_ for name, format_ in OUTPUT_FORMATS.items() if format_ is not LARGER}
    milliseconds: dict[str, list[float]] = {name: [] for name in formats}
    encoded = {}
    for _ in range(rounds):
        for name, format_ in formats.items():
            started = time.process_time()
            encoded[name] = picture.encode(format_, Options())
            milliseconds[name].append((time.process_time() - started) * 1e3)
    sizes = {name: sum(len(r.data) for r in renditions.values()) for name, renditions in encoded.items()}
    rows = [
        [
            name,
            f"{min(milliseconds[name]):.0f}",
            f"{size / 1024:.0f}",
            f"{(1 - size / sizes['jpeg']) * 100:.0f} %",
            f"{quality.ssim(quality.decode(encoded[name]['720p'].data), raw):.4f}",
        ]
        for name, size in sizes.items()
    ]
    return table(["", "ms", "KiB", "bytes saved", "720p SSIM"], rows)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", help="one photograph by its title; nothing is written")
    options = parser.parse_args(arguments)
    if not shutil.which(NODE):
        raise SystemExit("run `make bench`: it sets up what this compares with")
    files = photographs.ensure_photographs()
    # All processes that are started from here inherit this.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    results: dict[str, dict[str, Result]] = {}
    for title in files:
        if options.only in (None, title):
            results[title] = measure(files[title], options.rounds)
            print(f"\n{title}\n{photograph_table(results[title])}", flush=True)
    if options.only is None:
        replace_section("renditions", write_section(results, files, options.rounds))
        print("\nwritten into docs/benchmarks.md")


if __name__ == "__main__":
    main()
