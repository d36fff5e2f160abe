"""Stop words."""

from stockroom.analysis.folding import fold
from stockroom.analysis.stop_words import STOP_WORDS


def test_stop_words_are_spelled_as_tokens_are() -> None:
    assert {"the", "some", "about"} <= STOP_WORDS
    assert {fold(word) for word in STOP_WORDS} == STOP_WORDS
