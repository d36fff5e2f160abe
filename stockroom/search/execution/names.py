"""Names of contributors in a query. A name is no term of the index, as it may change: an owner's id is.

What a query asks for by name becomes the terms of the owners who have that name at this moment. A word that
no picture has may be meant as a name, too.
"""

import re
from collections.abc import Collection
from dataclasses import replace

from stockroom.images.owners import (
    find_namesakes,
    has_words,
    list_own_words,
    looks_like_pseudonym,
    split_name,
)
from stockroom.runtime.database import Database
from stockroom.search.filters import CREATOR, owner_term
from stockroom.search.index.term_dictionary import TermDictionary
from stockroom.search.query.parse import Query
from stockroom.search.query.plan import TermStatistics
from stockroom.search.suggest.contributors import Contributor, find_by_words
from stockroom.search.suggest.spelling import Correction

MAX_NAMESAKES = 16
"""Contributors of one name whose pictures a search by that name finds."""
MAX_EXCLUDED = 100
"""Contributors of one name whose pictures are left out, where they are."""
MAX_NAME_WORDS = 3
"""Words that no picture has which are looked up among the names of contributors."""

_RUN = re.compile(r"(?<!\S)[^\s#:-][^\s:]*(?!\S)")


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
    found = find_by_words(db, dictionary, names, MAX_EXCLUDED)
    alternatives: dict[str, tuple[str, ...]] = {}
    for name in query.creator_names:
        for term in CREATOR.query_terms(name):
            alternatives[term] = (*alternatives.get(term, ()), *_list_terms(found[name][:MAX_NAMESAKES]))
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
    words of the same names. At most three statements, two of them for the names.
    """
    typed = query.typed_words
    unknown = [typed[term] for term in query.words if term in typed and not statistics.is_known(term)]
    found = find_by_words(db, dictionary, unknown[:MAX_NAME_WORDS], MAX_NAMESAKES) if unknown else {}
    people = {
        word: [each for each in contributors if not looks_like_pseudonym(each.name)]
        for word, contributors in found.items()
    }
    everybody = list(dict.fromkeys(each for contributors in people.values() for each in contributors))
    for word in set(typed.values()) - people.keys() - set(unknown):
        people[word] = [each for each in everybody if has_words(list_own_words(each.name), [word])]
    text, marked = _mark_names(query.text, {word for word, contributors in people.items() if contributors})
    read = {term: _list_terms(people[typed[term]]) for term in query.words if typed.get(term) in marked}
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


def _mark_names(text: str, words: Collection[str]) -> tuple[str, set[str]]:
    """`text` with `by:` before each run without spaces that is such words alone; the words of these runs.

    Phrases, tags, exclusions and operators stay as they are.
    """
    marked: set[str] = set()

    def mark(match: re.Match[str]) -> str:
        own = split_name(match.group())
        if not own or not all(word in words for word in own):
            return match.group()
        marked.update(own)
        return f"{CREATOR.name}:{match.group()}"

    parts = re.split(r'("[^"]*"?)', text)
    return "".join(part if part.startswith('"') else _RUN.sub(mark, part) for part in parts), marked
