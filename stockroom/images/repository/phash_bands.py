"""The statements on `phash_band`: the parts of the perceptual hashes of ready pictures, and of no others."""

from collections.abc import Collection

from pymysql.cursors import Cursor

from stockroom.runtime.database import placeholders

_BANDS = "(SELECT 0 band UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) n"
_VALUE = "(i.phash >> (16 * n.band)) & 65535"


def insert_all(cursor: Cursor, image_ids: Collection[int]) -> None:
    """Insert the parts of pictures that are ready now. Primary keys, one read and four writes each."""
    if image_ids:
        cursor.execute(
            f"INSERT INTO phash_band (band, value, image_id) SELECT n.band, {_VALUE}, i.id "
            f"FROM image i JOIN {_BANDS} WHERE i.id IN ({placeholders(image_ids)}) AND i.phash IS NOT NULL "
            "ON DUPLICATE KEY UPDATE image_id = phash_band.image_id",
            tuple(sorted(image_ids)),
        )


def delete_all(cursor: Cursor, image_ids: Collection[int]) -> None:
    """Delete the parts of pictures that are ready no longer. Primary keys, one read and four probes each."""
    if image_ids:
        cursor.execute(
            f"DELETE b FROM image i JOIN {_BANDS} STRAIGHT_JOIN phash_band b FORCE INDEX (PRIMARY) "
            f"ON b.band = n.band AND b.value = {_VALUE} AND b.image_id = i.id "
            f"WHERE i.id IN ({placeholders(image_ids)}) AND i.phash IS NOT NULL",
            tuple(sorted(image_ids)),
        )
