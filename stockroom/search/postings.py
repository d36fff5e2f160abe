"""The index's writes. A posting means visible: it exists exactly while its picture is ready.

`resolve` runs in autocommit before the picture's transaction, so that no transaction ever waits for a
term's unique key; `add` and `remove` belong inside the one that makes the picture appear or vanish.
"""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from pymysql.cursors import Cursor

from stockroom.database import Database, placeholders
from stockroom.search.documents import Document

T = TypeVar("T")

CHUNK = 1000  # rows a statement: far below max_allowed_packet and the limit of 65,535 parameters


def resolve(db: Database, document: Document) -> list[int]:
    """The sorted ids of a document's terms, made where missing, with their surface forms."""
    terms = [term.encode() for term in document.terms()]
    ids = _known(db, terms)
    missing = [term for term in terms if term not in ids]
    if missing:
        for chunk in _chunks(missing):
            _create(db, chunk)
        ids |= _known(db, missing)
    _learn(db, [(surface, ids[term.encode()]) for surface, term in document.surfaces()])
    return sorted(ids[term] for term in terms)


def add(cursor: Cursor, image_id: int, term_ids: Sequence[int]) -> None:
    """Make a picture findable; call it once, in the transaction that sets `ready`."""
    for chunk in _chunks(sorted(term_ids)):
        _insert_postings(cursor, image_id, chunk)
    _count(cursor, term_ids, +1)


def remove(cursor: Cursor, image_id: int, term_ids: Sequence[int]) -> None:
    """Make a picture unfindable, in the transaction that ends its being `ready`."""
    removed = [_delete_postings(cursor, image_id, chunk) for chunk in _chunks(sorted(term_ids))]
    if sum(removed):
        _count(cursor, term_ids, -1)


def _known(db: Database, terms: Sequence[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for chunk in _chunks(terms):
        found |= _select_terms(db, chunk)
    return found


def _learn(db: Database, rows: Sequence[tuple[bytes, int]]) -> None:
    """Add the surface forms that the lexicon lacks; nearly all are there, and reading takes no locks."""
    known: set[tuple[bytes, int]] = set()
    for chunk in _chunks(rows):
        known |= _select_lexicon(db, [surface for surface, _ in chunk])
    for chunk in _chunks(sorted(set(rows) - known)):
        _insert_lexicon(db, chunk)


def _select_terms(db: Database, terms: Sequence[bytes]) -> dict[bytes, int]:
    # UNIQUE term: one probe a term.
    sql = f"SELECT term, term_id FROM term WHERE term IN ({placeholders(terms)})"
    return {bytes(term): term_id for term, term_id in db.query(sql, terms)}


def _create(db: Database, terms: Sequence[bytes]) -> None:
    # Sorted, so that two inserts lock in the same order; a term made meanwhile is left as it is.
    sql = (
        f"INSERT INTO term (term) VALUES {placeholders(terms, '(%s)')} "
        "ON DUPLICATE KEY UPDATE term = term.term"
    )
    db.execute(sql, sorted(terms))


def _select_lexicon(db: Database, surfaces: Sequence[bytes]) -> set[tuple[bytes, int]]:
    # PRIMARY (surface, term_id): one short range a surface.
    sql = f"SELECT surface, term_id FROM lexicon WHERE surface IN ({placeholders(surfaces)})"
    return {(bytes(surface), term_id) for surface, term_id in db.query(sql, surfaces)}


def _insert_lexicon(db: Database, rows: Sequence[tuple[bytes, int]]) -> None:
    sql = (
        f"INSERT INTO lexicon (surface, term_id) VALUES {placeholders(rows, '(%s, %s)')} "
        "ON DUPLICATE KEY UPDATE term_id = lexicon.term_id"
    )
    db.execute(sql, [value for row in rows for value in row])


def _insert_postings(cursor: Cursor, image_id: int, term_ids: Sequence[int]) -> None:
    # PRIMARY (term_id, image_id): one row at the end of each term's range, as ids grow with time.
    sql = f"INSERT INTO posting (term_id, image_id) VALUES {placeholders(term_ids, '(%s, %s)')}"
    cursor.execute(sql, [value for term_id in term_ids for value in (term_id, image_id)])


def _delete_postings(cursor: Cursor, image_id: int, term_ids: Sequence[int]) -> int:
    # PRIMARY (term_id, image_id): one probe a term.
    sql = f"DELETE FROM posting WHERE image_id = %s AND term_id IN ({placeholders(term_ids)})"
    return cursor.execute(sql, [image_id, *term_ids])


def _count(cursor: Cursor, term_ids: Sequence[int], step: int) -> None:
    # PRIMARY of term: one UPDATE over sorted ids; one a term, in any order, deadlocks. df is unsigned:
    # a count that is off (the audit recounts) must not end a deletion, so it stops at zero.
    sql = (
        f"UPDATE term SET df = IF(%s > 0, df + 1, IF(df > 0, df - 1, 0)) "
        f"WHERE term_id IN ({placeholders(term_ids)})"
    )
    cursor.execute(sql, [step, *sorted(term_ids)])


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[at : at + CHUNK] for at in range(0, len(values), CHUNK))
