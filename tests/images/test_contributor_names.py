"""Names of contributors as texts."""

import pytest

from stockroom.images.contributor_names import (
    has_words,
    list_searchable_words,
    looks_like_pseudonym,
    make_pseudonym,
    split_name,
)


def test_words_of_a_name() -> None:
    assert split_name(" Berg-Hansen, ÁNNA d'Été") == ["berg", "hansen", "anna", "dete"]
    assert split_name("मोहन दास") == ["मोहन", "दास"]
    assert split_name("!") == []


def test_an_apostrophe_separates_words_or_not() -> None:
    assert list_searchable_words("Bob d’Été") == {"bob", "dete", "d", "ete"}  # noqa: RUF001


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("Anna Smith", ["smith", "anna"], True),
        ("Anna Smith", ["ann"], False),
        ("Anna Smith", ["anna", "berg"], False),
        ("東京太郎", ["太郎"], True),
        ("東京太郎", ["大阪"], False),
    ],
)
def test_a_name_has_whole_words_or_parts_where_no_spaces_are_written(
    name: str, words: list[str], expected: bool
) -> None:
    assert has_words(list_searchable_words(name), words) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [(make_pseudonym(17), True), ("(Contributor 17)", True), ("Contributor", False), ("Ada 17", False)],
)
def test_pseudonyms_are_known_however_they_are_spelled(name: str, expected: bool) -> None:
    assert looks_like_pseudonym(name) is expected
