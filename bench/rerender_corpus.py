"""What the benchmark of `rerender` renders: the samples, and photographs as large as a camera's."""

from functools import cache
from pathlib import Path

from bench import photographs
from tooling import ROOT


@cache
def list_files() -> list[Path]:
    """Files in an order in which large and small ones alternate. Those that are missing are made."""
    samples = sorted((ROOT / "samples").glob("*.jpg"))
    large = photographs.ensure_photographs().values()
    return [path for pair in zip(samples, large, strict=True) for path in pair]
