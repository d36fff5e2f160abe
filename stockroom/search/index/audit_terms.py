"""The step of the audit that looks at terms: counts and surface forms fit, and terms of nothing are swept."""

from collections.abc import Collection

from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.runtime.database import Database, Row, placeholders
from stockroom.search.index import lexicon, skip_pointers
from stockroom.search.index.audit_report import IndexAudit, Kind

TERMS_PER_PAGE = 200
POSTINGS_PER_ROW = 10
"""How many postings are counted in the time of an audited one."""
UNUSED_HOURS = 24
"""The age from which on a term that no picture has is swept: its picture may be about to be published."""
LAST_ID = (1 << 32) - 1


def audit_terms(
    db: Database, report: IndexAudit, id_range: tuple[int, int], limit: int, *, repair: bool
) -> tuple[int, ...] | None:
    """Audit the terms of a range of ids; the id to go on behind, or None at its end.

    The range begins behind its first id and ends with its last one.
    """
    after, end = id_range
    last = min(choose_last(db, after, limit * POSTINGS_PER_ROW), end)
    term_range = (after, last)
    _audit_df(db, report, term_range, repair=repair)
    _audit_df_buckets(db, report, term_range, repair=repair)
    _sweep_unused(db, report, term_range, repair=repair)
    _sweep_dangling_forms(db, report, term_range, repair=repair)
    _sweep_skip_pointers(db, report, term_range, repair=repair)
    return None if last == end else (last,)


def recount(db: Database, limit: int) -> int:
    """Make the df of every term and the df buckets of the lexicon true; how many df were wrong."""
    report = IndexAudit()
    after = 0
    while after != LAST_ID:
        last = choose_last(db, after, limit * POSTINGS_PER_ROW)
        _audit_df(db, report, (after, last), repair=True)
        _audit_df_buckets(db, report, (after, last), repair=True)
        after = last
    return report.repaired.get("wrong-df", 0)


def choose_last(db: Database, after: int, max_postings: int) -> int:
    """The last id of a range of terms that have about so many postings together, at least one term."""
    # PRIMARY of term.
    rows = db.query(
        f"SELECT term_id, df FROM term WHERE term_id > %s ORDER BY term_id LIMIT {TERMS_PER_PAGE:d}", (after,)
    )
    postings = 0
    for place, (term_id, df) in enumerate(rows):
        postings += df
        if postings >= max_postings and place + 1 < len(rows):
            return int(term_id)
    return int(rows[-1][0]) if len(rows) == TERMS_PER_PAGE else LAST_ID


def _audit_df(db: Database, report: IndexAudit, term_range: tuple[int, int], *, repair: bool) -> None:
    # PRIMARY of term and of posting, a range of each.
    rows = db.query(
        "SELECT t.term_id, t.term, t.df, COUNT(p.image_id) FROM term t "
        "LEFT JOIN posting p ON p.term_id = t.term_id WHERE t.term_id > %s AND t.term_id <= %s "
        "GROUP BY t.term_id, t.term, t.df HAVING COUNT(p.image_id) <> t.df",
        term_range,
    )
    for term_id, name, df, count in rows:
        report.note("wrong-df", f"{_decode(name)} ({term_id}): {df} instead of {count}")
    wrong = sorted(row[0] for row in rows)
    if wrong and repair:
        db.run_transaction(lambda cursor: _correct_df(cursor, wrong))
        report.note_repaired("wrong-df", len(wrong))


def _correct_df(cursor: Cursor, term_ids: Collection[int]) -> None:
    """Set the df of some terms to the number of their postings.

    A picture is published or removed by a transaction that writes postings and then counts. While the rows of
    the terms are locked, no such transaction can end, so what is counted here fits.
    """
    # PRIMARY of term; PRIMARY of posting, the lists of these terms.
    cursor.execute(
        f"SELECT term_id FROM term WHERE term_id IN ({placeholders(term_ids)}) FOR UPDATE", sorted(term_ids)
    )
    cursor.execute(
        f"SELECT term_id, COUNT(*) FROM posting WHERE term_id IN ({placeholders(term_ids)}) GROUP BY term_id",
        sorted(term_ids),
    )
    counts = dict.fromkeys(term_ids, 0) | dict(cursor.fetchall())
    cases = " ".join(f"WHEN {term_id:d} THEN {count:d}" for term_id, count in counts.items())
    cursor.execute(
        f"UPDATE term SET df = CASE term_id {cases} END WHERE term_id IN ({placeholders(term_ids)})",
        sorted(term_ids),
    )


