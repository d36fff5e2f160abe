"""The thesaurus: which words it has for a word."""

import pytest

from stockroom.search.related import thesaurus
from stockroom.search.related.thesaurus import (
    RelatedWords,
    find_related_words,
    is_compound,
    is_everyday_word,
    list_nearest_words,
)


@pytest.mark.parametrize(
    ("word", "same", "kinds"),
    [
        ("animal", {"creature"}, {"gull", "dog", "spaniel", "heron"}),
        ("animals", {"creature"}, {"gull", "dog"}),
        ("bird", set(), {"gull", "heron", "swan"}),
        ("berries", set(), {"strawberry", "blackberry"}),
        ("wolves", set(), {"coyote"}),
        ("city", set(), {"street", "skyline", "bergen"}),
        # Topics that no dictionary of kinds has.
        ("nature", set(), {"forest", "mountain", "waterfall"}),
        ("people", set(), {"woman", "man"}),
        # Other languages, with and without their endings.
        ("vogel", {"bird"}, {"gull"}),
        ("berge", {"mountain", "hill"}, {"alp"}),
        ("blumen", {"flower"}, {"anemone"}),
        ("winterlandschaft", {"landscape"}, set()),
        ("tierbilder", {"animal"}, {"gull"}),
        ("naturfotos", {"nature"}, {"waterfall"}),
        ("voegel", {"bird"}, {"gull"}),
        ("mountain", {"berg", "montagne"}, {"volcano"}),
        ("plage", {"beach"}, set()),
        ("montana", {"mountain"}, set()),
        # Irregular plurals, and a plural that is no plural of "cloth".
        ("children", {"kid"}, {"infant", "toddler"}),
        ("men", set(), {"sailor"}),
        ("mice", {"maus"}, set()),
        ("clothes", {"clothing"}, {"skirt", "coverall"}),
        # What other languages have for a translation.
        ("kleid", {"dress", "robe"}, set()),
        ("brille", {"glasses", "lunettes"}, set()),
        # English words with the endings of another language.
        ("patienten", {"patient"}, {"inpatient"}),
        ("cycliste", {"cyclist"}, set()),
        ("mutter", {"mother"}, set()),
        ("handy", {"phone"}, set()),
        ("riviere", {"river"}, set()),
        ("chats", {"cat"}, set()),
    ],
)
def test_same_and_kinds(word: str, same: set[str], kinds: set[str]) -> None:
    related = find_related_words(word)
    assert same <= set(related.same)
    assert kinds <= {*related.kinds, *related.topics, *related.same}


@pytest.mark.parametrize(
    ("word", "wider"),
    [
        ("gull", "bird"),
        ("spaniel", "dog"),
        ("lighthouse", "tower"),
        ("harbour", "port"),
        ("mowe", "bird"),
        ("salmon", "fish"),
        ("car", "vehicle"),
        ("brig", "craft"),
        ("apple", "fruit"),
        ("cheese", "food"),
    ],
)
def test_wider_words(word: str, wider: str) -> None:
    assert wider in find_related_words(word).wider


@pytest.mark.parametrize(
    ("word", "other"),
    [
        # Too many steps up, or above too many.
        ("brig", "vehicle"),
        ("plane", "vehicle"),
        ("ear", "piece"),
        ("car", "container"),
        # Words that mean something else above all, and plants that are called like food.
        ("mill", "plant"),
        ("bird", "kite"),
        ("kite", "hawk"),
        ("apple", "tree"),
        ("cheese", "bush"),
        # Parts of things, and translations that English texts have for something else.
        ("car", "wheel"),
        ("bird", "wing"),
        ("bed", "lit"),
        ("handy", "mobile"),
        ("gabel", "dinner"),
    ],
)
def test_what_is_too_wide_a_part_or_something_else_is_not_related(word: str, other: str) -> None:
    related = find_related_words(word)
    assert other not in {*related.same, *related.topics, *related.kinds, *related.wider}


@pytest.mark.parametrize(
    ("word", "is_everyday"), [("war", True), ("pen", True), ("gal", False), ("wal", False)]
)
def test_everyday_words(word: str, is_everyday: bool) -> None:
    assert is_everyday_word(word) is is_everyday
    assert is_everyday_word("tur", is_accented=True)
    assert not is_everyday_word("gal", is_accented=True)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        # What a word rarely means: heads of cattle, seals of letters, one whom a swindler fools.
        ("animal", "head"),
        ("gull", "fool"),
        ("people", "dead"),
        # Forms of other words, and of words of other languages.
        ("pines", "brooch"),
        ("canes", "dog"),
        ("water", "what"),
        # Keywords of one emoji, and what no library should offer.
        ("angebot", "cum"),
        ("himmel", "telescope"),
        ("person", "murderer"),
        ("people", "scum"),
        ("people", "timid"),
        ("woman", "concubine"),
        ("woman", "bimbo"),
        ("woman", "spinster"),
        ("korper", "penis"),
        ("worker", "gipsy"),
        # An English word that a German one begins with.
        ("mutter", "mongrel"),
        # Keywords of few emoji.
        ("isla", "islam"),
        ("beruf", "arrest"),
        ("lac", "oar"),
        ("handy", "axon"),
        ("clothes", "velvet"),
        # Whatever has as many kinds as a thing has says nothing.
        ("gull", "animal"),
        ("dog", "entity"),
    ],
)
def test_words_that_are_not_related(word: str, other: str) -> None:
    related = find_related_words(word)
    assert other not in {*related.same, *related.topics, *related.kinds, *related.wider}


