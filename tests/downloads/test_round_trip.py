"""From a contributor's file to the copy of whoever downloads it, with what the library does in between."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from stockroom.curation.actor import Actor
from stockroom.curation.changes import make_edit
from stockroom.curation.edit import Edited, edit_images
from stockroom.curation.requests import Changes
from stockroom.downloads.handing_out import hand_out
from stockroom.downloads.rights import Visitor
from stockroom.ingest.process import OriginalProcessor
from stockroom.renditions import SOURCE_FORMATS
from stockroom.resources import Resources
from stockroom.runtime.timestamps import now
from tests.downloads.originals import read_object
from tests.embedding.files import read_tags
from tests.factories import ALICE, owner_of, uploaded
from tests.renditions.embedded import exiftool
from tests.renditions.embedded.test_reference import EXIF, IIM, XMP
from tests.renditions.images import photo_of

FORMATS = [source.name for source in SOURCE_FORMATS]
MEDIA_TYPES = {source.name: source.media_type for source in SOURCE_FORMATS}
EDIT: dict[str, Any] = {
    "name": "A new title",
    "description": "A new caption",
    "creator": "Ann; Ben",
    "tags": ["sea", "new york"],
    "place": "",
    "license": "CC-BY-4.0",
    "usage_terms": "",
    "license_url": "",
}
ADDED = {"XMP-xmpRights:Marked"}
"""What a copy says of every picture: whether rights are reserved."""
OF_FILE = (
    "SourceFile",
    "File:",
    "QuickTime:MediaData",
    "RIFF:WebP_Flags",
    "XMP-x:XMPToolkit",
    "Photoshop:IPTCDigest",
)


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file of each format with all fields of IPTC's reference picture, as far as the format has them."""
    folder = tmp_path_factory.mktemp("originals")
    paths = {name: folder / f"{name}.{name}" for name in FORMATS}
    for name, path in paths.items():
        path.write_bytes(photo_of(name))
    with_exif = [path for name, path in paths.items() if name != "gif"]
    exiftool.write(([paths["jpeg"]], IIM), (list(paths.values()), XMP), (with_exif, EXIF))
    return paths


def publish(resources: Resources, content: bytes, media_type: str) -> int:
    """A ready picture, by all that happens to an upload; its id."""
    image_id = uploaded(resources, content, type=media_type)
    processor = OriginalProcessor(
        db=resources.db,
        storage=resources.storage,
        search_index=resources.search_index,
        decoder=resources.decoder,
        settings=resources.settings,
    )
    assert processor.process(image_id) == "ready"
    return image_id


def download(resources: Resources, image_id: int) -> bytes:
    """The copy that carries the present metadata."""
    visitor = Visitor(has_token=True, owner_id=owner_of(resources, ALICE), may_read=True)
    handout = hand_out(
        resources.db, resources.storage, resources.settings, image_id, visitor, with_metadata=True, now=now()
    )
    assert handout.has_metadata
    return read_object(resources, handout.url)[0]


def edit(resources: Resources, image_id: int, **fields: Any) -> None:
    outcome = edit_images(
        resources.db,
        resources.storage,
        resources.index_writer,
        [image_id],
        make_edit(msgspec.convert(fields, Changes)),
        actor=Actor(owner_of(resources, ALICE), is_admin=False),
    )[image_id]
    assert isinstance(outcome, Edited)


def only_metadata(tags: dict[str, Any]) -> dict[str, Any]:
    return {tag: value for tag, value in tags.items() if not tag.startswith(OF_FILE) and tag not in ADDED}


def test_what_nobody_has_edited_comes_back_as_it_was(
    resources: Resources, originals: dict[str, Path], tmp_path: Path
) -> None:
    copies = {name: tmp_path / f"copy.{name}" for name in FORMATS}
    edited = {name: tmp_path / f"edited.{name}" for name in FORMATS}
    for name in FORMATS:
        image_id = publish(resources, originals[name].read_bytes(), MEDIA_TYPES[name])
        copies[name].write_bytes(download(resources, image_id))
        edit(resources, image_id, **EDIT)
        edited[name].write_bytes(download(resources, image_id))
    # ExifTool takes long to start.
    tags = read_tags([*originals.values(), *copies.values(), *edited.values()])
    for name, *read in zip(FORMATS, tags[:5], tags[5:10], tags[10:], strict=True):
        before, after, later = read
        assert only_metadata(after) == only_metadata(before), name
        check_edited(name, before, later)


def check_edited(name: str, before: dict[str, Any], later: dict[str, Any]) -> None:
    """After the edit the file says the new values wherever it said the old ones, and all else as before."""
    # What a GIF says about itself the library does not read: it cannot know what to take away.
    is_read = name != "gif"
    changed = {
        "XMP-dc:Title": "A new title",
        "XMP-dc:Description": "A new caption",
        "XMP-dc:Creator": ["Ann", "Ben"],
        "XMP-dc:Subject": ["sea", "New York" if is_read else "new york"],
        "XMP-xmpRights:UsageTerms": "CC-BY-4.0",
        "XMP-xmpRights:WebStatement": "https://creativecommons.org/licenses/by/4.0/",
        "XMP-cc:License": "https://creativecommons.org/licenses/by/4.0/",
    }
    assert later.items() >= changed.items(), name
    if name == "jpeg":
        assert later["IPTC:Keywords"] == ["sea", "New York"]
        assert later["IPTC:By-line"] == ["Ann", "Ben"]
        assert later["IPTC:Caption-Abstract"] == later["IFD0:ImageDescription"] == "A new caption"
    places = (":City", ":State", ":Country", "Location", "Sub-location")
    assert bool([tag for tag in later if tag.endswith(places)]) != is_read
    for tag in (
        "XMP-dc:Rights",
        "XMP-photoshop:Credit",
        "XMP-exif:GPSLatitude",
        "XMP-tiff:Model",
        "IFD0:Model",
    ):
        assert later.get(tag) == before.get(tag), name


def test_a_file_that_names_nobody_names_its_contributor(resources: Resources, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jpeg"
    copy.write_bytes(download(resources, publish(resources, photo_of("jpeg"), "image/jpeg")))
    (name,) = resources.db.query("SELECT name FROM owner WHERE owner_id = %s", (owner_of(resources, ALICE),))[
        0
    ]
    (tags,) = read_tags([copy])
    assert (tags["XMP-dc:Creator"], tags["XMP-photoshop:Credit"]) == ([name], name)


def test_compressed_pixels_stay_byte_for_byte(resources: Resources, originals: dict[str, Path]) -> None:
    content = originals["jpeg"].read_bytes()
    copy = download(resources, publish(resources, content, "image/jpeg"))
    assert copy[copy.index(b"\xff\xda") :] == content[content.index(b"\xff\xda") :]
