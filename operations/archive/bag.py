"""The packaging of an export: BagIt (RFC 8493), so that any archive's tools can check it.

The files are few and written here, because the package `bagit` reads everything anew to hash it. An export
knows each hash when the file arrives, and goes on where it was.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tooling.errors import ToolError

DECLARATION, INFORMATION = "bagit.txt", "bag-info.txt"
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
PAYLOAD = "data"
AGENT = "Stockroom export"


def hash_file(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def replace_text(path: Path, text: str) -> None:
    """Write a file as a whole: an interruption leaves the old one or the new one."""
    draft = path.with_name(f"{path.name}.part")
    draft.write_bytes(text.encode())
    draft.replace(path)


def claim(folder: Path) -> None:
    """Have `folder` marked as a bag of an export. Raises ToolError for one that holds something else."""
    information = folder / INFORMATION
    if information.exists() and f"Bag-Software-Agent: {AGENT}\n" in information.read_text():
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
    """A file that is not what was written: its path in the bag, and what is wrong with it."""

    name: str
    what: str


def check(folder: Path, on_file: Callable[[int], None]) -> Iterator[Problem]:
    """Compares every file with the manifests. A manifest that is damaged itself says nothing about others.

    `on_file` gets the bytes of each file that has been read. Raises ToolError for what is no complete bag.
    """
    for name in (DECLARATION, TAG_MANIFEST, MANIFEST):
        if not (folder / name).is_file():
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
        name = str(path.relative_to(folder))
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
    with (folder / name).open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            digest, _, path = line.rstrip("\n").partition(" ")
            yield digest.lower(), resolve(folder, path.strip().removeprefix("*"))


def resolve(folder: Path, name: str) -> Path:
    """A file of the bag by its path. Raises ToolError for a path that leads out of the bag."""
    path = folder / name
    if not name or "\0" in name or not path.resolve().is_relative_to(folder.resolve()):
        raise ToolError(f"{name!r} is no file of {folder}")
    return path


def count_payload(folder: Path) -> int:
    """The bytes of the payload, as the bag itself says; 0 where it does not."""
    information = folder / INFORMATION
    text = information.read_text(errors="replace") if information.exists() else ""
    size = re.search(r"^Payload-Oxum: ([0-9]{1,18})\.", text, re.MULTILINE)
    return int(size[1]) if size else 0
