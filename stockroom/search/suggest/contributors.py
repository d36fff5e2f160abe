"""Contributors as visitors know them: by their present names, and by how many of their pictures are seen."""

from collections.abc import Collection
from typing import NamedTuple

from stockroom.images import owners
from stockroom.images.owners import (
    find_by_later_word,
    find_by_prefix,
    find_names,
    has_words,
    list_own_words,
    split_name,
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
"""Words of a name that is looked for among the contributors. A longer one finds creators alone."""
MAX_SCANNED = 4000
"""Names that are looked through at most for one with a later word that begins with a prefix."""


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

    At most `limit` of each, those with the most pictures. Two statements. Names are looked through as
    `owners.find_by_words` says, and the pictures of MAX_NAMESAKES_COUNTED owners a name are counted.
    """
    words = {name: frozenset(split_name(name)) for name in names}
    wanted = {own_words for own_words in words.values() if 0 < len(own_words) <= MAX_WORDS}
    asked = [name for name in names if words[name] in wanted]
    candidates = owners.find_by_words(db, asked, MAX_SCANNED)
    own_words = {owner_id: list_own_words(name) for owner_id, name in candidates.items()}
    ids = {
        each: [owner_id for owner_id, own in own_words.items() if has_words(own, each)][
            :MAX_NAMESAKES_COUNTED
        ]
        for each in wanted
    }
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


def _count_pictures(dictionary: TermDictionary, names: dict[int, str]) -> list[Contributor]:
    """Those of the owners who have pictures that others see: nobody else is named."""
    terms = dictionary.find(map(owner_term, names))
    counts = {owner_id: terms[owner_term(owner_id)].df for owner_id in names if owner_term(owner_id) in terms}
    return [Contributor(owner_id, names[owner_id], count) for owner_id, count in counts.items() if count]
