"""The writes of postings. A posting means visible: it exists exactly while its picture is ready.

Each function belongs inside the transaction in which the picture appears, is edited or vanishes. It locks
the picture's row, compares what is there with what should be there, and writes the difference. A transaction
that runs twice, because the answer of its COMMIT was lost, therefore counts once. The row records under which
terms the picture was indexed, so that a removal does not depend on what the same picture would give today.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pymysql.cursors import Cursor

from stockroom.images.repository import indexing
from stockroom.images.repository.indexing import IndexedRow, lock_rows
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import placeholders
from stockroom.runtime.errors import Unavailable
from stockroom.search.index.lexicon import recompute_df_buckets, update_df_buckets
from stockroom.search.index.skip_pointers import delete_skip_pointers, insert_skip_pointers

if TYPE_CHECKING:
    # The reaper removes postings, and starts faster without what makes them.
    from stockroom.search.index.resolver import Entries

PAIRS = (
    "JSON_TABLE(%s, '$[*]' COLUMNS (term_id INT UNSIGNED PATH '$[0]', number BIGINT UNSIGNED PATH '$[1]')) j"
)
"""A table of pairs, a term id and a number, that comes as one argument: JSON."""
_POSTINGS = (
    "JSON_TABLE(%s, '$[*]' COLUMNS (term_id INT UNSIGNED PATH '$[0]', image_id BIGINT UNSIGNED PATH '$[1]', "
    "weight TINYINT UNSIGNED PATH '$[2]')) j"
)
"""A table of postings that comes as one argument: JSON."""
CHUNK_POSTINGS = 10_000
"""Postings of several pictures that one statement reads or writes: half a megabyte of JSON."""

Posting = tuple[int, int]
"""The key of a posting: a term id and a picture's id."""


class StaleEntries(Unavailable):
    """The entries have terms that are others by now, or gone; resolve them again.

    Either the database was restored after they were resolved, or a term that no picture had was swept.
    """

    def __init__(self) -> None:
        super().__init__("The search index was changed meanwhile; try again.")


def write_postings(
    cursor: Cursor, entries: "Mapping[int, Entries]", former: "Mapping[int, Entries] | None" = None
) -> None:
    """Make ready pictures, by id, findable by these entries and by no others; no ready row, no postings.

    Round trips do not grow with the number of pictures. A picture that was published before terms were
    recorded loses the postings of its `former` entries, and keeps all others until the audit takes them away.
    """
    rows = lock_rows(cursor, entries) if entries else {}
    ready = {
        image_id: each
        for image_id, each in entries.items()
        if image_id in rows and rows[image_id].state == "ready"
    }
    wanted = {
        (term_id, image_id): weight
        for image_id, each in ready.items()
        for term_id, weight in each.weights.items()
    }
    recorded = {
        (term_id, image_id)
        for image_id in ready
        for term_id in _list_former_terms(rows[image_id], (former or {}).get(image_id))
    }
    existing = read_weights(cursor, wanted.keys() | recorded)
    missing = wanted.keys() - existing.keys()
    outdated = existing.keys() - wanted.keys()
    names = {term_id: name for each in ready.values() for term_id, name in each.terms.items()}
    _insert(cursor, {posting: wanted[posting] for posting in missing})
    _change(cursor, {posting: n for posting, n in wanted.items() if existing.get(posting, n) != n})
    insert_skip_pointers(cursor, sorted(missing))
    _delete(cursor, sorted(outdated))
    gained = _change_df(cursor, gained=missing, lost=outdated, names=names)
    _check_term_ids(cursor, {term_id: names[term_id] for term_id in names.keys() - gained})
    indexed = {image_id: frozenset(each.weights) for image_id, each in ready.items()}
    indexing.record_terms(
        cursor, {image_id: ids for image_id, ids in indexed.items() if rows[image_id].term_ids != ids}
    )


def delete_postings(cursor: Cursor, image_ids: Collection[int]) -> None:
    """Make pictures unfindable; a second time does nothing. The rows must still be there, in any state.

    Round trips do not grow with their number, but for those that have no record of their terms.
    """
    rows = lock_rows(cursor, image_ids).values() if image_ids else ()
    delete_terms(cursor, {row.image_id: list_indexed_terms(cursor, row) for row in rows})


