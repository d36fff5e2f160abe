"""The writes of postings. A posting means visible: it exists exactly while its picture is ready.

Each function belongs inside the transaction in which the picture appears, is edited or vanishes. Each makes
sure first that every term id still stands for its term: ids that were resolved before the database was
restored from a backup may stand for other terms since.
"""

from collections.abc import Collection, Mapping, Sequence

from pymysql.cursors import Cursor

from stockroom.runtime.database import placeholders
from stockroom.runtime.errors import Unavailable
from stockroom.search.index.chunks import split_into_chunks
from stockroom.search.index.lexicon import hide_unused_forms
from stockroom.search.index.resolver import Entries
from stockroom.search.index.skip_pointers import delete_skip_pointers, insert_skip_pointers


class StaleEntries(Unavailable):
    """The entries were resolved in another database than they would be written to; resolve them again."""

    def __init__(self) -> None:
        super().__init__("The search index was restored meanwhile; try again.")


def write_postings(cursor: Cursor, image_id: int, entries: Entries) -> None:
    """Make a picture findable; call it once, in the transaction that makes the picture ready."""
    _insert(cursor, image_id, entries.weights)
    _increment_df(cursor, entries.terms)


def delete_postings(cursor: Cursor, image_id: int, entries: Entries) -> None:
    """Make a picture unfindable, in the transaction that ends its being ready; a second time does nothing."""
    _check_term_ids(cursor, entries.terms)
    if _delete(cursor, image_id, list(entries.weights)):
        _decrement_df(cursor, list(entries.weights))


def replace_postings(cursor: Cursor, image_id: int, old: Entries, new: Entries) -> None:
    """Make a ready picture findable by new entries instead of the old ones; only differences are written."""
    if any(new.terms.get(term_id, name) != name for term_id, name in old.terms.items()):
        raise StaleEntries
    _check_term_ids(cursor, {**old.terms, **new.terms})
    outdated = [term_id for term_id, weight in old.weights.items() if new.weights.get(term_id) != weight]
    changed = {
        term_id: weight for term_id, weight in new.weights.items() if old.weights.get(term_id) != weight
    }
    _delete(cursor, image_id, outdated)
    _insert(cursor, image_id, changed)
    _decrement_df(cursor, old.weights.keys() - new.weights.keys())
    _increment_df(cursor, {term_id: term for term_id, term in new.terms.items() if term_id not in old.terms})


def _insert(cursor: Cursor, image_id: int, weights: Mapping[int, int]) -> None:
    # PRIMARY (term_id, image_id), in its order: one row at the end of each term's range, as ids grow with
    # time.
    for rows in split_into_chunks(sorted(weights.items())):
        # Integers alone, so they are written into the statement: twice as fast as parameters.
        values = ", ".join([f"({term_id:d}, {image_id:d}, {weight:d})" for term_id, weight in rows])
        cursor.execute(f"INSERT INTO posting (term_id, image_id, weight) VALUES {values}")
    insert_skip_pointers(cursor, image_id, weights)


def _delete(cursor: Cursor, image_id: int, term_ids: Sequence[int]) -> int:
    """How many postings of a picture there were to delete."""
    # PRIMARY (term_id, image_id): one probe a term.
    deleted = 0
    for chunk in split_into_chunks(sorted(term_ids)):
        deleted += cursor.execute(
            f"DELETE FROM posting WHERE image_id = %s AND term_id IN ({placeholders(chunk)})",
            [image_id, *chunk],
        )
    delete_skip_pointers(cursor, image_id, term_ids)
    return deleted


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


def _decrement_df(cursor: Cursor, term_ids: Collection[int]) -> None:
    # PRIMARY of term, as above. df is unsigned, and one that is too low must not end a deletion: it stops at
    # zero.
    if not term_ids:
        return
    cursor.execute(
        f"UPDATE term SET df = IF(df > 0, df - 1, 0) WHERE term_id IN ({placeholders(term_ids)})",
        sorted(term_ids),
    )
    hide_unused_forms(cursor, term_ids)


def _check_term_ids(cursor: Cursor, terms: Mapping[int, str]) -> None:
    """Raise StaleEntries unless every id still stands for its term."""
    # PRIMARY of term, one probe a term.
    cursor.execute(
        f"SELECT COUNT(*) FROM term FORCE INDEX (PRIMARY) WHERE {_names_match(terms)}", _ids_and_names(terms)
    )
    ((matching,),) = cursor.fetchall()
    if matching != len(terms):
        raise StaleEntries


def _names_match(terms: Mapping[int, str]) -> str:
    return f"term_id IN ({placeholders(terms)}) AND term IN ({placeholders(terms)})"


def _ids_and_names(terms: Mapping[int, str]) -> list[int | bytes]:
    return [*sorted(terms), *(name.encode() for name in terms.values())]
