"""How fast renditions are made, how well, and in how much memory, beside other ways to make them.

`python -m bench.renditions [--rounds N] [--only TITLE]` runs every candidate on every photograph, on one
core, taking turns, each in a process of its own. Times are processor time, which on one core is the wall time
less what other programs of the machine took. It prints tables and writes them into docs/benchmarks.md.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import photographs, quality
from bench.report import replace_section, table
from stockroom.renditions import Options
from stockroom.renditions.original import Original
from stockroom.renditions.outputs import OUTPUT_FORMATS
from stockroom.renditions.rendering import decode
from stockroom.renditions.sandbox.process import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[1]
NODE = ROOT / ".venv" / "bin" / "node"
SHARP = ROOT / "bench" / "sharp" / "candidate.mjs"
PYTHON = [sys.executable, "-m", "bench.candidates"]
COMMANDS: dict[str, list[str]] = {
    "Stockroom": [*PYTHON, "stockroom"],
    "sharp, two calls": [str(NODE), str(SHARP), "calls"],
    "sharp, two calls, format kept": [str(NODE), str(SHARP), "same"],
    "sharp, chained by its JPEG": [str(NODE), str(SHARP), "jpeg"],
    "sharp, chained by pixels": [str(NODE), str(SHARP), "chain"],
    "sharp, two calls, no fast shrink": [str(NODE), str(SHARP), "calls", "fine"],
    "sharp, chained by pixels, no fast shrink": [str(NODE), str(SHARP), "chain", "fine"],
    "Pillow": [*PYTHON, "pillow"],
    "OpenCV": [*PYTHON, "opencv"],
    "decode + encode floor": [*PYTHON, "floor"],
    "floor, one time the lines": [*PYTHON, "rough_floor"],
}
OURS, FLOOR, ROUGH_FLOOR = "Stockroom", "decode + encode floor", "floor, one time the lines"
TUNED = {OURS, FLOOR, ROUGH_FLOOR}
TWO_CALLS, CHAIN, FINE = "sharp, two calls", "sharp, chained by pixels", ", no fast shrink"


class Process:
    """A candidate that waits for paths."""

    def __init__(self, name: str) -> None:
        # As the product runs it: in the environment of its decoder.
        environment = os.environ | (ENVIRONMENT if name in TUNED else {})
        self._process = subprocess.Popen(
            COMMANDS[name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        )

    def ask(self, *words: object) -> list[str]:
        assert self._process.stdin
        assert self._process.stdout
        print(*words, sep="\t", file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"no answer from {self._process.args}")
        return answer.rstrip("\n").split("\t")

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


@dataclass
class Result:
    """What one candidate did with one photograph."""

    milliseconds: list[float] = field(default_factory=list)
    bytes: int = 0
    megabytes: float = 0.0
    psnr: float | None = None
    ssim: float | None = None
    delta_e: float | None = None


def measure(path: Path, rounds: int) -> dict[str, Result]:
    # For a JPEG the format that is kept is JPEG.
    names = [name for name in COMMANDS if "format kept" not in name or path.suffix != ".jpg"]
    results = {name: Result() for name in names}
    for name, result in results.items():
        alone = Process(name)
        alone.ask(path)
        result.megabytes = int(alone.ask("peak")[0]) / 1024
        alone.close()
    processes = {name: Process(name) for name in names}
    for process in processes.values():
        process.ask(path)
    for _ in range(rounds):
        for name, process in processes.items():
            took, *sizes = process.ask(path)
            results[name].milliseconds.append(float(took))
            results[name].bytes = sum(map(int, sizes))
    _judge(path, processes, results)
    for process in processes.values():
        process.close()
    return results


def _judge(path: Path, processes: dict[str, Process], results: dict[str, Result]) -> None:
    """Quality of the pixels that would be encoded: the encoder is the same for all that use it."""
    whole = quality.reference(path)
    for name, process in processes.items():
        with tempfile.TemporaryDirectory() as folder:
            process.ask("pixels", path, folder)
            pixels = {file.name.partition("-")[0]: quality.read(file) for file in Path(folder).iterdir()}
        if not pixels:
            continue
        large, small = (
            (pixels[size], quality.scaled(whole, pixels[size].shape[1], pixels[size].shape[0]))
            for size in ("720p", "240p")
        )
        results[name].psnr = quality.psnr(*large)
        results[name].delta_e = quality.delta_e(*large)
        results[name].ssim = quality.ssim(*small)


def ratio(results: dict[str, Result], above: str, below: str) -> float:
    """The median over rounds of one candidate's time by another's in the same round."""
    pairs = zip(results[above].milliseconds, results[below].milliseconds, strict=True)
    return statistics.median(a / b for a, b in pairs)


def rows(results: dict[str, Result]) -> list[list[str]]:
    shown = []
    for name, result in results.items():
        figures = [
            f"{statistics.median(result.milliseconds):.0f}",
            f"{ratio(results, name, OURS):.2f}",
            f"{result.megabytes:.0f}",
            f"{result.bytes / 1024:.0f}",
        ]
        if result.psnr is None:
            figures += ["", "", ""]
        else:
            figures += [f"{result.psnr:.1f}", f"{result.ssim:.4f}", f"{result.delta_e:.2f}"]
        shown.append([name, *figures])
    return shown


HEADS = ["", "ms", "of ours", "peak MB", "KiB made", "720p dB", "240p SSIM", "720p ΔE"]


def report(all_results: dict[str, dict[str, Result]], files: dict[str, Path], rounds: int) -> str:
    summary = table(
        [
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
        ],
        [
            [
                title,
                *(f"{(ratio(results, OURS, of) - 1) * 100:+.0f} %" for of in (FLOOR, ROUGH_FLOOR)),
                *(
                    f"{ratio(results, of, OURS):.2f}"
                    for of in (TWO_CALLS, TWO_CALLS + FINE, CHAIN, CHAIN + FINE)
                ),
                f"{results[OURS].megabytes:.0f}",
                f"{results[OURS].psnr or 0:.1f}",
                f"{results[CHAIN].psnr or 0:.1f}",
                f"{results[OURS].ssim or 0:.4f}",
            ]
            for title, results in all_results.items()
        ],
    )
    parts = [
        f"Both JPEGs at quality 80 from one file; {rounds} rounds in turn, one core of {_processor()}, "
        f"load {os.getloadavg()[0]:.1f} when this was written. Processor milliseconds (medians), peak of a "
        "fresh process that renders that file, and the pixels before they are encoded against Pillow's "
        "decode of the whole file, converted to sRGB and scaled by its Lanczos filter. The floor decodes at "
        "the smallest scale from which a filter can still give 45 dB (twice the lines) and encodes two "
        "pictures; it neither scales nor converts. That of one time the lines decodes at the smallest scale "
        "that has 720 lines, too coarse for 45 dB. By its fast shrinking sharp gives less than that "
        "for some sizes; without it, it can be compared there too. CMYK is converted by another rendering "
        "intent there, so that its dB say nothing.",
        summary,
    ]
    for title, results in all_results.items():
        size = files[title].stat().st_size / 1e6
        parts += [f"### {title}, {size:.1f} MB", table(HEADS, rows(results))]
    parts += ["### Further formats of a 12 MP picture that is ready", _formats(files["12 MP JPEG"], rounds)]
    return "\n\n".join(parts)


def _formats(path: Path, rounds: int) -> str:
    """What each format costs and saves, for both sizes together; SSIM of 720p to what was encoded."""
    picture = decode(Original(path.read_bytes()), Options())
    raw = quality.pixels(picture.large)
    milliseconds: dict[str, list[float]] = {format_: [] for format_ in OUTPUT_FORMATS}
    made = {}
    for _ in range(rounds):
        for format_, taken in milliseconds.items():
            started = time.process_time()
            made[format_] = picture.encode(OUTPUT_FORMATS[format_], Options())
            taken.append((time.process_time() - started) * 1e3)
    sizes = {format_: sum(len(r.data) for r in both.values()) for format_, both in made.items()}
    return table(
        ["", "ms", "KiB", "bytes saved", "720p SSIM"],
        [
            [
                format_,
                f"{statistics.median(milliseconds[format_]):.0f}",
                f"{size / 1024:.0f}",
                f"{(1 - size / sizes['jpeg']) * 100:.0f} %",
                f"{quality.ssim(quality.decoded(made[format_]['720p'].data), raw):.4f}",
            ]
            for format_, size in sizes.items()
        ],
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", help="one photograph by its title; nothing is written")
    asked = parser.parse_args(arguments)
    if not shutil.which(NODE):
        raise SystemExit("run `make bench`: it sets up what this compares with")
    files = photographs.ensure()
    # All of them, and what they start, on one core.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    chosen = [title for title in files if asked.only in (None, title)]
    all_results = {}
    for title in chosen:
        all_results[title] = measure(files[title], asked.rounds)
        print(f"\n{title}\n{table(HEADS, rows(all_results[title]))}", flush=True)
    text = report(all_results, files, asked.rounds)
    if asked.only is None:
        replace_section("renditions", text)
        print("\nwritten into docs/benchmarks.md")


if __name__ == "__main__":
    main()
