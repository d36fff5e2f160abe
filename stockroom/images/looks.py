"""How a picture looks, as a few numbers, and which pictures are near duplicates of one another.

Two pictures are near duplicates when all of this holds; bench/near_duplicates.py measures the limits:

- neither is flat: a black frame and a white page have no looks that could be compared;
- their perceptual hashes differ in at most `MAX_DISTANCE` of 64 bits, and in at most `BAND_RADIUS` bits of at
  least one band, a band being 16 of the 64 bits;
- their ThumbHashes, small pictures of the lowest frequencies, are nearly the same in light and colour;
- so are their proportions;
- their hashes differ in at most `MAX_PAGE_DISTANCE` bits, if one of them may be a page of print: at 32 x 32,
  all pages of one layout are the same gray.

Bands are how near duplicates are found in an index (multi-index hashing: Norouzi, Punjani and Fleet, "Fast
Search in Hamming Space with Multi-Index Hashing", CVPR 2012). Four bands are the four parts of the hash, so
hashes that differ in at most 7 bits have at most one bit of difference in one of them. The fifth has the
lowest frequencies of both directions, which a crop changes least.
"""

import math
from typing import Literal, NamedTuple

from stockroom.renditions.facts.thumbhash import Coarse, has_contrast, read_thumbhash

DuplicateKind = Literal["same-bytes", "same-pixels", "near"]
"""How much of a picture another one has; each kind leaves out what belongs to the kinds before it."""

BAND_BITS = 16
BAND_RADIUS = 1
"""How many bits of a band may differ; one more would cost eight times as many probes."""
MAX_DISTANCE = 16
MAX_PAGE_DISTANCE = 6
MAX_PAGE_CONTRAST = 3
"""A page of print has no more contrast than that, out of 31, and one tint."""
MIN_CORRELATION = 0.9
"""Of the luminance of the two ThumbHashes, without their means."""
MAX_BRIGHTNESS_DIFFERENCE = 0.2
MAX_COLOR_DIFFERENCE = 0.1
"""Of the means of the two colour differences, in units of their range. Black and white is another picture."""
MAX_ASPECT_RATIO = 1.15
"""By how much the proportions may differ, as a factor."""


class Looks(NamedTuple):
    """How a picture looks. `phash` is None in rows that are older than their hash."""

    image_id: int
    owner_id: int
    width: int
    height: int
    phash: int | None
    thumbhash: bytes
    pixel_hash: bytes | None

    @property
    def is_flat(self) -> bool:
        """Whether the picture has next to no contrast (at 32 x 32), so that its hash is made of noise."""
        return not self.phash or not has_contrast(self.thumbhash)


def list_bands(phash: int) -> list[int]:
    """The value of each band of a perceptual hash."""
    parts = [phash >> BAND_BITS * band & 0xFFFF for band in range(4)]
    # A hash has eight bits a row of frequencies: the first four bits of the first four rows.
    lowest = [phash >> shift & 0xF for shift in (60, 52, 44, 36)]
    return [*parts, lowest[0] << 12 | lowest[1] << 8 | lowest[2] << 4 | lowest[3]]


def list_neighbors(value: int) -> list[int]:
    """The values of a band that differ from this one in one bit."""
    return [value ^ 1 << bit for bit in range(BAND_BITS)]


def are_near(one: Looks, other: Looks) -> bool:
    """Whether two pictures are near duplicates. Symmetric, and not transitive."""
    if one.is_flat or other.is_flat or not one.phash or not other.phash:
        return False
    distance = (one.phash ^ other.phash).bit_count()
    if distance > MAX_DISTANCE or not _share_band(one.phash, other.phash):
        return False
    first, second = read_thumbhash(one.thumbhash), read_thumbhash(other.thumbhash)
    if first is None or second is None:
        return False
    if distance > MAX_PAGE_DISTANCE and (_may_be_page(first) or _may_be_page(second)):
        return False
    return (
        _differ_by_factor(one.width / one.height, other.width / other.height) <= MAX_ASPECT_RATIO
        and abs(first.brightness - second.brightness) <= MAX_BRIGHTNESS_DIFFERENCE
        and abs(first.yellow_blue - second.yellow_blue) <= MAX_COLOR_DIFFERENCE
        and abs(first.red_green - second.red_green) <= MAX_COLOR_DIFFERENCE
        and _correlate(first, second) >= MIN_CORRELATION
    )


def _share_band(one: int, other: int) -> bool:
    return any(
        (a ^ b).bit_count() <= BAND_RADIUS for a, b in zip(list_bands(one), list_bands(other), strict=True)
    )


def _may_be_page(coarse: Coarse) -> bool:
    return coarse.is_tinted_evenly and coarse.contrast <= MAX_PAGE_CONTRAST


def _differ_by_factor(one: float, other: float) -> float:
    return max(one, other) / min(one, other)


def _correlate(one: Coarse, other: Coarse) -> float:
    """The cosine of the angle between the two luminances: 1 where they differ in contrast alone."""
    shared = one.waves.keys() & other.waves.keys()
    product = sum(one.waves[wave] * other.waves[wave] for wave in shared)
    norms = [math.hypot(*(each.waves[wave] for wave in shared)) for each in (one, other)]
    return product / (norms[0] * norms[1]) if all(norms) else 0.0