@pytest.mark.parametrize(
    "word",
    [
        "xqzzy",
        "",
        " ",
        "\n",
        "5",
        "bird gull",
        "5 bird",
        "whopper\ns",
        "leopard\nes",
        "angebot",
        "bird-like",
        "möwe",
        "東京",
        "a" * 1000,
    ],
)
def test_unknown_words(word: str) -> None:
    assert find_related_words(word) == RelatedWords()


def test_spellings_of_umlauts_are_few() -> None:
    """A stranger's word may have as many of their letters as it has room for: its spellings were 10^15."""
    word = f"a{'e' * 12}o{'e' * 12}u{'e' * 12}"
    assert find_related_words(word) == RelatedWords()
    assert list_nearest_words(word) == []


@pytest.mark.parametrize("word", ["baeren", "voegel", "fruehstueck"])
def test_umlauts_that_are_written_without_them(word: str) -> None:
    assert find_related_words(word).same


@pytest.mark.parametrize(
    ("word", "spelling"),
    [
        ("muenchen", "munchen"),
        ("zuerich", "zurich"),
        ("koeln", "koln"),
        ("voegel", "vogel"),
        # What looks like a form of another word as well: shoes, suede, rugs, scrods.
        ("schoene", "schone"),
        ("sueden", "suden"),
        ("ruegen", "rugen"),
        ("schroeder", "schroder"),
    ],
)
def test_the_word_with_umlauts_means_the_same(word: str, spelling: str) -> None:
    assert find_related_words(word).same[0] == spelling


@pytest.mark.parametrize(("word", "other"), [("poet", "pot"), ("shoe", "sho"), ("blue", "blu")])
def test_an_english_word_is_written_for_none_with_umlauts(word: str, other: str) -> None:
    assert other not in find_related_words(word).same


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("apfelkuchen", ["kuchen"]),
        ("winterlandschaften", ["landschaften", "landschaft"]),
        ("bergsee", ["see"]),
        ("tierbilder", ["tier"]),
    ],
)
def test_the_last_part_of_a_compound_means_the_same(word: str, parts: list[str]) -> None:
    related = find_related_words(word)
    assert list(related.same[: len(parts)]) == parts
    assert "kuche" not in related.same


def test_a_misspelt_word_is_no_compound() -> None:
    assert find_related_words("sunglases") == RelatedWords()


@pytest.mark.parametrize(
    ("word", "part", "meaning"),
    [("haustuer", "tur", "door"), ("abendbrot", "brot", "bread"), ("gartentor", "tor", "gate")],
)
def test_a_compound_may_be_one_slip_from_a_german_word(word: str, part: str, meaning: str) -> None:
    assert {part, meaning} <= set(find_related_words(word).same)


@pytest.mark.parametrize(
    "word",
    [
        # German words, and forms of them, that only end like a compound.
        *("temperatur", "temperaturen", "agentur", "landshut", "uebersee", "ubersee", "jackpot"),
        *("feldzug", "feldzuege", "kreuzzuges", "schriftzug", "siegeszug"),
        # English and common words.
        *("foresee", "foresees", "temperature", "millions", "without", "gemacht"),
    ],
)
def test_a_word_that_ends_like_a_compound_is_none(word: str) -> None:
    assert find_related_words(word) == RelatedWords()


@pytest.mark.parametrize(
    ("word", "plural"), [("dog", "hunde"), ("cat", "katzen"), ("dress", "kleider"), ("hut", "chapeaux")]
)
def test_plurals_in_other_languages(word: str, plural: str) -> None:
    assert plural in {*find_related_words(word).plurals, *find_related_words(word).same}


def test_no_plural_is_another_word() -> None:
    """No "mere" (mother) for the sea, which is "mer" in French; no "fischer" for a fish."""
    assert "mere" not in find_related_words("sea").plurals
    assert "fischer" not in find_related_words("fish").plurals


def test_no_word_is_its_own_relative_nor_twice() -> None:
    for word in ("animal", "bird", "boat", "sea", "hafen", "children"):
        related = find_related_words(word)
        words = [*related.same, *related.kinds, *related.wider]
        assert word not in words
        assert len(set(words)) == len(words)


def test_the_last_line_ends_what_is_below_the_line_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {"nouns.txt": "\n0 boat\n1 canoe\n1 punt\n", "topics.txt": "\n", "translations.txt": "\n"}
    monkeypatch.setattr(thesaurus, "_read", texts.__getitem__)
    assert find_related_words("boat").kinds == ("canoe", "punt")
    assert find_related_words("punt") == RelatedWords(wider=("boat",))


@pytest.mark.parametrize(
    ("word", "beginning"),
    [
        ("sunset", "sun"),
        ("sunflowers", "sun"),
        ("teapots", "tea"),
        ("sonnenblume", "sonne"),
        ("sonnenuntergang", "sonne"),
        ("bergsee", "berg"),
        ("blumen", "blume"),
    ],
)
def test_compounds(word: str, beginning: str) -> None:
    assert is_compound(word, beginning)


@pytest.mark.parametrize(
    ("word", "beginning"),
    [
        ("carved", "car"),
        ("carpet", "car"),
        ("caterpillar", "cat"),
        ("season", "sea"),
        ("seen", "see"),
        ("hundert", "hund"),
        ("blute", "blut"),
        ("kuchen", "kuche"),
        ("portrait", "port"),
        ("sun", "sun"),
        ("moon", "sun"),
    ],
)
def test_other_words_that_begin_alike(word: str, beginning: str) -> None:
    assert not is_compound(word, beginning)