def delete_terms(cursor: Cursor, term_ids_by_image: Mapping[int, Collection[int]]) -> int:
    """Delete some postings of each of some pictures, and count down what there was; how many there were."""
    existing = read_weights(
        cursor,
        [(term_id, image_id) for image_id, term_ids in term_ids_by_image.items() for term_id in term_ids],
    )
    _delete(cursor, sorted(existing))
    _change_df(cursor, gained=(), lost=existing, names={})
    return len(existing)


def read_weights(cursor: Cursor, postings: Iterable[Posting]) -> dict[Posting, int]:
    """The weights of those of some postings that exist. The locks of the rows keep them as they are."""
    # PRIMARY (term_id, image_id): one probe a posting, in its order.
    weights: dict[Posting, int] = {}
    for chunk in split_into_chunks(sorted(postings), CHUNK_POSTINGS):
        cursor.execute(
            f"SELECT p.term_id, p.image_id, p.weight FROM {PAIRS} STRAIGHT_JOIN posting p "
            "FORCE INDEX (PRIMARY) ON p.term_id = j.term_id AND p.image_id = j.number",
            (json.dumps(chunk),),
        )
        weights.update({(term_id, image_id): weight for term_id, image_id, weight in cursor.fetchall()})
    return weights


def list_indexed_terms(cursor: Cursor, row: IndexedRow) -> Collection[int]:
    """The terms under which a picture was indexed, or may have been.

    A row without a record (published before migration 0007 and not audited since) costs a probe for each term
    of the dictionary: half a second or more for a hundred thousand terms.
    """
    if row.term_ids is not None:
        return row.term_ids
    # The key `term` of term, all of it; PRIMARY (term_id, image_id) of posting, one probe a term.
    cursor.execute(
        "SELECT p.term_id FROM term t STRAIGHT_JOIN posting p ON p.term_id = t.term_id AND p.image_id = %s",
        (row.image_id,),
    )
    return [term_id for (term_id,) in cursor.fetchall()]


def _list_former_terms(row: IndexedRow, former: "Entries | None") -> Collection[int]:
    """The terms under which a picture was indexed, as its row records them, or else as it was read."""
    if row.term_ids is not None:
        return row.term_ids
    return former.weights.keys() if former is not None else ()


def _insert(cursor: Cursor, weights: Mapping[Posting, int]) -> None:
    """Insert postings that do not exist."""
    # PRIMARY (term_id, image_id), in its order: for a new picture a row at the end of each term's range, as
    # ids grow with time.
    for chunk in split_into_chunks(sorted(weights.items()), CHUNK_POSTINGS):
        # Integers alone, so they are written into the statement: twice as fast as parameters.
        values = ", ".join([f"({term_id:d}, {image_id:d}, {n:d})" for (term_id, image_id), n in chunk])
        cursor.execute(f"INSERT INTO posting (term_id, image_id, weight) VALUES {values}")


def _change(cursor: Cursor, weights: Mapping[Posting, int]) -> None:
    """Give postings that exist other weights."""
    # PRIMARY (term_id, image_id): one probe a posting, in its order.
    for chunk in split_into_chunks(sorted(weights.items()), CHUNK_POSTINGS):
        cursor.execute(
            f"UPDATE {_POSTINGS} STRAIGHT_JOIN posting p FORCE INDEX (PRIMARY) "
            "ON p.term_id = j.term_id AND p.image_id = j.image_id SET p.weight = j.weight",
            (json.dumps([(*posting, weight) for posting, weight in chunk]),),
        )


def _delete(cursor: Cursor, postings: Sequence[Posting]) -> None:
    """Delete postings that `read_weights` has found."""
    # PRIMARY (term_id, image_id): one probe a posting, in its order.
    for chunk in split_into_chunks(postings, CHUNK_POSTINGS):
        cursor.execute(
            f"DELETE p FROM {PAIRS} STRAIGHT_JOIN posting p FORCE INDEX (PRIMARY) "
            "ON p.term_id = j.term_id AND p.image_id = j.number",
            (json.dumps(chunk),),
        )
    delete_skip_pointers(cursor, postings)


