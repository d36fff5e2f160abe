"""The spelling of index terms: words as they are, tags behind a `#`, each within the width of its column."""

import unicodedata

from stockroom.analysis.folding import fold

TERM_BYTES = 96
"""The width of the columns `term.term` and `lexicon.surface`."""
TAG_CHARACTERS = 64
"""A longer tag is cut. Contributors cannot give one (`images/tags.py`), but a hashtag may be longer."""
MAX_REMEMBERED_CHARACTERS = 40
"""A process remembers what has been computed for thousands of words, but for none that is longer: a query can
have a thousand characters, and nobody asks for such a word twice."""

_DOTTED_I = "i\u0307"


def truncate_term(term: str) -> str:
    """The longest prefix of a term that fits into TERM_BYTES of UTF-8; no character is cut apart."""
    # UTF-8 needs at most four bytes a character, so short terms need no encoding.
    if len(term) * 4 <= TERM_BYTES:
        return term
    return term.encode("utf-8", "replace")[:TERM_BYTES].decode("utf-8", "ignore")


def lower_tag(text: str) -> str:
    """A tag in NFKC and lower case. `İ` becomes a plain `i`, not one with a second dot above it (U+0307)."""
    lowered = unicodedata.normalize("NFKC", text).lower()
    if _DOTTED_I not in lowered:
        return lowered
    return unicodedata.normalize("NFC", lowered.replace(_DOTTED_I, "i"))


def normalize_tag(text: str) -> str:
    """A tag as it is stored and shown: without `#`, single-spaced, in lower case, with its accents.

    The result is empty when nothing of the text is left.
    """
    text = lower_tag(text).strip().lstrip("#")
    return " ".join(text.split())[:TAG_CHARACTERS].strip()


def tag_term(tag: str) -> str:
    """The index term of a tag, such as `#ete` for "été"; the `#` keeps tags apart from words."""
    return truncate_term("#" + " ".join(fold(tag).split()))
