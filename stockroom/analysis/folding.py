"""Folding: spellings that a searcher does not tell apart become equal.

The application folds, not the database, so that collations do not matter.
"""

import unicodedata

# Marks that readers leave out as they please: diacritics, Hebrew points, Arabic vowel signs. Other marks (the
# dakuten of が, the vowels of Devanagari) make another letter, so they stay.
_OPTIONAL_MARKS = (
    (0x0300, 0x036F),
    (0x0591, 0x05C7),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
)
_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
_INVISIBLE = str.maketrans(dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff™℠"))


def fold(text: str) -> str:
    """The text in NFKC, casefolded, without optional marks; folding twice is folding once."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).casefold()
    bare = (char for char in unicodedata.normalize("NFD", text) if not is_within(char, _OPTIONAL_MARKS))
    return unicodedata.normalize("NFC", "".join(bare)).translate(_STROKES)


def is_within(char: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    """Whether the code point of a character lies in one of the ranges, which ascend and include both ends."""
    code = ord(char)
    return code >= ranges[0][0] and any(low <= code <= high for low, high in ranges)