def _change_df(
    cursor: Cursor, *, gained: Iterable[Posting], lost: Iterable[Posting], names: Mapping[int, str]
) -> Collection[int]:
    """Count postings that have come and gone in the df of their terms; the terms that have gained some.

    StaleEntries unless those of `names` still have their names.
    """
    rising, falling = (Counter(term_id for term_id, _ in postings) for postings in (gained, lost))
    changed = rising.keys() | falling.keys()
    # All at once, and in one order: of two writers that meet at some terms, one waits, and none is a victim.
    # As late as can be, as every publication waits for the commonest terms.
    if not falling and set(rising.values()) <= {1}:
        # Most often: a new picture. One statement locks, compares the names and counts.
        for chunk in split_into_chunks(sorted(rising)):
            _increment_df(cursor, {term_id: names[term_id] for term_id in chunk})
            update_df_buckets(cursor, chunk)
    else:
        _lock_terms(cursor, changed, names)
        _add_to_df(cursor, rising, "t.df + j.number")
        # df is unsigned, and one that is too low must not end a deletion: it stops at zero.
        _add_to_df(cursor, falling, "t.df - LEAST(t.df, j.number)")
        for chunk in split_into_chunks(sorted(changed)):
            recompute_df_buckets(cursor, chunk)
    return rising.keys()


def _increment_df(cursor: Cursor, names: Mapping[int, str]) -> None:
    """Raise the df of terms by one; StaleEntries unless they still have these names."""
    # PRIMARY of term: one UPDATE over sorted ids.
    counted = cursor.execute(
        "UPDATE term FORCE INDEX (PRIMARY) SET df = df + 1 "
        f"WHERE term_id IN ({placeholders(names)}) AND term IN ({placeholders(names)})",
        [*sorted(names), *(name.encode() for name in names.values())],
    )
    if counted != len(names):
        raise StaleEntries


def _lock_terms(cursor: Cursor, term_ids: Collection[int], names: Mapping[int, str]) -> None:
    """Lock terms whose df is about to change; StaleEntries unless those of `names` still have their names."""
    # PRIMARY of term, one probe a term, in the order of the ids.
    for chunk in split_into_chunks(sorted(term_ids)):
        cursor.execute(
            f"SELECT term_id, term FROM term FORCE INDEX (PRIMARY) WHERE term_id IN ({placeholders(chunk)}) "
            "ORDER BY term_id FOR UPDATE",
            chunk,
        )
        _compare_names(cursor, {term_id: names[term_id] for term_id in chunk if term_id in names})


def _check_term_ids(cursor: Cursor, names: Mapping[int, str]) -> None:
    """Raise StaleEntries unless every id still stands for its term."""
    # PRIMARY of term, one probe a term.
    for chunk in split_into_chunks(sorted(names)):
        cursor.execute(
            f"SELECT term_id, term FROM term FORCE INDEX (PRIMARY) WHERE term_id IN ({placeholders(chunk)})",
            chunk,
        )
        _compare_names(cursor, {term_id: names[term_id] for term_id in chunk})


def _compare_names(cursor: Cursor, names: Mapping[int, str]) -> None:
    """Raise StaleEntries unless the rows that were just read have these names."""
    found = {term_id: bytes(name) for term_id, name in cursor.fetchall()}
    if any(found.get(term_id) != name.encode() for term_id, name in names.items()):
        raise StaleEntries


def _add_to_df(cursor: Cursor, numbers: Mapping[int, int], df: str) -> None:
    """Set the df of terms to an expression of their df and of the number of each."""
    if numbers:
        # PRIMARY of term: one UPDATE in the order of the ids.
        cursor.execute(
            f"UPDATE {PAIRS} STRAIGHT_JOIN term t FORCE INDEX (PRIMARY) ON t.term_id = j.term_id "
            f"SET t.df = {df}",
            (json.dumps(sorted(numbers.items())),),
        )