def _audit_df_buckets(db: Database, report: IndexAudit, term_range: tuple[int, int], *, repair: bool) -> None:
    # PRIMARY of term; KEY term of lexicon, the few forms of each term.
    rows = db.query(
        "SELECT l.term_id, l.surface FROM term t STRAIGHT_JOIN lexicon l ON l.term_id = t.term_id "
        f"WHERE t.term_id > %s AND t.term_id <= %s AND l.{lexicon.DF_BUCKET} <> {lexicon.BUCKET_OF_DF}",
        term_range,
    )
    _note_forms(report, rows, "wrong-df-bucket")
    term_ids = {term_id for term_id, _ in rows}
    if term_ids and repair:
        corrected = db.run_transaction(lambda cursor: lexicon.recompute_df_buckets(cursor, term_ids))
        report.note_repaired("wrong-df-bucket", corrected)


def _sweep_unused(db: Database, report: IndexAudit, term_range: tuple[int, int], *, repair: bool) -> None:
    # PRIMARY of term; PRIMARY of posting, one probe for each term without a picture.
    rows = db.query(
        "SELECT t.term_id, t.term FROM term t LEFT JOIN posting p ON p.term_id = t.term_id "
        "WHERE t.term_id > %s AND t.term_id <= %s AND t.df = 0 AND p.term_id IS NULL "
        "AND (t.created IS NULL OR t.created < UTC_TIMESTAMP() - INTERVAL %s HOUR)",
        (*term_range, UNUSED_HOURS),
    )
    for term_id, name in rows:
        report.note("unused-term", f"{_decode(name)} ({term_id})")
    term_ids = [term_id for term_id, _ in rows]
    if term_ids and repair:
        deleted = db.run_transaction(lambda cursor: _delete_unused(cursor, term_ids))
        report.note_repaired("unused-term", deleted)


def _delete_unused(cursor: Cursor, term_ids: Collection[int]) -> int:
    """Delete those of some terms that no picture has, with their surface forms; how many.

    Whoever publishes a picture with such a term counts it up in the same transaction: either before this one
    locks the row, which then has a df, or in vain afterwards, and the picture's event comes again.
    """
    cursor.execute(
        f"SELECT t.term_id FROM term t WHERE t.term_id IN ({placeholders(term_ids)}) AND t.df = 0 FOR UPDATE",
        sorted(term_ids),
    )
    locked = [term_id for (term_id,) in cursor.fetchall()]
    if not locked:
        return 0
    # A term whose df is wrong has postings.
    cursor.execute(f"SELECT DISTINCT term_id FROM posting WHERE term_id IN ({placeholders(locked)})", locked)
    unused = sorted({*locked} - {term_id for (term_id,) in cursor.fetchall()})
    if not unused:
        return 0
    cursor.execute(f"DELETE FROM lexicon WHERE term_id IN ({placeholders(unused)})", unused)
    return cursor.execute(f"DELETE FROM term WHERE term_id IN ({placeholders(unused)})", unused)


def _sweep_dangling_forms(
    db: Database, report: IndexAudit, term_range: tuple[int, int], *, repair: bool
) -> None:
    """Forms of terms that are gone. The id of a term is never given to another, so nobody misses them."""
    # KEY term of lexicon; PRIMARY of term, one probe a form.
    dangling = (
        "FROM lexicon l LEFT JOIN term t ON t.term_id = l.term_id "
        "WHERE l.term_id > %s AND l.term_id <= %s AND t.term_id IS NULL"
    )
    rows = db.query(f"SELECT l.term_id, l.surface {dangling}", term_range)
    _note_forms(report, rows, "dangling-form")
    if rows and repair:
        report.note_repaired("dangling-form", db.execute(f"DELETE l {dangling}", term_range))


def _sweep_skip_pointers(
    db: Database, report: IndexAudit, term_range: tuple[int, int], *, repair: bool
) -> None:
    # PRIMARY of posting_skip; PRIMARY of posting, one probe a row.
    dangling = (
        "FROM posting_skip s LEFT JOIN posting p ON p.term_id = s.term_id AND p.image_id = s.image_id "
        "WHERE s.term_id > %s AND s.term_id <= %s "
        f"AND (p.term_id IS NULL OR CRC32(s.image_id) %% {skip_pointers.STRIDE} <> 0)"
    )
    rows = db.query(f"SELECT s.term_id, s.image_id {dangling}", term_range)
    for term_id, image_id in rows:
        report.note("dangling-skip-pointer", f"{ids.encode(image_id)} term {term_id}")
    if rows and repair:
        report.note_repaired("dangling-skip-pointer", db.execute(f"DELETE s {dangling}", term_range))


def _note_forms(report: IndexAudit, rows: Collection[Row], kind: Kind) -> None:
    for term_id, surface in rows:
        report.note(kind, f"{_decode(surface)} ({term_id})")


def _decode(text: bytes) -> str:
    return bytes(text).decode("utf-8", "replace")
