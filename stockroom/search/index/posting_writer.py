"""The writes of postings. A posting means visible: it exists exactly while its picture is ready.

Each function belongs inside the transaction in which the picture appears, is edited or vanishes. It locks
the picture's row, compares what is there with what should be there, and writes the difference. A transaction
that runs twice, because the answer of its COMMIT was lost, therefore counts once. The row records under which
terms the picture was indexed, so that a removal does not depend on what the same picture would give today.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from pymysql.cursors import Cursor

from stockroom.images.repository import lifecycle
from stockroom.images.repository.indexing import IndexedRow, lock_rows
from stockroom.runtime.database import placeholders
from stockroom.runtime.errors import Unavailable
from stockroom.search.index.chunks import split_into_chunks
from stockroom.search.index.lexicon import recompute_df_buckets, update_df_buckets
from stockroom.search.index.resolver import Entries
from stockroom.search.index.skip_pointers import (
    delete_skip_pointers,
    insert_all_skip_pointers,
    insert_skip_pointers,
)

_PAIRS = (
    "JSON_TABLE(%s, '$[*]' COLUMNS (term_id INT UNSIGNED PATH '$[0]', number BIGINT UNSIGNED PATH '$[1]')) j"
)
"""A table of pairs, a term id and a number, that comes as one argument: JSON."""


class StaleEntries(Unavailable):
    """The entries have terms that are others by now, or gone; resolve them again.

    Either the database was restored after they were resolved, or a term that no picture had was swept.
    """

    def __init__(self) -> None:
        super().__init__("The search index was changed meanwhile; try again.")


def write_postings(cursor: Cursor, image_id: int, entries: Entries) -> None:
    """Make a ready picture findable by these entries and by no others; no row that is ready, no postings.

    A picture that was published before terms were recorded keeps its other postings, until the audit takes
    them away.
    """
    row = lock_rows(cursor, [image_id]).get(image_id)
    if row is None or row.state != "ready":
        return
    weights = entries.weights
    existing = read_weights(cursor, image_id, weights.keys() | (row.term_ids or ()))
    missing = {term_id: weight for term_id, weight in weights.items() if term_id not in existing}
    changed = {
        term_id: weight for term_id, weight in weights.items() if existing.get(term_id, weight) != weight
    }
    outdated = existing.keys() - weights.keys()
    _delete(cursor, image_id, outdated)
    _insert(cursor, image_id, missing)
    _change(cursor, image_id, changed)
    _increment_df(cursor, {term_id: entries.terms[term_id] for term_id in missing})
    _check_term_ids(cursor, {term_id: entries.terms[term_id] for term_id in weights.keys() & existing.keys()})
    _lower_df(cursor, dict.fromkeys(outdated, 1))
    update_df_buckets(cursor, missing.keys() | outdated)
    if row.term_ids is None or row.term_ids != set(weights):
        lifecycle.record_terms(cursor, image_id, weights)


def delete_postings(cursor: Cursor, image_id: int) -> None:
    """Make a picture unfindable; a second time does nothing. The row must still be there, in any state."""
    rows = lock_rows(cursor, [image_id])
    if image_id in rows:
        delete_terms(cursor, {image_id: list_indexed_terms(cursor, rows[image_id])})


def write_all_postings(cursor: Cursor, entries: Mapping[int, Entries]) -> None:
    """Make ready pictures that have no postings findable by these entries, by picture.

    Round trips do not grow with the number of pictures, but for those whose recorded terms are others by now.
    """
    names = {term_id: name for each in entries.values() for term_id, name in each.terms.items()}
    if not names:
        return
    recorded = {row.image_id: row.term_ids for row in lock_rows(cursor, entries).values()}
    # PRIMARY (term_id, image_id), in its order. Integers alone, as in _insert.
    rows = sorted(
        (term_id, image_id, weight)
        for image_id, each in entries.items()
        for term_id, weight in each.weights.items()
    )
    values = ", ".join([f"({term_id:d}, {image_id:d}, {weight:d})" for term_id, image_id, weight in rows])
    cursor.execute(f"INSERT INTO posting (term_id, image_id, weight) VALUES {values}")
    insert_all_skip_pointers(cursor, [(term_id, image_id) for term_id, image_id, _ in rows])
    _check_term_ids(cursor, names)
    _change_df(cursor, Counter(term_id for term_id, _, _ in rows), "t.df + j.number")
    recompute_df_buckets(cursor, names)
    for image_id, each in entries.items():
        if recorded[image_id] != frozenset(each.weights):
            lifecycle.record_terms(cursor, image_id, each.weights)


def delete_all_postings(cursor: Cursor, image_ids: Collection[int]) -> None:
    """Make pictures unfindable; a second time does nothing. The rows must still be there, in any state.

    Round trips do not grow with the number of pictures, but for those that have no record of their terms.
    """
    pairs = json.dumps(
        sorted(
            (term_id, row.image_id)
            for row in lock_rows(cursor, image_ids).values()
            for term_id in list_indexed_terms(cursor, row)
        )
    )
    # PRIMARY (term_id, image_id): one probe a pair. The locks of the rows keep the postings as they are.
    cursor.execute(
        f"SELECT p.term_id, COUNT(*) FROM {_PAIRS} STRAIGHT_JOIN posting p FORCE INDEX (PRIMARY) "
        "ON p.term_id = j.term_id AND p.image_id = j.number GROUP BY p.term_id",
        (pairs,),
    )
    deleted = dict(cursor.fetchall())
    if not deleted:
        return
    for table in ("posting", "posting_skip"):
        cursor.execute(
            f"DELETE p FROM {_PAIRS} STRAIGHT_JOIN {table} p FORCE INDEX (PRIMARY) "
            "ON p.term_id = j.term_id AND p.image_id = j.number",
            (pairs,),
        )
    _change_df(cursor, deleted, "t.df - LEAST(t.df, j.number)")
    recompute_df_buckets(cursor, deleted)


def delete_terms(cursor: Cursor, term_ids_by_image: Mapping[int, Collection[int]]) -> int:
    """Delete some postings of each of some pictures, and count down what there was; how many there were."""
    deleted: dict[int, int] = {}
    for image_id, term_ids in sorted(term_ids_by_image.items()):
        existing = read_weights(cursor, image_id, term_ids)
        _delete(cursor, image_id, existing)
        for term_id in existing:
            deleted[term_id] = deleted.get(term_id, 0) + 1
    _lower_df(cursor, deleted)
    if deleted:
        recompute_df_buckets(cursor, deleted)
    return sum(deleted.values())


def read_weights(cursor: Cursor, image_id: int, term_ids: Iterable[int]) -> dict[int, int]:
    """The weights of those of some postings of a picture that exist, locked until the transaction ends."""
    # PRIMARY (term_id, image_id): one probe a term.
    weights: dict[int, int] = {}
    for chunk in split_into_chunks(sorted(term_ids)):
        cursor.execute(
            f"SELECT term_id, weight FROM posting WHERE image_id = %s AND term_id IN ({placeholders(chunk)}) "
            "FOR UPDATE",
            (image_id, *chunk),
        )
        weights.update(cursor.fetchall())
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


def _insert(cursor: Cursor, image_id: int, weights: Mapping[int, int]) -> None:
    # PRIMARY (term_id, image_id), in its order: one row at the end of each term's range, as ids grow with
    # time.
    for rows in split_into_chunks(sorted(weights.items())):
        # Integers alone, so they are written into the statement: twice as fast as parameters.
        values = ", ".join([f"({term_id:d}, {image_id:d}, {weight:d})" for term_id, weight in rows])
        cursor.execute(f"INSERT INTO posting (term_id, image_id, weight) VALUES {values}")
    insert_skip_pointers(cursor, image_id, weights)


def _change(cursor: Cursor, image_id: int, weights: Mapping[int, int]) -> None:
    """Give postings that exist other weights."""
    # PRIMARY (term_id, image_id): one probe a term.
    for chunk in split_into_chunks(sorted(weights)):
        cursor.execute(
            f"UPDATE posting SET weight = {_case_of_term({term_id: weights[term_id] for term_id in chunk})} "
            f"WHERE image_id = %s AND term_id IN ({placeholders(chunk)})",
            (image_id, *chunk),
        )


def _delete(cursor: Cursor, image_id: int, term_ids: Collection[int]) -> None:
    """Delete postings of a picture that `read_weights` has found and locked."""
    # PRIMARY (term_id, image_id): one probe a term.
    for chunk in split_into_chunks(sorted(term_ids)):
        cursor.execute(
            f"DELETE FROM posting WHERE image_id = %s AND term_id IN ({placeholders(chunk)})",
            [image_id, *chunk],
        )
    delete_skip_pointers(cursor, image_id, term_ids)


def _increment_df(cursor: Cursor, terms: Mapping[int, str]) -> None:
    # PRIMARY of term: one UPDATE over sorted ids; one a term, in any order, deadlocks. The condition on the
    # terms themselves is the check of _check_term_ids, without a statement of its own.
    if not terms:
        return
    counted = cursor.execute(
        f"UPDATE term FORCE INDEX (PRIMARY) SET df = df + 1 WHERE {_names_match(terms)}",
        _ids_and_names(terms),
    )
    if counted != len(terms):
        raise StaleEntries


def _lower_df(cursor: Cursor, deleted: Mapping[int, int]) -> None:
    """Count down the df of terms by how many postings of each were deleted."""
    # PRIMARY of term, as above. df is unsigned, and one that is too low must not end a deletion: it stops at
    # zero.
    for chunk in split_into_chunks(sorted(deleted)):
        counts = _case_of_term({term_id: deleted[term_id] for term_id in chunk})
        cursor.execute(
            f"UPDATE term SET df = df - LEAST(df, {counts}) WHERE term_id IN ({placeholders(chunk)})", chunk
        )


def _change_df(cursor: Cursor, numbers: Mapping[int, int], df: str) -> None:
    """Set the df of terms to an expression of their df and of the number of each."""
    # PRIMARY of term: one UPDATE in the order of the ids, as above.
    cursor.execute(
        f"UPDATE {_PAIRS} STRAIGHT_JOIN term t FORCE INDEX (PRIMARY) ON t.term_id = j.term_id "
        f"SET t.df = {df}",
        (json.dumps(sorted(numbers.items())),),
    )


def _check_term_ids(cursor: Cursor, terms: Mapping[int, str]) -> None:
    """Raise StaleEntries unless every id still stands for its term."""
    if not terms:
        return
    # PRIMARY of term, one probe a term.
    cursor.execute(
        f"SELECT COUNT(*) FROM term FORCE INDEX (PRIMARY) WHERE {_names_match(terms)}", _ids_and_names(terms)
    )
    ((matching,),) = cursor.fetchall()
    if matching != len(terms):
        raise StaleEntries


def _case_of_term(values: Mapping[int, int]) -> str:
    """An expression that is the value of each row's term."""
    return f"CASE term_id {' '.join(f'WHEN {term_id:d} THEN {n:d}' for term_id, n in values.items())} END"


def _names_match(terms: Mapping[int, str]) -> str:
    return f"term_id IN ({placeholders(terms)}) AND term IN ({placeholders(terms)})"


def _ids_and_names(terms: Mapping[int, str]) -> list[int | bytes]:
    return [*sorted(terms), *(name.encode() for name in terms.values())]
