"""Tags in the lexicon."""

import pytest

from stockroom.analysis.terms import TERM_BYTES, tag_term
from stockroom.search.index.surface_forms import decode_tag, encode_tag


@pytest.mark.parametrize("tag", ["sea", "été", "東京", "new york", "straße"])
def test_a_tag_comes_back_as_it_is_shown(tag: str) -> None:
    surface = encode_tag(tag)
    assert surface.startswith(tag_term(tag).encode())
    assert decode_tag(surface) == tag


def test_a_tag_too_long_to_be_stored_twice_comes_back_folded() -> None:
    tag = "é" * 40
    assert len(encode_tag(tag)) <= TERM_BYTES
    assert decode_tag(encode_tag(tag)) == "e" * 40
