"""The captions file: a JSON list of {"file", "name"?, "description"?, "tags"?, "license"?, "credit"?}."""

import json
from pathlib import Path
from typing import Any

from stockroom_client.contract import Metadata

_TEXTS = ("name", "description", "license", "credit")


class CaptionsError(Exception):
    """The captions file cannot be used; the message says where it is wrong."""


class Captions:
    """Metadata by file. `file` is a path relative to the captions file, or a bare name for any folder."""

    def __init__(self, entries: dict[str, Metadata], folder: Path) -> None:
        self._entries = entries
        self._folder = folder
        self._used: set[str] = set()

    def of(self, path: Path) -> Metadata:
        """What is said about a file; empty when nothing is."""
        keys = [path.name]
        resolved = path.resolve()
        if resolved.is_relative_to(self._folder):
            keys.insert(0, resolved.relative_to(self._folder).as_posix())
        for key in keys:
            if key in self._entries:
                self._used.add(key)
                return self._entries[key]
        return {}

    def unused(self) -> list[str]:
        """Entries that no file has matched: probably misspelt."""
        return [key for key in self._entries if key not in self._used]


NO_CAPTIONS = Captions({}, Path())


def read_captions(path: Path) -> Captions:
    """Read and check a captions file; CaptionsError when it is not one."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CaptionsError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise CaptionsError(f"{path} is not JSON: {error}") from error
    if not isinstance(content, list):
        raise CaptionsError(f"{path} is not a list of captions")
    entries: dict[str, Metadata] = {}
    for number, entry in enumerate(content, 1):
        file, metadata = _entry(entry, f"{path}, entry {number}")
        if file in entries:
            raise CaptionsError(f"{path}, entry {number}: {file} is there twice")
        entries[file] = metadata
    return Captions(entries, path.resolve().parent)


def _entry(entry: Any, place: str) -> tuple[str, Metadata]:
    if not isinstance(entry, dict) or not isinstance(entry.get("file"), str):
        raise CaptionsError(f'{place}: an object with "file" is expected')
    metadata: Metadata = {}
    for key, value in entry.items():
        if key == "file":
            continue
        if key == "tags":
            if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
                raise CaptionsError(f"{place}: tags is a list of texts")
            metadata["tags"] = value
        elif key in _TEXTS:
            if not isinstance(value, str):
                raise CaptionsError(f"{place}: {key} is a text")
            metadata[key] = value  # type: ignore[literal-required]
        else:
            raise CaptionsError(
                f"{place}: {key!r} is unknown (file, name, description, tags, license, credit)"
            )
    return entry["file"], metadata
