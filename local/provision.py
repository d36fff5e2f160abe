"""`python -m local.provision [test]`: everything that has to be there before the stack can start.

Each step leaves a stamp with a hash of what it was made from, and does nothing while that is the same.
Standard library only: it runs before anything is installed.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from local import packages
from local.errors import StackError
from local.layout import ROOT, write_text

VENV = ROOT / ".venv"
MINISTACK = ROOT / ".venv-ministack"
FRONTEND = ROOT / "frontend"
LOGS = ROOT / "build" / "setup"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class Step:
    """Something to make: what it is called, what it is made from, how."""

    name: str
    expect: str
    stamp: Path
    sources: Callable[[], Iterable[Path]]
    make: Callable[[IO[bytes]], None]
    # What decides beside the sources.
    also: str = ""

    def digest(self) -> str:
        digest = hashlib.sha256(self.also.encode())
        for source in self.sources():
            digest.update(f"{source.relative_to(ROOT)}\0".encode())
            digest.update(hashlib.sha256(source.read_bytes()).digest())
        return digest.hexdigest()

    def ensure(self) -> None:
        wanted = self.digest()
        if self.stamp.exists() and self.stamp.read_text() == wanted:
            return
        with _said(self.name, self.expect) as log:
            self.make(log)
        write_text(self.stamp, wanted)


@contextmanager
def _said(name: str, expect: str) -> Iterator[IO[bytes]]:
    """Say that a step begins and how long it took; gives it a log, which a failure names."""
    path = LOGS / f"{name.split(maxsplit=1)[0].lower()}.log"
    LOGS.mkdir(parents=True, exist_ok=True)
    _say(f"{name}: {expect}")
    began = time.monotonic()
    try:
        with path.open("wb") as log:
            yield log
    except subprocess.CalledProcessError as error:
        raise StackError(f"{name} failed", log=path) from error
    except StackError as error:
        error.log = error.log or path
        raise
    _say(f"{name}: done in {time.monotonic() - began:.0f} s")


def main(arguments: list[str]) -> int:
    try:
        LOGS.mkdir(parents=True, exist_ok=True)
        with (LOGS / "lock").open("w") as lock:
            # Two stacks may start at once from one checkout.
            fcntl.flock(lock, fcntl.LOCK_EX)
            provision(for_tests="test" in arguments)
    except StackError as error:
        print(f"\n{error.report()}", file=sys.stderr)
        return 1
    return 0


def provision(*, for_tests: bool) -> None:
    """Make what is missing, side by side where nothing depends on it."""
    wanted = [packages.DATABASE, packages.EDGE]
    if for_tests:
        wanted.append(packages.BROWSER)
    if not (VENV / "bin" / "python").exists():
        wanted.append(packages.ENVIRONMENTS)
    absent = packages.missing(wanted)
    with ThreadPoolExecutor(4) as pool:
        system = pool.submit(_install, absent)
        if packages.ENVIRONMENTS in absent:
            system.result()
        PYTHON_STEP.ensure()
        rest = [pool.submit(step.ensure) for step in (EMULATOR_STEP, CDK_STEP)]
        rest.append(pool.submit(_frontend))
        for future in [system, *rest]:
            future.result()


def _install(absent: list[packages.Package]) -> None:
    if not absent:
        return
    expect = "a minute or two" if packages.BROWSER in absent else "less than a minute"
    names = ", ".join(package.what for package in absent)
    with _said("System packages", f"installing {names} ({expect})") as log:
        packages.install(absent, log)


def _frontend() -> None:
    PAGE_TOOLS_STEP.ensure()
    PAGE_STEP.ensure()


def _make_python(log: IO[bytes]) -> None:
    base = getattr(sys, "_base_executable", sys.executable)
    if not _is_version(VENV):
        _run(log, [base, "-m", "venv", "--clear", str(VENV)])
    # Eight times as fast as pip for the rest.
    pinned = LOGS / "uv.txt"
    write_text(pinned, _requirement(ROOT / "requirements-dev.txt", "uv"))
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "-q", "--require-hashes"]
    _run(log, [*pip, "-r", str(pinned)])
    _sync(log, VENV, ROOT / "requirements-dev.txt")


def _make_emulator(log: IO[bytes]) -> None:
    base = getattr(sys, "_base_executable", sys.executable)
    if not _is_version(MINISTACK):
        _run(log, [base, "-m", "venv", "--clear", "--without-pip", str(MINISTACK)])
    _sync(log, MINISTACK, ROOT / "local" / "requirements.txt")


def _sync(log: IO[bytes], environment: Path, requirements: Path) -> None:
    """Have exactly these packages. uv does not read pip's configuration, so the index is handed over, and
    where that is not enough pip does it, slower."""
    python = str(environment / "bin" / "python")
    uv = [str(VENV / "bin" / "uv"), "pip", "sync", "-q", "--require-hashes", "--python", python]
    try:
        _run(log, [*uv, str(requirements)], env=_index())
    except subprocess.CalledProcessError:
        log.write(b"uv failed; the same with pip:\n")
        pip = [str(VENV / "bin" / "python"), "-m", "pip", "--python", python, "install", "-q"]
        _run(log, [*pip, "--require-hashes", "-r", str(requirements)])


def _index() -> dict[str, str]:
    """pip's settings of where packages come from, as uv names them; uv's own win."""
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
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
    }
    # pip passes over folders that are not there, uv refuses them.
    links = settings.pop("find-links", "").split()
    if found := [link for link in links if "://" in link or Path(link).exists()]:
        settings["find-links"] = " ".join(found)
    return {ours: settings[theirs] for theirs, ours in names.items() if theirs in settings} | os.environ


def _make_cdk(log: IO[bytes]) -> None:
    _npm(log, ROOT, "ci")


def _make_page_tools(log: IO[bytes]) -> None:
    _npm(log, FRONTEND, "ci")


def _make_page(log: IO[bytes]) -> None:
    _npm(log, FRONTEND, "run", "build")


def _npm(log: IO[bytes], folder: Path, *arguments: str) -> None:
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])
    _run(
        log,
        [str(VENV / "bin" / "npm"), *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path, "NO_COLOR": "1", "NODE_COMPILE_CACHE": str(ROOT / "build" / "node")},
    )


def _run(log: IO[bytes], command: list[str], *, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    subprocess.run(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=True
    )


def _is_version(environment: Path) -> bool:
    """Whether an environment is there and works, with the Python that is used now."""
    python = environment / "bin" / "python"
    if not python.exists():
        return False
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    shown = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False)
    return shown.stdout.strip() == VERSION


def _requirement(requirements: Path, name: str) -> str:
    """One package's lines of a requirements file: the pin and its hashes."""
    lines: list[str] = []
    for line in requirements.read_text().splitlines():
        if line.startswith(f"{name}==") or (lines and line.startswith(" ")):
            lines.append(line)
        elif lines:
            break
    if not lines:
        raise StackError(f"{requirements} does not pin {name}")
    return "\n".join(lines) + "\n"


