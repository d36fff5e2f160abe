"""Tags that begin with what somebody has typed, and how many pictures carry each."""

from stockroom.database import Database
from stockroom.models import TagCount, TagsResponse
from stockroom.search.documents import prefix_range, shown_tag
from stockroom.search.text import tag, tag_term

DEFAULT_LIMIT = 10
MAX_LIMIT = 50
LEXICON_ROWS = 5000
"""Surface forms looked at: with more tags than that behind a prefix, some wait for its next letter."""


def starting_with(db: Database, prefix: str, limit: int = DEFAULT_LIMIT) -> TagsResponse:
    """The commonest tags that begin with `prefix` (with or without `#`, in any case, accents or not)."""
    rows = _select(db, tag_term(tag(prefix)), limit)
    return TagsResponse([TagCount(shown_tag(bytes(surface)), count) for surface, count in rows])


def _select(db: Database, prefix: str, limit: int) -> list[tuple[bytes, int]]:
    # PRIMARY (surface, term_id) of lexicon: the prefix's range, 5,000 rows at most, one probe of term each.
    sql = (
        "SELECT MAX(l.surface), t.df FROM (SELECT surface, term_id FROM lexicon "
        f"WHERE surface >= %s AND surface < %s ORDER BY surface LIMIT {LEXICON_ROWS}) l "
        "STRAIGHT_JOIN term t ON t.term_id = l.term_id WHERE t.df > 0 "
        f"GROUP BY t.term_id, t.df, t.term ORDER BY t.df DESC, t.term LIMIT {limit:d}"
    )
    return [(row[0], row[1]) for row in db.query(sql, prefix_range(prefix))]
