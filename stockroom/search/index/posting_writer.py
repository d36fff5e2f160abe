"""The writes of postings. A posting means visible: it exists exactly while its picture is ready.

Each function belongs inside the transaction in which the picture appears, is edited or vanishes. It locks
the picture's row, compares what is there with what should be there, and writes the difference. A transaction
that runs twice, because the answer of its COMMIT was lost, therefore counts once. The row records under which
terms the picture was indexed, so that a removal does not depend on what the same picture would give today.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from pymysql.cursors import Cursor

from stockroom.images.repository import lifecycle
from stockroom.images.repository.indexing import IndexedRow, lock_rows
from stockroom.runtime.database import placeholders
from stockroom.runtime.errors import Unavailable
from stockroom.search.index.chunks import split_into_chunks
from stockroom.search.index.lexicon import recompute_df_buckets, update_df_buckets
from stockroom.search.index.resolver import Entries
from stockroom.search.index.skip_pointers import (
    delete_all_skip_pointers,
    delete_skip_pointers,
    insert_all_skip_pointers,
    insert_skip_pointers,
)

_PAIRS = (
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
        lifecycle.record_terms(cursor, {image_id: weights})


def write_all_postings(
    cursor: Cursor, entries: Mapping[int, Entries], former: Mapping[int, Entries] | None = None
) -> None:
    """`write_postings` for several pictures, by id. Round trips do not grow with the number of pictures.

    `former` are the entries of before, for pictures whose rows do not record their terms.
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
    existing = _read_all_weights(cursor, wanted.keys() | recorded)
    missing = wanted.keys() - existing.keys()
    outdated = existing.keys() - wanted.keys()
    gained, lost = (Counter(term_id for term_id, _ in postings) for postings in (missing, outdated))
    names = {term_id: name for each in ready.values() for term_id, name in each.terms.items()}
    # First of all, and in one order: of two writers that meet at some terms, one waits, and none is a victim.
    _lock_terms(cursor, gained.keys() | lost.keys(), names)
    _check_all_term_ids(cursor, {term_id: names[term_id] for term_id in names.keys() - gained.keys()})
    _write_all(cursor, {posting: n for posting, n in wanted.items() if existing.get(posting) != n})
    insert_all_skip_pointers(cursor, sorted(missing))
    _delete_all(cursor, sorted(outdated))
    _change_df(cursor, gained, "t.df + j.number")
    _change_df(cursor, lost, "t.df - LEAST(t.df, j.number)")
    for chunk in split_into_chunks(sorted(gained.keys() | lost.keys())):
        recompute_df_buckets(cursor, chunk)
    indexed = {image_id: frozenset(each.weights) for image_id, each in ready.items()}
    lifecycle.record_terms(
        cursor, {image_id: ids for image_id, ids in indexed.items() if rows[image_id].term_ids != ids}
    )


def delete_postings(cursor: Cursor, image_id: int) -> None:
    """Make a picture unfindable; a second time does nothing. The row must still be there, in any state."""
    rows = lock_rows(cursor, [image_id])
    if image_id in rows:
        delete_terms(cursor, {image_id: list_indexed_terms(cursor, rows[image_id])})


def delete_all_postings(cursor: Cursor, image_ids: Collection[int]) -> None:
    """`delete_postings` for several pictures. Round trips do not grow with their number, but for those that
    have no record of their terms.
    """
    rows = lock_rows(cursor, image_ids).values() if image_ids else ()
    existing = _read_all_weights(
        cursor, [(term_id, row.image_id) for row in rows for term_id in list_indexed_terms(cursor, row)]
    )
    lost = Counter(term_id for term_id, _ in existing)
    _lock_terms(cursor, lost.keys(), {})
    _delete_all(cursor, sorted(existing))
    _change_df(cursor, lost, "t.df - LEAST(t.df, j.number)")
    for chunk in split_into_chunks(sorted(lost)):
        recompute_df_buckets(cursor, chunk)


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


