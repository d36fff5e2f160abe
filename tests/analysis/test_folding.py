"""Spellings that a searcher does not tell apart become equal."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockroom.analysis.folding import fold, is_within


@settings(deadline=None)
@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("SEA", "sea"),
        ("Été", "ete"),
        ("Straße", "strasse"),
        ("Øresund Łódź", "oresund lodz"),
        ("ﬁne", "fine"),
        ("soft\u00adhyphen", "softhyphen"),
        ("שָׁלוֹם", "שלום"),
        ("が", "が"),  # the dakuten makes another letter
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_ranges_include_both_ends() -> None:
    ranges = ((0x61, 0x63), (0x78, 0x7A))
    assert [char for char in "`abcdwxyz{" if is_within(char, ranges)] == ["a", "b", "c", "x", "y", "z"]
