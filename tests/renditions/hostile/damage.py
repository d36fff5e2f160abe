"""Files of every accepted format, cut off at many places or changed at random ones."""

import random
from functools import partial

from stockroom.renditions import SOURCE_FORMATS
from tests.renditions.hostile.registry import CORPUS, Hostile
from tests.renditions.images import photo_of


def flip_bytes(format_: str, seed: int) -> bytes:
    """A small file of a format, with a few bytes changed at random."""
    rng = random.Random(seed)
    data = bytearray(photo_of(format_, 96, 64))
    for _ in range(rng.choice((1, 2, 4, 16, 64))):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def _cut_off(format_: str, part: float) -> bytes:
    data = photo_of(format_)
    return data[: int(len(data) * part)]


for _format in SOURCE_FORMATS:
    for _part in (0.01, 0.1, 0.5, 0.9, 0.99):
        CORPUS[f"{_format.name} cut off after {_part:.0%}"] = Hostile(
            partial(_cut_off, _format.name, _part), ("truncated",)
        )
