"""Contributors as visitors know them: by their present names, and by how many of their pictures are seen."""

from typing import NamedTuple

from stockroom.images.owners import find_by_prefix, find_names
from stockroom.runtime.database import Database
from stockroom.search.filters import owner_term
from stockroom.search.index.term_dictionary import TermDictionary

MAX_NAMES = 100
"""Names that begin with a prefix which are read at most, in the order of the alphabet."""


class Contributor(NamedTuple):
    """Somebody with pictures that others see: `picture_count` of them."""

    owner_id: int
    name: str
    picture_count: int


def complete_contributors(
    db: Database, dictionary: TermDictionary, prefix: str, limit: int
) -> list[Contributor]:
    """Contributors whose names begin with a prefix, in any case, accents or not; the most pictures first."""
    found = _count_pictures(dictionary, find_by_prefix(db, prefix, MAX_NAMES))
    return sorted(found, key=lambda each: (-each.picture_count, each.name, each.owner_id))[:limit]


def find_contributor(db: Database, dictionary: TermDictionary, owner_id: int) -> Contributor | None:
    """The contributor with an id; None where nobody sees a picture of theirs."""
    found = _count_pictures(dictionary, find_names(db, [owner_id]))
    return found[0] if found else None


def _count_pictures(dictionary: TermDictionary, names: dict[int, str]) -> list[Contributor]:
    """Those of the owners who have pictures that others see: nobody else is named."""
    terms = dictionary.find(map(owner_term, names))
    counts = {owner_id: terms[owner_term(owner_id)].df for owner_id in names if owner_term(owner_id) in terms}
    return [Contributor(owner_id, names[owner_id], count) for owner_id, count in counts.items() if count]
