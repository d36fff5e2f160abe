import pytest

from stockroom.renditions.facts.phash import SIDE, compute_phash
from tests.renditions.images import hash_distance


def gray(value: object) -> bytes:
    assert callable(value)
    return bytes(value(x, y) for y in range(SIDE) for x in range(SIDE))


def test_a_plain_picture_is_zero() -> None:
    assert [compute_phash(bytes([value]) * SIDE * SIDE) for value in (0, 77, 255)] == [0, 0, 0]


def test_half_of_the_bits_of_a_busy_picture_are_set() -> None:
    assert compute_phash(gray(lambda x, y: (x * x * 7 + y * y * 13 + x * y * 5) % 256)).bit_count() == 32


def test_brightness_and_contrast_change_nothing() -> None:
    picture = gray(lambda x, y: (x * x + 3 * y * x + 50) % 100)
    assert hash_distance(compute_phash(picture), compute_phash(bytes(v + 60 for v in picture))) == 0
    assert hash_distance(compute_phash(picture), compute_phash(bytes(v * 2 for v in picture))) == 0


def test_the_negative_and_the_mirror_image_are_far_away() -> None:
    picture = gray(lambda x, y: (x * x + 3 * y * x + 50) % 256)
    assert hash_distance(compute_phash(picture), compute_phash(bytes(255 - v for v in picture))) == 64
    mirrored = b"".join(picture[start : start + SIDE][::-1] for start in range(0, SIDE * SIDE, SIDE))
    assert hash_distance(compute_phash(picture), compute_phash(mirrored)) > 20


def test_another_size_is_an_error() -> None:
    with pytest.raises(ValueError, match="32x32"):
        compute_phash(bytes(1000))
