"""Formats by the first bytes: the library and the command line come to the same result."""

import pytest

from stockroom.renditions.file_format import SIGNATURE_BYTES, find_format
from stockroom.renditions.refused_formats import REFUSED_FORMATS
from stockroom.renditions.sniffing import KNOWN_FORMATS, SNIFFED_BYTES
from stockroom.renditions.sources import SOURCE_FORMATS
from stockroom_client.media_types import sniff
from tests.client.library import FORMATS
from tests.renditions.hostile import CORPUS
from tests.renditions.hostile.builders import iso_box


def file_type(*brands: bytes) -> bytes:
    return iso_box(b"ftyp", brands[0] + b"\0\0\0\0" + b"".join(brands[1:]))


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (file_type(b"avif"), "AVIF"),
        (file_type(b"avis", b"heic"), "AVIF"),
        (file_type(b"mif1", b"avif"), "AVIF"),
        (file_type(b"heic"), "HEIC"),
        (file_type(b"hevx"), "HEIC"),
        (file_type(b"msf1", b"hevc", b"avif"), "HEIC"),
        (file_type(b"msf1"), "HEIF"),
        (file_type(b"mif1", b"miaf"), "HEIF"),
        (file_type(b"isom", b"avc1", b"mif1"), "MP4 and similar"),
        (iso_box(b"free", b"avif" * 4), None),
        (b"RIFF\0\0\0\0WEBP", "WebP"),
        (b"RIFF\0\0\0\0WAVE", None),
        (b" \xff\xd8\xff", None),
        (b"\xff\xd8", None),
        (b"", None),
    ],
)
def test_the_first_brand_of_a_format_decides_and_then_a_signature(head: bytes, title: str | None) -> None:
    found = find_format(head, KNOWN_FORMATS)
    assert (found.title if found else None) == title
    assert sniff(head, FORMATS) == (found.media_type if found else None)


def test_the_command_line_comes_to_the_same_result_about_every_hostile_file() -> None:
    for name, hostile in CORPUS.items():
        head = hostile.make()[:SNIFFED_BYTES]
        found = find_format(head, KNOWN_FORMATS)
        assert sniff(head, FORMATS) == (found.media_type if found else None), name


def test_no_two_formats_claim_the_same_files() -> None:
    """A format that becomes an accepted one leaves the refused ones."""
    claims = [claim for each in KNOWN_FORMATS for claim in (*each.signatures, *each.brands)]
    assert len(set(claims)) == len(claims)
    # Page and command line compare media types, too.
    accepted = {each.media_type for each in SOURCE_FORMATS}
    for each in REFUSED_FORMATS:
        assert each.media_type not in accepted, f"{each.title} is for check_container to refuse"
    for signature in (signature for each in KNOWN_FORMATS for signature in each.signatures):
        assert set(signature) <= set("0123456789abcdef.")
        assert len(signature) % 2 == 0
        assert len(signature) <= 2 * SIGNATURE_BYTES
