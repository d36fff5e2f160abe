"""System packages the stack needs: found, or installed through apt where that is possible.

Standard library only: it runs before anything is installed.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from local.errors import StackError

# Debian keeps servers in folders that users do not search.
SEARCH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin", "/sbin"])


@dataclass(frozen=True)
class Package:
    """Something that must be here: how to tell, and what it is called."""

    what: str
    present: Callable[[], bool]
    apt: tuple[str, ...]
    brew: str


def find(*names: str) -> str | None:
    """The first of these programs that is installed."""
    return next((found for name in names if (found := shutil.which(name, path=SEARCH))), None)


def browser() -> str | None:
    """A browser that tests can drive."""
    return find("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def can_make_environments() -> bool:
    """Debian splits what `python -m venv` needs off Python."""
    base = getattr(sys, "_base_executable", sys.executable)
    return (
        subprocess.run([base, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode
        == 0
    )


DATABASE = Package(
    "MariaDB",
    lambda: all((find("mariadbd", "mysqld"), find("mariadb-install-db"), find("my_print_defaults"))),
    # The second holds a program that making a data folder calls.
    ("mariadb-server-core", "mariadb-client-core"),
    "mariadb",
)
EDGE = Package("nginx", lambda: find("nginx") is not None, ("nginx-light",), "nginx")
ENVIRONMENTS = Package("Python's venv", can_make_environments, ("python3-venv",), "python")
BROWSER = Package("Chromium (tests only)", lambda: browser() is not None, ("chromium",), "--cask chromium")


def missing(wanted: list[Package]) -> list[Package]:
    return [package for package in wanted if not package.present()]


def install(absent: list[Package], log: IO[bytes]) -> None:
    """Install through apt, as root or with sudo.

    Raises StackError, with what to install by hand, where neither is there or apt fails.
    """
    names = [name for package in absent for name in package.apt]
    by_hand = (
        f"{', '.join(package.what for package in absent)} must be installed:\n"
        f"    Debian, Ubuntu: apt-get install {' '.join(names)}\n"
        f"    macOS:          {'; '.join(f'brew install {package.brew}' for package in absent)}"
    )
    sudo = _privilege()
    if shutil.which("apt-get") is None or sudo is None:
        raise StackError(by_hand)
    if not _apt(sudo, ["install", *names], log):
        # Most often because the lists are old, or were never fetched.
        _apt(sudo, ["update"], log)
        if not _apt(sudo, ["install", *names], log):
            raise StackError(by_hand)
    if EDGE in absent:
        _stop_service(sudo, "nginx", log)
    if still := missing(absent):
        raise StackError(
            f"apt-get succeeded, but {', '.join(package.what for package in still)} is not found"
        )


def _privilege() -> list[str] | None:
    """What to put before a command that needs root; None when there is no way."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    # A password can be asked for only where somebody sits.
    ask = [] if sys.stdin.isatty() else ["-n"]
    return [sudo, *ask] if subprocess.run([sudo, *ask, "true"], check=False).returncode == 0 else None


def _apt(sudo: list[str], arguments: list[str], log: IO[bytes]) -> bool:
    command = [
        *sudo,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-y",
        "-q",
        "--no-install-recommends",
        # Another apt-get may be at work, the daily one for example.
        "-o",
        "DPkg::Lock::Timeout=120",
        *arguments,
    ]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode == 0


def _stop_service(sudo: list[str], name: str, log: IO[bytes]) -> None:
    """The package starts a server on port 80 that nobody asked for; only its program is wanted."""
    if Path("/run/systemd/system").exists():
        commands = [["systemctl", "disable", "--now", name]]
    else:
        commands = [["invoke-rc.d", name, "stop"], ["update-rc.d", name, "disable"]]
    for command in commands:
        if find(command[0]):
            subprocess.run(
                [*sudo, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False
            )
