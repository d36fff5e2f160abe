"""The packaging of an export: BagIt (RFC 8493), so that any archive's tools can check it.

The files are few and written here, because the package `bagit` reads everything anew to hash it. An export
knows each hash when the file arrives, and goes on where it was.

A bag may come from somebody else, and a folder may be others' to write in. So nothing that lies in one leads
out of it, no text of one reaches a terminal as it is, and no file of one has to fit into memory.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

from tooling.errors import ToolError
from tooling.terminal import show

DECLARATION, INFORMATION = "bagit.txt", "bag-info.txt"
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
"""The hashes of the payload's files, and those of the bag's other files, which BagIt calls tag files."""
PAYLOAD = "data"
"""The folder of the originals and of what is said about them."""
AGENT = "Stockroom export"
"""By this name in `bag-info.txt` an export knows its own folder."""
MAX_LINE = 1_000_000
"""Bytes of a line of an export. The longest that the library writes has less than a tenth of that."""


def hash_file(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def replace_text(path: Path, text: str) -> None:
    """Write a file as a whole: an interruption leaves the old one or the new one."""
    draft = path.with_name(f"{path.name}.part")
    with create(draft) as file:
        file.write(text.encode())
    draft.replace(path)


def create(path: Path) -> IO[bytes]:
    """Open a new file in the place of what is there; never what a link leads to."""
    path.unlink(missing_ok=True)
    return path.open("xb")


def read_lines(path: Path) -> Iterator[bytes]:
    """The lines of a file. Raises ToolError for one that is longer than any of an export."""
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE):
            if len(line) == MAX_LINE:
                raise ToolError(f"{path} has a line that is longer than those of an export")
            yield line


def claim(folder: Path) -> None:
    """Have `folder` marked as a bag of an export. Raises ToolError for one that holds something else."""
    information = folder / INFORMATION
    if f"Bag-Software-Agent: {AGENT}" in _read_information(folder):
        return
    if folder.exists() and any(folder.iterdir()):
        raise ToolError(f"{folder} holds something else than an export: choose another folder, or empty it")
    folder.mkdir(parents=True, exist_ok=True)
    replace_text(information, f"Bag-Software-Agent: {AGENT}\n")


def begin(folder: Path) -> None:
    """Make the bag incomplete, until `end`: nobody takes one without manifests for complete."""
    for name in (TAG_MANIFEST, MANIFEST):
        (folder / name).unlink(missing_ok=True)
    replace_text(folder / DECLARATION, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")


def end(folder: Path, manifest: Path, *, size: int, files: int, information: Mapping[str, str]) -> None:
    """Complete the bag: `manifest` is the draft of its manifest, of `files` with `size` bytes in all."""
    fields = {
        "Bag-Software-Agent": AGENT,
        "Bagging-Date": datetime.now(UTC).date().isoformat(),
        "Payload-Oxum": f"{size}.{files}",
        **information,
    }
    replace_text(folder / INFORMATION, "".join(f"{name}: {value}\n" for name, value in fields.items()))
    manifest.replace(folder / MANIFEST)
    tags = (DECLARATION, INFORMATION, MANIFEST)
    replace_text(folder / TAG_MANIFEST, "".join(f"{hash_file(folder / name)}  {name}\n" for name in tags))


class Problem(NamedTuple):
    """A file that is not what was written: its path, fit for a terminal, and what is wrong."""

    name: str
    what: str


def check(folder: Path, on_file: Callable[[int], None]) -> Iterator[Problem]:
    """Compares every file with the manifests. A manifest that is damaged itself says nothing about others.

    `on_file` gets the bytes of each file that has been read. Raises ToolError for what is no complete bag.
    """
    for name in (DECLARATION, TAG_MANIFEST, MANIFEST):
        if not resolve(folder, name).is_file():
            raise ToolError(f"{folder} is no complete export: it has no {name}. Run the export again")
    damaged = []
    for problem in _compare(folder, TAG_MANIFEST, on_file):
        damaged.append(problem)
        yield problem
    if not damaged:
        yield from _compare(folder, MANIFEST, on_file)


def _compare(folder: Path, manifest: str, on_file: Callable[[int], None]) -> Iterator[Problem]:
    """Compares the files that a manifest names."""
    for digest, path in _read_manifest(folder, manifest):
        name = show(str(path.relative_to(folder)))
        try:
            if not path.is_file():
                yield Problem(name, "is missing")
                continue
            if hash_file(path) != digest:
                yield Problem(name, "is damaged")
            on_file(path.stat().st_size)
        except OSError as error:
            yield Problem(name, f"cannot be read ({error.strerror})")


def _read_manifest(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    for line in read_lines(folder / name):
        digest, _, path = line.decode(errors="replace").rstrip("\n").partition(" ")
        yield digest.lower(), resolve(folder, path.strip().removeprefix("*"))


def resolve(folder: Path, name: str) -> Path:
    """A file of the bag by its path. Raises ToolError for a path that leads out of the bag, or nowhere."""
    path = folder / name
    try:
        with suppress(FileNotFoundError, NotADirectoryError):
            path.lstat()
        is_inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        # A name that no file can have, or a link to itself: a RuntimeError before Python 3.13.
        is_inside = False
    if not name or not is_inside:
        raise ToolError(f"{name[:200]!r} is no file of {folder}")
    return path


def count_payload(folder: Path) -> int:
    """The bytes of the payload, as the bag itself says; 0 where it does not."""
    for line in _read_information(folder):
        if found := re.fullmatch(r"Payload-Oxum: ([0-9]{1,18})\.[0-9]+", line):
            return int(found[1])
    return 0


def _read_information(folder: Path) -> list[str]:
    """The lines of `bag-info.txt`; none where there is no such file."""
    path = resolve(folder, INFORMATION)
    if not path.is_file():
        return []
    with path.open("rb") as file:
        return file.read(MAX_LINE).decode(errors="replace").splitlines()
