"""Recounting: every write keeps df nearly true, and `recount` makes df and the df buckets exactly true."""

from collections.abc import Mapping

from stockroom.runtime.database import Database, placeholders
from stockroom.search.index.lexicon import recompute_df_buckets

TERMS_PER_STATEMENT = 200
"""A common term has many postings, and no statement should run for long."""


def recount(db: Database) -> int:
    """Make df true for every term, and the df buckets of the lexicon with it; how many counts were wrong.

    Pictures may come and go meanwhile: a count and the df beside it are read at one moment, and only their
    difference is written.
    """
    corrected = 0
    ((last,),) = db.query("SELECT COALESCE(MAX(term_id), 0) FROM term")
    for first in range(0, int(last) + 1, TERMS_PER_STATEMENT):
        errors = _find_errors(db, first, first + TERMS_PER_STATEMENT)
        if errors:
            _correct_df(db, errors)
            corrected += len(errors)
        recompute_df_buckets(db, first, first + TERMS_PER_STATEMENT)
    return corrected


def _find_errors(db: Database, first: int, end: int) -> dict[int, int]:
    """By how much the df of each wrong term of a range is too low."""
    # PRIMARY of term and of posting, a range of each.
    rows = db.query(
        "SELECT t.term_id, COUNT(p.image_id) - CAST(t.df AS SIGNED) FROM term t "
        "LEFT JOIN posting p ON p.term_id = t.term_id WHERE t.term_id >= %s AND t.term_id < %s "
        "GROUP BY t.term_id, t.df HAVING COUNT(p.image_id) <> t.df",
        (first, end),
    )
    return {term_id: int(difference) for term_id, difference in rows}


def _correct_df(db: Database, errors: Mapping[int, int]) -> None:
    cases = " ".join(f"WHEN {term_id:d} THEN {difference:d}" for term_id, difference in errors.items())
    db.run_transaction(
        lambda cursor: cursor.execute(
            f"UPDATE term SET df = GREATEST(CAST(df AS SIGNED) + CASE term_id {cases} END, 0) "
            f"WHERE term_id IN ({placeholders(errors)})",
            sorted(errors),
        )
    )
