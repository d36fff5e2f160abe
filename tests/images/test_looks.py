"""What a picture's bands are, and which pictures are near duplicates."""

import random
from functools import cache

from stockroom.images.looks import Looks, are_near, list_bands, list_neighbors
from stockroom.renditions.facts.thumbhash import compute_thumbhash

RNG = random.Random(1)
SIDE = 32


@cache
def thumbhash(seed: int = 1, light: float = 1.0, blue: float = 1.0) -> bytes:
    """The hash of nine gray fields."""
    rng = random.Random(seed)
    fields = [rng.randrange(256) for _ in range(9)]
    gray = [light * fields[3 * (y * 3 // SIDE) + x * 3 // SIDE] for y in range(SIDE) for x in range(SIDE)]
    pixels = bytes(min(round(value), 255) for each in gray for value in (each * blue, each * blue, each))
    return compute_thumbhash(SIDE, SIDE, pixels)


def looks(phash: int = 0x0F0F_1234_5678_9ABC, hash_: bytes | None = None, width: int = 300) -> Looks:
    return Looks(1, 1, width, 200, phash, thumbhash() if hash_ is None else hash_, None)


def flip(phash: int, *bits: int) -> int:
    for bit in bits:
        phash ^= 1 << bit
    return phash


def test_bands_are_the_parts_of_the_hash_and_its_lowest_frequencies() -> None:
    assert list_bands(0x0123_4567_89AB_CDEF) == [0xCDEF, 0x89AB, 0x4567, 0x0123, 0x0246]
    assert list_bands((1 << 64) - 1) == [0xFFFF] * 5


def test_neighbors_differ_in_one_bit() -> None:
    neighbors = list_neighbors(0x8001)
    assert len(set(neighbors)) == 16
    assert all(0 <= each <= 0xFFFF and (each ^ 0x8001).bit_count() == 1 for each in neighbors)


def test_hashes_that_differ_in_seven_bits_always_share_a_band() -> None:
    one = looks()
    assert one.phash is not None
    for _ in range(2000):
        bits = RNG.sample(range(64), 7)
        assert are_near(one, looks(flip(one.phash, *bits)))
        assert are_near(looks(flip(one.phash, *bits)), one)


def test_hashes_that_differ_in_two_bits_of_each_band_share_none() -> None:
    one = looks()
    assert one.phash is not None
    # 62 and 60 are also of the fifth band.
    assert not are_near(one, looks(flip(one.phash, 0, 1, 16, 17, 32, 33, 62, 60)))
    assert are_near(one, looks(flip(one.phash, 0, 1, 16, 17, 32, 33, 57, 56)))


def test_hashes_that_differ_in_more_than_sixteen_bits_are_not_near() -> None:
    one = looks()
    assert one.phash is not None
    assert are_near(one, looks(flip(one.phash, *range(16))))
    assert not are_near(one, looks(flip(one.phash, *range(17))))


def test_light_colour_proportions_and_the_picture_itself_have_to_fit() -> None:
    one = looks()
    assert are_near(one, looks(hash_=thumbhash(light=0.9)))
    assert not are_near(one, looks(hash_=thumbhash(light=0.3)))
    assert not are_near(one, looks(hash_=thumbhash(blue=0.5)))
    assert not are_near(one, looks(hash_=thumbhash(seed=2)))
    assert are_near(one, looks(width=330))
    assert not are_near(one, looks(width=400))
    assert not are_near(looks(width=400), one)


def test_flat_pictures_are_not_near_to_anything() -> None:
    black = compute_thumbhash(SIDE, SIDE, bytes(SIDE * SIDE * 3))
    for flat in (looks(0), looks(hash_=black), looks()._replace(phash=None), looks(hash_=b"x")):
        assert flat.is_flat
        assert not are_near(flat, flat)
        assert not are_near(looks(), flat)
    # A hash of another program, cut off: it has contrast and says nothing else.
    cut = looks(hash_=thumbhash()[:6])
    assert not cut.is_flat
    assert not are_near(cut, cut)