def _list_former_terms(row: IndexedRow, former: Entries | None) -> Collection[int]:
    """The terms under which a picture was indexed, as its row records them, or else as it was read."""
    if row.term_ids is not None:
        return row.term_ids
    return former.weights.keys() if former is not None else ()


def _read_all_weights(cursor: Cursor, postings: Iterable[Posting]) -> dict[Posting, int]:
    """The weights of those of some postings that exist. The locks of the rows keep them as they are."""
    # PRIMARY (term_id, image_id): one probe a posting, in its order.
    weights: dict[Posting, int] = {}
    for chunk in split_into_chunks(sorted(postings), CHUNK_POSTINGS):
        cursor.execute(
            f"SELECT p.term_id, p.image_id, p.weight FROM {_PAIRS} STRAIGHT_JOIN posting p "
            "FORCE INDEX (PRIMARY) ON p.term_id = j.term_id AND p.image_id = j.number",
            (json.dumps(chunk),),
        )
        weights.update({(term_id, image_id): weight for term_id, image_id, weight in cursor.fetchall()})
    return weights


def _write_all(cursor: Cursor, weights: Mapping[Posting, int]) -> None:
    """Insert postings, and give those that exist their new weights."""
    # PRIMARY (term_id, image_id), in its order.
    for chunk in split_into_chunks(sorted(weights.items()), CHUNK_POSTINGS):
        cursor.execute(
            "INSERT INTO posting (term_id, image_id, weight) "
            f"SELECT j.term_id, j.image_id, j.weight FROM {_POSTINGS} "
            "ON DUPLICATE KEY UPDATE weight = j.weight",
            (json.dumps([(*posting, weight) for posting, weight in chunk]),),
        )


def _delete_all(cursor: Cursor, postings: Sequence[Posting]) -> None:
    """Delete postings that `_read_all_weights` has found."""
    # PRIMARY (term_id, image_id): one probe a posting, in its order.
    for chunk in split_into_chunks(postings, CHUNK_POSTINGS):
        cursor.execute(
            f"DELETE p FROM {_PAIRS} STRAIGHT_JOIN posting p FORCE INDEX (PRIMARY) "
            "ON p.term_id = j.term_id AND p.image_id = j.number",
            (json.dumps(chunk),),
        )
    delete_all_skip_pointers(cursor, postings)


def _lock_terms(cursor: Cursor, term_ids: Collection[int], names: Mapping[int, str]) -> None:
    """Lock terms whose df is about to change; StaleEntries unless those of `names` still have their names."""
    # PRIMARY of term, one probe a term, in the order of the ids.
    for chunk in split_into_chunks(sorted(term_ids)):
        cursor.execute(
            f"SELECT term_id, term FROM term FORCE INDEX (PRIMARY) WHERE term_id IN ({placeholders(chunk)}) "
            "ORDER BY term_id FOR UPDATE",
            chunk,
        )
        found = {term_id: bytes(name) for term_id, name in cursor.fetchall()}
        if any(found.get(term_id) != names[term_id].encode() for term_id in chunk if term_id in names):
            raise StaleEntries


def _check_all_term_ids(cursor: Cursor, terms: Mapping[int, str]) -> None:
    """`_check_term_ids`, for any number of terms."""
    for chunk in split_into_chunks(sorted(terms)):
        _check_term_ids(cursor, {term_id: terms[term_id] for term_id in chunk})


def _change_df(cursor: Cursor, numbers: Mapping[int, int], df: str) -> None:
    """Set the df of terms to an expression of their df and of the number of each."""
    if numbers:
        # PRIMARY of term: one UPDATE in the order of the ids.
        cursor.execute(
            f"UPDATE {_PAIRS} STRAIGHT_JOIN term t FORCE INDEX (PRIMARY) ON t.term_id = j.term_id "
            f"SET t.df = {df}",
            (json.dumps(sorted(numbers.items())),),
        )


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
