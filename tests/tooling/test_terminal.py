"""Texts from elsewhere at the terminal."""

import pytest

from tooling.terminal import show


@pytest.mark.parametrize("char", ["\x1b", "\x07", "\r", "\n", "\x7f", "\x9b", "\u202e", "\u2028", "\ud800"])
def test_what_steers_a_terminal_is_replaced(char: str) -> None:
    assert show(f"a{char}b") == "a\N{REPLACEMENT CHARACTER}b"


def test_what_can_be_seen_stays_and_what_is_wanted() -> None:
    assert show("é \N{SNOWMAN}\n\t", keep="\n") == "é \N{SNOWMAN}\n\N{REPLACEMENT CHARACTER}"
