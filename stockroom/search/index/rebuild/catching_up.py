"""Pictures that have changed since they were indexed are indexed again: before the swap, and after it.

Before the swap the functions write the old tables, and nobody but the rebuild writes the new ones. After it
the functions write the new tables, so that everything happens under the locks of the pictures' rows.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images.repository import indexing
from stockroom.images.repository.indexing import list_ranges, lock_rows, read_fingerprints
from stockroom.images.repository.pictures import find_in_states
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database
from stockroom.search.index.document import build_document
from stockroom.search.index.posting_writer import (
    CHUNK_POSTINGS,
    PAIRS,
    Posting,
    StaleEntries,
    delete_terms,
    read_weights,
    write_postings,
)
from stockroom.search.index.rebuild import records
from stockroom.search.index.rebuild.indexing import Analyse
from stockroom.search.index.rebuild.runs import Form
from stockroom.search.index.rebuild.tables import POSTING, SKIP
from stockroom.search.index.resolver import Entries, Resolver
from stockroom.search.index.skip_pointers import is_sampled
from stockroom.search.index.term_dictionary import TermDictionary

ROWS_PER_RANGE = 20_000
PICTURES_PER_TRANSACTION = 100
ROWS_PER_TRANSACTION = 500
"""Of rows in which nothing but the record of their terms is written."""


class _Resolved(NamedTuple):
    """The entries of pictures, and the fingerprint that each had before it was read."""

    entries: dict[int, Entries]
    fingerprints: dict[int, int]

    def list_records(self, image_ids: Iterable[int]) -> dict[int, tuple[int, Collection[int]]]:
        return {
            image_id: (self.fingerprints[image_id], self.entries[image_id].weights.keys())
            for image_id in image_ids
        }


class CatchingUp:
    """Indexes changed pictures again, in the tables of `owner`; Overtaken where they are another rebuild's.

    `forms` are the surface forms of all of them.
    """

    def __init__(self, db: Database, owner: str, analyse: Analyse = build_document) -> None:
        self._db = db
        self._owner = owner
        self._analyse = analyse
        self._resolver = Resolver(db, TermDictionary(db))
        self.forms: set[Form] = set()

    def catch_up(self, df: Counter[int]) -> list[int]:
        """Bring the new tables up to date, before the swap; the pictures that had changed.

        `df` counts the postings of the new tables.
        """
        found: list[int] = []
        for image_ids in self._list_changes():
            self._rebuild(image_ids, df)
            found += image_ids
        return found

    def catch_up_in_place(self) -> tuple[int, bool]:
        """Bring the index up to date, after the swap: how many pictures had changed, and whether that is all.

        A picture that is edited at this very moment is left to the next time.
        """
        count, is_complete = 0, True
        for image_ids in self._list_changes():
            is_complete = self._reindex(image_ids) and is_complete
            count += len(image_ids)
        return count, is_complete

    def _list_changes(self) -> Iterator[list[int]]:
        for id_range in list_ranges(self._db, ROWS_PER_RANGE):
            changes = records.find_changes(self._db, id_range)
            for chunk in split_into_chunks([*changes.changed, *changes.gone], PICTURES_PER_TRANSACTION):
                yield list(chunk)

    def _resolve(self, image_ids: Collection[int]) -> _Resolved:
        """What pictures are indexed by. The fingerprints are read first: a change in between is noticed."""
        fingerprints = self._db.run_transaction(lambda cursor: read_fingerprints(cursor, image_ids))
        stated = find_in_states(self._db, fingerprints.keys(), ("ready",))
        documents = {image_id: self._analyse(each.picture) for image_id, each in stated.items()}
        entries = self._resolver.resolve_all(documents)
        for image_id, document in documents.items():
            ids = {name: term_id for term_id, name in entries[image_id].terms.items()}
            self.forms.update((surface, ids[name]) for surface, name in document.surface_forms())
        return _Resolved(entries, fingerprints)

    def _rebuild(self, image_ids: Collection[int], df: Counter[int]) -> None:
        resolved = self._resolve(image_ids)

        def write(cursor: Cursor) -> tuple[list[Posting], dict[Posting, int]]:
            former = [
                (term_id, image_id)
                for image_id, term_ids in records.read_terms(cursor, image_ids).items()
                for term_id in sorted(term_ids)
            ]
            weights = {
                (term_id, image_id): weight
                for image_id, each in resolved.entries.items()
                for term_id, weight in each.weights.items()
            }
            _replace(cursor, former, weights)
            gone = [image_id for image_id in image_ids if image_id not in resolved.entries]
            records.replace(cursor, resolved.list_records(resolved.entries), gone, owner=self._owner)
            return former, weights

        former, weights = self._db.run_transaction(write)
        df.subtract(term_id for term_id, _ in former)
        df.update(term_id for term_id, _ in weights)

    def _reindex(self, image_ids: Collection[int]) -> bool:
        resolved = self._resolve(image_ids)

        def write(cursor: Cursor) -> bool:
            rows = lock_rows(cursor, image_ids)
            now = read_fingerprints(cursor, image_ids)
            built = records.read_terms(cursor, image_ids)
            # What was indexed by the rebuild and what the row says may both be in the tables.
            may_be_there = {
                image_id: {*built.get(image_id, ()), *(row.term_ids or ())} for image_id, row in rows.items()
            }
            unchanged = [
                image_id
                for image_id in resolved.entries
                if now.get(image_id) == resolved.fingerprints[image_id]
            ]
            indexing.record_terms(cursor, {image_id: may_be_there[image_id] for image_id in unchanged})
            write_postings(cursor, {image_id: resolved.entries[image_id] for image_id in unchanged})
            gone = [image_id for image_id in image_ids if image_id not in now]
            delete_terms(
                cursor,
                {image_id: may_be_there.get(image_id, built.get(image_id, frozenset())) for image_id in gone},
            )
            records.replace(cursor, resolved.list_records(unchanged), gone, owner=self._owner)
            return len(unchanged) + len(gone) == len(image_ids)

        try:
            return self._db.run_transaction(write)
        except StaleEntries:
            # A term was swept in between. The pictures are found again the next time.
            self._resolver = Resolver(self._db, TermDictionary(self._db))
            return False


def record_both(db: Database, image_ids: Collection[int] | None = None) -> None:
    """Have the rows of some pictures, or of all, record the terms of both indexes, before the swap.

    Then each posting is recorded, on either side of the swap: whoever removes a picture finds them all, and
    the audit takes none for a wrong one. A row without a record needs none: its terms are looked for in all
    lists.
    """

    def record(cursor: Cursor, some: Collection[int]) -> None:
        built = records.read_terms(cursor, some)
        rows = lock_rows(cursor, some).values()
        indexing.record_terms(
            cursor,
            {
                row.image_id: row.term_ids | built.get(row.image_id, frozenset())
                for row in rows
                if row.state == "ready"
                and row.term_ids is not None
                and not built.get(row.image_id, frozenset()) <= row.term_ids
            },
        )

    chunks = (
        _list_otherwise_recorded(db, with_unrecorded=False)
        if image_ids is None
        else split_into_chunks(list(image_ids), ROWS_PER_TRANSACTION)
    )
    for chunk in chunks:
        db.run_transaction(partial(record, some=chunk))


def record_what_is_there(db: Database, *, is_swapped: bool) -> None:
    """Have rows record the terms that they are indexed by, of those that are recorded and those of the build.

    After the swap, and also where there was none after `record_both`. A row without a record is then left
    alone in the old index, whose terms may be others; in the new one it is as the rebuild has made it, unless
    somebody has indexed it since, and recorded that.
    """

    def record(cursor: Cursor, image_ids: Collection[int]) -> None:
        built = records.read_terms(cursor, image_ids)
        rows = {
            image_id: row
            for image_id, row in lock_rows(cursor, image_ids).items()
            if row.state == "ready" and (is_swapped or row.term_ids is not None)
        }
        there = read_weights(
            cursor,
            [
                (term_id, image_id)
                for image_id, row in rows.items()
                for term_id in {*built.get(image_id, ()), *(row.term_ids or ())}
            ],
        )
        found: dict[int, set[int]] = {image_id: set() for image_id in rows}
        for term_id, image_id in there:
            found[image_id].add(term_id)
        indexing.record_terms(cursor, found)

    for chunk in _list_otherwise_recorded(db, with_unrecorded=is_swapped):
        db.run_transaction(partial(record, image_ids=chunk))


def _list_otherwise_recorded(db: Database, *, with_unrecorded: bool) -> Iterator[Collection[int]]:
    for id_range in list_ranges(db, ROWS_PER_RANGE):
        yield from split_into_chunks(
            records.find_otherwise_recorded(db, id_range, with_unrecorded=with_unrecorded),
            ROWS_PER_TRANSACTION,
        )


def _replace(cursor: Cursor, former: Collection[Posting], weights: Mapping[Posting, int]) -> None:
    """Replace postings of the new tables. Nobody else writes them. Primary key, in its order."""
    for table in (POSTING, SKIP):
        for chunk in split_into_chunks(sorted(former), CHUNK_POSTINGS):
            cursor.execute(
                f"DELETE p FROM {PAIRS} STRAIGHT_JOIN {table} p FORCE INDEX (PRIMARY) "
                "ON p.term_id = j.term_id AND p.image_id = j.number",
                (json.dumps(chunk),),
            )
    for some in split_into_chunks(sorted(weights.items()), CHUNK_POSTINGS):
        values = ",".join([f"({term_id:d},{image_id:d},{n:d})" for (term_id, image_id), n in some])
        cursor.execute(f"INSERT INTO {POSTING} (term_id, image_id, weight) VALUES {values}")
    skips = [posting for posting in sorted(weights) if is_sampled(posting[1])]
    for chunk in split_into_chunks(skips, CHUNK_POSTINGS):
        values = ",".join([f"({term_id:d},{image_id:d})" for term_id, image_id in chunk])
        cursor.execute(f"INSERT INTO {SKIP} (term_id, image_id) VALUES {values}")
