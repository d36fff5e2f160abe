"""EXIF directories may point at each other a few times, and not without end."""

import pytest

from stockroom.renditions import ImageRejected, Options
from stockroom.renditions.exif import MAX_ENTRIES, MAX_POINTERS, check_directories
from tests.renditions.hostile.attacks import exif_of

EXIF_DIRECTORY, GPS_DIRECTORY, MAKE = 0x8769, 0x8825, 0x010F


def check(tiff: bytes) -> None:
    check_directories(tiff, Options())


def test_what_a_camera_writes_is_accepted() -> None:
    check(exif_of((MAKE, 1), (EXIF_DIRECTORY, 8), (GPS_DIRECTORY, 8)))


@pytest.mark.parametrize(
    "data", [b"", b"II*\0", b"no TIFF header", b"II*\0\xff\xff\xff\xff", exif_of((MAKE, 1))[:11]]
)
def test_damage_is_passed_over(data: bytes) -> None:
    check(data)


def test_pointers_are_limited() -> None:
    check(exif_of((EXIF_DIRECTORY, 8), repeated=MAX_POINTERS))
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(exif_of((EXIF_DIRECTORY, 8), repeated=MAX_POINTERS + 1))


def test_entries_are_limited() -> None:
    check(exif_of((MAKE, 1), repeated=MAX_ENTRIES))
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(exif_of((MAKE, 1), repeated=MAX_ENTRIES + 1))


def test_a_directory_that_another_one_points_at_counts_too() -> None:
    first = exif_of((EXIF_DIRECTORY, 26))
    second = exif_of((GPS_DIRECTORY, 8), repeated=MAX_POINTERS)[8:]
    assert len(first) == 26
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(first + second)


def test_the_byte_order_is_that_of_the_header() -> None:
    entries = b"\x87\x69\0\4\0\0\0\1\0\0\0\x08" * (MAX_POINTERS + 1)
    with pytest.raises(ImageRejected, match="too-much-metadata"):
        check(b"MM\0*\0\0\0\x08" + b"\0\5" + entries)
