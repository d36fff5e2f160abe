"""Dominant colours and their names."""

import re
from pathlib import Path

import pytest

from stockroom.analysis.colors import PALETTE, name_color


@pytest.mark.parametrize("known", PALETTE)
def test_the_palette_names_itself(known: str) -> None:
    assert {name_color(shade) for shade in PALETTE[known]} == {known}


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ("#000000", "black"),
        ("#ffffff", "white"),
        ("#ff0000", "red"),
        ("#0000ff", "blue"),
        ("#00ff00", "green"),
        ("#ffff00", "yellow"),
        ("#87ceeb", "blue"),
        ("#7f7f80", "gray"),
        ("#5a3a22", "brown"),
        ("#FFC0CB", "pink"),
    ],
)
def test_colours_as_people_name_them(color: str, expected: str) -> None:
    assert name_color(color) == expected


def test_the_page_offers_the_same_colours_by_their_first_shades() -> None:
    page = (Path(__file__).parents[2] / "frontend" / "src" / "search" / "palette.ts").read_text()
    assert re.findall(r"^  (\w+): '(#\w+)'", page, re.MULTILINE) == [
        (name, shades[0]) for name, shades in PALETTE.items()
    ]
