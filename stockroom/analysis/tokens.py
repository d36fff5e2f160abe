"""From characters to tokens: the one reading of text that pictures and queries share.

A token has parts and sometimes a whole: "well-known" is well, known and wellknown; "it's" is it, s and
its; "c++" is c and c++. Scripts that write without spaces (Chinese, Japanese, Korean, Thai, …) become
one token a run, whose parts are its characters and whose terms are these and their bigrams.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from stockroom.analysis.folding import fold, within
from stockroom.analysis.stem_overrides import ROOTS

TERM_BYTES = 96
TAG_CHARACTERS = 64

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1100, 0x11FF),  # Hangul Jamo
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # kana
    (0x3100, 0x312F),  # Bopomofo
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF),  # Hangul syllables
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_APOSTROPHES = "'’ʼ`´＇"  # noqa: RUF001 - these are what people type
_HYPHENS = "-‐‑"  # noqa: RUF001


class Kind(Enum):
    """How a token's parts belong together."""

    WORD = "word"
    JOINED = "joined"
    """Found by its whole: it's, u.s.a., 3.5, c++, t-shirt."""
    HYPHENATED = "hyphenated"
    """Found by its parts: well-known."""
    UNSPACED = "unspaced"
    SYMBOL = "symbol"


@dataclass(frozen=True)
class Token:
    """One word of a text, folded; `parts` in order, `whole` what they make together."""

    kind: Kind
    parts: tuple[str, ...]
    whole: str

    def index_terms(self) -> Iterator[str]:
        """Every term by which the token can be found."""
        if self.kind is Kind.UNSPACED:
            yield from self.parts
            yield from _bigrams(self.whole)
        else:
            if self.kind is not Kind.WORD:
                yield from (root(part) for part in self.parts)
            yield root(self.whole)

    def query_terms(self) -> list[str]:
        """The terms that a picture must have to match the token."""
        if self.kind is Kind.UNSPACED and len(self.whole) > 1:
            return list(_bigrams(self.whole))
        if self.kind is Kind.HYPHENATED:
            return [root(part) for part in self.parts]
        return [root(self.whole)]

    def surfaces(self) -> tuple[tuple[bytes, str], ...]:
        """(surface form, term), for prefixes and autocomplete."""
        return _surfaces(self)

    def sequence(self) -> list[str]:
        """The roots of its parts in order, for phrases; "c++" is no c there."""
        if len(self.parts) == 1 and self.kind is Kind.JOINED:
            return [root(self.whole)]
        return list(self.parts) if self.kind is Kind.UNSPACED else [root(part) for part in self.parts]


@lru_cache(16_384)
def _surfaces(token: Token) -> tuple[tuple[bytes, str], ...]:
    if token.kind is Kind.UNSPACED:
        return ()
    return tuple((cut(form).encode("utf-8", "replace"), root(form)) for form in {*token.parts, token.whole})


def cut(term: str) -> str:
    """The longest beginning that fits the term column, whole characters only."""
    if len(term) * 4 <= TERM_BYTES:
        return term
    return term.encode("utf-8", "replace")[:TERM_BYTES].decode("utf-8", "ignore")


# A word of ASCII text behind which nothing stands that could join it to the next.
_PLAIN = re.compile(r"[a-z0-9]++(?![a-z0-9'`.+#-])")


@lru_cache(4096)
def _plain(word: str) -> Token:
    return Token(Kind.WORD, (word,), word)


# Where a word of ASCII text may be joined to what follows, or be more than its letters.
_JOINED = re.compile(r"[a-z0-9](?:['`+#-]|\.[a-z0-9])")
_RUN = re.compile(r"[a-z0-9]+")


def sequence(text: str) -> list[str]:
    """The roots of all words of a text in order, as phrases know them."""
    text = fold(text)
    if text.isascii() and not _JOINED.search(text):
        # Five times as fast, and nearly every text is such.
        return [root(word) for word in _RUN.findall(text)]
    return [part for token in _tokens(text) for part in token.sequence()]