def _page_sources() -> list[Path]:
    """What the page is built from: the frontend without what was made there, and the API's schema."""
    found = [ROOT / "stockroom" / "api" / "openapi.json"]
    for folder, folders, files in os.walk(FRONTEND):
        folders[:] = sorted(set(folders) - {"node_modules", "dist", "tests"})
        # The types are made from the schema by the build itself.
        found += [Path(folder) / name for name in files if name != "schema.d.ts"]
    return sorted(found)


def _say(text: str) -> None:
    print(f"» {text}", file=sys.stderr, flush=True)


PYTHON_STEP = Step(
    "Python packages",
    "the project's environment (about 20 s)",
    VENV / ".stamp",
    lambda: [ROOT / "requirements-dev.txt"],
    _make_python,
    also=VERSION,
)
EMULATOR_STEP = Step(
    "Emulator",
    "the AWS emulator's own environment (a few seconds)",
    MINISTACK / ".stamp",
    lambda: [ROOT / "local" / "requirements.txt"],
    _make_emulator,
    also=VERSION,
)
CDK_STEP = Step(
    "CDK command line",
    "npm ci (about 10 s)",
    ROOT / "node_modules" / ".stamp",
    lambda: [ROOT / "package-lock.json"],
    _make_cdk,
)
PAGE_TOOLS_STEP = Step(
    "Frontend tools",
    "npm ci (about 15 s)",
    FRONTEND / "node_modules" / ".stamp",
    lambda: [FRONTEND / "package-lock.json"],
    _make_page_tools,
)
PAGE_STEP = Step(
    "Page",
    "building (a few seconds)",
    FRONTEND / "node_modules" / ".page-stamp",
    _page_sources,
    _make_page,
)

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
