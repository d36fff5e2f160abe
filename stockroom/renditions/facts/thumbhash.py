"""ThumbHash: a placeholder of about 25 bytes, shown while the picture loads.

The format is Evan Wallace's (https://github.com/evanw/thumbhash), and the page decodes it with the npm
package `thumbhash`. Only opaque pictures occur here, as renditions are flattened on white, so the format's
alpha is left out.

A hash holds the lowest coefficients of a DCT of three channels: luminance and two colour differences. The
transform is separable: each row is projected once on every horizontal wave, and the result on the vertical
ones. That takes 0.5 ms for 32 x 32 pixels in plain Python.
"""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from math import cos, floor, pi
from operator import mul
from typing import NamedTuple

# The coefficients of a flat channel are rounding errors, which scaling would turn into noise.
_ROUNDING_ERROR = 1e-9


def compute_thumbhash(width: int, height: int, rgb: bytes, *, aspect: float | None = None) -> bytes:
    """The hash of `width` by `height` pixels, three bytes each. Sides are at most 100; 32 are enough.

    `aspect` is the width of the picture divided by its height, for pixels that are not square.
    """
    if max(width, height) > 100 or len(rgb) != width * height * 3:
        raise ValueError(f"{width}x{height} RGB pixels of at most 100 a side are needed")
    red, green, blue = rgb[0::3], rgb[1::3], rgb[2::3]
    luma = [(r + g + b) / 765 for r, g, b in zip(red, green, blue, strict=True)]
    yellow_blue = [(r + g) / 510 - b / 255 for r, g, b in zip(red, green, blue, strict=True)]
    red_green = [(r - g) / 255 for r, g in zip(red, green, strict=True)]

    ratio = width / height if aspect is None else aspect
    nx, ny = max(1, _round(7 * min(1, ratio))), max(1, _round(7 * min(1, 1 / ratio)))
    l_dc, l_ac, l_scale = _transform(luma, width, height, max(3, nx), max(3, ny))
    p_dc, p_ac, p_scale = _transform(yellow_blue, width, height, 3, 3)
    q_dc, q_ac, q_scale = _transform(red_green, width, height, 3, 3)

    is_landscape = ratio > 1
    header24 = (
        _round(63 * l_dc)
        | _round(31.5 + 31.5 * p_dc) << 6
        | _round(31.5 + 31.5 * q_dc) << 12
        | _round(31 * l_scale) << 18
    )
    header16 = (
        (ny if is_landscape else nx)
        | _round(63 * p_scale) << 3
        | _round(63 * q_scale) << 9
        | is_landscape << 15
    )
    nibbles = [_round(15 * value) for value in (*l_ac, *p_ac, *q_ac)]
    if len(nibbles) % 2:
        nibbles.append(0)
    packed = bytes(low | high << 4 for low, high in zip(nibbles[0::2], nibbles[1::2], strict=True))
    return header24.to_bytes(3, "little") + header16.to_bytes(2, "little") + packed


class Coarse(NamedTuple):
    """What a hash says of its picture, as far as two pictures are compared by it.

    `brightness` is 0 to 1; the means of both colour differences are -1 to 1. `contrast` is the amplitude of
    the largest wave of the luminance, 0 to 31. `is_tinted_evenly`: the colour is the same everywhere. `waves`
    are the coefficients of the luminance by their horizontal and vertical frequencies, relative to the
    largest one.
    """

    brightness: float
    yellow_blue: float
    red_green: float
    contrast: int
    is_tinted_evenly: bool
    waves: dict[tuple[int, int], float]


def has_contrast(data: bytes) -> bool:
    """Whether a hash says of its picture that it has any contrast: a wave of an amplitude of 1/62 or more."""
    return len(data) >= 3 and data[2] >> 2 & 31 > 0


@lru_cache(maxsize=1024)
def read_thumbhash(data: bytes) -> Coarse | None:
    """What a hash of this module says; None for bytes that are no such hash."""
    if len(data) < 5:
        return None
    header24, header16 = int.from_bytes(data[:3], "little"), int.from_bytes(data[3:5], "little")
    shorter = max(3, header16 & 7)
    nx, ny = (7, shorter) if header16 >> 15 else (shorter, 7)
    nibbles = [nibble for byte in data[5:] for nibble in (byte & 15, byte >> 4)]
    frequencies = list(_list_frequencies(nx, ny))
    if len(nibbles) < len(frequencies):
        return None
    return Coarse(
        brightness=(header24 & 63) / 63,
        yellow_blue=((header24 >> 6 & 63) - 31.5) / 31.5,
        red_green=((header24 >> 12 & 63) - 31.5) / 31.5,
        contrast=header24 >> 18 & 31,
        is_tinted_evenly=header16 >> 3 & 0xFFF == 0,
        waves={frequency: nibble / 7.5 - 1 for frequency, nibble in zip(frequencies, nibbles, strict=False)},
    )


def _list_frequencies(nx: int, ny: int) -> Iterator[tuple[int, int]]:
    """The frequencies of a channel without its mean, in the order of the hash: a triangle of nx by ny."""
    for ky in range(ny):
        kx = 0 if ky else 1
        while kx * ny < nx * (ny - ky):
            yield kx, ky
            kx += 1


def _transform(
    channel: Sequence[float], width: int, height: int, nx: int, ny: int
) -> tuple[float, list[float], float]:
    """The mean of a channel; its other coefficients, scaled to 0…1, in triangular order; that scale."""
    rows = [channel[start : start + width] for start in range(0, width * height, width)]
    waves_x = [_wave(k, width) for k in range(nx)]
    columns = [[sum(map(mul, row, wave)) for row in rows] for wave in waves_x]
    waves_y = [_wave(k, height) for k in range(ny)]

    def measure(kx: int, ky: int) -> float:
        product: float = sum(map(mul, columns[kx], waves_y[ky]))
        return product / (width * height)

    dc, ac = measure(0, 0), [measure(kx, ky) for kx, ky in _list_frequencies(nx, ny)]
    scale = max(map(abs, ac))
    if scale < _ROUNDING_ERROR:
        return dc, [0.0] * len(ac), 0.0
    return dc, [0.5 + 0.5 / scale * value for value in ac], scale


@cache
def _wave(frequency: int, length: int) -> list[float]:
    return [cos(pi / length * frequency * (x + 0.5)) for x in range(length)]


def _round(value: float) -> int:
    """Rounded with halves upwards, as in the reference encoder; Python's own `round` rounds them to even."""
    return floor(value + 0.5)
