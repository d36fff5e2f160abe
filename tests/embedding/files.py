"""Copies of files with metadata, and what ExifTool reads in files."""

import io
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stockroom.embedding import Description, count_bytes, embed, write_pieces
from tooling.programs import require

DESCRIPTION = Description(
    title="Tür & <Wand>",
    caption="Eine Zeile, und noch eine: ü€ 東京 #sea",
    creators=("Ann Example", "Ben Example"),
    credit="Agency",
    copyright="© 2026 Ann Example",
    usage_terms="Ask first.",
    license_url="https://example.org/rights",
    license_address="https://creativecommons.org/licenses/by/4.0/",
    is_protected=True,
    keywords=("sea", "berlin wall"),
    place="Pier 7, Berlin",
)
XMP_VALUES = {
    "XMP-dc:Title": "Tür & <Wand>",
    "XMP-dc:Description": "Eine Zeile, und noch eine: ü€ 東京 #sea",
    "XMP-dc:Creator": ["Ann Example", "Ben Example"],
    "XMP-dc:Rights": "© 2026 Ann Example",
    "XMP-dc:Subject": ["sea", "berlin wall"],
    "XMP-photoshop:Credit": "Agency",
    "XMP-xmpRights:UsageTerms": "Ask first.",
    "XMP-xmpRights:WebStatement": "https://example.org/rights",
    "XMP-xmpRights:Marked": True,
    "XMP-cc:License": "https://creativecommons.org/licenses/by/4.0/",
    "XMP-iptcCore:Location": "Pier 7, Berlin",
}
"""How ExifTool reads DESCRIPTION in XMP."""


def copy_with(data: bytes, media_type: str, description: Description = DESCRIPTION) -> bytes:
    """The copy of a file that says what `description` says."""
    pieces = embed(data, media_type, description)
    target = io.BytesIO()
    write_pieces(data, pieces, target)
    assert count_bytes(pieces) == target.tell()
    return target.getvalue()


def write_tags(files: Sequence[Path], tags: Mapping[str, object]) -> None:
    """Have ExifTool write tags into files, as far as each format has such tags."""
    arguments = [
        f"-{tag}={value}"
        for tag, values in tags.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    command = [require("exiftool"), "-q", "-m", "-overwrite_original", "-codedcharacterset=utf8", *arguments]
    subprocess.run([*command, *map(str, files)], check=True, capture_output=True)


def read_tags(files: Sequence[Path]) -> list[dict[str, Any]]:
    """All tags that ExifTool reads in each file, by their groups and names."""
    command = [require("exiftool"), "-json", "-struct", "-G1", "-x", "System:all", "-x", "Composite:all"]
    result = subprocess.run([*command, *map(str, files)], check=True, capture_output=True)
    read: list[dict[str, Any]] = json.loads(result.stdout)
    return read
