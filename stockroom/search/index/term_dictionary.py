"""The term dictionary: the id and the document frequency (df) of each index term.

df is the number of ready pictures that have the term.
"""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import zip_longest
from typing import NamedTuple

from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database, Row, placeholders
from stockroom.runtime.ttl_cache import TtlCache

REMEMBERED_SECONDS = 60
COMMON_DF = 1000
"""The df from which on a term is remembered."""
MAX_REMEMBERED = 4096


class Term(NamedTuple):
    """A row of the term table. A df of COMMON_DF or more may be up to REMEMBERED_SECONDS old."""

    term_id: int
    df: int


class TermDictionary:
    """Finds and creates terms, and remembers the common ones.

    The id of a term never changes. Its df may be outgrown while it is remembered, so only the choice of a
    plan relies on it. Rare and unknown terms are always read, so that a picture is found as soon as it is
    ready.
    """

    def __init__(self, db: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._common: TtlCache[str, Term] = TtlCache(
            max_entries=MAX_REMEMBERED, seconds=REMEMBERED_SECONDS, clock=clock
        )

    def forget(self) -> None:
        """Forget every term: the database may be another one."""
        self._common.clear()

    def find(self, terms: Iterable[str]) -> dict[str, Term]:
        """Those of the terms that exist. One statement, or none when all of them are remembered."""
        return self.find_with_forms(terms, ())[0]

    def find_with_forms(
        self, terms: Iterable[str], surfaces: Collection[bytes]
    ) -> tuple[dict[str, Term], set[tuple[bytes, int]]]:
        """Those of the terms that exist, and the lexicon's (surface form, term id) pairs for `surfaces`.

        Both come with one statement, or with none when everything is remembered.
        """
        names = set(terms)
        found = self._common.get_many(names)
        unknown = [name.encode() for name in names if name not in found]
        pairs: set[tuple[bytes, int]] = set()
        common: dict[str, Term] = {}
        chunks = zip_longest(split_into_chunks(unknown), split_into_chunks(list(surfaces)), fillvalue=())
        for some_terms, some_surfaces in chunks:
            for is_term, text, term_id, df in _select(self._db, some_terms, some_surfaces):
                if is_term:
                    name, term = bytes(text).decode("utf-8", "replace"), Term(term_id, int(df))
                    found[name] = term
                    if df >= COMMON_DF:
                        common[name] = term
                else:
                    pairs.add((bytes(text), term_id))
        self._common.put_many(common)
        return found, pairs

    def create(self, terms: Collection[str]) -> dict[str, Term]:
        """Terms that did not exist a moment ago, created unless another process was faster.

        Call it outside a transaction: each statement commits at once, so that no transaction ever waits for
        the unique key of a term.
        """
        # Sorted, so that two inserts take their locks in the same order.
        for names in split_into_chunks(sorted(name.encode() for name in terms)):
            self._db.execute(
                f"INSERT INTO term (term, created) VALUES {placeholders(names, '(%s, UTC_TIMESTAMP())')} "
                "ON DUPLICATE KEY UPDATE term = term.term",
                names,
            )
        return self.find(terms)


def find_commonest(db: Database, term_ids: Collection[int], limit: int) -> list[Term]:
    """The commonest of some terms, at most `limit`, without those that no picture has any more."""
    # PRIMARY of term: one probe an id.
    rows = db.query(
        f"SELECT term_id, df FROM term WHERE term_id IN ({placeholders(term_ids)}) AND df > 0 "
        f"ORDER BY df DESC, term LIMIT {limit:d}",
        list(term_ids),
    )
    return [Term(term_id, df) for term_id, df in rows]


def _select(db: Database, terms: Sequence[bytes], surfaces: Sequence[bytes]) -> tuple[Row, ...]:
    """(1, term, term id, df) of terms that exist, and (0, surface form, term id, 0) of forms that do."""
    # UNIQUE term, one probe a term; PRIMARY (surface, term_id) of lexicon, one short range a surface form.
    selects = []
    if terms:
        selects.append(f"SELECT 1, term, term_id, df FROM term WHERE term IN ({placeholders(terms)})")
    if surfaces:
        selects.append(
            f"SELECT 0, surface, term_id, 0 FROM lexicon WHERE surface IN ({placeholders(surfaces)})"
        )
    return db.query(" UNION ALL ".join(selects), [*terms, *surfaces]) if selects else ()
