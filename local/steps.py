"""A step of the setup: something that is made from sources, once for each content that the sources have.

Standard library only: it runs before anything is installed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from local.layout import write_text
from tooling import ROOT
from tooling.digests import digest
from tooling.errors import ToolError

LOGS = ROOT / "build" / "setup"


@dataclass(frozen=True)
class Step:
    """What is made, from which sources, and how; its stamp file holds the digest of the sources."""

    name: str
    # What the person at the terminal waits for, and how long.
    announcement: str
    stamp: Path
    sources: Callable[[], Iterable[Path]]
    make: Callable[[IO[bytes]], None]
    # Anything beside the sources that decides what is made.
    variant: str = ""
    # A file that is made; the step is done again when the file is missing.
    result: Path | None = None

    def ensure(self) -> None:
        """Make it, unless its stamp says that it was made from the present sources. Raises ToolError."""
        current = digest(self.sources(), self.variant, root=ROOT)
        is_made = self.result is None or self.result.exists()
        if is_made and self.stamp.exists() and self.stamp.read_text() == current:
            return
        with announced(self.name, self.announcement) as log:
            self.make(log)
        write_text(self.stamp, current)


@contextmanager
def announced(name: str, announcement: str) -> Iterator[IO[bytes]]:
    """Says that work begins and how long it took; yields its log, which the ToolError of a failure names."""
    path = LOGS / f"{name.split(maxsplit=1)[0].lower()}.log"
    LOGS.mkdir(parents=True, exist_ok=True)
    _say(f"{name}: {announcement}")
    began = time.monotonic()
    try:
        with path.open("wb") as log:
            yield log
    except subprocess.CalledProcessError as error:
        raise ToolError(f"{name} failed", log=path) from error
    except ToolError as error:
        error.log = error.log or path
        raise
    _say(f"{name}: done in {time.monotonic() - began:.0f} s")


def run(
    log: IO[bytes], command: list[str], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> None:
    """Run a program with its output in the log. Raises CalledProcessError when it fails."""
    subprocess.run(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=True
    )


def npm(log: IO[bytes], folder: Path, *arguments: str) -> None:
    """Run npm, which comes with the project's Python environment, in a folder."""
    programs = ROOT / ".venv" / "bin"
    env = {
        **os.environ,
        "PATH": os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)]),
        "NO_COLOR": "1",
        "NODE_COMPILE_CACHE": str(ROOT / "build" / "node"),
    }
    run(log, [str(programs / "npm"), *arguments], cwd=folder, env=env)


def _say(text: str) -> None:
    print(f"» {text}", file=sys.stderr, flush=True)
