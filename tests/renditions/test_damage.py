"""Told apart: a file whose end is missing, and one that is damaged inside."""

import pytest

from stockroom.renditions.damage import is_cut_off
from tests.renditions.images import encode, photo


def box(kind: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4) + kind + body


@pytest.mark.parametrize("format_", ["jpeg", "png", "webp", "gif", "avif"])
def test_a_whole_file_has_its_end(format_: str) -> None:
    data = encode(photo(), format_)
    assert not is_cut_off(data, format_)
    assert is_cut_off(data[:-20], format_)


@pytest.mark.parametrize(
    ("data", "cut"),
    [
        (box(b"ftyp", b"avif") + box(b"mdat", bytes(50)), False),
        (box(b"ftyp", b"avif") + box(b"mdat", bytes(50))[:-1], True),
        (box(b"ftyp", b"avif") + b"\0\0\0", True),
        # Size 0: up to the end of the file. Size 1: 64 bits follow.
        (box(b"ftyp", b"avif") + b"\0\0\0\0mdat" + bytes(50), False),
        (b"\0\0\0\1mdat" + (50).to_bytes(8) + bytes(34), False),
        (b"\0\0\0\1mdat" + (51).to_bytes(8) + bytes(34), True),
        # No box is this small: damage, not a missing end.
        (box(b"ftyp", b"avif") + b"\0\0\0\5mdat" + bytes(50), False),
    ],
)
def test_boxes_of_iso_media(data: bytes, cut: bool) -> None:
    assert is_cut_off(data, "avif") is cut
