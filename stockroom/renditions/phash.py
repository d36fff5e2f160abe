"""A perceptual hash: 64 bits that change little when a picture is scaled, recompressed or brightened.

The DCT hash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), as in
pHash: the 8x8 lowest frequencies of a 32x32 gray picture without the constant ones, each bit telling whether
a coefficient is above their median. Distance is the number of differing bits: 0…10 alike, about 32 unrelated.
"""

from math import cos, pi
from operator import mul

SIDE = 32
_LOW = range(1, 9)
_WAVES = [[cos(pi / SIDE * k * (at + 0.5)) for at in range(SIDE)] for k in _LOW]


def phash(gray: bytes) -> int:
    """The hash of 32x32 gray pixels, one byte each: an unsigned 64-bit integer, 0 for a plain picture."""
    if len(gray) != SIDE * SIDE:
        raise ValueError(f"{SIDE}x{SIDE} gray pixels are needed")
    rows = [gray[start : start + SIDE] for start in range(0, SIDE * SIDE, SIDE)]
    columns = [[sum(map(mul, row, wave)) for row in rows] for wave in _WAVES]
    # Rounded, so that noise in the last digits does not decide for coefficients that are zero.
    low = [round(sum(map(mul, column, wave)), 3) for wave in _WAVES for column in columns]
    ordered = sorted(low)
    median = (ordered[31] + ordered[32]) / 2
    bits = 0
    for value in low:
        bits = bits << 1 | (value > median)
    return bits


def distance(a: int, b: int) -> int:
    """How many of the 64 bits differ."""
    return (a ^ b).bit_count()
