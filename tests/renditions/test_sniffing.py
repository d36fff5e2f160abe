"""Files are told by their first bytes; those that are not accepted are named."""

import pytest

from stockroom.renditions import SOURCE_FORMATS
from stockroom.renditions.sniffing import ACCEPTED_TITLES, SNIFFED_BYTES, sniff
from tests.renditions.images import DATA, photo, photo_of
from tests.renditions.rejecting import reject

ACCEPTED_EXTENSIONS = {extension for format_ in SOURCE_FORMATS for extension in format_.extensions}
READABLE = [
    suffix
    for suffix in (".tif", ".tif[bigtiff]", ".csv", ".mat")
    if suffix[1:].partition("[")[0] not in ACCEPTED_EXTENSIONS
]
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'


@pytest.mark.parametrize("name", [format_.name for format_ in SOURCE_FORMATS])
def test_every_accepted_format_is_recognised(name: str) -> None:
    data = photo_of(name)
    assert sniff(data[:SNIFFED_BYTES]).name == name


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("nothing", b"", "empty"),
        ("one byte", b"\xff", "not-an-image"),
        ("text", b"Dear editor, attached is the picture", "not-an-image"),
        ("all bytes", bytes(range(256)) * 40, "not-an-image"),
        ("zeros", bytes(5000), "not-an-image"),
        ("HTML", b"<html><body>Not found</body></html>", "not-an-image"),
        ("SVG", SVG, "unsupported-type"),
        ("SVG after a byte order mark", b"\xef\xbb\xbf  " + SVG, "unsupported-type"),
        ("PDF", b"%PDF-1.7\n...", "unsupported-type"),
        ("BMP", b"BM" + bytes(60), "unsupported-type"),
        ("video", b"\0\0\0\x18ftypisom\0\0\2\0isomavc1" + bytes(90), "unsupported-type"),
        ("JPEG XL", b"\xff\x0a" + bytes(60), "unsupported-type"),
        ("camera raw", b"MM\0+" + bytes(60), "unsupported-type"),
        ("icon", b"\0\0\1\0" + bytes(60), "unsupported-type"),
        ("ZIP", b"PK\3\4" + bytes(60), "unsupported-type"),
    ],
)
def test_files_that_are_no_pictures(name: str, data: bytes, code: str) -> None:
    assert reject(data).code == code, name


def test_a_rejection_lists_the_accepted_formats() -> None:
    assert ACCEPTED_TITLES in reject(b"%PDF-1.7").sentence
    assert ACCEPTED_TITLES in reject(b"no picture").sentence
    for format_ in SOURCE_FORMATS:
        assert format_.title in ACCEPTED_TITLES


@pytest.mark.parametrize("suffix", READABLE)
def test_what_is_not_accepted_is_rejected_though_libvips_could_read_it(suffix: str) -> None:
    assert reject(photo().write_to_buffer(suffix)).code in {"unsupported-type", "not-an-image"}


def test_heic_is_rejected_with_a_way_out() -> None:
    rejected = reject((DATA / "hevc.heic").read_bytes())
    assert rejected.code == "unsupported-type"
    assert "JPEG" in rejected.sentence
    assert "Most Compatible" in rejected.sentence


def test_hevc_behind_another_brand() -> None:
    data = (DATA / "hevc.heic").read_bytes()
    assert "HEIC" in reject(data.replace(b"ftypheic", b"ftypmif1", 1)).sentence
    neutral = data.replace(b"ftypheic", b"ftypmif1", 1).replace(b"mif1heic", b"mif1miaf", 1)
    assert "HEIF files are not accepted" in reject(neutral).sentence
    assert reject(data.replace(b"ftypheic", b"ftypavif", 1)).code == "corrupt"
