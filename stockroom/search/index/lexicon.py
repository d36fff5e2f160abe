"""The lexicon: the surface forms of each term, by which prefixes and misspelt words find terms.

Each form carries the df bucket of its term in the column `magnitude`. The key (magnitude, surface, term_id)
holds the commonest forms behind any prefix in one short range a bucket, so a read of a few forms touches few
rows, however many forms begin so. Within a bucket the order is that of the alphabet, so callers read a few
more forms than they need.
"""

from collections.abc import Collection, Iterable

from msgspec import Struct
from msgspec.structs import replace
from pymysql.cursors import Cursor

from stockroom.analysis.folding import fold
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database, Row, placeholders
from stockroom.search.index.surface_forms import NAME_MARK
from stockroom.search.index.term_dictionary import Term

DF_BUCKET = "magnitude"
"""The name that migration 0002 gave to the column of the df bucket."""
MAX_LISTED = 199
"""Forms in one list: so few that MySQL looks each up to plan (eq_range_index_dive_limit), and that MariaDB
makes no table of the list (in_predicate_conversion_threshold)."""
_MAX_DF_BUCKET = 16  # df has at most 32 binary digits
_BUCKETS = ", ".join(str(bucket) for bucket in range(_MAX_DF_BUCKET, 0, -1))
BUCKET_OF_DF = "IF(t.df = 0, 0, (LENGTH(BIN(t.df)) + 1) DIV 2)"
"""`compute_df_bucket` as SQL."""
_SET_BUCKETS = (
    f"UPDATE term t STRAIGHT_JOIN lexicon l ON l.term_id = t.term_id SET l.{DF_BUCKET} = {BUCKET_OF_DF}"
)
_BUCKET_ENDS = ", ".join(f"{4**bucket - 1}, {4**bucket}" for bucket in range(_MAX_DF_BUCKET))
"""The first and the last df of each bucket."""


class LexiconEntry(Struct, frozen=True):
    """A surface form, the term it stands for, and the row of that term."""

    surface: str
    name: str
    term: Term


def compute_df_bucket(df: int) -> int:
    """Half the binary digits of df, rounded up: 0 for 0, 1 for 1 to 3, 2 for 4 to 15, 3 for 16 to 63, ….

    A bucket is so wide that few pictures move a term into the next one. Forms in bucket 0 are never read.
    """
    return (df.bit_length() + 1) // 2


def find_forms(db: Database, prefix: str, limit: int) -> list[tuple[bytes, int]]:
    """(surface form, term id) of the `limit` commonest forms that begin with a prefix.

    Words that only names of files have are not among them.
    """
    sql, arguments = _select_by_prefix(prefix, limit)
    return [(bytes(surface), term_id) for surface, term_id in db.query(sql, arguments)]


def find_terms(db: Database, prefix: str, *, max_forms: int, limit: int) -> list[LexiconEntry]:
    """The `limit` commonest terms among those of the `max_forms` commonest forms that begin with a prefix.

    Each with the shortest of these forms. Words of names of files are among them: as many forms again, which
    are not shown, so that the surface is empty where there is no other.
    """
    # KEY commonest of lexicon, `max_forms` entries twice; PRIMARY of term, one probe a form.
    of_texts, arguments = _select_by_prefix(prefix, max_forms)
    of_names, more_arguments = _select_by_prefix(prefix, max_forms, mark=NAME_MARK)
    rows = db.query(
        f"SELECT l.surface, t.term, t.term_id, t.df FROM (({of_texts}) UNION ALL ({of_names})) l "
        "STRAIGHT_JOIN term t ON t.term_id = l.term_id WHERE t.df > 0",
        [*arguments, *more_arguments],
    )
    entries: dict[int, LexiconEntry] = {}
    for entry in map(_decode_entry, rows):
        known = entries.get(entry.term.term_id)
        if entry.surface.startswith(NAME_MARK):
            entries.setdefault(entry.term.term_id, replace(entry, surface=""))
        elif known is None or not known.surface or len(entry.surface) < len(known.surface):
            entries[entry.term.term_id] = entry
    return sorted(entries.values(), key=lambda entry: (-entry.term.df, entry.term.term_id))[:limit]


