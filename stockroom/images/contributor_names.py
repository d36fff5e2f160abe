"""Names of contributors as texts: how they are compared, their words, and pseudonyms."""

import re
import unicodedata
from collections.abc import Collection

from stockroom.analysis.folding import fold
from stockroom.analysis.tokenizer import is_unspaced

NAME_CHARACTERS = 200
"""The width of the columns `name` and `folded_name` of `owner`."""

_APOSTROPHE = re.compile("['’]")  # noqa: RUF001
_PSEUDONYM = re.compile(r"[\W_]*contributor[\W_]*\d+[\W_]*")


def fold_name(name: str) -> str:
    """A contributor's name without the differences that do not matter: spaces, case, accents."""
    return " ".join(fold(name).split())[:NAME_CHARACTERS]


def make_pseudonym(owner_id: int) -> str:
    """What others see of a contributor without a name: nobody can compute it from the subject."""
    return f"contributor-{owner_id}"


def looks_like_pseudonym(name: str) -> bool:
    """Whether a name would be taken for the pseudonym of some contributor, however it is spelled."""
    return _PSEUDONYM.fullmatch(fold(name)) is not None


def split_name(name: str) -> list[str]:
    """The words of a name, folded, without apostrophes; what a script writes without spaces is one word."""
    return _split(_APOSTROPHE.sub("", fold_name(name)))


def list_searchable_words(name: str) -> set[str]:
    """The words by which a contributor of this name is found: those of `split_name`, and those that begin
    and end at an apostrophe.
    """
    folded_name = fold_name(name)
    return {*_split(_APOSTROPHE.sub("", folded_name)), *_split(folded_name)}


def has_words(searchable_words: Collection[str], words: Collection[str]) -> bool:
    """Whether all `words` are among the words by which a contributor is found.

    Of a script without spaces, a part of such a word is enough.
    """
    return all(
        word in searchable_words
        or (is_unspaced(word[0]) and any(word in searchable for searchable in searchable_words))
        for word in words
    )


def _split(folded_name: str) -> list[str]:
    # Letters, digits and marks: those of Indic scripts are vowels.
    return "".join(
        char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in folded_name
    ).split()
