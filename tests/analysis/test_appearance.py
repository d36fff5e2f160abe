import sys
import unicodedata

import pytest

from stockroom.analysis.appearance import (
    MAX_MARKS,
    has_too_many_marks,
    is_invisible,
    is_visible,
    mixes_scripts,
    remove_invisible,
)

PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"  # with a zero-width non-joiner
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # an emoji of three joined ones
HEART = "\u2764\ufe0f"
VIETNAMESE = unicodedata.normalize("NFD", "Tiếng Việt")
TIBETAN = "\u0f66\u0f92\u0fb2\u0f71\u0f74\u0f7e"


def test_every_control_of_direction_and_every_format_character_of_width_zero_is_invisible() -> None:
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if unicodedata.bidirectional(char) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}:
            assert is_invisible(char), hex(code)
    assert all(is_invisible(char) for char in "\u00ad\u200b\u200e\u200f\u2060\ufeff\u3164\U000e0041")
    assert not any(is_invisible(char) for char in "a é م 漢 ❤ ́")


@pytest.mark.parametrize(
    "text", ["", "sea", "a\nb", PERSIAN, FAMILY, HEART, VIETNAMESE, TIBETAN, "\u2803\u2800\u2803"]
)
def test_what_is_written_so_stays(text: str) -> None:
    assert remove_invisible(text) == text
    assert not has_too_many_marks(text)
    assert not mixes_scripts(text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Ali\u200bce", "Alice"),
        ("\u202egpj.exe", "gpj.exe"),
        ("\ufeffsea\u00adside", "seaside"),
        ("hid\U000e0068\U000e0069den", "hidden"),
        (" \t\n", ""),
        ("\u3164\u2800", ""),
        ("\u200d\ufe0f", ""),
        ("\u0301\u0302", ""),
    ],
)
def test_what_nobody_sees_goes(text: str, cleaned: str) -> None:
    assert remove_invisible(text) == cleaned
    assert is_visible(text) == bool(cleaned)


def test_a_flood_of_marks_is_noticed() -> None:
    assert not has_too_many_marks(("e" + "\u0301" * MAX_MARKS) * 3)
    assert has_too_many_marks("sea e" + "\u0301" * (MAX_MARKS + 1))
    assert has_too_many_marks("e" + "\u200d\u0301" * MAX_MARKS)


@pytest.mark.parametrize(
    ("text", "is_mixed"),
    [
        ("Alice", False),
        ("Al\u0456ce", True),  # a Cyrillic i
        ("c\u03bfntributor", True),  # a Greek o
        ("Алиса", False),
        ("Anna Анна", False),
        ("東京Tower", False),
    ],
)
def test_letters_of_another_script_are_noticed(text: str, *, is_mixed: bool) -> None:
    assert mixes_scripts(text) is is_mixed
