"""The index's writes. A posting means visible: it exists exactly while its picture is ready.

`resolve` runs in autocommit before the picture's transaction, so that no transaction ever waits for a
term's unique key; `add`, `change` and `remove` belong inside the one in which the picture appears, is
edited or vanishes.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TypeVar
from weakref import WeakKeyDictionary

from pymysql.cursors import Cursor

from stockroom.runtime.database import Database, Row, placeholders
from stockroom.search.index import skip_pointers as skips
from stockroom.search.index.document import Document

T = TypeVar("T")

Entries = dict[int, int]
"""What a picture is found by: term ids and weights."""

CHUNK = 1000  # rows a statement: far below max_allowed_packet and the limit of 65,535 parameters
REMEMBERED = 20_000
"""Surface forms and terms that a process remembers; none is ever removed or given another id."""
COMMON = 1000
"""Pictures that a remembered term has: its magnitude rises so rarely that `counts` may see to it."""


@dataclass
class _Memory:
    surfaces: set[tuple[bytes, str]] = field(default_factory=set)
    terms: dict[bytes, tuple[int, int]] = field(default_factory=dict)

    def keep(self, surfaces: Sequence[tuple[bytes, str]], terms: Mapping[bytes, tuple[int, int]]) -> None:
        if len(self.surfaces) + len(surfaces) > REMEMBERED:
            self.surfaces.clear()
        self.surfaces.update(surfaces)
        if len(self.terms) < REMEMBERED:
            self.terms.update((term, row) for term, row in terms.items() if row[1] >= COMMON)


_memories: WeakKeyDictionary[Database, _Memory] = WeakKeyDictionary()


def resolve(db: Database, document: Document) -> Entries:
    """A document's term ids and weights; terms are made where missing, with their surface forms."""
    weights = {term.encode(): weight for term, weight in document.entries().items()}
    terms = sorted(weights)
    memory = _memories.setdefault(db, _Memory())
    new = [pair for pair in document.surfaces() if pair not in memory.surfaces]
    unknown = [term for term in terms if term not in memory.terms]
    looked_up, present = _look_up(db, unknown, sorted({surface for surface, _ in new}))
    dead = [term_id for term_id, df in looked_up.values() if df == 0]
    missing = [term for term in unknown if term not in looked_up]
    if missing:
        for chunk in _chunks(missing):
            _create(db, chunk)
        looked_up |= _look_up(db, missing, [])[0]
    known = {term: memory.terms[term] for term in terms if term in memory.terms} | looked_up
    _learn(db, {(surface, *known[term.encode()]) for surface, term in new}, present)
    memory.keep(new, looked_up)
    _promote(db, looked_up)
    if dead:
        _set_magnitude(db, magnitude(1), sorted(dead))
    return {known[term][0]: weights[term] for term in terms}


def add(cursor: Cursor, image_id: int, entries: Mapping[int, int]) -> None:
    """Make a picture findable; call it once, in the transaction that sets `ready`."""
    for chunk in _chunks(sorted(entries.items())):
        _insert_postings(cursor, image_id, chunk)
    _count(cursor, list(entries), +1)


def remove(cursor: Cursor, image_id: int, entries: Mapping[int, int]) -> None:
    """Make a picture unfindable, in the transaction that ends its being `ready`."""
    removed = [_delete_postings(cursor, image_id, chunk) for chunk in _chunks(sorted(entries))]
    if sum(removed):
        _count(cursor, list(entries), -1)
        _bury(cursor, list(entries))


def change(cursor: Cursor, image_id: int, before: Mapping[int, int], after: Mapping[int, int]) -> None:
    """Make a ready picture findable by `after` instead of `before`: only what differs is written."""
    old = [term_id for term_id, weight in before.items() if after.get(term_id) != weight]
    new = [(term_id, weight) for term_id, weight in after.items() if before.get(term_id) != weight]
    for chunk in _chunks(sorted(old)):
        _delete_postings(cursor, image_id, chunk)
    for rows in _chunks(sorted(new)):
        _insert_postings(cursor, image_id, rows)
    _count(cursor, sorted(before.keys() - after.keys()), -1)
    _bury(cursor, sorted(before.keys() - after.keys()))
    _count(cursor, sorted(after.keys() - before.keys()), +1)


def magnitude(df: int) -> int:
    """The class of a count: 0, 1 to 3, 4 to 15, 16 to 63 and so on."""
    return (df.bit_length() + 1) // 2


def _look_up(
    db: Database, terms: Sequence[bytes], surfaces: Sequence[bytes]
) -> tuple[dict[bytes, tuple[int, int]], set[tuple[bytes, int]]]:
    """The (id, df) of those terms that exist, and the (surface, term id) pairs of those surfaces."""
    known: dict[bytes, tuple[int, int]] = {}
    present: set[tuple[bytes, int]] = set()
    for some, others in zip_longest(_chunks(terms), _chunks(surfaces), fillvalue=()):
        for kind, text, term_id, df in _select(db, some, others):
            if kind == 0:
                known[bytes(text)] = (term_id, int(df))
            else:
                present.add((bytes(text), term_id))
    return known, present


