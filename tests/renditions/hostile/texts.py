"""Metadata that ask for much, or lie; the pictures beside them are sound."""

from tests.renditions.embedded.blocks import (
    BILLION_LAUGHS,
    caption,
    dataset,
    exif,
    photoshop,
    rationals,
    text,
    xmp,
)
from tests.renditions.hostile.builders import jpeg_segment, jpeg_with, png_chunk, png_with
from tests.renditions.hostile.registry import PICTURE, hostile

_XMP = b"http://ns.adobe.com/xap/1.0/\0"


def png_with_xmp(packet: bytes) -> bytes:
    """A small PNG with this packet, not compressed."""
    return png_with(png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet))


@hostile("too-much-metadata", bomb=True)
def png_with_ten_megabytes_of_xmp() -> bytes:
    return png_with_xmp(xmp(caption("x" * 10_000_000)))


@hostile(PICTURE)
def png_with_xmp_of_a_million_elements() -> bytes:
    return png_with_xmp(xmp("<dc:x/>" * 1_000_000))


@hostile(PICTURE)
def png_with_xmp_of_a_million_nested_elements() -> bytes:
    return png_with_xmp(xmp("<a>" * 1_000_000))


@hostile(PICTURE)
def png_with_xmp_of_a_million_attributes() -> bytes:
    return png_with_xmp(xmp("", " ".join(f'a{number}="x"' for number in range(600_000))))


@hostile(PICTURE)
def jpeg_with_xmp_of_a_billion_laughs() -> bytes:
    return jpeg_with(jpeg_segment(0xE1, _XMP + xmp(caption("&c;"), before=BILLION_LAUGHS)))


@hostile(PICTURE)
def jpeg_with_a_caption_that_is_a_script() -> bytes:
    script = "&lt;script&gt;alert(1)&lt;/script&gt;"
    return jpeg_with(jpeg_segment(0xE1, _XMP + xmp(caption(script))))


@hostile(PICTURE)
def jpeg_with_iim_of_controls_and_directions() -> bytes:
    values = (b"\x1b[2J\x07", "gpj.\u202eexe".encode(), b"\xff\xfe", b"a\0b", b"")
    iim = b"".join(dataset(number, value) for value in values for number in (5, 25, 80, 90, 110, 116, 120))
    return jpeg_with(jpeg_segment(0xED, photoshop(iim)))


@hostile(PICTURE)
def jpeg_with_iim_of_ten_thousand_keywords() -> bytes:
    return jpeg_with(jpeg_segment(0xED, photoshop(dataset(25, b"k") * 10_000)))


@hostile(PICTURE)
def jpeg_with_a_position_of_no_denominator() -> bytes:
    gps = [text(1, b"N\0"), rationals(2, (51, 0), (0, 0), (0, 0)), text(3, b"W\0"), rationals(4, (0, 0))]
    return jpeg_with(jpeg_segment(0xE1, b"Exif\0\0" + exif([], gps=gps)))
