"""Ready pictures that have nothing but their looks."""

import random
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images.repository.near_duplicates import insert_bands
from stockroom.renditions.facts.thumbhash import compute_thumbhash
from stockroom.runtime.database import Database

SIDE = 32
OWNER = 1


@cache
def make_thumbhash(seed: int = 1, light: float = 1.0, blue: float = 1.0) -> bytes:
    """The hash of nine gray fields."""
    rng = random.Random(seed)
    fields = [rng.randrange(256) for _ in range(9)]
    gray = [light * fields[3 * (y * 3 // SIDE) + x * 3 // SIDE] for y in range(SIDE) for x in range(SIDE)]
    pixels = bytes(min(round(value), 255) for each in gray for value in (each * blue, each * blue, each))
    return compute_thumbhash(SIDE, SIDE, pixels)


def flip(phash: int, *bits: int) -> int:
    """A hash that differs in these bits."""
    for bit in bits:
        phash ^= 1 << bit
    return phash


class Shown(NamedTuple):
    """A picture of a test."""

    image_id: int
    phash: int | None
    owner_id: int = OWNER
    thumbhash: bytes = make_thumbhash()
    pixels: str | None = None
    sha256: bytes | None = None
    state: str = "ready"


def show(db: Database, pictures: Iterable[Shown]) -> None:
    """Make these pictures, with their bands."""
    some = list(pictures)
    columns = (
        "id, owner_id, state, size, type, name, description, tags, license, credit, version, width, height, "
        "color, phash, thumbhash, pixel_hash, sha256"
    )
    rows = [
        (each.image_id, each.owner_id, each.state, each.phash, each.thumbhash, each.pixels, each.sha256)
        for each in some
    ]

    def insert(cursor: Cursor) -> None:
        for start in range(0, len(rows), 1000):
            values = ", ".join(
                [
                    "(%s, %s, %s, 1, 'image/jpeg', 'a', '', '', 'CC0-1.0', '', 1, 300, 200, '#000000', "
                    "%s, %s, UNHEX(SHA2(%s, 256)), %s)"
                ]
                * len(rows[start : start + 1000])
            )
            cursor.execute(
                f"INSERT INTO image ({columns}) VALUES {values}",
                [value for row in rows[start : start + 1000] for value in row],
            )
        insert_bands(cursor, [each.image_id for each in some])

    db.run_transaction(insert)
