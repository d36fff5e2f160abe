"""Skip pointers into the posting lists: a sample of the postings, one in STRIDE, chosen by the picture.

Where about the nth posting of a term lies takes n / STRIDE reads here, and n in the list itself. The idea is
in Manning, Raghavan and Schütze, "Introduction to Information Retrieval" (2008), 2.3; a sample instead of
every nth posting leaves the neighbours alone when a picture comes or goes. What n stands for is then off by
a few per cent, by a tenth for a thousand, which is no matter for how far a search reads.
"""

from collections.abc import Sequence
from zlib import crc32

from pymysql.cursors import Cursor

from stockroom.runtime.database import placeholders

STRIDE = 64
"""Migration 0004 samples what was there before in the same way."""


def sampled(image_id: int) -> bool:
    """Whether the postings of a picture are in the sample. By a checksum: ids of a batch are neighbours."""
    return crc32(b"%d" % image_id) % STRIDE == 0


def add(cursor: Cursor, image_id: int, term_ids: Sequence[int]) -> None:
    """Take the postings that a picture has got into the sample, if it belongs there."""
    if sampled(image_id) and term_ids:
        # PRIMARY (term_id, image_id), sorted.
        values = ", ".join([f"({term_id:d}, {image_id:d})" for term_id in sorted(term_ids)])
        cursor.execute(
            f"INSERT INTO posting_skip (term_id, image_id) VALUES {values} "
            "ON DUPLICATE KEY UPDATE image_id = posting_skip.image_id"
        )


def remove(cursor: Cursor, image_id: int, term_ids: Sequence[int]) -> None:
    """Take out of the sample what a picture has no longer."""
    if sampled(image_id) and term_ids:
        # PRIMARY (term_id, image_id): one probe a term.
        cursor.execute(
            f"DELETE FROM posting_skip WHERE image_id = %s AND term_id IN ({placeholders(term_ids)})",
            [image_id, *term_ids],
        )
