"""Tags and words that begin with what somebody has typed, and how many pictures have each."""

from stockroom.analysis.folding import fold
from stockroom.analysis.stop_words import STOP_WORDS
from stockroom.analysis.tokens import tag, tag_term
from stockroom.runtime.database import Database, placeholders
from stockroom.search.index.document import shown_tag
from stockroom.search.index.lexicon import beginning_with

DEFAULT_LIMIT = 10
MAX_LIMIT = 50
STOPS = 20
"""Stop words that may stand among the commonest words behind a prefix."""
LOOKED_AT = 150
"""Surface forms looked at, the commonest first: enough for the commonest terms among them to be right."""


def complete_tags(db: Database, prefix: str, limit: int = DEFAULT_LIMIT) -> list[tuple[str, int]]:
    """The commonest tags that begin with `prefix` (with or without `#`, in any case, accents or not)."""
    rows = _select(db, tag_term(tag(prefix)), limit)
    return [(shown_tag(surface), count) for surface, count in rows]


def complete_words(db: Database, prefix: str, limit: int = DEFAULT_LIMIT) -> list[tuple[str, int]]:
    """The commonest words that begin with `prefix`, each in the form that comes first in the alphabet."""
    start = fold(prefix).strip()
    if not start or start.startswith("#"):
        return []
    rows = [(surface.decode(), count) for surface, count in _select(db, start, limit + STOPS)]
    telling = [(word, count) for word, count in rows if word not in STOP_WORDS]
    return telling[:limit]


def _select(db: Database, prefix: str, limit: int) -> list[tuple[bytes, int]]:
    """The first form of each of the commonest terms, and how many pictures have it."""
    # Two statements: as a derived table MySQL reads all ranges of the lexicon far ahead, 1 ms for nothing.
    source, arguments = beginning_with(prefix, max(LOOKED_AT, 3 * limit))
    forms: dict[int, bytes] = {}
    for surface, term_id in db.query(source, arguments):
        forms[term_id] = min(surface, forms.get(term_id, surface))
    if not forms:
        return []
    # PRIMARY of term, one probe each.
    counts = db.query(
        f"SELECT term_id, df FROM term WHERE term_id IN ({placeholders(forms)}) AND df > 0 "
        f"ORDER BY df DESC, term LIMIT {limit:d}",
        list(forms),
    )
    return [(bytes(forms[term_id]), df) for term_id, df in counts]
