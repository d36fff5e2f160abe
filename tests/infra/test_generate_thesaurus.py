"""The data of the thesaurus: how it is made, and what is there."""

import json
import re
from pathlib import Path

import pytest

from infra import generate_thesaurus as thesaurus
from infra.generate_thesaurus import (
    BY_HAND,
    FOLDER,
    main,
    read_annotations,
    read_lines,
    read_synsets,
    write_outline,
)

# offset, file, kind, words in hexadecimal, words with their numbers, pointers in decimal, pointers | gloss
NOUNS = """\
  1 This line is no meaning.
00000001 03 n 01 thing 0 002 ~ 00000002 n 0000 ~ 00000005 n 0000 | anything
00000002 05 n 02 animal 0 living_creature 0 002 @ 00000001 n 0000 ~ 00000003 n 0000 | a creature
00000003 05 n 01 water_bird 0 002 @ 00000002 n 0000 ~ 00000004 n 0000 | swims
00000004 05 n 02 gull 0 Larus 0 001 @ 00000003 n 0000 | a bird
00000005 15 n 01 city 0 002 @ 00000001 n 0000 ~i 00000006 n 0000 | a place
00000006 15 n 02 Bergen 0 Bergen_by 0 001 @i 00000005 n 0000 | a place in Norway
00000007 18 n 03 head 0 gull 1 ox 0 000 | somebody
00000008 09 n 01 idea 0 000 | a thought
00000009 18 n 01 Ada 0 001 @i 00000007 n 0000 | a name of somebody
00000010 18 n 01 lout 0 000 | a vulgar person
00000011 18 n 01 dead 0 000 | people who live no more
00000013 18 n 02 wench 0 lass 0 000 | a girl
00000014 18 n 01 crone 0 000 | an ugly old woman
00000015 14 n 01 timid 0 000 | people who are fearful
00000012 15 n 01 Nice 0 001 @i 00000005 n 0000 | a place in France
"""
SENSES = """\
ada%1:18:00:: 00000009 1 0
animal%1:05:00:: 00000002 1 67
bergen%1:15:00:: 00000006 1 0
crone%1:18:00:: 00000014 1 0
lass%1:18:00:: 00000013 1 0
timid%1:14:00:: 00000015 1 0
wench%1:18:00:: 00000013 1 0
dead%1:18:00:: 00000011 1 2
dead%3:00:01:: 00000097 1 40
nice%1:15:00:: 00000012 1 0
nice%3:00:00:: 00000096 1 9
city%1:15:00:: 00000005 1 9
gull%1:05:00:: 00000004 2 0
gull%1:18:00:: 00000007 1 0
gull%2:29:00:: 00000099 1 3
head%1:08:00:: 00000098 1 40
head%1:18:00:: 00000007 2 1
idea%1:09:00:: 00000008 1 30
larus%1:05:00:: 00000004 1 0
ox%1:18:00:: 00000007 1 0
thing%1:03:00:: 00000001 1 20
"""
ENGLISH = {
    "1": ("bird", ["animal", "bird"]),
    "2": ("mountain", ["cold", "mountain", "nature"]),
    "3": ("wave", ["nature", "ocean", "wave"]),
    "4": ("snow-capped mountain", ["cold", "mountain", "snow"]),
}
GERMAN = {
    "1": ("Vogel", ["Tier", "Vogel"]),
    "2": ("Berg", ["Berg", "the"]),
    "3": ("Welle", ["Meer", "Große Welle"]),
    "4": ("schneebedeckter Berg", ["Berg", "kalt"]),
    "9": ("Neu", ["Neu"]),
}


@pytest.fixture
def wordnet(tmp_path: Path) -> Path:
    folder = tmp_path / "wordnet" / "dict"
    folder.mkdir(parents=True)
    folder.joinpath("data.noun").write_text(NOUNS)
    folder.joinpath("index.sense").write_text(SENSES)
    return folder.parent


@pytest.fixture
def cldr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(thesaurus, "LANGUAGES", ("de",))
    for language, annotations in (("en", ENGLISH), ("de", GERMAN)):
        entries: dict[str, object] = {
            emoji: {"tts": [name], "default": words} for emoji, (name, words) in annotations.items()
        }
        entries["no name"] = {"default": ["nothing"]}
        folder = tmp_path / "cldr" / "annotations" / language
        folder.mkdir(parents=True)
        document = {"annotations": {"annotations": entries}}
        folder.joinpath("annotations.json").write_text(json.dumps(document))
    return tmp_path / "cldr"


def test_the_outline_has_the_usual_meanings(wordnet: Path) -> None:
    lines = list(write_outline(read_synsets(wordnet / "dict")))
    # No "head" of cattle, no fool of a "gull", nothing of two words, no ideas, names of places alone and only
    # where they are nothing else, no adjectives, no rude words, none that judge people.
    assert lines == ["0 thing\n", "1 animal\n", "2 gull\n", "1 city\n", "2 bergen\n", "0 lass\n"]


