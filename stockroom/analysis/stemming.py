"""Stems: what the inflected forms of an English word share ("running", "runs" and "ran" become "run").

The stemmer is Snowball's English one (Porter2); a table overrides the words that the stemmer gets wrong.
"""

from collections.abc import Callable
from functools import cache, lru_cache

from stockroom.analysis.terms import MAX_REMEMBERED_CHARACTERS, truncate_term

IRREGULAR_FORMS = {
    # plurals
    "child": "children",
    "man": "men",
    "woman": "women",
    "person": "people persons",
    "mouse": "mice",
    "louse": "lice",
    "goose": "geese",
    "foot": "feet",
    "tooth": "teeth",
    "ox": "oxen",
    "wolf": "wolves",
    "leaf": "leaves",
    "knife": "knives",
    "wife": "wives",
    "half": "halves",
    "calf": "calves",
    "shelf": "shelves",
    "thief": "thieves",
    "loaf": "loaves",
    "scarf": "scarves",
    "hoof": "hooves",
    "elf": "elves",
    "cactus": "cacti",
    "fungus": "fungi",
    # past tenses that are not also other words
    "run": "ran",
    "swim": "swam swum",
    "fly": "flew flown",
    "drive": "drove driven",
    "eat": "ate eaten",
    "drink": "drank drunk",
    "sing": "sang sung",
    "sit": "sat",
    "stand": "stood",
    "sleep": "slept",
    "ride": "rode ridden",
    "wear": "wore worn",
    "hold": "held",
    "catch": "caught",
    "build": "built",
    "throw": "threw thrown",
    "draw": "drew drawn",
    "write": "wrote written",
    "break": "broke broken",
    "freeze": "froze frozen",
    "blow": "blew blown",
    "grow": "grew grown",
    "hide": "hid hidden",
    "sweep": "swept",
    "bring": "brought",
    "fight": "fought",
    "teach": "taught",
    "sell": "sold",
    "buy": "bought",
}
"""Inflected forms, separated by spaces, that the stemmer does not trace back to their base form."""

# Snowball stems "university" like "universe" and "organization" like "organ", which are other subjects.
_OVERSTEMMED = {
    "university": "universities",
    "organization": "organizations organisation organisations",
}

# The stems that Snowball gives to those base forms of IRREGULAR_FORMS that it does not leave as they are.
# The stems are written down so that importing this module does not load the stemmer; a test compares them.
_STEMS_OF_BASES = {
    "goose": "goos",
    "mouse": "mous",
    "louse": "lous",
    "freeze": "freez",
    "fly": "fli",
}


def stem(word: str) -> str:
    """The index term of a folded word: its overridden stem, its Snowball stem, or the word itself.

    Only words of ASCII letters are stemmed; every other word is indexed as it is written.
    """
    return _remember_stem(word) if len(word) <= MAX_REMEMBERED_CHARACTERS else _compute_stem(word)


def _compute_stem(word: str) -> str:
    override = STEM_OVERRIDES.get(word)
    if override is not None:
        return override
    if len(word) > 2 and word.isascii() and word.isalpha():
        return truncate_term(_snowball_stemmer()(word))
    return truncate_term(word)


_remember_stem = lru_cache(16_384)(_compute_stem)


@cache
def _snowball_stemmer() -> Callable[[str], str]:
    # Loaded when the first word is stemmed: a function that only analyses tags does not pay for the import.
    from Stemmer import Stemmer

    # It has a cache of its own, of 10,000 words. Below that of `_remember_stem` it is never hit, takes 3 MB,
    # and stops a request for milliseconds whenever it is full and sorts its words.
    stem_word: Callable[[str], str] = Stemmer("english", maxCacheSize=0).stemWord
    return stem_word


def _build_overrides() -> dict[str, str]:
    overrides = {
        form: _STEMS_OF_BASES.get(base, base)
        for base, forms in IRREGULAR_FORMS.items()
        for form in forms.split()
    }
    for base, forms in _OVERSTEMMED.items():
        overrides |= dict.fromkeys([base, *forms.split()], base)
    return overrides


STEM_OVERRIDES = _build_overrides()
"""The stems of the words that the stemmer gets wrong."""
