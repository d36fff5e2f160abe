"""The page shows before an upload what the file says: the same as the library reads afterwards."""

import json
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from stockroom.renditions import render
from stockroom.renditions.embedded.embedded import Embedded
from tests.renditions.embedded import exiftool
from tests.renditions.embedded.blocks import (
    BILLION_LAUGHS,
    caption,
    dataset,
    digest_of,
    exif,
    photoshop,
    text,
    xmp,
)
from tests.renditions.embedded.test_reference import CONFLICTS, EXIF, FORMATS, IIM, XMP
from tests.renditions.images import photo_of
from tooling import ROOT

FIELDS = {
    "title": "title",
    "caption": "caption",
    "keywords": "keywords",
    "creator": "creator",
    "credit": "credit",
    "copyright": "copyright",
    "licenseUrl": "license_url",
}
"""The fields that the page shows, and what the library calls them."""
UTF_8 = dataset(90, b"\x1b%G", record=1)
OLD = dataset(5, b"Title of IIM") + dataset(120, b"Caption of IIM") + dataset(25, b"iim")
LICENSES = (
    "<xmpRights:WebStatement>https://example.org/rights</xmpRights:WebStatement>"
    '<cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>'
)
LICENSOR = (
    '<plus:Licensor><rdf:Seq><rdf:li rdf:parseType="Resource">'
    "<plus:LicensorURL>https://example.org/licensor</plus:LicensorURL></rdf:li></rdf:Seq></plus:Licensor>"
)
ALTERNATIVES = (
    '<dc:title><rdf:Alt><rdf:li xml:lang="de">Hafen</rdf:li><rdf:li xml:lang="x-default">Harbour</rdf:li>'
    "</rdf:Alt></dc:title>"
)
MADE: Mapping[str, Mapping[str, bytes]] = {
    "nothing": {},
    "Windows": {"iim": photoshop(dataset(5, "Öl \u2013 “neu”".encode("cp1252")))},
    "UTF-8 that nobody has declared": {"iim": photoshop(dataset(5, "Öl".encode()))},
    "UTF-8 that is none": {"iim": photoshop(UTF_8 + dataset(5, b"\xd6l") + dataset(120, b"Caption"))},
    "Windows in EXIF": {"exif": exif([text(0x010E, "Grüße \u2013 bald\0".encode("cp1252"))])},
    "UTF-8 in EXIF": {"exif": exif([text(0x010E, "Grüße 東京\0".encode()), text(0x013B, b"Ann; Ben\0")])},
    "two texts in one of EXIF": {"exif": exif([text(0x8298, b"Ann\0Editor\0")])},
    "what a camera writes": {
        "exif": exif([text(0x010E, b"OLYMPUS DIGITAL CAMERA\0")]),
        "xmp": xmp(caption("A boat")),
    },
    "default language": {"xmp": xmp(ALTERNATIVES)},
    "an attribute": {"xmp": xmp("", 'photoshop:Credit="An agency"')},
    "a public licence": {"xmp": xmp(LICENSES)},
    "whoever gives licences": {"xmp": xmp(LICENSOR)},
    "no address": {"xmp": xmp("<xmpRights:WebStatement>ask me</xmpRights:WebStatement>" + LICENSOR)},
    "control characters": {"xmp": xmp(caption("a\u0085b")), "iim": photoshop(OLD)},
    "lines": {"xmp": xmp(caption("  one\r\ntwo\tthree  ") + "<dc:title>  a\n  boat </dc:title>")},
    "long texts": {"xmp": xmp(caption("ä" * 2001) + f"<dc:title>{'x' * 199} y</dc:title>")},
    "long keywords": {
        "xmp": xmp(
            "<dc:subject><rdf:Bag>"
            + "".join(f"<rdf:li>w{number}</rdf:li><rdf:li>{'x' * 65}</rdf:li>" for number in range(110))
            + "</rdf:Bag></dc:subject>"
        )
    },
    "creators": {
        "xmp": xmp(
            "<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li> </rdf:li><rdf:li>Ben</rdf:li>"
            "</rdf:Seq></dc:creator>"
        )
    },
    "IIM has changed": {"iim": photoshop(OLD, digest_of(b"another")), "xmp": xmp(caption("Caption of XMP"))},
    "written together": {"iim": photoshop(OLD, digest_of(OLD)), "xmp": xmp(caption("Caption of XMP"))},
    "IIM has changed, and is cut": {
        "iim": photoshop(dataset(80, b"c" * 32), digest_of(b"another")),
        "xmp": xmp(f"<dc:creator><rdf:Seq><rdf:li>{'c' * 50}</rdf:li></rdf:Seq></dc:creator>"),
    },
    "a document type": {"xmp": xmp(caption("&b;"), before=BILLION_LAUGHS), "iim": photoshop(OLD)},
}
"""Blocks by what is odd about them, where no program would write them."""


