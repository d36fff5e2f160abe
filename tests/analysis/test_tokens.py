"""Folding, tokens, roots and hashtags."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockroom.analysis.folding import fold
from stockroom.analysis.hashtags import parse_hashtags
from stockroom.analysis.stem_overrides import _FORMS, ROOTS
from stockroom.analysis.tokens import TERM_BYTES, Kind, cut, root, sequence, tag, tag_term, tokens


@settings(deadline=None)
@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_terms_that_fit(text: str) -> None:
    for token in tokens(text):
        for term in [*token.index_terms(), *token.query_terms(), *token.sequence()]:
            assert 0 < len(term.encode()) <= TERM_BYTES
        for surface, term in token.surfaces():
            assert len(surface) <= TERM_BYTES
            assert term in set(token.index_terms())


@settings(deadline=None)
@given(st.text(max_size=200))
def test_what_is_asked_for_is_what_is_indexed(text: str) -> None:
    for token in tokens(text):
        assert set(token.query_terms()) <= set(token.index_terms())


@pytest.mark.parametrize(
    ("text", "kind", "parts", "whole"),
    [
        ("well-known", Kind.HYPHENATED, ("well", "known"), "wellknown"),
        ("t-shirt", Kind.JOINED, ("t", "shirt"), "tshirt"),
        ("it's", Kind.JOINED, ("it", "s"), "its"),
        ("U.S.A.", Kind.JOINED, ("u", "s", "a"), "usa"),
        ("3.5", Kind.JOINED, ("3", "5"), "3.5"),
        ("c++", Kind.JOINED, ("c",), "c++"),
        ("4K", Kind.WORD, ("4k",), "4k"),
        ("東京都", Kind.UNSPACED, ("東", "京", "都"), "東京都"),
        ("🎉", Kind.SYMBOL, ("🎉",), "🎉"),
        ("soft\u00adhyphen", Kind.WORD, ("softhyphen",), "softhyphen"),
    ],
)
def test_one_token(text: str, kind: Kind, parts: tuple[str, ...], whole: str) -> None:
    (token,) = tokens(text)
    assert (token.kind, token.parts, token.whole) == (kind, parts, whole)


@pytest.mark.parametrize(
    ("text", "wholes"),
    [
        ("IMG_1234.jpg", ["img", "1234", "jpg"]),
        ("end. Next", ["end", "next"]),
        ("v1.2b", ["v1", "2b"]),
        ("o'neill-smith", ["oneill", "smith"]),
        ("cat++ c#x", ["cat", "c", "x"]),
        ("日本2020年", ["日本", "2020", "年"]),
        ("--- ... '' -", []),
        ("", []),
    ],
)
def test_tokens_of_a_text(text: str, wholes: list[str]) -> None:
    assert [token.whole for token in tokens(text)] == wholes


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#Sea and #sea and ##sand", ["sea", "sand"]),
        ("#été, #東京! #new_york.", ["été", "東京", "new_york"]),
        ("#नमस्ते #سلام ＃全角", ["नमस्ते", "سلام", "全角"]),  # noqa: RUF001
        ("a#b C# &#39; https://example.org/#part", []),
        ("#1 of #2020 but #2020s", ["2020s"]),
        ("#sea#sun", ["sea"]),  # the second begins inside a word
        ("# #_ #-", []),
        ("#" + "a" * 100, ["a" * 64]),
    ],
)
def test_hashtags(text: str, found: list[str]) -> None:
    assert parse_hashtags(text) == found


def test_tags() -> None:
    assert tag("  #New   York ") == "new york"
    assert tag("#") == ""
    assert tag_term("Été") == tag_term("ete") == "#ete"


def test_terms_are_cut_between_characters() -> None:
    assert cut("é" * 60) == "é" * 48
    assert cut("a" * 200) == "a" * 96


@pytest.mark.parametrize(("base", "forms"), _FORMS.items())
def test_irregular_forms_lead_to_the_stem(base: str, forms: str) -> None:
    assert {ROOTS[form] for form in forms.split()} == {root(base)}


def test_the_stemmer_is_loaded_when_needed() -> None:
    code = "import sys, stockroom.analysis.tokens as t; assert 'Stemmer' not in sys.modules; t.root('boats')"
    subprocess.run([sys.executable, "-c", code], check=True)


@given(st.text(alphabet="ab1 .'-+#_`\n\u00e9\u6771", max_size=40))
@settings(max_examples=400)
def test_a_sequence_is_what_the_tokens_say(text: str) -> None:
    assert sequence(text) == [part for token in tokens(text) for part in token.sequence()]


@pytest.mark.parametrize(
    "text", ["a.b", "3.5 m", "Cats++ ran.", "C++", "don't. stop", "x-ray", "#sea#sun", "U.S.A."]
)
def test_joined_words_are_no_plain_words(text: str) -> None:
    assert sequence(text) == [part for token in tokens(text) for part in token.sequence()]
