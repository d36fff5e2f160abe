"""The statements about how pictures look: their bands in `phash_band`, and who has the same content or looks.

A band means visible, as a posting does: a picture has its bands exactly while it is ready, and only if it is
not flat (`Looks.is_flat`).
"""

from collections.abc import Collection

from pymysql.cursors import Cursor

from stockroom.images.looks import Looks, list_bands
from stockroom.runtime.database import Database, placeholders

_PICTURES_PER_STATEMENT = 100

_LOOKS = "id, owner_id, width, height, phash, thumbhash, pixel_hash"


def insert_bands(cursor: Cursor, image_ids: Collection[int]) -> None:
    """Let pictures be found as near duplicates: those of `image_ids` that are ready and not flat.

    For every transition to ready, in its transaction and after its UPDATE, beside `SearchIndex.add`: the
    hash is read from the row. A dictionary by id does for the ids. A second time writes nothing.
    """
    for some in _split(image_ids):
        # PRIMARY of image, one read each; five rows of phash_band each.
        cursor.execute(
            f"SELECT {_LOOKS} FROM image WHERE id IN ({placeholders(some)}) AND state = 'ready'", some
        )
        rows = [
            f"({band:d}, {value:d}, {each.owner_id:d}, {each.image_id:d}, {each.phash:d})"
            for each in (Looks(*row) for row in cursor.fetchall())
            if each.phash and not each.is_flat
            for band, value in enumerate(list_bands(each.phash))
        ]
        if rows:
            cursor.execute(
                "INSERT INTO phash_band (band, value, owner_id, image_id, phash) "
                f"VALUES {', '.join(rows)} ON DUPLICATE KEY UPDATE image_id = phash_band.image_id"
            )


def delete_bands(cursor: Cursor, image_ids: Collection[int]) -> None:
    """Let pictures be found as near duplicates no more.

    For every transition from ready, in its transaction, beside `SearchIndex.remove`. The rows must still be
    there, in any state. A second time does nothing.
    """
    for some in _split(image_ids):
        # PRIMARY of image, one read each; PRIMARY of phash_band, five probes each.
        cursor.execute(
            f"SELECT id, owner_id, phash FROM image WHERE id IN ({placeholders(some)}) AND phash IS NOT NULL",
            some,
        )
        keys = [
            f"(band = {band:d} AND value = {value:d} AND owner_id = {owner_id:d} AND image_id = {image_id:d})"
            for image_id, owner_id, phash in cursor.fetchall()
            for band, value in enumerate(list_bands(phash))
        ]
        if keys:
            cursor.execute(f"DELETE FROM phash_band WHERE {' OR '.join(keys)}")


def find_looks(db: Database, image_ids: Collection[int]) -> list[Looks]:
    """The looks of those of some pictures that are ready, the newest first. PRIMARY of image, one read each."""
    if not image_ids:
        return []
    rows = db.query(
        f"SELECT {_LOOKS} FROM image WHERE id IN ({placeholders(image_ids)}) AND state = 'ready' "
        "ORDER BY id DESC",
        sorted(image_ids),
    )
    return [Looks(*row) for row in rows]


def _split(image_ids: Collection[int]) -> list[list[int]]:
    """The ids in order, as many a list as a statement takes."""
    ordered = sorted(image_ids)
    return [
        ordered[start : start + _PICTURES_PER_STATEMENT]
        for start in range(0, len(ordered), _PICTURES_PER_STATEMENT)
    ]
