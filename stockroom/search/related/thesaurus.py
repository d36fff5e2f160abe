"""The thesaurus: words that mean the same as a word, its kinds, and wider words.

Its data are three texts, which `infra/generate_thesaurus.py` makes. They are searched as they are, so that
nothing is parsed or kept beside them: 1 to 6 milliseconds for a word.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from msgspec import Struct

from stockroom.analysis.stemming import stem

MAX_KINDS = 2_000
"""Kinds of a word that are listed, the most general ones."""
MAX_STEPS_UP = 3
"""Lines of the outline above that of a word whose words are wider words for it."""
MAX_KINDS_OF_WIDER = 1_500
"""A word with more kinds than that says nothing of a picture that has one of them."""
MIN_LETTERS = 3

_ENDINGS = ("s", "e", "n", "x", "es", "en")
"""Endings of plurals in English, German, French and Spanish, and of German cases."""
_RARE_ENDINGS = ("er", "ern")
"""Endings of German plurals that words of other languages have in the singular, too."""


class RelatedWords(Struct, frozen=True):
    """Words for a word: `same` in meaning, its `kinds`, the most general ones first, and `wider` words."""

    same: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    wider: tuple[str, ...] = ()


def find_related_words(word: str) -> RelatedWords:
    """The words for a folded word, and for it without its ending; none for what is no single word."""
    if not word.isalpha():
        return RelatedWords()
    related = _find(list(_list_forms(word, _ENDINGS)))
    return _find(list(_list_forms(word, _RARE_ENDINGS))) if related == RelatedWords() else related


def _find(forms: Sequence[str]) -> RelatedWords:
    translations = [each for form in forms for each in _find_line("translations.txt", form)]
    topics = [each for form in forms for each in _find_line("topics.txt", form)]
    same: dict[str, None] = {}
    kinds: dict[str, int] = {}
    wider: dict[str, None] = {}
    for each in dict.fromkeys([*forms, *translations]):
        for start in _find_places(_read("nouns.txt"), each):
            depth, words, outline = _read_outline(start)
            same |= dict.fromkeys(words)
            for kind, depth_of_kind in outline:
                kinds.setdefault(kind, depth_of_kind - depth)
            if each in forms:
                wider |= dict.fromkeys(_list_wider(start, depth))
    same = dict.fromkeys([*translations, *topics, *same])
    wider |= {head: None for form in forms for head in _find_heads(form)}
    nearest = sorted(kinds.keys() - same.keys(), key=lambda kind: (kinds[kind], kind))
    return RelatedWords(
        same=tuple(each for each in same if each not in forms),
        kinds=tuple(each for each in nearest if each not in forms)[:MAX_KINDS],
        wider=tuple(each for each in wider if each not in same and each not in kinds and each not in forms),
    )


def _list_forms(word: str, endings: Iterable[str]) -> Iterator[str]:
    """A word, then what it may be an inflected form of."""
    yield word
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
    endings = [ending for ending in endings if word.endswith(ending)]
    shorter = [stem(word), *(word[: -len(ending)] for ending in endings)]
    yield from (form for form in dict.fromkeys(shorter) if len(form) >= MIN_LETTERS and form != word)


@cache
def _read(name: str) -> str:
    return f"\n{Path(__file__).with_name(name).read_text('utf-8')}"


def _find_places(text: str, word: str) -> Iterator[int]:
    """Where the lines begin in which a word stands behind a space."""
    end = 0
    while (place := text.find(f" {word}", end)) >= 0:
        end = place + len(word) + 1
        if text[end] in " \n":
            yield text.rindex("\n", 0, place) + 1


def _find_line(name: str, word: str) -> list[str]:
    """The words behind a word in a text."""
    text = _read(name)
    place = text.find(f"\n{word} ")
    return text[place + len(word) + 2 : text.index("\n", place + 1)].split() if place >= 0 else []


def _find_heads(word: str) -> Iterator[str]:
    """The words of other languages, and the topics, that have this word in their lines."""
    for text in (_read("translations.txt"), _read("topics.txt")):
        for start in _find_places(text, word):
            yield text[start : text.index(" ", start)]


def _read_outline(start: int) -> tuple[int, list[str], list[tuple[str, int]]]:
    """The depth and the words of the line at a place, and the words below it with their depths."""
    text = _read("nouns.txt")
    end = text.index("\n", start)
    depth, *words = text[start:end].split(" ")
    next_line = _compile_up_to(int(depth)).search(text, end)
    below: list[tuple[str, int]] = []
    for line in text[end + 1 : next_line.start() if next_line else -1].splitlines():
        depth_of_kind, *kinds = line.split(" ")
        below += [(kind, int(depth_of_kind)) for kind in kinds]
    return int(depth), words, below


@cache
def _compile_up_to(depth: int) -> re.Pattern[str]:
    """What finds the beginning of a line that is no deeper."""
    return re.compile(rf"\n(?:{'|'.join(map(str, range(depth + 1)))}) ")


def _list_wider(start: int, depth: int) -> Iterator[str]:
    """The words above a line, the nearest first."""
    text = _read("nouns.txt")
    steps = 0
    while depth and steps < MAX_STEPS_UP:
        above = text.rindex("\n", 0, text.rindex(f"\n{depth - 1} ", 0, start) + 1) + 1
        depth, words, below = _read_outline(above)
        if len(below) > MAX_KINDS_OF_WIDER:
            return
        yield from words
        start, steps = above, steps + 1
