"""How a text looks: characters that nobody sees, marks without end, letters of two scripts in one word.

Such characters make two texts look alike, or one text like another, or cover what stands beside them.
"""

import re
import unicodedata

MAX_MARKS = 8
"""Combining marks in a row. Tibetan and cantillated Hebrew need fewer; more of them cover other lines."""

# Joiners belong to the spelling of Persian and Indic words and of emoji; the selectors to that of emoji.
SPELLING = frozenset("\u200c\u200d\ufe0e\ufe0f")
# Unicode's property Default_Ignorable_Code_Point, and the anchors of interlinear annotations.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_INVISIBLE_BUT_SPELLING = re.compile(f"(?![{''.join(sorted(SPELLING))}]){_INVISIBLE.pattern}")
# They change the order in which the text around them is displayed.
DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# A letter of one of these scripts can be taken for one of another.
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK"})
_BLANK_BRAILLE = "\u2800"


def is_invisible(char: str) -> bool:
    """Whether a character has no shape of its own."""
    return _INVISIBLE.match(char) is not None


def remove_invisible(text: str, *, keeps_spelling: bool = True) -> str:
    """The text without invisible characters, except those of spelling; empty if nothing of it can be seen."""
    if not text.isascii():
        text = (_INVISIBLE_BUT_SPELLING if keeps_spelling else _INVISIBLE).sub("", text)
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
