"""docs/metadata.md names what is read, and the limits of it."""

import re
from pathlib import Path

from stockroom.renditions.embedded import exif, iim, xmp
from stockroom.renditions.embedded.embedded import (
    MAX_CHARACTERS,
    MAX_KEYWORD_CHARACTERS,
    MAX_KEYWORDS,
    Embedded,
)
from stockroom.renditions.exif import MAX_ENTRIES

PAGE = (Path(__file__).parents[3] / "docs" / "metadata.md").read_text()
READ = PAGE.partition("## What is read")[2].partition("| Format |")[0]
ROWS = {
    name: (datasets, set(re.findall(r"`([^`]+)`", properties)), limit.strip())
    for name, datasets, properties, limit in re.findall(
        r"^\| `(\w+)` \|[^|]*\|([^|]*)\|([^|]*)\|([^|]*)\|$", READ, re.MULTILINE
    )
}


def test_every_field_has_its_row_with_its_limit() -> None:
    assert set(ROWS) == {*Embedded.__struct_fields__, "taken"}
    keywords = f"{MAX_KEYWORD_CHARACTERS} each, {MAX_KEYWORDS} of them"
    expected = {name: str(limit) for name, limit in MAX_CHARACTERS.items()} | {"keywords": keywords}
    assert {name: limit for name, (*_, limit) in ROWS.items() if limit} == expected


def test_every_property_and_every_dataset_is_named() -> None:
    named = set().union(*(properties for _, properties, _ in ROWS.values()))
    assert named == set(xmp.PROPERTIES)
    numbers = {int(number) for datasets, *_ in ROWS.values() for number in re.findall(r"2:(\d+)", datasets)}
    assert numbers == set(iim.FIELDS)
    for name, (datasets, *_) in ROWS.items():
        for number in re.findall(r"2:(\d+)", datasets):
            assert iim.FIELDS[int(number)] == name or name == "taken"


def test_every_limit_has_its_row() -> None:
    section = PAGE.partition("## Limits")[2]
    rows = re.findall(r"^\| (\w+) \| ([^|]+) \| ([\d,]+) \|$", section, re.MULTILINE)
    assert {(block, what): int(limit.replace(",", "")) for block, what, limit in rows} == {
        ("IIM", "bytes"): iim.MAX_BYTES,
        ("IIM", "image resources of Photoshop"): iim.MAX_RESOURCES,
        ("IIM", "datasets"): iim.MAX_DATASETS,
        ("XMP", "bytes"): xmp.MAX_BYTES,
        ("XMP", "elements"): xmp.MAX_ELEMENTS,
        ("XMP", "nested elements"): xmp.MAX_DEPTH,
        ("XMP", "values of a property"): xmp.MAX_VALUES,
        ("XMP", "characters of a value"): xmp.MAX_TEXT,
        ("EXIF", "entries of all directories"): MAX_ENTRIES,
        ("EXIF", "bytes of a text"): exif.MAX_TEXT,
    }
