"""`python -m bench.setup [img2dataset]`: what the product is compared with, in environments of its own."""

import sys
from pathlib import Path

from local import environments, steps
from local.steps import Step
from tooling import ROOT
from tooling.errors import ToolError

VENV = ROOT / ".venv-bench"
REQUIREMENTS = ROOT / "bench" / "requirements.txt"
IMG2DATASET = ROOT / ".venv-img2dataset"
IMG2DATASET_REQUIREMENTS = ROOT / "bench" / "img2dataset.txt"
SHARP = Path(__file__).parent / "sharp"

STEPS = (
    Step(
        "Benchmark packages",
        "Pillow, OpenCV (about 10 s)",
        VENV / ".stamp",
        lambda: [REQUIREMENTS],
        lambda log: environments.make(log, VENV, REQUIREMENTS),
        variant=environments.VERSION,
    ),
    Step(
        "Benchmark sharp",
        "npm ci (a few seconds)",
        SHARP / "node_modules" / ".stamp",
        lambda: [SHARP / "package-lock.json"],
        lambda log: steps.npm(log, SHARP, "ci"),
    ),
)
# For `bench.resizers` alone, and large.
RESIZER = Step(
    "Benchmark img2dataset",
    "what img2dataset installs, 650 MB (about 20 s)",
    IMG2DATASET / ".stamp",
    lambda: [IMG2DATASET_REQUIREMENTS],
    lambda log: environments.make(log, IMG2DATASET, IMG2DATASET_REQUIREMENTS),
    variant=environments.VERSION,
)

if __name__ == "__main__":
    try:
        for step in (RESIZER,) if sys.argv[1:] == ["img2dataset"] else STEPS:
            step.ensure()
    except ToolError as error:
        raise SystemExit(error.report()) from error
