"""Python environments with exactly the packages of a hashed requirements file.

Standard library only: it runs before anything is installed.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from local import steps
from local.layout import write_text
from tooling import ROOT
from tooling.errors import ToolError

VENV = ROOT / ".venv"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
# uv's names of pip's settings.
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}


def make_main(log: IO[bytes], requirements: Path) -> None:
    """Make the project's own environment. pip installs uv, which is eight times as fast for the rest."""
    _ensure_environment(log, VENV)
    uv = steps.LOGS / "uv.txt"
    write_text(uv, pinned(requirements, "uv"))
    steps.run(log, [*_pip(VENV), "--require-hashes", "-r", str(uv)])
    _sync(log, VENV, requirements)


def make(log: IO[bytes], environment: Path, requirements: Path) -> None:
    """Make another environment, which the packages of the main one install into."""
    _ensure_environment(log, environment, "--without-pip")
    _sync(log, environment, requirements)


def pinned(requirements: Path, name: str) -> str:
    """One package's lines of a requirements file: the pin and its hashes. Raises ToolError for no pin."""
    lines: list[str] = []
    for line in requirements.read_text().splitlines():
        if line.startswith(f"{name}==") or (lines and line.startswith(" ")):
            lines.append(line)
        elif lines:
            break
    if not lines:
        raise ToolError(f"{requirements} does not pin {name}")
    return "\n".join(lines) + "\n"


def uv_environment() -> dict[str, str]:
    """The environment for uv: where pip's configuration has packages come from, unless uv's own says so."""
    shown = subprocess.run(
        [str(VENV / "bin" / "python"), "-m", "pip", "config", "list"],
        capture_output=True,
        text=True,
        check=False,
    )
    settings: dict[str, str] = {}
    for line in shown.stdout.splitlines():
        name, _, value = line.partition("=")
        settings[name.rpartition(".")[2].strip(":")] = value.strip().strip("'\"").replace("\\n", " ").strip()
    # pip ignores folders that do not exist, uv refuses them.
    links = settings.pop("find-links", "").split()
    if found := [link for link in links if "://" in link or Path(link).exists()]:
        settings["find-links"] = " ".join(found)
    return {theirs: settings[ours] for ours, theirs in SETTINGS.items() if ours in settings} | os.environ


def _ensure_environment(log: IO[bytes], environment: Path, *options: str) -> None:
    """Have an empty environment with the Python that runs now, unless there is one that works."""
    python = environment / "bin" / "python"
    if python.exists():
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        shown = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
        if shown.stdout.strip() == VERSION:
            return
    base = getattr(sys, "_base_executable", sys.executable)
    steps.run(log, [base, "-m", "venv", "--clear", *options, str(environment)])


def _sync(log: IO[bytes], environment: Path, requirements: Path) -> None:
    """Have exactly these packages in an environment; pip installs them, more slowly, where uv fails."""
    python = str(environment / "bin" / "python")
    uv = [str(VENV / "bin" / "uv"), "pip", "sync", "-q", "--require-hashes", "--python", python]
    try:
        steps.run(log, [*uv, str(requirements)], env=uv_environment())
    except subprocess.CalledProcessError:
        log.write(b"uv failed; the same with pip:\n")
        steps.run(log, [*_pip(environment), "--require-hashes", "-r", str(requirements)])


def _pip(environment: Path) -> list[str]:
    python = str(environment / "bin" / "python")
    return [str(VENV / "bin" / "python"), "-m", "pip", "--python", python, "install", "-q"]
