"""Completions: tags and words that begin with what somebody has typed, and how many pictures have each."""

from typing import NamedTuple

from stockroom.analysis.folding import fold
from stockroom.analysis.stop_words import STOP_WORDS
from stockroom.analysis.terms import normalize_tag, tag_term
from stockroom.runtime.database import Database
from stockroom.search.index import lexicon
from stockroom.search.index.surface_forms import NAME_MARK, decode_tag
from stockroom.search.index.term_dictionary import find_commonest

MAX_STOP_WORDS = 20
"""Stop words that may be among the commonest words behind a prefix."""
MIN_FORMS = 150
"""Surface forms that are read at least: enough for the commonest terms to be among them."""


class Completion(NamedTuple):
    """A term that begins with a prefix, by the surface form that is first in the alphabet."""

    term_id: int
    surface: bytes
    df: int


def complete_tags(db: Database, prefix: str, limit: int) -> list[tuple[str, int]]:
    """The commonest tags that begin with a prefix (with or without `#`, in any case, accents or not)."""
    return [(decode_tag(each.surface), each.df) for each in find_tags(db, prefix, limit)]


def find_tags(db: Database, prefix: str, limit: int) -> list[Completion]:
    """The same tags, as terms. Two statements."""
    return _complete(db, tag_term(normalize_tag(prefix)), limit)


def complete_words(db: Database, prefix: str, limit: int) -> list[tuple[str, int]]:
    """The commonest words that begin with a prefix, each in the form that is first in the alphabet."""
    start = fold(prefix).strip()
    if not start or start.startswith(("#", NAME_MARK)):
        return []
    completions = _complete(db, start, limit + MAX_STOP_WORDS)
    words = [(each.surface.decode(), each.df) for each in completions]
    return [(word, df) for word, df in words if word not in STOP_WORDS][:limit]


def _complete(db: Database, prefix: str, limit: int) -> list[Completion]:
    """The commonest terms that begin with a prefix."""
    # Two statements: with the first one as a derived table, MySQL reads all ranges of the lexicon far ahead.
    first_forms: dict[int, bytes] = {}
    for surface, term_id in lexicon.find_forms(db, prefix, max(MIN_FORMS, 3 * limit)):
        first_forms[term_id] = min(surface, first_forms.get(term_id, surface))
    if not first_forms:
        return []
    commonest = find_commonest(db, first_forms, limit)
    return [Completion(term.term_id, first_forms[term.term_id], term.df) for term in commonest]
