"""The boxes of AVIF and HEIC files."""

import pytest

from stockroom.renditions.isobmff import (
    Box,
    Extent,
    find_announced_end,
    find_item_entries,
    has_file_type_box,
    iterate_boxes,
    iterate_item_extents,
    iterate_property_associations,
    iterate_references,
    read_brands,
    read_item_types,
)
from tests.renditions.hostile.builders import iso_box


def file_type(*brands: bytes) -> bytes:
    return iso_box(b"ftyp", brands[0] + b"\0\0\0\0" + b"".join(brands[1:]))


def whole(data: bytes) -> Box:
    """A box whose content is all of the data."""
    return Box(b"test", 0, len(data))


def test_the_brands_are_in_their_order() -> None:
    brands = [b"msf1", b"hevc", b"avif"]
    assert has_file_type_box(file_type(*brands))
    assert read_brands(file_type(*brands)) == brands
    assert not has_file_type_box(iso_box(b"free", b"avif" * 4))


def test_boxes_follow_each_other() -> None:
    data = iso_box(b"ftyp", b"abcd") + iso_box(b"free", b"")
    assert list(iterate_boxes(data, 0, len(data))) == [Box(b"ftyp", 8, 12), Box(b"free", 20, 20)]


def test_sizes_of_boxes() -> None:
    # Size 1: 64 bits follow. Size 0: up to the end.
    data = b"\0\0\0\1wide" + (20).to_bytes(8) + b"abcd" + b"\0\0\0\0rest" + b"efgh"
    assert list(iterate_boxes(data, 0, len(data))) == [Box(b"wide", 16, 20), Box(b"rest", 28, 32)]


@pytest.mark.parametrize("data", [b"\0\0\0\7tiny", b"\0\0\0\x09long", b"\0\0\0", b"\0\0\0\1wide\0\0"])
def test_a_box_that_does_not_fit_is_the_end(data: bytes) -> None:
    good = iso_box(b"good", b"")
    assert list(iterate_boxes(good + data, 0, len(good + data))) == [Box(b"good", 8, 8)]


@pytest.mark.parametrize(
    ("data", "missing"),
    [
        (file_type(b"avif") + iso_box(b"mdat", bytes(50)), False),
        (file_type(b"avif") + iso_box(b"mdat", bytes(50))[:-1], True),
        (file_type(b"avif") + b"\0\0\0", True),
        # Size 0: up to the end of the file. Size 1: 64 bits follow.
        (file_type(b"avif") + b"\0\0\0\0mdat" + bytes(50), False),
        (b"\0\0\0\1mdat" + (50).to_bytes(8) + bytes(34), False),
        (b"\0\0\0\1mdat" + (51).to_bytes(8) + bytes(34), True),
        # No box is as small: damage, and no missing end.
        (file_type(b"avif") + b"\0\0\0\5mdat" + bytes(50), False),
    ],
)
def test_the_end_of_a_file_is_announced_by_its_last_box(data: bytes, missing: bool) -> None:
    assert (find_announced_end(data) > len(data)) is missing


def test_item_types() -> None:
    short = iso_box(b"infe", b"\2\0\0\0" + b"\0\7" + b"\0\0" + b"av01\0")
    long = iso_box(b"infe", b"\3\0\0\0" + b"\0\1\0\0" + b"\0\0" + b"Exif\0")
    other = iso_box(b"infe", b"\1\0\0\0" + b"\0\t" + b"\0\0" + b"none\0")
    version_0 = b"\0\0\0\0" + b"\0\3" + short + long + other
    version_1 = b"\1\0\0\0" + b"\0\0\0\3" + short + long + other
    for data in (version_0, version_1):
        entries = iterate_boxes(data, find_item_entries(data, whole(data)), len(data))
        assert read_item_types(data, entries) == {7: b"av01", 65536: b"Exif"}


def test_item_extents() -> None:
    # Version 0, offsets and lengths of four bytes, no base: item 5 with two extents.
    data = b"\0\0\0\0\x44\0" + b"\0\1" + b"\0\5\0\0" + b"\0\2" + b"\0\0\0\x0a\0\0\0\3" + b"\0\0\0\x14\0\0\0\4"
    assert list(iterate_item_extents(data, whole(data), None)) == [(5, Extent(10, 3)), (5, Extent(20, 4))]


def test_an_item_without_extents_is_one_step() -> None:
    data = b"\0\0\0\0\0\0" + b"\0\2" + b"\0\5\0\0\0\0" + b"\0\6\0\0\0\0"
    assert list(iterate_item_extents(data, whole(data), None)) == [(5, Extent(0, 0)), (6, Extent(0, 0))]


def test_extents_that_take_no_bytes_are_steps() -> None:
    data = b"\0\0\0\0\0\0" + b"\0\1" + b"\0\5\0\0" + b"\xff\xff"
    assert sum(1 for _ in iterate_item_extents(data, whole(data), None)) == 65_535


def test_references() -> None:
    short = iso_box(b"dimg", b"\0\1" + b"\0\2" + b"\0\5\0\6") + iso_box(b"auxl", b"\0\7\0\1\0\1")
    data = b"\0\0\0\0" + short
    boxes = list(iterate_boxes(data, 4, len(data)))
    expected = [(b"dimg", 1, 5), (b"dimg", 1, 6), (b"auxl", 7, 1)]
    assert list(iterate_references(data, whole(data), boxes)) == expected
    long = b"\1\0\0\0" + iso_box(b"dimg", b"\0\1\0\0" + b"\0\1" + b"\0\2\0\0")
    boxes = list(iterate_boxes(long, 4, len(long)))
    assert list(iterate_references(long, whole(long), boxes)) == [(b"dimg", 65536, 131072)]
    # A count that the box does not hold.
    lying = b"\0\0\0\0" + iso_box(b"dimg", b"\0\1" + b"\xff\xff" + b"\0\5") + bytes(100)
    boxes = list(iterate_boxes(lying, 4, 18))
    assert list(iterate_references(lying, whole(lying), boxes)) == [(b"dimg", 1, 5)]


def test_item_extents_within_the_item_data_box() -> None:
    # Version 2, construction method 1, a base of two bytes: 100 + 6 + 1. Length 0: the rest of the file.
    data = b"\2\0\0\0\x11\x20" + b"\0\0\0\1" + b"\0\0\0\5" + b"\0\1" + b"\0\0" + b"\0\6" + b"\0\1" + b"\1\0"
    ((item_id, extent),) = iterate_item_extents(data, whole(data), Box(b"idat", 100, 200))
    assert (item_id, extent) == (5, Extent(107, 0))


def test_property_associations() -> None:
    # The highest bit says that the property is essential.
    short = b"\0\0\0\0" + b"\0\0\0\1" + b"\0\5" + b"\2" + b"\x81\2"
    assert list(iterate_property_associations(short, whole(short))) == [(5, [1, 2])]
    long = b"\1\0\0\1" + b"\0\0\0\1" + b"\0\1\0\0" + b"\1" + b"\x81\0"
    assert list(iterate_property_associations(long, whole(long))) == [(65536, [256])]


def test_numbers_beyond_the_end_of_the_file() -> None:
    for data in (b"\0\0\0\0\x44\0\0\1\0\5", b"\0\0\0\0\x44\0\0\1\0\5\0\0\0\2\0\0"):
        with pytest.raises(IndexError):
            list(iterate_item_extents(data, whole(data), None))