def test_what_says_nothing_is_left_out(wordnet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thesaurus, "MAX_LINES_OF_KINDS", 3)
    lines = list(write_outline(read_synsets(wordnet / "dict")))
    assert lines == ["0 animal\n", "1 gull\n", "0 city\n", "1 bergen\n", "0 lass\n"]


@pytest.mark.parametrize(("most", "times"), [(1, 2), (0, 1)])
def test_a_small_meaning_stands_below_all_that_it_is_a_kind_of(
    wordnet: Path, monkeypatch: pytest.MonkeyPatch, most: int, times: int
) -> None:
    monkeypatch.setattr(thesaurus, "MAX_REPEATED_LINES", most)
    synsets = read_synsets(wordnet / "dict")
    synsets["00000005"].kinds.append("00000004")
    lines = list(write_outline(synsets))
    assert lines.count("2 gull\n") == times


def test_a_large_meaning_stands_below_the_one_that_it_is_named_after(
    wordnet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A city that is a kind of "animal", too, would stand below "animal", which is written first."""
    monkeypatch.setattr(thesaurus, "MAX_REPEATED_LINES", 0)
    synsets = read_synsets(wordnet / "dict")
    synsets["00000002"].kinds.append("00000005")
    assert "".join(write_outline(synsets)).startswith("0 thing\n1 animal\n2 gull\n2 city\n")
    synsets["00000005"].name = "big_thing"
    lines = "".join(write_outline(synsets))
    assert lines.startswith("0 thing\n1 animal\n2 gull\n1 city\n")


def test_a_plant_that_is_called_like_food_is_none(wordnet: Path) -> None:
    lines = wordnet.joinpath("dict", "data.noun").read_text()
    lines += "00000016 20 n 01 apple 0 001 @ 00000002 n 0000 | a plant\n"
    lines += "00000017 13 n 01 apple 0 001 @ 00000001 n 0000 | what people eat\n"
    wordnet.joinpath("dict", "data.noun").write_text(lines)
    senses = wordnet.joinpath("dict", "index.sense")
    for uses, words in ((1, []), (0, ["apple"])):
        senses.write_text(f"{SENSES}apple%1:13:00:: 00000017 1 {uses}\napple%1:20:00:: 00000016 2 0\n")
        assert read_synsets(wordnet / "dict")["00000016"].words == words


def test_translations_and_topics(cldr: Path) -> None:
    english, others = read_annotations(cldr / "annotations")
    own = {"see": ["lake"], "berg": ["mountain", "hill"]}
    assert list(thesaurus.write_translations(english, others, own)) == [
        "berg mountain hill\n",
        "see lake\n",
        # Names of one emoji; its other keywords might be anything.
        "vogel bird\n",
        "welle wave\n",
    ]
    # Of several emoji, the keywords that most of them have.
    assert "berg mountain cold\n" in list(thesaurus.write_translations(english, others, {}))
    # A plural of what is translated by hand would hide it.
    assert "welle wave\n" not in list(thesaurus.write_translations(english, others, {"well": ["fountain"]}))
    by_hand = {"sky": ["cloud", "sun"], "cold": ["ice"]}
    assert list(thesaurus.write_topics(english, by_hand)) == [
        "cold ice\n",
        "nature mountain wave\n",
        "sky cloud sun\n",
    ]


def test_all_files_are_written(
    wordnet: Path, cldr: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thesaurus, "FOLDER", tmp_path)
    assert main([str(wordnet), str(cldr)]) == 0
    assert tmp_path.joinpath("nouns.txt").read_text().startswith("0 thing\n")
    assert "vogel bird\n" in tmp_path.joinpath("translations.txt").read_text()
    assert "cold mountain\n" in tmp_path.joinpath("topics.txt").read_text()


def test_the_outline_that_is_there_is_one() -> None:
    depth = -1
    for line in FOLDER.joinpath("nouns.txt").read_text().splitlines():
        match = re.fullmatch(r"(\d+)( [a-z]{3,})+", line)
        assert match, line
        assert int(match[1]) <= depth + 1
        depth = int(match[1])


@pytest.mark.parametrize("name", ["topics.txt", "translations.txt"])
def test_each_word_that_is_there_has_one_line(name: str) -> None:
    lines = FOLDER.joinpath(name).read_text().splitlines()
    words = [line.split(" ")[0] for line in lines]
    assert words == sorted(set(words))
    assert all(re.fullmatch(r"[^\W\d_]{3,}( [^\W\d_]{3,})+", line) for line in lines)


@pytest.mark.parametrize("name", ["topics.txt", "translations.txt"])
def test_lines_written_by_hand_have_been_taken_over(name: str) -> None:
    by_hand = read_lines(BY_HAND / name)
    assert list(by_hand) == sorted(by_hand)
    there = read_lines(FOLDER / name)
    for word, words in by_hand.items():
        assert there.get(word, []) == [each for each in words if each != word]


def test_no_slur_is_offered() -> None:
    words = set(FOLDER.joinpath("nouns.txt").read_text().split())
    assert words.isdisjoint({"bimbo", "cripple", "imbecile", "mulatto", "retard", "slut", "wench"})
    assert {"child", "marriage", "tit", "tart"} <= words