def find_entries(db: Database, surfaces: Collection[str], names: Collection[str] = ()) -> list[LexiconEntry]:
    """The entries of exactly these surface forms whose terms some picture has.

    Of the terms in `names`, too, each with an empty surface form, unless only names of files have them.
    """
    if not surfaces:
        return []
    # PRIMARY (surface, term_id) of lexicon, one probe a form; PRIMARY of term, one probe for each form found.
    # For a longer list, or while the table's statistics are old, a server may scan the whole lexicon.
    lists = list(split_into_chunks(sorted(surfaces), MAX_LISTED))
    selects = [
        "SELECT l.surface, t.term, t.term_id, t.df FROM lexicon l FORCE INDEX (PRIMARY) "
        "STRAIGHT_JOIN term t ON t.term_id = l.term_id "
        f"WHERE l.surface IN ({placeholders(some)}) AND t.df > 0"
        for some in lists
    ]
    arguments = [surface.encode() for some in lists for surface in some]
    if names:
        # UNIQUE term, one probe a name; KEY term of lexicon, a form that is no word of a file's name. With a
        # LIMIT, a server does not make a table of the lexicon for the subquery.
        selects.append(
            f"SELECT '', t.term, t.term_id, t.df FROM term t WHERE t.term IN ({placeholders(names)}) "
            "AND t.df > 0 AND (SELECT 1 FROM lexicon l FORCE INDEX (term) "
            "WHERE l.term_id = t.term_id AND l.surface >= %s LIMIT 1)"
        )
        arguments += [*(name.encode() for name in sorted(names)), b" "]
    return [_decode_entry(row) for row in db.query(" UNION ALL ".join(selects), arguments)]


def find_entries_by_length(
    db: Database, prefix: str, *, shortest: int, longest: int, max_forms: int
) -> list[LexiconEntry]:
    """The entries of so many letters among the `max_forms` commonest forms that begin with a prefix."""
    # KEY commonest of lexicon, `max_forms` entries; PRIMARY of term, one probe for each of a right length.
    forms, arguments = _select_by_prefix(prefix, max_forms)
    rows = db.query(
        f"SELECT l.surface, t.term, t.term_id, t.df FROM ({forms}) l "
        "STRAIGHT_JOIN term t ON t.term_id = l.term_id "
        "WHERE CHAR_LENGTH(CONVERT(l.surface USING utf8mb4)) BETWEEN %s AND %s AND t.df > 0",
        [*arguments, shortest, longest],
    )
    return [_decode_entry(row) for row in rows]


def insert_forms(db: Database, forms: Iterable[tuple[bytes, int, int]]) -> None:
    """Add (surface form, term id, df bucket) rows; a form that is there already is left as it is."""
    for rows in split_into_chunks(sorted(forms)):
        db.execute(
            f"INSERT INTO lexicon (surface, term_id, {DF_BUCKET}) "
            f"VALUES {placeholders(rows, '(%s, %s, %s)')} ON DUPLICATE KEY UPDATE term_id = lexicon.term_id",
            [value for row in rows for value in row],
        )


def update_df_buckets(cursor: Cursor, term_ids: Collection[int]) -> None:
    """Move the forms of those terms into the right df bucket whose df has just come to another bucket.

    Call it in the transaction that changed the df of the terms by one. A form that no picture has any more
    comes into bucket 0: it would be read before the forms of living terms, and fill the rows that a read may
    have.
    """
    # PRIMARY of term, one probe a term, whose rows the transaction has locked already; KEY term of lexicon,
    # the few forms of each term whose df is the first or the last of a bucket.
    for chunk in split_into_chunks(sorted(term_ids)):
        cursor.execute(
            f"{_SET_BUCKETS} WHERE t.term_id IN ({placeholders(chunk)}) AND t.df IN ({_BUCKET_ENDS})",
            chunk,
        )


def recompute_df_buckets(cursor: Cursor, term_ids: Collection[int]) -> int:
    """Set the df buckets of all forms of some terms; how many forms had a wrong one."""
    # PRIMARY of term; KEY term of lexicon. Rows that have the right bucket are not written.
    return cursor.execute(
        f"{_SET_BUCKETS} WHERE t.term_id IN ({placeholders(term_ids)}) AND l.{DF_BUCKET} <> {BUCKET_OF_DF}",
        sorted(term_ids),
    )


def _select_by_prefix(prefix: str, limit: int, *, mark: str = "") -> tuple[str, tuple[bytes, bytes]]:
    """A SELECT of (surface, term_id) of the `limit` commonest forms behind a prefix, and its arguments."""
    # KEY commonest (magnitude, surface, term_id): one short range a bucket, `limit` entries in all.
    sql = (
        "SELECT surface, term_id FROM lexicon FORCE INDEX (commonest) "
        f"WHERE {DF_BUCKET} IN ({_BUCKETS}) AND surface >= %s AND surface < %s "
        f"ORDER BY {DF_BUCKET} DESC, surface DESC LIMIT {limit:d}"
    )
    start = (mark + fold(prefix)).encode("utf-8", "replace")
    # The byte 0xFF is in no UTF-8 text, so it ends the range of all forms that begin with the prefix.
    return sql, (start, start + b"\xff")


def _decode_entry(row: Row) -> LexiconEntry:
    surface, name, term_id, df = row
    return LexiconEntry(
        bytes(surface).decode("utf-8", "replace"),
        bytes(name).decode("utf-8", "replace"),
        Term(term_id, int(df)),
    )
