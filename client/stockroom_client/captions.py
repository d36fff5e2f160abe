"""Metadata of single files, from a JSON list or a CSV table that the user has written."""

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from stockroom_client.contract import UNREADABLE
from stockroom_client.failures import Failure
from stockroom_client.metadata import MetadataFields

TAG_COLUMNS = {"tags", "add_tags", "remove_tags"}
"""Columns of a table whose cells are lists."""

T = TypeVar("T")


class Caption(MetadataFields, kw_only=True, forbid_unknown_fields=True):
    """What is said about one file; `file` is a path relative to the captions file, or a bare file name.

    `file_name` is what the file was once called, where it has another name now.
    """

    file: str
    file_name: str | UnsetType = UNSET


class Captions:
    """Captions by file, and which of them have been used. `folder` is the one that paths are relative to."""

    def __init__(self, captions: list[Caption], folder: Path) -> None:
        self._by_file = {caption.file: caption for caption in captions}
        self._folder = folder
        self._used: set[str] = set()

    def find(self, path: Path) -> dict[str, Any]:
        """The caption of a file: first by its path, then by its name; empty when there is none."""
        resolved = path.resolve()
        keys = [path.name]
        if resolved.is_relative_to(self._folder):
            keys.insert(0, resolved.relative_to(self._folder).as_posix())
        for key in keys:
            if key in self._by_file:
                self._used.add(key)
                fields = msgspec.to_builtins(self._by_file[key])
                return {name: value for name, value in fields.items() if name != "file"}
        return {}

    def unused(self) -> list[str]:
        """The files of captions that `find` never returned: they are probably misspelt."""
        return [file for file in self._by_file if file not in self._used]


def read_captions(path: Path) -> Captions:
    """The captions in a CSV file (by its suffix) or a JSON file; a Failure says where the file is wrong."""
    try:
        captions = read_list(path, Caption)
    except (OSError, csv.Error, *UNREADABLE) as error:
        raise Failure("captions", f"{path}: {getattr(error, 'strerror', error)}") from error
    for file, count in Counter(caption.file for caption in captions).items():
        if count > 1:
            raise Failure("captions", f"{path}: {file} has more than one caption")
    return Captions(captions, path.resolve().parent)


def read_list(path: Path, kind: type[T]) -> list[T]:
    """The rows of a CSV file (by its suffix), or the entries of a JSON file.

    OSError, csv.Error or one of UNREADABLE says what is wrong.
    """
    text = path.read_text(encoding="utf-8-sig")
    content = _rows(text) if path.suffix.lower() == ".csv" else msgspec.json.decode(text)
    return msgspec.convert(content, list[kind])  # type: ignore[valid-type]


def _rows(text: str) -> list[dict[str, Any]]:
    """The rows of a table whose first line names the columns. Empty cells are left out."""
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    lines = text.splitlines(keepends=True)
    rows: list[dict[str, Any]] = []
    for row in csv.DictReader(lines, delimiter=delimiter, restkey="more cells than columns", strict=True):
        rows.append({column: cell for column, cell in row.items() if cell})
        for column in TAG_COLUMNS & rows[-1].keys():
            tags = re.split(r"\s*[,;]\s*", rows[-1][column].strip())
            rows[-1][column] = [tag.removeprefix("#") for tag in tags if tag]
    return rows
