"""The counts of the index, counted anew: `df` is kept near-true by every write and made true by this."""

from collections.abc import Mapping

from stockroom.runtime.database import Database, placeholders

CHUNK = 200
"""Terms a statement: a common one has many postings, and no statement should run for long."""


def recount(db: Database) -> int:
    """Make `df` true for every term, and the lexicon's magnitudes with it; how many counts were off.

    Pictures may come and go meanwhile: each count and the `df` beside it are of one moment, and what is
    written is their difference.
    """
    corrected = 0
    ((last,),) = db.query("SELECT COALESCE(MAX(term_id), 0) FROM term")
    for first in range(0, int(last) + 1, CHUNK):
        wrong = _differences(db, first, first + CHUNK)
        if wrong:
            _correct(db, wrong)
            corrected += len(wrong)
        _classify(db, first, first + CHUNK)
    return corrected


def _differences(db: Database, first: int, end: int) -> dict[int, int]:
    # PRIMARY of term and of posting, each a range.
    rows = db.query(
        "SELECT t.term_id, COUNT(p.image_id) - CAST(t.df AS SIGNED) FROM term t "
        "LEFT JOIN posting p ON p.term_id = t.term_id WHERE t.term_id >= %s AND t.term_id < %s "
        "GROUP BY t.term_id, t.df HAVING COUNT(p.image_id) <> t.df",
        (first, end),
    )
    return {term_id: int(difference) for term_id, difference in rows}


def _correct(db: Database, differences: Mapping[int, int]) -> None:
    cases = " ".join(f"WHEN {term_id:d} THEN {by:d}" for term_id, by in differences.items())
    db.run_transaction(
        lambda cursor: cursor.execute(
            f"UPDATE term SET df = GREATEST(CAST(df AS SIGNED) + CASE term_id {cases} END, 0) "
            f"WHERE term_id IN ({placeholders(differences)})",
            sorted(differences),
        )
    )


def _classify(db: Database, first: int, end: int) -> None:
    # KEY term of lexicon; rows that already say so are not written.
    db.execute(
        "UPDATE lexicon l JOIN term t ON t.term_id = l.term_id "
        "SET l.magnitude = IF(t.df = 0, 0, (LENGTH(BIN(t.df)) + 1) DIV 2) "
        "WHERE l.term_id >= %s AND l.term_id < %s",
        (first, end),
    )
