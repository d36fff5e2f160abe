"""From characters to tokens."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stockroom.analysis.tokenizer import is_word_character, phrase_stems, tokenize
from stockroom.analysis.tokens import Kind


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
    (token,) = tokenize(text)
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
    assert [token.whole for token in tokenize(text)] == wholes


@pytest.mark.parametrize(("char", "expected"), [("a", True), ("7", True), ("\u0301", True), ("_", False)])
def test_word_characters(char: str, expected: bool) -> None:
    assert is_word_character(char) is expected


@given(st.text(alphabet="ab1 .'-+#_`\n\u00e9\u6771", max_size=40))
@settings(max_examples=400)
def test_phrase_stems_are_those_of_the_tokens(text: str) -> None:
    """The short cut for plain text gives what the tokens give."""
    assert phrase_stems(text) == [stem for token in tokenize(text) for stem in token.phrase_stems()]


@pytest.mark.parametrize(
    "text", ["a.b", "3.5 m", "Cats++ ran.", "C++", "don't. stop", "x-ray", "#sea#sun", "U.S.A."]
)
def test_joined_words_take_no_short_cut(text: str) -> None:
    assert phrase_stems(text) == [stem for token in tokenize(text) for stem in token.phrase_stems()]
