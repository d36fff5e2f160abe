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

from tooling.errors import ToolError
from tooling.programs import FIREFOXES, find, find_browser, find_java


@dataclass(frozen=True)
class Package:
    """Something that the project needs of the system, and the packages that bring it."""

    title: str
    is_present: Callable[[], bool]
    apt: tuple[str, ...]
    brew: str


def can_make_environments() -> bool:
    """Whether `python -m venv` works; Debian has what it needs in a package of its own."""
    base = getattr(sys, "_base_executable", sys.executable)
    return (
        subprocess.run([base, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode
        == 0
    )


DATABASE = Package(
    "MariaDB",
    lambda: all((find("mariadbd", "mysqld"), find("mariadb-install-db"), find("my_print_defaults"))),
    # The second has my_print_defaults, which mariadb-install-db calls.
    ("mariadb-server-core", "mariadb-client-core"),
    "mariadb",
)
NGINX = Package("nginx", lambda: find("nginx") is not None, ("nginx-light",), "nginx")
ENVIRONMENTS = Package("Python's venv", can_make_environments, ("python3-venv",), "python")
BROWSER = Package(
    "Chromium (tests only)", lambda: find_browser() is not None, ("chromium",), "--cask chromium"
)
FIREFOX = Package(
    "Firefox (one test only)", lambda: find(*FIREFOXES) is not None, ("firefox-esr",), "--cask firefox"
)
# The JavaScript engine of nginx, the nearest to CloudFront's: the tests run CloudFront Functions on it.
NJS = Package("njs (tests only)", lambda: find("njs") is not None, ("njs",), "njs")
# Writes metadata as the field's programs do, and reads it by rules that the tests compare with ours.
EXIFTOOL = Package(
    "ExifTool (tests only)", lambda: find("exiftool") is not None, ("libimage-exiftool-perl",), "exiftool"
)

# Spark's. Debian's default is one of those that Spark runs on.
JAVA = Package(
    "Java (batch jobs only)", lambda: find_java() is not None, ("default-jre-headless",), "openjdk@21"
)


def missing(required: list[Package]) -> list[Package]:
    return [package for package in required if not package.is_present()]


def install(absent: list[Package], log: IO[bytes]) -> None:
    """Install through apt, as root or with sudo.

    Raises ToolError, with what to install by hand, where neither is there or apt fails.
    """
    names = [name for package in absent for name in package.apt]
    by_hand = (
        f"{', '.join(package.title for package in absent)} must be installed:\n"
        f"    Debian, Ubuntu: apt-get install {' '.join(names)}\n"
        f"    macOS:          {'; '.join(f'brew install {package.brew}' for package in absent)}"
    )
    sudo = _privilege()
    if shutil.which("apt-get") is None or sudo is None:
        raise ToolError(by_hand)
    if not _apt(sudo, ["install", *names], log):
        # Most often apt's lists are old, or were never fetched.
        _apt(sudo, ["update"], log)
        if not _apt(sudo, ["install", *names], log):
            raise ToolError(by_hand)
    if NGINX in absent:
        _stop_service(sudo, "nginx", log)
    if still := missing(absent):
        raise ToolError(
            f"apt-get succeeded, but {', '.join(package.title for package in still)} is not found"
        )


def _privilege() -> list[str] | None:
    """What stands before a command that needs root; None when this user can run none."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    # sudo can ask for a password only at a terminal.
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
    """Stop the server that the package has started on port 80: the stack needs only its program."""
    if Path("/run/systemd/system").exists():
        commands = [["systemctl", "disable", "--now", name]]
    else:
        commands = [["invoke-rc.d", name, "stop"], ["update-rc.d", name, "disable"]]
    for command in commands:
        if find(command[0]):
            subprocess.run(
                [*sudo, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False
            )
