"""Names of contributors in a query. A name is no term of the index, as it may change: an owner's id is.

What a query asks for by name becomes the terms of the owners who have that name at this moment. A word that
no picture has may be meant as a name, too.
"""

import re
from collections.abc import Collection, Set
from dataclasses import replace

from stockroom.images.contributor_names import (
    has_words,
    list_searchable_words,
    looks_like_pseudonym,
    split_name,
)
from stockroom.images.owners import find_namesakes
from stockroom.runtime.database import Database
from stockroom.search.filters import CREATOR, owner_term
from stockroom.search.index.term_dictionary import TermDictionary
from stockroom.search.query.parse import Query
from stockroom.search.query.plan import TermStatistics
from stockroom.search.query.rewritten import RewrittenQuery
from stockroom.search.suggest.contributors import Contributor, find_by_words

MAX_NAMESAKES = 16
"""Contributors of one name whose pictures a search by that name finds."""
MAX_EXCLUDED = 100
"""Contributors of one name whose pictures `-by:` excludes. Pictures of further contributors of that name stay
in the result."""
MAX_UNKNOWN_WORDS = 3
"""Words of a query that no picture has and that are looked up among the names of contributors."""

_PLAIN_TEXT = re.compile(r"(?<!\S)[^\s#:-][^\s:]*(?!\S)")
"""What stands between two spaces of a query and is no tag (#), no exclusion (-) and no operator (:)."""


def look_up_names(db: Database, dictionary: TermDictionary, query: Query) -> Query:
    """The query with the terms of the owners who have the names that it asks for.

    One statement for the filter `owner`, and two for `by`; none for a query without names.
    """
    if query.owner_name is not None:
        owner_ids = find_namesakes(db, query.owner_name, MAX_NAMESAKES)
        query = replace(query, owner_terms=tuple(map(owner_term, owner_ids)))
    names = [*query.by_names, *query.excluded_by_names]
    if not names:
        return query
    found = find_by_words(db, dictionary, names, MAX_EXCLUDED)
    alternatives: dict[str, tuple[str, ...]] = {}
    for name in query.by_names:
        for term in CREATOR.query_terms(name):
            alternatives[term] = (*alternatives.get(term, ()), *_list_terms(found[name][:MAX_NAMESAKES]))
    excluded = [term for name in query.excluded_by_names for term in _list_terms(found[name])]
    return replace(
        query,
        alternatives={**query.alternatives, **alternatives},
        excluded_terms=tuple(dict.fromkeys([*query.excluded_terms, *excluded])),
    )


def interpret_words_as_names(
    db: Database, dictionary: TermDictionary, query: Query, statistics: TermStatistics
) -> RewrittenQuery | None:
    """The query with words of it read as `by:` and the word; None when no word is to be read so.

    These are words that no picture has and that are words of contributors' names, and with them the other
    words of the same names. At most three statements: two find the contributors, one the terms of the query.
    """
    typed = query.typed_words
    unknown = [typed[term] for term in query.words if term in typed and not statistics.is_known(term)]
    if not unknown:
        return None
    found = find_by_words(db, dictionary, unknown[:MAX_UNKNOWN_WORDS], MAX_NAMESAKES)
    contributors_by_word = {
        word: [each for each in contributors if not looks_like_pseudonym(each.name)]
        for word, contributors in found.items()
    }
    searchable_words = {
        each: list_searchable_words(each.name)
        for contributors in contributors_by_word.values()
        for each in contributors
    }
    for word in set(typed.values()) - set(unknown):
        contributors_by_word[word] = [
            each for each, words_of_name in searchable_words.items() if has_words(words_of_name, [word])
        ]
    text, name_words = _write_by_before(
        query.text, {word for word, contributors in contributors_by_word.items() if contributors}
    )
    owner_terms = {
        term: _list_terms(contributors_by_word[typed[term]])
        for term in query.words
        if typed.get(term) in name_words
    }
    if not owner_terms:
        return None
    alternatives = {CREATOR.query_terms(typed[term])[0]: terms for term, terms in owner_terms.items()}
    rewritten = replace(
        query,
        words=tuple(term for term in query.words if term not in owner_terms),
        last_word=None,
        filters=(*query.filters, *alternatives),
        alternatives={**query.alternatives, **alternatives},
        text=text,
    )
    new_statistics = TermStatistics(dictionary.find([*statistics.terms, *rewritten.terms()]))
    return RewrittenQuery(rewritten, new_statistics, text)


def accept_related_words(query: Query, statistics: TermStatistics, names: Set[str]) -> Query:
    """The query with the related words of those words that are read as names as further alternatives.

    A "vogel" may be meant as the contributor of that name, or as a bird. `names` are the terms of such words.
    """
    alternatives = dict(query.alternatives)
    for term in names & statistics.related.keys():
        (creator_term,) = CREATOR.query_terms(query.typed_words[term])
        alternatives[creator_term] = (*alternatives.get(creator_term, ()), *statistics.related[term])
    return replace(query, alternatives=alternatives)


def _list_terms(contributors: list[Contributor]) -> tuple[str, ...]:
    return tuple(owner_term(each.owner_id) for each in contributors)


def _write_by_before(text: str, words: Collection[str]) -> tuple[str, set[str]]:
    """`text` with `by:` before each plain text that consists of `words` alone, and which words these are.

    Phrases, tags, exclusions and operators stay as they are.
    """
    written: set[str] = set()

    def write_by(match: re.Match[str]) -> str:
        words_of_text = split_name(match.group())
        if not words_of_text or not all(word in words for word in words_of_text):
            return match.group()
        written.update(words_of_text)
        return f"{CREATOR.name}:{match.group()}"

    parts = re.split(r'("[^"]*"?)', text)
    with_by = [part if part.startswith('"') else _PLAIN_TEXT.sub(write_by, part) for part in parts]
    return "".join(with_by), written
