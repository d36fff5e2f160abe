"""The emulator of the local stack without the rest of it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import emulator
from local.layout import Layout
from tooling import ROOT
from tooling.ports import choose_free


@contextmanager
def run_emulator(folder: Path) -> Iterator[Layout]:
    """Runs the emulator until the end of the block; the layout tells where it answers."""
    layout = Layout(folder, choose_free())
    # The emulator outlives the process that starts it, so that process need not be this one.
    program = (
        f"from pathlib import Path; from local import emulator; from local.layout import Layout; "
        f"emulator.ensure(Layout(Path({str(layout.data)!r}), {layout.port}))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
    try:
        yield layout
    finally:
        emulator.stop(layout)
