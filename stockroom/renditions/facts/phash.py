"""A perceptual hash: 64 bits, few of which change when a picture is scaled, recompressed or brightened.

It is the DCT hash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), as
in pHash: of a gray picture of 32 x 32 pixels, the 8 x 8 lowest frequencies without the constant ones. A bit
is set where the coefficient is above the median of all 64. The distance of two hashes is the number of bits
that differ: at most 10 for pictures that look alike, about 32 for unrelated ones.
"""

from math import cos, pi
from operator import mul

SIDE = 32
_FREQUENCIES = range(1, 9)
_WAVES = [[cos(pi / SIDE * k * (x + 0.5)) for x in range(SIDE)] for k in _FREQUENCIES]


def compute_phash(gray: bytes) -> int:
    """The hash of 32 x 32 gray pixels, one byte each: an unsigned 64-bit integer. A picture of one tone has
    0."""
    if len(gray) != SIDE * SIDE:
        raise ValueError(f"{SIDE}x{SIDE} gray pixels are needed")
    rows = [gray[start : start + SIDE] for start in range(0, SIDE * SIDE, SIDE)]
    columns = [[sum(map(mul, row, wave)) for row in rows] for wave in _WAVES]
    # Rounded, as otherwise rounding errors would decide on the bits of coefficients that are zero.
    coefficients = [round(sum(map(mul, column, wave)), 3) for wave in _WAVES for column in columns]
    ordered = sorted(coefficients)
    median = (ordered[31] + ordered[32]) / 2
    bits = 0
    for value in coefficients:
        bits = bits << 1 | (value > median)
    return bits
