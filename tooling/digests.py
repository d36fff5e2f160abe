"""Content hashes: whether something that was made earlier is still what its sources ask for."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from tooling import ROOT


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(files: Iterable[Path], *values: str, root: Path = ROOT) -> str:
    """The SHA-256 of files (their paths below `root` and their contents) and of text, in hexadecimal.

    The order counts. Every part is hashed with its length before it, so that no two lists of parts have the
    same digest because their concatenations are equal.
    """
    whole = hashlib.sha256()
    for path in files:
        for part in (str(path.relative_to(root)).encode(), path.read_bytes()):
            whole.update(len(part).to_bytes(8, "big") + part)
    for value in values:
        part = value.encode()
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()
