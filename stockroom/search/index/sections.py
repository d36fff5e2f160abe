"""Sections: the whole library in ranges of ids, each with about AVERAGE_PICTURES ready pictures.

A section begins at a picture that its own checksum chooses, and ends where the next one begins. So a picture
that comes or goes changes one section or two, and all others stay as they are. The idea is that of
content-defined chunking: Muthitacharoen, Chen and Mazieres, "A Low-bandwidth Network File System" (2001).
Beginnings are found among the skip pointers, a sixty-fourth of the postings.
"""

from stockroom.runtime.database import Database
from stockroom.search.index.document import ALL_PICTURES
from stockroom.search.index.id_ranges import MAX_ID, IdRange
from stockroom.search.index.skip_pointers import STRIDE
from stockroom.search.index.term_dictionary import TermDictionary

AVERAGE_PICTURES = 16 * STRIDE
"""Whether a picture begins a section is a matter of chance, so that the lengths of sections are distributed
exponentially: one in 200,000 has twelve times as many pictures as the average."""


def list_beginnings(db: Database, dictionary: TermDictionary, limit: int) -> list[int]:
    """The first ids of all sections, ascending. The first section begins at 0, and may be the only one."""
    term = dictionary.find([ALL_PICTURES]).get(ALL_PICTURES)
    if term is None:
        return [0]
    # PRIMARY (term_id, image_id) of posting_skip: all entries of the term.
    rows = db.query(
        "SELECT image_id FROM posting_skip WHERE term_id = %s "
        f"AND CRC32(image_id) %% {AVERAGE_PICTURES:d} = 0 ORDER BY image_id LIMIT {limit - 1:d}",
        (term.term_id,),
    )
    return [0, *(image_id for (image_id,) in rows)]


def find_section(db: Database, dictionary: TermDictionary, beginning: int) -> IdRange | None:
    """The section that begins at an id; None if none does."""
    term = dictionary.find([ALL_PICTURES]).get(ALL_PICTURES)
    if term is None:
        return None if beginning else (0, MAX_ID)
    # PRIMARY (term_id, image_id) of posting_skip: on average AVERAGE_PICTURES / STRIDE entries.
    rows = db.query(
        "SELECT image_id FROM posting_skip WHERE term_id = %s AND image_id >= %s "
        f"AND CRC32(image_id) %% {AVERAGE_PICTURES:d} = 0 ORDER BY image_id LIMIT 2",
        (term.term_id, beginning),
    )
    found = [image_id for (image_id,) in rows]
    if beginning and (not found or found.pop(0) != beginning):
        return None
    return beginning, found[0] if found else MAX_ID
