"""The candidates of `bench.candidates` (and sharp) at work: each in a process of its own, taking turns."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from bench import quality, setup
from stockroom.renditions.sandbox.process import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[1]
NODE = ROOT / ".venv" / "bin" / "node"
SHARP = ROOT / "bench" / "sharp" / "candidate.mjs"
PYTHON = [sys.executable, "-m", "bench.candidates"]

OURS, FLOOR, ROUGH_FLOOR = "Stockroom", "decode + encode floor", "floor, one time the lines"
TWO_CALLS, TWO_CALLS_KEPT = "sharp, two calls", "sharp, two calls, format kept"
CHAIN, FINE = "sharp, chained by pixels", ", no fast shrink"
COMMANDS: dict[str, list[str]] = {
    OURS: [*PYTHON, "stockroom"],
    TWO_CALLS: [str(NODE), str(SHARP), "calls"],
    TWO_CALLS_KEPT: [str(NODE), str(SHARP), "same"],
    "sharp, chained by its JPEG": [str(NODE), str(SHARP), "jpeg"],
    CHAIN: [str(NODE), str(SHARP), "chain"],
    TWO_CALLS + FINE: [str(NODE), str(SHARP), "calls", "fine"],
    CHAIN + FINE: [str(NODE), str(SHARP), "chain", "fine"],
    "Pillow": [*PYTHON, "pillow"],
    "OpenCV": [*PYTHON, "opencv"],
    FLOOR: [*PYTHON, "floor"],
    ROUGH_FLOOR: [*PYTHON, "rough_floor"],
}
RESIZER, RESIZER_ONCE = "img2dataset, one call for each size", "img2dataset, 720p alone"
_OF_IMG2DATASET = [str(setup.IMG2DATASET / "bin" / "python"), "-m", "bench.candidates"]
# What `bench.rerender` alone compares with.
FURTHER_COMMANDS = {
    RESIZER: [*_OF_IMG2DATASET, "img2dataset"],
    RESIZER_ONCE: [*_OF_IMG2DATASET, "img2dataset_720p"],
}
# One of its libraries asks a server for its latest version whenever it is imported.
QUIET = {"NO_ALBUMENTATIONS_UPDATE": "1"}
# These run in the environment of Stockroom's worker.
TUNED = {OURS, FLOOR, ROUGH_FLOOR}


class Process:
    """A running candidate, which waits for commands (see `bench.candidates`)."""

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen(
            (COMMANDS | FURTHER_COMMANDS)[name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | QUIET | (ENVIRONMENT if name in TUNED else {}),
        )

    def ask(self, *words: object) -> list[str]:
        """The fields of the answer to one command."""
        assert self._process.stdin
        assert self._process.stdout
        print(*words, sep="\t", file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"no answer from {self._process.args!r}")
        return answer.rstrip("\n").split("\t")

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


@dataclass
class Result:
    """What one candidate did with one photograph: a time for each round, the bytes of both renditions,
    the peak of its memory, and the quality of the pixels that it would encode (None: it makes none)."""

    milliseconds: list[float] = field(default_factory=list)
    bytes: int = 0
    megabytes: float = 0.0
    psnr: float | None = None
    ssim: float | None = None
    delta_e: float | None = None


def measure(path: Path, rounds: int) -> dict[str, Result]:
    """The results of all candidates on one photograph, by the candidates' names."""
    # A JPEG whose format is kept is the same as without that option.
    names = [name for name in COMMANDS if name != TWO_CALLS_KEPT or path.suffix != ".jpg"]
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
            milliseconds, *sizes = process.ask(path)
            results[name].milliseconds.append(float(milliseconds))
            results[name].bytes = sum(map(int, sizes))
    measure_quality(path, processes, results)
    for process in processes.values():
        process.close()
    return results


def measure_quality(path: Path, processes: dict[str, Process], results: dict[str, Result]) -> None:
    """Compare the pixels before they are encoded, as most candidates use the same encoder."""
    whole = quality.decode_reference(path)
    for name, process in processes.items():
        with tempfile.TemporaryDirectory() as folder:
            process.ask("pixels", path, folder)
            pixels = {file.name.partition("-")[0]: quality.read_raw(file) for file in Path(folder).iterdir()}
        if not pixels:
            continue
        large, small = (
            (pixels[size], quality.scale(whole, pixels[size].shape[1], pixels[size].shape[0]))
            for size in ("720p", "240p")
        )
        results[name].psnr = quality.psnr(*large)
        results[name].delta_e = quality.delta_e(*large)
        results[name].ssim = quality.ssim(*small)
