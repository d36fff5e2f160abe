"""Tokens: the words of a text, each with the index terms, query terms and surface forms that follow from it.

A token has parts and a whole. For most words they are the same; "well-known" has the parts well and known and
the whole wellknown, "it's" has it, s and its, "c++" has c and c++. A run of a script that is written without
spaces (Chinese, Japanese, Korean, Thai, …) is one token whose parts are the characters of the run.
"""

from collections.abc import Iterator
from enum import Enum
from functools import lru_cache

from msgspec import Struct

from stockroom.analysis.stemming import stem
from stockroom.analysis.terms import MAX_REMEMBERED_CHARACTERS, truncate_term


class Kind(Enum):
    """How a token's parts belong together."""

    WORD = "word"
    JOINED = "joined"
    """A query finds the token by its whole: it's, u.s.a., 3.5, c++, t-shirt."""
    HYPHENATED = "hyphenated"
    """A query finds the token by its parts: well-known."""
    UNSPACED = "unspaced"
    """A run of a script without spaces. A query finds the token by the bigrams of its characters."""
    SYMBOL = "symbol"
    """One character that is a picture itself, such as 🎉."""


class Token(Struct, frozen=True):
    """One word of a text, folded: its `parts` in order, and the `whole` that the parts make together."""

    kind: Kind
    parts: tuple[str, ...]
    whole: str

    def index_terms(self) -> Iterator[str]:
        """Every term under which a picture with this token is indexed; a term may come twice."""
        if self.kind is Kind.UNSPACED:
            yield from self.parts
            yield from _bigrams(self.whole)
        else:
            if self.kind is not Kind.WORD:
                yield from (stem(part) for part in self.parts)
            yield stem(self.whole)

    def query_terms(self) -> list[str]:
        """The terms that a picture must have, all of them, to match this token of a query."""
        if self.kind is Kind.UNSPACED and len(self.whole) > 1:
            return list(_bigrams(self.whole))
        if self.kind is Kind.HYPHENATED:
            return [stem(part) for part in self.parts]
        return [stem(self.whole)]

    def surface_forms(self) -> tuple[tuple[bytes, str], ...]:
        """(surface form, term) pairs of the lexicon, which serves prefixes and completions."""
        if self.kind is Kind.UNSPACED:
            return ()
        is_remembered = len(self.whole) <= MAX_REMEMBERED_CHARACTERS
        return _remember_surface_forms(self) if is_remembered else _make_surface_forms(self)

    def phrase_stems(self) -> list[str]:
        """The stems of the parts in order, as phrases compare them. "c++" stays whole: it is no c there."""
        if len(self.parts) == 1 and self.kind is Kind.JOINED:
            return [stem(self.whole)]
        return list(self.parts) if self.kind is Kind.UNSPACED else [stem(part) for part in self.parts]


def _make_surface_forms(token: Token) -> tuple[tuple[bytes, str], ...]:
    forms = {*token.parts, token.whole}
    return tuple((truncate_term(form).encode("utf-8", "replace"), stem(form)) for form in forms)


_remember_surface_forms = lru_cache(16_384)(_make_surface_forms)


def _bigrams(run: str) -> Iterator[str]:
    return (run[start : start + 2] for start in range(len(run) - 1))