def tokens(text: str) -> list[Token]:
    """The tokens of a text in order; linear in its length."""
    return _tokens(fold(text))


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    plain = text.isascii()
    at, end = 0, len(text)
    while at < end:
        char = text[at]
        if plain and (word := _PLAIN.match(text, at)):
            found.append(_plain(word.group()))
            at = word.end()
        elif plain and not char.isalnum():
            at += 1
        elif within(char, _UNSPACED) and is_word(char):
            start = at
            while at < end and (within(text[at], _UNSPACED) and is_word(text[at])):
                at += 1
            found.append(Token(Kind.UNSPACED, tuple(text[start:at]), text[start:at]))
        elif char.isalnum():
            at, token = _word(text, at)
            found.append(token)
        else:
            if unicodedata.category(char) == "So":
                found.append(Token(Kind.SYMBOL, (char,), char))
            at += 1
    return found


def is_word(char: str) -> bool:
    """Letters, digits and the marks that belong to them."""
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def tag(text: str) -> str:
    """A tag as it is kept and shown: no `#`, single spaces, lower case, accents kept; may be empty."""
    text = unicodedata.normalize("NFKC", text).strip().lstrip("#")
    return " ".join(text.split()).lower()[:TAG_CHARACTERS].strip()


def tag_term(name: str) -> str:
    """The term of a tag; `#` keeps it apart from words."""
    return cut("#" + " ".join(fold(name).split()))


@lru_cache(16_384)
def root(word: str) -> str:
    """The term of a folded word: its irregular root, its Snowball stem, or itself."""
    known = ROOTS.get(word)
    if known is not None:
        return known
    if len(word) > 2 and word.isascii() and word.isalpha():
        return cut(_stem(word))
    return cut(word)


_stemmer: Callable[[str], str] | None = None


def _stem(word: str) -> str:
    global _stemmer  # noqa: PLW0603
    if _stemmer is None:
        from Stemmer import Stemmer

        _stemmer = Stemmer("english").stemWord
    return _stemmer(word)


def _word(text: str, at: int) -> tuple[int, Token]:
    """The token that begins at `at`: runs of word characters and what joins them."""
    parts: list[str] = []
    hyphens = dots = False
    while True:
        start = at
        while at < len(text) and is_word(text[at]) and not within(text[at], _UNSPACED):
            at += 1
        parts.append(text[start:at])
        joiner = text[at : at + 1]
        follows = text[at + 1 : at + 2]
        if not (joiner and follows.isalnum() and not within(follows, _UNSPACED)):
            break
        hyphen = joiner in _HYPHENS
        if hyphen != hyphens and len(parts) > 1:
            break  # "o'neill-smith" is two names
        if not (hyphen or joiner in _APOSTROPHES or _dotted(text, at, parts[-1])):
            break
        hyphens = hyphen
        dots = dots or joiner == "."
        at += 1
    if len(parts) == 1:
        return _suffixed(text, at, parts[0])
    if hyphens:
        # The parts of "t-shirt" say little; the parts of "well-known" are what people look for.
        kind = Kind.JOINED if min(map(len, parts)) == 1 else Kind.HYPHENATED
        return at, Token(kind, tuple(parts), "".join(parts))
    separator = "." if dots and parts[0].isdigit() else ""
    return at, Token(Kind.JOINED, tuple(parts), separator.join(parts))


def _dotted(text: str, at: int, before: str) -> bool:
    """Whether the character at `at` is the dot of a number (3.5) or of an acronym (u.s.a.)."""
    if text[at] != ".":
        return False
    following = text[at + 1 : at + 3]
    if before.isdigit():
        return following[0].isdigit()
    return len(before) == 1 and not (len(following) == 2 and is_word(following[1]))


def _suffixed(text: str, at: int, word: str) -> tuple[int, Token]:
    """`c++`, `c#` and the like are names; of `cat++` the word counts."""
    if len(word) == 1 and word.isalpha():
        for suffix in ("++", "#"):
            end = at + len(suffix)
            if text.startswith(suffix, at) and not (end < len(text) and is_word(text[end])):
                return end, Token(Kind.JOINED, (word,), word + suffix)
    return at, Token(Kind.WORD, (word,), word)


def _bigrams(run: str) -> Iterator[str]:
    return (run[at : at + 2] for at in range(len(run) - 1))
