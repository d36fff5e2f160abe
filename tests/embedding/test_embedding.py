"""Files of every format, before and after, as ExifTool and the decoder see them."""

from pathlib import Path
from typing import Any

import pytest

from stockroom.embedding import EMBEDDABLE, Description, Unembeddable, embed
from stockroom.renditions import SOURCE_FORMATS
from stockroom.renditions.libvips import pyvips
from tests.embedding.files import XMP_VALUES, copy_with, read_tags, write_tags
from tests.renditions.hostile.damage import flip_bytes
from tests.renditions.images import photo_of

FORMATS = [source.name for source in SOURCE_FORMATS]
MEDIA_TYPES = {source.name: source.media_type for source in SOURCE_FORMATS}
OLD: dict[str, object] = {
    "XMP-dc:Title": "An older title",
    "XMP-dc:Description": "An older caption",
    "XMP-dc:Creator": ["Older"],
    "XMP-dc:Subject": ["older", "oldest"],
    "XMP-lr:HierarchicalSubject": ["older|oldest"],
    "XMP-tiff:Artist": "Older",
    "XMP-photoshop:City": "Paris",
    "XMP-iptcExt:LocationShownCity": "Paris",
    "IFD0:ImageDescription": "An older caption, which is long enough for any text that may come",
    "IFD0:Artist": "Old",
    "IFD0:Copyright": "An older notice",
    "IPTC:ObjectName": "An older title",
    "IPTC:Caption-Abstract": "An older caption",
    "IPTC:By-line": ["Older"],
    "IPTC:Keywords": ["older", "oldest"],
    "IPTC:City": "Paris",
    "IPTC:Country-PrimaryLocationCode": "FRA",
    "Photoshop:IPTCDigest": "new",
    "PNG:Title": "An older title",
    "PNG:Author": "Older",
}
OTHER: dict[str, object] = {
    "XMP-xmp:Rating": 4,
    "XMP-xmpMM:DocumentID": "an id",
    "XMP-photoshop:Headline": "A headline",
    "IFD0:Model": "A camera",
    "GPS:GPSLatitude": "50 deg 0' 0.00\"",
    "IPTC:Headline": "A headline",
    "Photoshop:URL": "https://example.org/photoshop",
    "PNG:Software": "A program",
}
"""Tags that the library says nothing about. Formats without such tags do not get them."""
CHANGED = {
    "IFD0:ImageDescription": XMP_VALUES["XMP-dc:Description"],
    "IFD0:Artist": "Ann Example; Ben Example",
    "IFD0:Copyright": XMP_VALUES["XMP-dc:Rights"],
    "IPTC:ObjectName": XMP_VALUES["XMP-dc:Title"],
    "IPTC:Caption-Abstract": XMP_VALUES["XMP-dc:Description"],
    "IPTC:By-line": ["Ann Example", "Ben Example"],
    "IPTC:Keywords": ["sea", "berlin wall"],
    "IPTC:Credit": "Agency",
    "IPTC:CopyrightNotice": XMP_VALUES["XMP-dc:Rights"],
    "IPTC:Sub-location": "Pier 7, Berlin",
    "PNG:Title": XMP_VALUES["XMP-dc:Title"],
    "PNG:Author": "Ann Example; Ben Example",
}
PART = Description(title="New", caption="", keywords=())
GONE = (
    "XMP-lr:HierarchicalSubject",
    "XMP-tiff:Artist",
    "XMP-photoshop:City",
    "XMP-iptcExt:LocationShown",
    "IPTC:City",
    "IPTC:Country-PrimaryLocationCode",
)


