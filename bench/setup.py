"""`python -m bench.setup`: what the product is compared with, in environments of its own, if missing."""

import sys
from pathlib import Path
from typing import IO

from local.errors import StackError
from local.layout import ROOT
from local.provision import Step, _npm, _run, _sync

VENV = ROOT / ".venv-bench"
SHARP = Path(__file__).parent / "sharp"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def _make_python(log: IO[bytes]) -> None:
    base = getattr(sys, "_base_executable", sys.executable)
    _run(log, [base, "-m", "venv", "--clear", "--without-pip", str(VENV)])
    _sync(log, VENV, ROOT / "bench" / "requirements.txt")


STEPS = (
    Step(
        "Benchmark packages",
        "Pillow, OpenCV (about 10 s)",
        VENV / ".stamp",
        lambda: [ROOT / "bench" / "requirements.txt"],
        _make_python,
        also=VERSION,
    ),
    Step(
        "Benchmark sharp",
        "npm ci (a few seconds)",
        SHARP / "node_modules" / ".stamp",
        lambda: [SHARP / "package-lock.json"],
        lambda log: _npm(log, SHARP, "ci"),
    ),
)

if __name__ == "__main__":
    try:
        for step in STEPS:
            step.ensure()
    except StackError as error:
        raise SystemExit(error.report()) from error
