"""Finding the programs that the project starts: servers, browsers, system tools."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tooling.errors import ToolError

SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin", "/sbin"])
"""PATH and the folders where Debian installs servers, which a user's PATH does not name."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FIREFOXES = ("firefox-esr", "firefox")
JAVA_FOLDERS = ("/usr/lib/jvm/*", "/opt/homebrew/opt/openjdk*", "/usr/local/opt/openjdk*")
"""Where Debian and Homebrew install Java, of which a machine may have several."""
JAVA_VERSIONS = range(17, 24)
"""The versions that Spark 4.0 runs on: a later Java lacks what its file systems call."""


def find(*names: str) -> str | None:
    """The path of the first of these programs that is installed, or None."""
    return next((path for name in names if (path := shutil.which(name, path=SEARCH_PATH))), None)


def require(*names: str) -> str:
    """The path of the first of these programs that is installed. Raises ToolError when none is."""
    path = find(*names)
    if path is None:
        raise ToolError(f"{names[0]} is not installed: run `make setup`")
    return path


def find_browser() -> str | None:
    """The path of a browser that tests can drive, or None."""
    return find(*BROWSERS)


def find_java() -> Path | None:
    """The folder of a Java that Spark runs on (its JAVA_HOME), or None."""
    return next((home for home in _java_homes() if _java_version(home) in JAVA_VERSIONS), None)


def _java_homes() -> Iterator[Path]:
    if chosen := os.environ.get("JAVA_HOME"):
        yield Path(chosen)
    if program := find("java"):
        yield Path(program).resolve().parent.parent
    for pattern in JAVA_FOLDERS:
        yield from sorted(Path("/").glob(pattern.lstrip("/")))


def _java_version(home: Path) -> int:
    """The first number of a Java's version; 0 where none runs."""
    try:
        shown = subprocess.run(
            [home / "bin" / "java", "-version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return 0
    found = re.search(r'version "(\d+)', shown.stderr)
    return int(found[1]) if found else 0
