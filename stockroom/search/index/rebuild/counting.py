"""The df of the terms, which belong to both indexes and are set once the new one is in place."""

import json
from collections.abc import Iterator, Mapping

from stockroom.runtime.database import Database

TERMS_PER_STATEMENT = 5_000


def find_missing(db: Database, df: Mapping[int, int]) -> set[int]:
    """The terms of the new index that do not exist any more."""
    missing = {term_id for term_id, count in df.items() if count}
    for term_id, _ in _list_terms(db):
        missing.discard(term_id)
    return missing


def announce_new_terms(db: Database, df: Mapping[int, int]) -> int:
    """Give terms that no picture of the old index has their df in the new one; how many.

    So that they are known words from the moment on at which the new index is in place. In the old one they
    find nothing.
    """
    return _set_df(
        db, {term_id: df[term_id] for term_id, now in _list_terms(db) if not now and df.get(term_id, 0)}
    )


def set_df(db: Database, df: Mapping[int, int]) -> int:
    """Set the df of all terms; how many had another one."""
    return _set_df(
        db,
        {
            term_id: max(df.get(term_id, 0), 0)
            for term_id, now in _list_terms(db)
            if now != df.get(term_id, 0)
        },
    )


def _set_df(db: Database, df: Mapping[int, int]) -> int:
    numbers = sorted(df.items())
    for start in range(0, len(numbers), TERMS_PER_STATEMENT):
        # PRIMARY of term: one UPDATE in the order of the ids.
        db.execute(
            "UPDATE JSON_TABLE(%s, '$[*]' COLUMNS (term_id INT UNSIGNED PATH '$[0]', df INT UNSIGNED "
            "PATH '$[1]')) j STRAIGHT_JOIN term t FORCE INDEX (PRIMARY) ON t.term_id = j.term_id "
            "SET t.df = j.df",
            (json.dumps(numbers[start : start + TERMS_PER_STATEMENT]),),
        )
    return len(numbers)


def _list_terms(db: Database) -> Iterator[tuple[int, int]]:
    """All terms in order: id and df."""
    after = 0
    while True:
        rows = db.query(
            "SELECT term_id, df FROM term FORCE INDEX (PRIMARY) WHERE term_id > %s "
            f"ORDER BY term_id LIMIT {TERMS_PER_STATEMENT:d}",
            (after,),
        )
        yield from ((term_id, df) for term_id, df in rows)
        if len(rows) < TERMS_PER_STATEMENT:
            return
        after = rows[-1][0]
