"""Texts of files as texts that can be stored: decoded, without control characters, of a limited length."""

import codecs
import unicodedata

from stockroom.renditions.embedded.embedded import MAX_CHARACTERS, MULTILINE

Properties = dict[str, list[str]]
"""What one block says, by the names of `Embedded` and a few more; a value that is no list has one element."""

# The worker can import nothing once it is confined, and a codec is a module.
_WINDOWS = codecs.lookup("cp1252")
_REPLACEMENT = "\ufffd"


def decode_text(data: bytes, *, is_utf_8: bool = False) -> str:
    """A text in UTF-8, or in a character set that nobody has declared.

    That is UTF-8 for a text that can be read so, and otherwise the Latin-1 of Windows (MWG 2.0).
    """
    if is_utf_8:
        return data.decode("utf-8", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return _WINDOWS.decode(data, "replace")[0]


def is_printable(text: str, *, is_multiline: bool) -> bool:
    """Whether a text has no control characters, halves of characters, or characters that were not understood.

    Line breaks and tabs may be in a text of several lines.
    """
    if text.isprintable():
        return _REPLACEMENT not in text
    allowed = "\n\t" if is_multiline else ""
    return not any(
        char == _REPLACEMENT or (char not in allowed and unicodedata.category(char) in ("Cc", "Cs"))
        for char in text
    )


def clean_text(field: str, text: str) -> str:
    """The text for a field of `Embedded`, cut to its length; empty for one that cannot be shown."""
    return clean(text, MAX_CHARACTERS[field], is_multiline=field in MULTILINE)


def clean(text: str, limit: int, *, is_multiline: bool = False) -> str:
    """The text without surrounding blanks, single-spaced if it has one line, cut to `limit` characters."""
    # Programs fill fields up with zeros and blanks, and no honest text is ten times as long as is kept.
    text = text[: 10 * limit].strip("\0 \t\r\n")
    text = text.replace("\r\n", "\n").replace("\r", "\n") if is_multiline else " ".join(text.split())
    return text[:limit].rstrip() if is_printable(text, is_multiline=is_multiline) else ""
