"""An arm64 Debian of which nothing but Python is used, on a processor that QEMU emulates.

mmdebstrap fetches the packages (70 MB) and unpacks them without running any, and QEMU is called by its name.
So neither root nor the kernel's binfmt_misc is needed.
"""

import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.bundling import build_once
from infra.stage import AWS_PLATFORM
from tooling import programs
from tooling.digests import digest
from tooling.errors import ToolError

SUITES = {"3.11": "bookworm", "3.13": "trixie"}
"""The Debian that has a version of Python."""


@dataclass(frozen=True)
class Machine:
    """`python` is a program of this machine that starts the emulated Python, for it to start itself again."""

    python: Path
    qemu: tuple[str, ...]
    """The emulator, and where the files of the emulated machine are."""
    interpreter: Path
    """Where its Python is, on this machine."""

    def run(self, script: Path, *arguments: str | Path) -> str:
        """What the script prints. Like Lambda's, it has no packages but those that the arguments name."""
        done = subprocess.run(
            [self.python, "-I", "-S", script, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run_in_environment(self, python: Path, program: str) -> str:
        """What a program prints that is run by the link `python` of a virtual environment."""
        done = subprocess.run(
            [*self.qemu, "-0", python, self.interpreter, "-c", program],
            # Python looks for modules where it is started, too.
            cwd=python.parent,
            capture_output=True,
            text=True,
            check=False,
            env={},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def run_machine(version: str = AWS_PLATFORM.python) -> Iterator[Machine]:
    """A machine with this Python until the end of the block. Raises ToolError where a program is missing."""
    suite, name = SUITES[version], f"python{version}"
    packages = ("base-files", f"{name}-minimal", f"lib{name}-stdlib", "libstdc++6")
    qemu = _require("qemu-aarch64", "qemu-aarch64-static", package="qemu-user")
    bootstrap = _require("mmdebstrap", package="mmdebstrap")
    options = ("--variant=extract", "--arch=arm64", f"--include={','.join(packages)}", "--quiet")

    def unpack(tree: Path) -> None:
        with tempfile.NamedTemporaryFile(suffix=".tar") as archive:
            _run([bootstrap, *options, suite, archive.name])
            # Whoever runs the tests owns the files, and may make no devices.
            _run(["tar", "-C", str(tree), "--no-same-owner", "--exclude=./dev", "-xf", archive.name])

    root = build_once("arm64", digest([], suite, *options)[:24], unpack)
    emulator = (qemu, "-L", str(root))
    interpreter = root / "usr" / "bin" / name
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "python"
        python.write_text(f'#!/bin/sh\nexec {shlex.join([*emulator, str(interpreter)])} "$@"\n')
        python.chmod(0o755)
        yield Machine(python, emulator, interpreter)


def _require(*names: str, package: str) -> str:
    path = programs.find(*names)
    if path is None:
        raise ToolError(f"{names[0]} is missing: apt install {package}")
    return path


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
