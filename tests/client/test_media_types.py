"""What kind of picture a file is."""

import pytest

from stockroom_client.media_types import guess, sniff
from tests.client.library import FORMATS


def ftyp(*brands: bytes) -> bytes:
    """The first box of an ISOBMFF file, with brands behind its end that do not count."""
    body = b"ftyp" + brands[0] + b"\0\0\0\0" + b"".join(brands[1:])
    return (len(body) + 4).to_bytes(4, "big") + body + b"mif1heic"


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\xff\xd8\xff\xe1", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (ftyp(b"heic"), "image/heic"),
        (ftyp(b"mif1", b"mif1", b"heic"), "image/heic"),
        (ftyp(b"mif1", b"mif1", b"avif"), "image/avif"),
        (ftyp(b"avif"), "image/avif"),
        (ftyp(b"mif1"), "image/heif"),
        (ftyp(b"msf1"), "image/heif"),
        (ftyp(b"hevx"), "image/heic"),
        (ftyp(b"isom"), "video/mp4"),
        (b"", None),
        (b"<svg", None),
    ],
)
def test_sniff(head: bytes, media_type: str | None) -> None:
    assert sniff(head, FORMATS) == media_type


def test_a_name_counts_only_where_content_says_nothing() -> None:
    assert guess("a.png", b"\xff\xd8\xff", FORMATS) == ("image/jpeg", True)
    assert guess("a.jpg", b"hello", FORMATS) == ("image/jpeg", False)
    assert guess("a.webp", b"hello", FORMATS) == ("image/webp", False)
    assert guess("a.ppm", b"P6 1", FORMATS) == ("image/x-portable-pixmap", True)
    assert guess("a", b"hello", FORMATS) == (None, True)
