"""Contributors as visitors know them: by their present names, and by how many of their pictures are seen."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from stockroom.images.contributor_names import has_words, list_searchable_words, split_name
from stockroom.images.owners import (
    find_by_later_word,
    find_by_prefix,
    find_candidates_by_words,
    find_names,
)
from stockroom.runtime.database import Database
from stockroom.search.filters import owner_term
from stockroom.search.index.term_dictionary import TermDictionary

NAMES_A_PAGE = 500
"""Names that one statement reads. Another one reads the numbers of pictures of their owners."""
MAX_PAGES = 4
"""Pages of names that begin with a prefix which are read at most, in the order of the alphabet."""
MAX_NAMESAKES_COUNTED = 300
"""Owners with the same words in their names whose pictures are counted."""
MAX_WORDS = 12
"""Words that the names of one search have together, as far as these are looked for among the contributors."""
MAX_SCANNED = 4000
"""Names that a search scans at most, in alphabetical order: for words, or for a later word with a prefix."""


class Contributor(NamedTuple):
    """Somebody with pictures that others see: `picture_count` of them."""

    owner_id: int
    name: str
    picture_count: int


def complete_contributors(
    db: Database, dictionary: TermDictionary, prefix: str, limit: int
) -> list[Contributor]:
    """Contributors of whose names a word begins with a prefix, in any case, accents or not.

    Those with the most pictures come first. Names that begin with the prefix are read on until `limit` of
    their owners have pictures that others see; later words of names are looked at when there are fewer. At
    most ten statements, 2 * MAX_PAGES * NAMES_A_PAGE + 2 * MAX_SCANNED + 2 * NAMES_A_PAGE rows.
    """
    found: list[Contributor] = []
    after = None
    for _ in range(MAX_PAGES):
        page = find_by_prefix(db, prefix, NAMES_A_PAGE, after)
        found += _count_pictures(dictionary, page.names)
        after = page.last
        if after is None or len(found) >= limit:
            break
    if len(found) < limit:
        known = {each.owner_id for each in found}
        later = find_by_later_word(db, prefix, NAMES_A_PAGE, MAX_SCANNED)
        found += [each for each in _count_pictures(dictionary, later) if each.owner_id not in known]
    return sorted(found, key=lambda each: (-each.picture_count, each.name, each.owner_id))[:limit]


def find_by_words(
    db: Database, dictionary: TermDictionary, names: Collection[str], limit: int
) -> dict[str, list[Contributor]]:
    """For each of `names` the contributors whose names have all its words, in any order.

    At most `limit` of each, those with the most pictures; none for a name that would bring the words
    that are looked for to more than MAX_WORDS, where names of the same words count once. Two statements.
    Owners are found as `find_candidates_by_words` says; the pictures of MAX_NAMESAKES_COUNTED of a name are
    counted.
    """
    words = {name: frozenset(split_name(name)) for name in names}
    word_sets = _choose_word_sets(words.values())
    candidates = find_candidates_by_words(
        db, [name for name in names if words[name] in word_sets], MAX_SCANNED
    )
    ids: dict[frozenset[str], list[int]] = {each: [] for each in word_sets}
    for owner_id, name in candidates.items():
        searchable_words = list_searchable_words(name)
        for each, found in ids.items():
            if len(found) < MAX_NAMESAKES_COUNTED and has_words(searchable_words, each):
                found.append(owner_id)
    counted = {
        each.owner_id: each
        for each in _count_pictures(
            dictionary, {owner_id: candidates[owner_id] for found in ids.values() for owner_id in found}
        )
    }

    def choose(found: Collection[int]) -> list[Contributor]:
        contributors = [counted[owner_id] for owner_id in found if owner_id in counted]
        return sorted(contributors, key=lambda each: (-each.picture_count, each.owner_id))[:limit]

    chosen = {each: choose(found) for each, found in ids.items()}
    return {name: chosen.get(words[name], []) for name in names}


def find_contributor(db: Database, dictionary: TermDictionary, owner_id: int) -> Contributor | None:
    """The contributor with an id; None where nobody sees a picture of theirs."""
    found = _count_pictures(dictionary, find_names(db, [owner_id]))
    return found[0] if found else None


def _choose_word_sets(word_sets: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """The first of `word_sets`, each once, that have no more than MAX_WORDS words together."""
    chosen: list[frozenset[str]] = []
    for each in dict.fromkeys(word_sets):
        if each and len(each) + sum(map(len, chosen)) <= MAX_WORDS:
            chosen.append(each)
    return chosen


def _count_pictures(dictionary: TermDictionary, names: dict[int, str]) -> list[Contributor]:
    """Those of the owners who have pictures that others see: nobody else is named."""
    terms = dictionary.find(map(owner_term, names))
    counts = {owner_id: terms[owner_term(owner_id)].df for owner_id in names if owner_term(owner_id) in terms}
    return [Contributor(owner_id, names[owner_id], count) for owner_id, count in counts.items() if count]
