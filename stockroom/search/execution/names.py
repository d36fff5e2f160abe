"""Names of contributors in a query. A name is no term of the index, as it may change: an owner's id is.

What a query asks for by name becomes the terms of the owners who have that name at this moment. A word that
no picture has may be meant as a name, too.
"""

import re
from dataclasses import replace

from stockroom.analysis.folding import fold
from stockroom.images.owners import find_namesakes, has_words, looks_like_pseudonym
from stockroom.runtime.database import Database
from stockroom.search.filters import CREATOR, owner_term
from stockroom.search.index.term_dictionary import TermDictionary
from stockroom.search.query.parse import Query
from stockroom.search.query.plan import TermStatistics
from stockroom.search.suggest.contributors import Contributor, find_by_words
from stockroom.search.suggest.spelling import Correction

MAX_NAMESAKES = 16
"""Contributors of one name whose pictures a search by that name finds."""
MAX_NAME_WORDS = 3
"""Words that no picture has which are looked up among the names of contributors."""


def look_up_names(db: Database, dictionary: TermDictionary, query: Query) -> Query:
    """The query with the terms of the owners who have the names that it asks for.

    One statement for the filter `owner`, and two for `by`; none for a query without names.
    """
    if query.owner_name is not None:
        owner_ids = find_namesakes(db, query.owner_name, MAX_NAMESAKES)
        query = replace(query, owner_terms=tuple(map(owner_term, owner_ids)))
    names = [*query.creator_names, *query.excluded_creator_names]
    if not names:
        return query
    found = find_by_words(db, dictionary, names, MAX_NAMESAKES)
    alternatives: dict[str, tuple[str, ...]] = {}
    for name in query.creator_names:
        for term in CREATOR.query_terms(name):
            alternatives[term] = (*alternatives.get(term, ()), *_list_terms(found[name]))
    excluded = [term for name in query.excluded_creator_names for term in _list_terms(found[name])]
    return replace(
        query,
        alternatives=alternatives,
        excluded_terms=tuple(dict.fromkeys([*query.excluded_terms, *excluded])),
    )


def read_names(
    db: Database, dictionary: TermDictionary, query: Query, statistics: TermStatistics
) -> Correction | None:
    """The query with words of it read as `by:` and the word; None when no word is to be read so.

    These are words that no picture has and that are words of contributors' names, and with them the other
    words of the same names. At most three statements.
    """
    typed = query.typed_words
    unknown = [term for term in query.words if term in typed and not statistics.is_known(term)][
        :MAX_NAME_WORDS
    ]
    if not unknown:
        return None
    found = {
        typed_word: [each for each in contributors if not looks_like_pseudonym(each.name)]
        for typed_word, contributors in find_by_words(
            db, dictionary, [typed[term] for term in unknown], MAX_NAMESAKES
        ).items()
    }
    people = {term: found[typed[term]] for term in unknown if found[typed[term]]}
    everybody = list(dict.fromkeys(each for contributors in people.values() for each in contributors))
    for term in query.words:
        if term in typed and term not in people and statistics.is_known(term):
            people[term] = [each for each in everybody if has_words(each.name, [typed[term]])]
    text, read = query.text, dict[str, tuple[str, ...]]()
    for term, contributors in people.items():
        replaced = _mark_name(text, typed[term])
        if contributors and replaced != text:
            text = replaced
            read[term] = _list_terms(contributors)
    if not read:
        return None
    names = {CREATOR.query_terms(typed[term])[0]: owner_terms for term, owner_terms in read.items()}
    named = replace(
        query,
        words=tuple(term for term in query.words if term not in read),
        last_word=None,
        filters=(*query.filters, *names),
        alternatives={**query.alternatives, **names},
        text=text,
    )
    return Correction(named, TermStatistics(dictionary.find([*statistics.terms, *named.terms()])), text)


def _list_terms(contributors: list[Contributor]) -> tuple[str, ...]:
    return tuple(owner_term(each.owner_id) for each in contributors)


def _mark_name(text: str, word: str) -> str:
    """`text` with `by:` before a folded word, wherever it stands by itself."""

    def mark(match: re.Match[str]) -> str:
        return f"{CREATOR.name}:{match.group()}" if fold(match.group()) == word else match.group()

    return re.sub(r"(?<!\S)[^\W_]+(?=[\s,.;!?]|$)", mark, text)
