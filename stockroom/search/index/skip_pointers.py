"""Skip pointers into the posting lists: a sample of one posting in STRIDE, chosen by the picture.

To find where about the nth posting of a term lies takes n / STRIDE reads in the sample and n reads in the
list itself. The idea is in Manning, Raghavan and Schütze, "Introduction to Information Retrieval" (2008),
section 2.3. A random sample, unlike every nth posting, needs no change in the neighbourhood when a picture
comes or goes. The nth posting is then missed by a few per cent of n, and by a tenth for a thousand, which is
good enough to decide how far a search may read. As the sample has all postings of a picture or none, its
intersections are samples of the intersections.
"""

from collections.abc import Iterable
from zlib import crc32

from pymysql.cursors import Cursor

STRIDE = 64
"""Migration 0004 sampled the postings that were there before by the same checksum and stride."""


def is_sampled(image_id: int) -> bool:
    """Whether a picture's postings are in the sample. By a checksum, as the ids of a batch are neighbours."""
    return crc32(b"%d" % image_id) % STRIDE == 0


def insert_skip_pointers(cursor: Cursor, postings: Iterable[tuple[int, int]]) -> None:
    """Take those of some new postings (term id, image id), in order, into the sample that belong there."""
    # PRIMARY (term_id, image_id), in its order.
    values = ", ".join(
        [f"({term_id:d}, {image_id:d})" for term_id, image_id in postings if is_sampled(image_id)]
    )
    if values:
        cursor.execute(
            f"INSERT INTO posting_skip (term_id, image_id) VALUES {values} "
            "ON DUPLICATE KEY UPDATE image_id = posting_skip.image_id"
        )


def delete_skip_pointers(cursor: Cursor, postings: Iterable[tuple[int, int]]) -> None:
    """Take postings (term id, image id) of several pictures out of the sample."""
    by_image: dict[int, list[int]] = {}
    for term_id, image_id in postings:
        if is_sampled(image_id):
            by_image.setdefault(image_id, []).append(term_id)
    # PRIMARY (term_id, image_id): one probe a posting of the sample, which one picture in STRIDE is in.
    conditions = [
        f"(image_id = {image_id:d} AND term_id IN ({', '.join(map(str, term_ids))}))"
        for image_id, term_ids in sorted(by_image.items())
    ]
    if conditions:
        cursor.execute(f"DELETE FROM posting_skip WHERE {' OR '.join(conditions)}")
