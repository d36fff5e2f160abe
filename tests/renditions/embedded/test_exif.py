"""The tags of EXIF that are read, from structures that cameras write, and that they do not."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockroom.renditions.embedded.embedded import Position
from stockroom.renditions.embedded.exif import read_exif
from stockroom.renditions.exif import MAX_ENTRIES
from tests.renditions.embedded.blocks import Entry, exif, rationals, text

CAPTION, MAKE, ARTIST, DATE, LENS = 0x010E, 0x010F, 0x013B, 0x9003, 0xA434


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"a boat\0", "a boat"),
        (b"boat", "boat"),
        (b"abc\0", "abc"),
        ("café\0".encode(), "café"),
        (b"caf\xe9\0", "café"),
        # Cameras fill texts up; a text ends at its first zero.
        (b"a boat      \0", "a boat"),
        (b"Ann\0Ben\0", "Ann"),
    ],
)
def test_texts(value: bytes, expected: str) -> None:
    assert read_exif(exif([text(CAPTION, value)])).properties == {"caption": [expected]}


@pytest.mark.parametrize(
    "value",
    [
        b"\0\0\0\0\0",
        b"     \0",
        b"OLYMPUS DIGITAL CAMERA         \0",
        b"SONY DSC\0",
        b"DCIM\\100MEDIA\\DJI_0001.JPG\0",
    ],
)
def test_what_a_camera_writes_into_every_picture_is_no_caption(value: bytes) -> None:
    assert read_exif(exif([text(CAPTION, value)])).properties == {}


def test_directories() -> None:
    block = exif(
        [text(MAKE, b"Canon\0")],
        own=[text(DATE, b"2024:05:01 10:00:00\0"), text(LENS, b"RF24-70mm\0")],
        gps=[
            text(1, b"N\0"),
            rationals(2, (51, 1), (30, 1), (0, 1)),
            text(3, b"W\0"),
            rationals(4, (15, 10)),
        ],
    )
    expected = {"make": ["Canon"], "date": ["2024:05:01 10:00:00"], "lens": ["RF24-70mm"]}
    for data in (block, b"Exif\0\0" + block):
        assert read_exif(data).properties == expected
        assert read_exif(data).gps == Position(51.5, -1.5)


def place(
    latitude: Entry, longitude: Entry, references: tuple[bytes, bytes] = (b"N\0", b"E\0"), *more: Entry
) -> bytes:
    return exif([], gps=[text(1, references[0]), latitude, text(3, references[1]), longitude, *more])


NORTH, EAST = rationals(2, (51, 1), (30, 1), (18, 1)), rationals(4, (151, 1), (12, 1), (55, 1))


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (place(NORTH, EAST), Position(51.505, 151.215278)),
        (place(NORTH, EAST, (b"S\0", b"W\0")), Position(-51.505, -151.215278)),
        (place(NORTH, EAST, (b"N\0", b"E\0"), text(9, b"A\0")), Position(51.505, 151.215278)),
        (place(NORTH, EAST, (b"N\0", b"E\0"), text(9, b"V\0")), None),
        (place(NORTH, EAST, (b"\0\0", b"E\0")), None),
        (place(NORTH, EAST, (b"NS", b"E\0")), None),
        (place(NORTH, EAST, (b"E\0", b"N\0")), None),
        (place(rationals(2, (51, 1), (30, 0), (0, 1)), EAST), None),
        (place(rationals(2, (0, 0), (0, 0), (0, 0)), EAST), None),
        (place(rationals(2, (91, 1)), EAST), None),
        (place(NORTH, rationals(4, (4_294_967_295, 1))), None),
        (place(rationals(2, (1, 1), (1, 1), (1, 1), (1, 1)), EAST), None),
        (place((2, 5, 0, b""), EAST), None),
        (place((2, 4, 3, bytes(12)), EAST), None),
        (place(rationals(2, (0, 1)), rationals(4, (0, 1))), None),
        (exif([], gps=[text(1, b"N\0"), NORTH]), None),
    ],
)
def test_positions(block: bytes, expected: Position | None) -> None:
    assert read_exif(block).gps == expected


def test_what_does_not_fit_is_absent() -> None:
    whole = exif([text(MAKE, b"Canon Inc.\0"), (ARTIST, 2, 0xFFFFFFFF, b"12345"), (CAPTION, 77, 1, b"x")])
    assert read_exif(whole).properties == {"make": ["Canon Inc."]}
    for size in range(len(whole)):
        assert read_exif(whole[:size]).properties in ({}, {"make": ["Canon Inc."]})
    # A directory that points at itself.
    itself = b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 0x8769, 4, 1, 8) + bytes(4)
    assert read_exif(itself).properties == {}
    # As many entries as a number can hold, in a block that has them.
    entry = struct.pack("<HHII", ARTIST, 77, 1, 0)
    many = b"II*\0" + struct.pack("<IH", 8, 65_535) + entry * MAX_ENTRIES + struct.pack("<HHI", MAKE, 2, 4)
    assert read_exif(many + b"abc\0").properties == {}
    assert read_exif(many.replace(entry, b"", 1) + b"abc\0").properties == {"make": ["abc"]}


def test_both_byte_orders() -> None:
    big = b"MM\0*" + struct.pack(">IH", 8, 1) + struct.pack(">HHI", MAKE, 2, 4) + b"abc\0" + bytes(4)
    assert read_exif(big).properties == {"make": ["abc"]}


@given(st.binary(max_size=300), st.sampled_from([b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"Exif\0\0"]))
def test_no_bytes_are_an_error(data: bytes, beginning: bytes) -> None:
    read_exif(beginning + data)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([1, 2, 3, 4, 9, CAPTION, MAKE, DATE, 0x8769, 0x8825]),
            st.sampled_from([1, 2, 4, 5, 10, 129]),
            st.integers(0, 20),
            st.binary(max_size=24),
        ),
        max_size=8,
    )
)
def test_no_entries_are_an_error(entries: list[Entry]) -> None:
    read_exif(exif(entries, own=entries, gps=entries))
