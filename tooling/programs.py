"""Finding the programs that the project starts: servers, browsers, system tools."""

import os
import shutil

from tooling.errors import ToolError

SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin", "/sbin"])
"""PATH and the folders where Debian installs servers, which a user's PATH does not name."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FIREFOXES = ("firefox-esr", "firefox")


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
