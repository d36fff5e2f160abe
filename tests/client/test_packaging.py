"""The package can be installed by itself: it declares what it imports, and where its program begins."""

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from stockroom_client.cli import main

CLIENT = Path(__file__).parents[2] / "client"
PROJECT = tomllib.loads((CLIENT / "pyproject.toml").read_text())
REQUIREMENTS = [
    line
    for name in PROJECT["tool"]["setuptools"]["dynamic"]["dependencies"]["file"]
    for line in (CLIENT / name).read_text().splitlines()
    if line and not line.startswith("#")
]


def imported_packages() -> set[str]:
    """The top-level packages that the client imports, without Python's own."""
    found: set[str] = set()
    for path in (CLIENT / "stockroom_client").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {"stockroom_client"}


def test_imports_are_declared() -> None:
    assert imported_packages() == {re.split("[~=<>]", requirement)[0] for requirement in REQUIREMENTS}


def test_what_is_tested_is_what_is_declared() -> None:
    for requirement in REQUIREMENTS:
        name, least = requirement.split("~=")
        installed = metadata.version(name).split(".")
        assert installed[0] == least.split(".")[0]
        assert [int(part) for part in installed[:2]] >= [int(part) for part in least.split(".")]


def test_script() -> None:
    module, _, function = PROJECT["project"]["scripts"]["stockroom"].partition(":")
    assert (module, function) == (main.__module__, main.__name__)
