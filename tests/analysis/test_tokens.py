"""What follows from a token: index terms, query terms, surface forms and the stems of phrases."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockroom.analysis.terms import TERM_BYTES
from stockroom.analysis.tokenizer import tokenize


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_terms_that_fit(text: str) -> None:
    for token in tokenize(text):
        for term in [*token.index_terms(), *token.query_terms(), *token.phrase_stems()]:
            assert 0 < len(term.encode()) <= TERM_BYTES
        for surface, term in token.surface_forms():
            assert len(surface) <= TERM_BYTES
            assert term in set(token.index_terms())


@settings(deadline=None)
@given(st.text(max_size=200))
def test_whatever_a_query_asks_for_is_indexed(text: str) -> None:
    for token in tokenize(text):
        assert set(token.query_terms()) <= set(token.index_terms())


@pytest.mark.parametrize(
    ("text", "indexed", "asked", "phrase"),
    [
        ("boats", {"boat"}, ["boat"], ["boat"]),
        ("well-known", {"well", "known", "wellknown"}, ["well", "known"], ["well", "known"]),
        ("don't", {"don", "t", "dont"}, ["dont"], ["don", "t"]),
        ("C++", {"c", "c++"}, ["c++"], ["c++"]),
        ("東京都", {"東", "京", "都", "東京", "京都"}, ["東京", "京都"], ["東", "京", "都"]),
        ("東", {"東"}, ["東"], ["東"]),
        ("🎉", {"🎉"}, ["🎉"], ["🎉"]),
    ],
)
def test_terms_of_one_token(text: str, indexed: set[str], asked: list[str], phrase: list[str]) -> None:
    (token,) = tokenize(text)
    assert set(token.index_terms()) == indexed
    assert token.query_terms() == asked
    assert token.phrase_stems() == phrase


def test_surface_forms_lead_to_the_terms() -> None:
    (token,) = tokenize("well-boats")
    assert set(token.surface_forms()) == {(b"well", "well"), (b"boats", "boat"), (b"wellboats", "wellboat")}
    (unspaced,) = tokenize("東京")
    assert unspaced.surface_forms() == ()
