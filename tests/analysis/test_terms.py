"""The spelling of index terms."""

from stockroom.analysis.terms import normalize_tag, tag_term, truncate_term


def test_tags_as_they_are_stored() -> None:
    assert normalize_tag("  #New   York ") == "new york"
    assert normalize_tag("ÉTÉ") == "été"
    assert normalize_tag("#") == ""
    assert normalize_tag("a" * 100) == "a" * 64


def test_terms_of_tags() -> None:
    assert tag_term("Été") == tag_term("ete") == "#ete"
    assert tag_term("New  York") == "#new york"


def test_terms_are_truncated_between_characters() -> None:
    assert truncate_term("é" * 60) == "é" * 48
    assert truncate_term("a" * 200) == "a" * 96
    assert truncate_term("a" * 96) == "a" * 96
    assert truncate_term("東" * 24) == "東" * 24


def test_a_dotted_capital_has_one_dot_in_lower_case_and_is_found_in_every_spelling() -> None:
    spellings = ("\u0130stanbul", "\u0130STANBUL", "I\u0307stanbul", "i\u0307stanbul", "istanbul", "ISTANBUL")
    assert {normalize_tag(each) for each in spellings} == {"istanbul"}
    assert {tag_term(each) for each in (*spellings, "\u0131stanbul")} == {"#istanbul"}
