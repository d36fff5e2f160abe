"""How a text looks: characters that nobody sees, marks without end, letters of two scripts in one word.

Such characters make two texts look alike, or one text like another, or cover what stands beside them.
"""

import unicodedata

from stockroom.analysis.folding import is_within

MAX_MARKS = 8
"""Combining marks in a row. Tibetan and cantillated Hebrew need fewer; more of them cover other lines."""

# Unicode's property Default_Ignorable_Code_Point, and the anchors of interlinear annotations.
_INVISIBLE = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
# Joiners belong to the spelling of Persian and Indic words and of emoji; the selectors to that of emoji.
SPELLING = frozenset("\u200c\u200d\ufe0e\ufe0f")
# They change the order in which the text around them is displayed.
DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# A letter of one of these scripts can be taken for one of another.
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK"})
_BLANK_BRAILLE = "\u2800"


def is_invisible(char: str) -> bool:
    """Whether a character has no shape of its own."""
    return is_within(char, _INVISIBLE)


def remove_invisible(text: str, *, keep: frozenset[str] = SPELLING) -> str:
    """The text without invisible characters, except those in `keep`; empty if nothing of it can be seen."""
    if not text.isascii():
        text = "".join(char for char in text if char in keep or not is_invisible(char))
    return text if is_visible(text) else ""


def is_visible(text: str) -> bool:
    """Whether there is anything to see: blanks, joiners and marks alone are nothing."""
    return any(
        not char.isspace()
        and char != _BLANK_BRAILLE
        and not is_invisible(char)
        and unicodedata.category(char)[0] != "M"
        for char in text
    )


def has_too_many_marks(text: str) -> bool:
    """Whether more than MAX_MARKS combining marks or joiners follow each other anywhere."""
    if text.isascii():
        return False
    row = 0
    for char in text:
        row = row + 1 if unicodedata.category(char) in ("Mn", "Me") or char in SPELLING else 0
        if row > MAX_MARKS:
            return True
    return False


def mixes_scripts(text: str) -> bool:
    """Whether a word has letters of two scripts that look alike, such as a Cyrillic one in a Latin word."""
    if text.isascii():
        return False
    for word in text.split():
        scripts = {unicodedata.name(char, "").partition(" ")[0] for char in word if char.isalpha()}
        if len(scripts & _ALIKE) > 1:
            return True
    return False