def _learn(db: Database, rows: Set[tuple[bytes, int, int]], present: Set[tuple[bytes, int]]) -> None:
    """Add the surface forms that the lexicon lacks; nearly all are there, and reading takes no locks."""
    lacking = [
        (surface, term_id, magnitude(df + 1))
        for surface, term_id, df in sorted(rows)
        if (surface, term_id) not in present
    ]
    for missing in _chunks(lacking):
        _insert_lexicon(db, missing)


def _promote(db: Database, known: Mapping[bytes, tuple[int, int]]) -> None:
    """Move the terms that enter the next magnitude with this picture; `counts` mends what is missed."""
    rising: dict[int, list[int]] = {}
    for term_id, df in known.values():
        if magnitude(df + 1) > magnitude(df) and df:
            rising.setdefault(magnitude(df + 1), []).append(term_id)
    for size, term_ids in sorted(rising.items()):
        _set_magnitude(db, size, sorted(term_ids))


def _select(db: Database, terms: Sequence[bytes], surfaces: Sequence[bytes]) -> tuple[Row, ...]:
    # UNIQUE term, one probe a term; PRIMARY (surface, term_id) of lexicon, one short range a surface.
    parts, arguments = [], [*terms, *surfaces]
    if terms:
        parts.append(f"SELECT 0, term, term_id, df FROM term WHERE term IN ({placeholders(terms)})")
    if surfaces:
        parts.append(
            f"SELECT 1, surface, term_id, 0 FROM lexicon WHERE surface IN ({placeholders(surfaces)})"
        )
    return db.query(" UNION ALL ".join(parts), arguments) if parts else ()


def _create(db: Database, terms: Sequence[bytes]) -> None:
    # Sorted, so that two inserts lock in the same order; a term made meanwhile is left as it is.
    sql = (
        f"INSERT INTO term (term) VALUES {placeholders(terms, '(%s)')} "
        "ON DUPLICATE KEY UPDATE term = term.term"
    )
    db.execute(sql, sorted(terms))


def _insert_lexicon(db: Database, rows: Sequence[tuple[bytes, int, int]]) -> None:
    sql = (
        f"INSERT INTO lexicon (surface, term_id, magnitude) VALUES {placeholders(rows, '(%s, %s, %s)')} "
        "ON DUPLICATE KEY UPDATE term_id = lexicon.term_id"
    )
    db.execute(sql, [value for row in rows for value in row])


def _set_magnitude(db: Database, size: int, term_ids: Sequence[int]) -> None:
    # KEY term of lexicon: the few surface forms of each term.
    sql = f"UPDATE lexicon SET magnitude = %s WHERE term_id IN ({placeholders(term_ids)}) AND magnitude < %s"
    db.execute(sql, [size, *term_ids, size])


def _insert_postings(cursor: Cursor, image_id: int, rows: Sequence[tuple[int, int]]) -> None:
    # PRIMARY (term_id, image_id): one row at the end of each term's range, as ids grow with time.
    # Numbers alone, so the statement is put together here: twice as fast as parameters.
    values = ", ".join([f"({term_id:d}, {image_id:d}, {weight:d})" for term_id, weight in rows])
    cursor.execute(f"INSERT INTO posting (term_id, image_id, weight) VALUES {values}")
    skips.add(cursor, image_id, [term_id for term_id, _ in rows])


def _delete_postings(cursor: Cursor, image_id: int, term_ids: Sequence[int]) -> int:
    # PRIMARY (term_id, image_id): one probe a term.
    skips.remove(cursor, image_id, term_ids)
    sql = f"DELETE FROM posting WHERE image_id = %s AND term_id IN ({placeholders(term_ids)})"
    return cursor.execute(sql, [image_id, *term_ids])


def _bury(cursor: Cursor, term_ids: Sequence[int]) -> None:
    """Hide the forms of terms that no picture has any more, or they would be read before living ones."""
    if term_ids:
        # KEY term of lexicon, PRIMARY of term: the few forms of each term.
        cursor.execute(
            "UPDATE lexicon l JOIN term t ON t.term_id = l.term_id SET l.magnitude = 0 "
            f"WHERE l.term_id IN ({placeholders(term_ids)}) AND t.df = 0",
            sorted(term_ids),
        )


def _count(cursor: Cursor, term_ids: Sequence[int], step: int) -> None:
    # PRIMARY of term: one UPDATE over sorted ids; one a term, in any order, deadlocks. df is unsigned:
    # a count that is off (the audit recounts) must not end a deletion, so it stops at zero.
    if not term_ids:
        return
    sql = (
        f"UPDATE term SET df = IF(%s > 0, df + 1, IF(df > 0, df - 1, 0)) "
        f"WHERE term_id IN ({placeholders(term_ids)})"
    )
    cursor.execute(sql, [step, *sorted(term_ids)])


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[at : at + CHUNK] for at in range(0, len(values), CHUNK))