@pytest.fixture(scope="module")
def tags(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The tags of files: `<format>` without metadata, `<format>-old` with older ones, and of their copies."""
    folder: Path = tmp_path_factory.mktemp("files")
    plain = [folder / f"{name}.{name}" for name in FORMATS]
    old = [folder / f"{name}-old.{name}" for name in FORMATS]
    for name, *paths in zip(FORMATS, plain, old, strict=True):
        for path in paths:
            path.write_bytes(photo_of(name))
    write_tags(old, OLD | OTHER)
    copies = []
    for path in (*plain, *old):
        copies.append(path.with_stem(f"{path.stem}-new"))
        copies[-1].write_bytes(copy_with(path.read_bytes(), MEDIA_TYPES[path.suffix[1:]]))
    for path in old:
        copies.append(path.with_stem(f"{path.stem}-part"))
        copies[-1].write_bytes(copy_with(path.read_bytes(), MEDIA_TYPES[path.suffix[1:]], PART))
    files = [*plain, *old, *copies]
    return {path.stem: read | {"path": path} for path, read in zip(files, read_tags(files), strict=True)}


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_without_metadata_says_what_the_library_says(
    name: str, tags: dict[str, dict[str, Any]]
) -> None:
    assert tags[f"{name}-new"].items() >= XMP_VALUES.items()


@pytest.mark.parametrize("name", FORMATS)
def test_older_values_are_replaced_wherever_they_stand(name: str, tags: dict[str, dict[str, Any]]) -> None:
    before, after = tags[f"{name}-old"], tags[f"{name}-old-new"]
    assert before["XMP-dc:Title"] == "An older title"
    assert after.items() >= XMP_VALUES.items()
    for tag, value in CHANGED.items():
        # IIM is completed where there is some; of Exif and PNG, only what is there is replaced.
        is_there = tag in before or (tag.startswith("IPTC:") and "IPTC:City" in before)
        assert after.get(tag) == (value if is_there else None), tag
    assert not after.keys() & set(GONE)


@pytest.mark.parametrize("name", FORMATS)
def test_all_other_tags_stay(name: str, tags: dict[str, dict[str, Any]]) -> None:
    before, after = tags[f"{name}-old"], tags[f"{name}-old-new"]
    ours = {*XMP_VALUES, *CHANGED, *GONE, *OLD, "SourceFile", "path", "Photoshop:IPTCDigest"}
    # Of the file as a whole: its size, the order of its parts, and what WebP says of its metadata.
    assert {tag: value for tag, value in before.items() if tag not in ours and not _is_of_file(tag)} == {
        tag: value for tag, value in after.items() if tag not in ours and not _is_of_file(tag)
    }
    assert before["XMP-xmp:Rating"] == 4


def _is_of_file(tag: str) -> bool:
    return tag.startswith(("File:", "QuickTime:MediaData", "RIFF:WebP_Flags"))


def test_the_iptc_digest_is_that_of_the_new_values(tags: dict[str, dict[str, Any]]) -> None:
    after = tags["jpeg-old-new"]
    assert after["File:CurrentIPTCDigest"] == after["Photoshop:IPTCDigest"]
    assert after["Photoshop:IPTCDigest"] != tags["jpeg-old"]["Photoshop:IPTCDigest"]


@pytest.mark.parametrize("name", FORMATS)
def test_the_pixels_stay(name: str, tags: dict[str, dict[str, Any]]) -> None:
    for before, after in ((name, f"{name}-new"), (f"{name}-old", f"{name}-old-new")):
        assert _decode(tags[before]["path"].read_bytes()) == _decode(tags[after]["path"].read_bytes())


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_not_known_stays_and_what_is_empty_goes(name: str, tags: dict[str, dict[str, Any]]) -> None:
    before, after = tags[f"{name}-old"], tags[f"{name}-old-part"]
    assert (after["XMP-dc:Title"], after["XMP-dc:Creator"]) == ("New", before["XMP-dc:Creator"])
    gone = {"XMP-dc:Description", "XMP-dc:Subject", "IPTC:Caption-Abstract", "IPTC:Keywords"}
    assert not after.keys() & gone
    assert not after.get("IFD0:ImageDescription")
    for tag in ("IFD0:Artist", "IPTC:City", "XMP-photoshop:City", "XMP-iptcExt:LocationShown"):
        assert after.get(tag) == before.get(tag)


@pytest.mark.parametrize("name", FORMATS)
def test_equal_descriptions_make_equal_copies(name: str) -> None:
    assert copy_with(photo_of(name), MEDIA_TYPES[name]) == copy_with(photo_of(name), MEDIA_TYPES[name])


@pytest.mark.parametrize("name", FORMATS)
def test_a_damaged_file_has_the_same_pixels_in_its_copy_or_there_is_no_copy(name: str) -> None:
    copies = 0
    for seed in range(16):
        data = flip_bytes(name, seed)
        try:
            copy = copy_with(data, MEDIA_TYPES[name])
        except Unembeddable:
            continue
        copies += 1
        assert _decode(copy) == _decode(data), seed
    assert copies


@pytest.mark.parametrize("name", FORMATS)
def test_no_cut_makes_another_error(name: str) -> None:
    data = photo_of(name, 96, 64)
    for end in (*range(64), *range(64, len(data), 499)):
        try:
            embed(data[:end], MEDIA_TYPES[name], Description(title="New"))
        except Unembeddable:
            continue


@pytest.mark.parametrize("name", FORMATS)
def test_what_follows_the_picture_stays_behind_it(name: str) -> None:
    if name == "avif":
        with pytest.raises(Unembeddable):
            copy_with(photo_of(name) + b"trailing", MEDIA_TYPES[name])
        return
    copy = copy_with(photo_of(name) + b"trailing", MEDIA_TYPES[name])
    assert copy.endswith(b"trailing")
    assert _decode(copy) == _decode(photo_of(name))


def test_every_accepted_format_can_be_embedded_into() -> None:
    assert set(MEDIA_TYPES.values()) == EMBEDDABLE
    with pytest.raises(Unembeddable):
        embed(b"BM", "image/bmp", Description())


def _decode(data: bytes) -> bytes | None:
    """The pixels; None of a file that does not open."""
    try:
        return bytes(pyvips.Image.new_from_buffer(data, "").write_to_memory())
    except pyvips.Error:
        return None
