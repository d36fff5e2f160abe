"""ExifTool: what the field writes metadata with, and the second opinion on what a file says."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def write(*steps: tuple[Sequence[Path], Sequence[str]]) -> None:
    """Write tags ("-XMP-dc:Title=…") into files, one step after the other, by one process."""
    # Texts are UTF-8 in all three blocks.
    options = ["-q", "-q", "-overwrite_original", "-charset", "iptc=utf8", "-charset", "exif=utf8"]
    arguments: list[str] = []
    for files, tags in steps:
        arguments += [*tags, *map(str, files), "-execute"]
    subprocess.run(["exiftool", *arguments[:-1], "-common_args", *options], check=True)


def read(files: Sequence[Path], *tags: str) -> list[dict[str, Any]]:
    """What ExifTool reads of the files: for each a value by the name of a tag."""
    arguments = ["exiftool", "-json", "-charset", "exif=utf8", *tags, *map(str, files)]
    read = subprocess.run(arguments, check=True, capture_output=True).stdout
    documents: list[dict[str, Any]] = json.loads(read)
    return documents
