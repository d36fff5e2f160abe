"""The tokenizer: the one reading of text that pictures and queries share. Its time is linear in the text."""

import re
import unicodedata
from functools import lru_cache

from stockroom.analysis.folding import fold, is_within
from stockroom.analysis.stemming import stem
from stockroom.analysis.terms import MAX_REMEMBERED_CHARACTERS
from stockroom.analysis.tokens import Kind, Token

_UNSPACED_SCRIPTS = (
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
APOSTROPHES = "'’ʼ`´＇"  # noqa: RUF001 - these are what people type
_HYPHENS = "-‐‑"  # noqa: RUF001

# An ASCII word that nothing behind it could join to the next word: by far the most words are like this.
_PLAIN_WORD = re.compile(r"[a-z0-9]++(?![a-z0-9'`.+#-])")
# A place in ASCII text where a word may be joined to what follows, or where its token may be more than its
# letters.
_JOINT = re.compile(r"[a-z0-9](?:['`+#-]|\.[a-z0-9])")
_ASCII_RUN = re.compile(r"[a-z0-9]+")


def tokenize(text: str) -> list[Token]:
    """The tokens of a text in order."""
    return _tokenize_folded(fold(text))


def phrase_stems(text: str) -> list[str]:
    """The stems of all words of a text in order, as phrases compare them."""
    text = fold(text)
    if text.isascii() and not _JOINT.search(text):
        # The same result as below, five times as fast; nearly every text takes this path.
        return [stem(word) for word in _ASCII_RUN.findall(text)]
    return [stemmed for token in _tokenize_folded(text) for stemmed in token.phrase_stems()]


def is_word_character(char: str) -> bool:
    """Whether a character is a letter, a digit, or a mark that belongs to one."""
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def _tokenize_folded(text: str) -> list[Token]:
    tokens: list[Token] = []
    is_ascii = text.isascii()
    position, end = 0, len(text)
    while position < end:
        char = text[position]
        if is_ascii and (word := _PLAIN_WORD.match(text, position)):
            is_remembered = word.end() - position <= MAX_REMEMBERED_CHARACTERS
            tokens.append(
                _remember_plain_token(word.group()) if is_remembered else _plain_token(word.group())
            )
            position = word.end()
        elif is_ascii and not char.isalnum():
            position += 1
        elif is_unspaced(char):
            start = position
            while position < end and is_unspaced(text[position]):
                position += 1
            run = text[start:position]
            tokens.append(Token(Kind.UNSPACED, tuple(run), run))
        elif char.isalnum():
            position, token = _read_word(text, position)
            tokens.append(token)
        else:
            if unicodedata.category(char) == "So":
                tokens.append(Token(Kind.SYMBOL, (char,), char))
            position += 1
    return tokens


def _plain_token(word: str) -> Token:
    return Token(Kind.WORD, (word,), word)


_remember_plain_token = lru_cache(4096)(_plain_token)


def is_unspaced(char: str) -> bool:
    """Whether a character is of a script that writes no spaces between words."""
    return is_within(char, _UNSPACED_SCRIPTS) and is_word_character(char)


def _read_word(text: str, position: int) -> tuple[int, Token]:
    """The token that begins at a position, and the position behind it.

    A token is a run of word characters, or several runs with a hyphen, an apostrophe or a dot between them.
    """
    parts: list[str] = []
    has_hyphens = has_dots = False
    while True:
        start = position
        while (
            position < len(text)
            and is_word_character(text[position])
            and not is_within(text[position], _UNSPACED_SCRIPTS)
        ):
            position += 1
        parts.append(text[start:position])
        joiner = text[position : position + 1]
        following = text[position + 1 : position + 2]
        if not (joiner and following.isalnum() and not is_within(following, _UNSPACED_SCRIPTS)):
            break
        is_hyphen = joiner in _HYPHENS
        if is_hyphen != has_hyphens and len(parts) > 1:
            break  # "o'neill-smith" is two names
        if not (is_hyphen or joiner in APOSTROPHES or _is_joining_dot(text, position, parts[-1])):
            break
        has_hyphens = is_hyphen
        has_dots = has_dots or joiner == "."
        position += 1
    if len(parts) == 1:
        return _read_suffix(text, position, parts[0])
    if has_hyphens:
        # People look for the parts of "well-known", but not for the t of "t-shirt".
        kind = Kind.JOINED if min(map(len, parts)) == 1 else Kind.HYPHENATED
        return position, Token(kind, tuple(parts), "".join(parts))
    separator = "." if has_dots and parts[0].isdigit() else ""
    return position, Token(Kind.JOINED, tuple(parts), separator.join(parts))


def _is_joining_dot(text: str, position: int, preceding: str) -> bool:
    """Whether the character at a position is the dot of a number (3.5) or of an acronym (u.s.a.)."""
    if text[position] != ".":
        return False
    following = text[position + 1 : position + 3]
    if preceding.isdigit():
        return following[0].isdigit()
    return len(preceding) == 1 and not (len(following) == 2 and is_word_character(following[1]))


def _read_suffix(text: str, position: int, word: str) -> tuple[int, Token]:
    """The token of a word, with its suffix if it is a name like `c++` or `c#`; `cat++` is just the word."""
    if len(word) == 1 and word.isalpha():
        for suffix in ("++", "#"):
            end = position + len(suffix)
            if text.startswith(suffix, position) and not (end < len(text) and is_word_character(text[end])):
                return end, Token(Kind.JOINED, (word,), word + suffix)
    return position, Token(Kind.WORD, (word,), word)