def jpeg_with(blocks: Mapping[str, bytes]) -> bytes:
    """A JPEG file with these blocks."""
    headers = {
        "exif": (0xE1, b"Exif\0\0"),
        "iim": (0xED, b""),
        "xmp": (0xE1, b"http://ns.adobe.com/xap/1.0/\0"),
    }
    segments = b""
    for name, block in blocks.items():
        marker, header = headers[name]
        segments += bytes([0xFF, marker]) + struct.pack(">H", 2 + len(header) + len(block)) + header + block
    photo = photo_of("jpeg")
    # libvips writes EXIF of its own, as the first segment: a second one would be another case.
    assert photo[2:4] == b"\xff\xe1"
    return photo[:2] + segments + photo[4 + int.from_bytes(photo[4:6]) :]


def ask_page(files: list[Path]) -> list[dict[str, Any]]:
    """What the page reads in these files; without those fields that are empty."""
    command = [str(ROOT / ".venv/bin/node"), "tests/upload/embedded/read-files.mjs", *map(str, files)]
    run = subprocess.run(command, cwd=ROOT / "frontend", check=True, capture_output=True, text=True)
    return [
        {field: value for field, value in (answer or {}).items() if value}
        for answer in json.loads(run.stdout)
    ]


def ask_library(file: Path) -> dict[str, Any]:
    embedded: Embedded = render(file.read_bytes()).embedded
    found = {shown: getattr(embedded, name) for shown, name in FIELDS.items()}
    return {field: list(value) if field == "keywords" else value for field, value in found.items() if value}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Files that ExifTool has written metadata into, files with blocks made by hand, and photographs."""
    folder = tmp_path_factory.mktemp("page")
    steps = []
    for block, tags in (("iim", IIM), ("xmp", XMP), ("exif", EXIF)):
        written = [folder / f"{block}.{name}" for name in (FORMATS if block != "iim" else ("jpeg",))]
        steps.append((written, tags))
    steps += [([folder / f"{name}.jpeg"], tags) for name, each in CONFLICTS.items() for tags in each]
    for written, _ in steps:
        for file in written:
            file.write_bytes(photo_of(file.suffix[1:]))
    exiftool.write(*steps)
    for name, blocks in MADE.items():
        (folder / f"made: {name}.jpeg").write_bytes(jpeg_with(blocks))
    return [*sorted(folder.iterdir()), *sorted((ROOT / "samples").glob("*.jpg"))]


def test_the_page_reads_what_the_library_reads(files: list[Path]) -> None:
    answers = dict(zip((file.name for file in files), ask_page(files), strict=True))
    assert answers == {file.name: ask_library(file) for file in files}
    # The comparison has something to compare.
    assert answers["xmp.webp"]["title"] == "The Title (réf)"
    assert answers["made: default language.jpeg"] == {"title": "Harbour"}


@pytest.mark.parametrize("size", [0, 1, 500, 3000])
def test_a_file_that_ends_early_says_less_and_is_no_error(
    tmp_path: Path, files: list[Path], size: int
) -> None:
    cut = []
    for file in files[:20]:
        cut.append(tmp_path / file.name)
        cut[-1].write_bytes(file.read_bytes()[:size])
    assert len(ask_page(cut)) == len(cut)
