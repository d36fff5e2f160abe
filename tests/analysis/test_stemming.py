"""Stems of English words."""

import subprocess
import sys

import pytest

from stockroom.analysis.stemming import (
    IRREGULAR_FORMS,
    STEM_OVERRIDES,
    _remember_stem,
    _snowball_stemmer,
    stem,
)
from stockroom.analysis.tokenizer import _remember_plain_token, tokenize


@pytest.mark.parametrize(
    ("words", "stemmed"),
    [
        ("run runs running ran", "run"),
        ("boat boats", "boat"),
        ("child children", "child"),
        ("university universities", "university"),
        ("organ organs", "organ"),
        ("4k", "4k"),
        ("ёлки", "ёлки"),
        ("as", "as"),
    ],
)
def test_stems(words: str, stemmed: str) -> None:
    assert {stem(word) for word in words.split()} == {stemmed}


@pytest.mark.parametrize(("base", "forms"), IRREGULAR_FORMS.items())
def test_irregular_forms_have_the_stem_of_their_base(base: str, forms: str) -> None:
    assert {STEM_OVERRIDES[form] for form in forms.split()} == {stem(base)}


def test_other_subjects_are_kept_apart() -> None:
    assert stem("university") != stem("universe")
    assert stem("organisation") == stem("organization") != stem("organ")


def test_words_are_remembered_once() -> None:
    stemmer = getattr(_snowball_stemmer(), "__self__")  # noqa: B009  a function has no such attribute
    assert _remember_stem.cache_parameters()["maxsize"] == 16_384
    assert stemmer.maxCacheSize == 0


def test_words_of_a_thousand_letters_are_not_remembered() -> None:
    """Strangers choose what is searched for, and how long its words are."""
    remembered = _remember_stem.cache_info().currsize, _remember_plain_token.cache_info().currsize
    tokenize(" ".join(letter * 41 for letter in "abcdef"))[0].query_terms()
    assert stem("y" * 41) == "y" * 41
    assert stem("я" * 1000) == "я" * 48
    assert (
        _remember_stem.cache_info().currsize,
        _remember_plain_token.cache_info().currsize,
    ) == remembered


def test_the_stemmer_is_loaded_by_the_first_word_that_needs_it() -> None:
    code = (
        "import sys, stockroom.analysis.stemming as s; assert 'Stemmer' not in sys.modules; "
        "s.stem('children'); assert 'Stemmer' not in sys.modules; "
        "s.stem('boats'); assert 'Stemmer' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
