"""Runs a check of the page, unless it has passed for the same files.

As a program: `python -m tooling.passed NAME COMMAND…`. The result of such a check depends on the files of the
page and on the versions of its programs, and on nothing else.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tooling import ROOT
from tooling.digests import digest

PAGE = Path("frontend")
# What npm and Vite write, and what the checks remember, directly below the page's folder.
WRITTEN = {"node_modules", "dist", ".svelte-check"}
# The types of the page's tests are checked against it.
DOCUMENT = Path("stockroom/api/openapi.json")
# The packages of the page are in its folder's lock file; Node is a package of Python.
VERSIONS = Path("requirements-dev.txt")


def run_unless_passed(name: str, command: Sequence[str], root: Path = ROOT) -> int:
    """The status of `command`: 0, without running it, when its last run has passed for the same files.

    A line says that it was not run.
    """
    record = root / "build" / "passed" / name
    # Before the check: a file that changes meanwhile is checked the next time.
    checked = digest(list_files(root), *command, root=root)
    if record.is_file() and record.read_text() == checked:
        print(f"{name}: has passed for the same files")
        return 0
    status = subprocess.run(command, check=False, cwd=root).returncode
    if status == 0:
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(checked)
    return status


def list_files(root: Path) -> Iterator[Path]:
    """The files that decide what a check of the page says, in order."""
    yield root / VERSIONS
    yield root / DOCUMENT
    for folder, folders, files in os.walk(root / PAGE):
        folders[:] = sorted(set(folders) - (WRITTEN if Path(folder) == root / PAGE else set()))
        yield from (Path(folder, file) for file in sorted(files))


if __name__ == "__main__":
    sys.exit(run_unless_passed(sys.argv[1], sys.argv[2:]))
