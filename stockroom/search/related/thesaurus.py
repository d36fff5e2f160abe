"""The thesaurus: words that mean the same as a word, its kinds, and wider words.

Its data are four texts, which `infra/generate_thesaurus.py` makes. They are searched as they are; beside
them, a process keeps the sets of their words. A word takes 1 to 6 milliseconds.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

from msgspec import Struct

from stockroom.analysis.common_words import COMMON_WORDS
from stockroom.analysis.slips import apply_one_slip
from stockroom.analysis.stemming import IRREGULAR_FORMS, stem

MAX_STEPS_UP = 2
"""Lines of the outline above that of a word whose words are wider words for it: a brig is a craft, but no
picture of it is one of just any vehicle."""
MAX_STEPS_UP_OF_LIVING = 3
"""The same of animals and plants, whose outline has more lines than people have words for."""
MAX_KINDS_OF_WIDER = 800
"""A word with more kinds than that says nothing of a picture that has one of them: an ear is a "piece"."""
MIN_LETTERS = 3
MIN_LETTERS_OF_MISSPELT = 5
"""Shorter words are one slip from too many others."""
MIN_LETTERS_OF_HEAD = 4
"""Letters of the last part of a German compound."""

_LIVING = {"animal", "plant"}
"""Words of the first lines of the outlines of animals and plants."""
_NOT_OTHERS = ("held", "lit")
"""Words of other languages that English texts have for something else: no bed (French "lit") is meant."""
_ENDINGS = ("s", "e", "n", "x", "es", "en", "er", "ern")
"""Endings of plurals in English, German, French and Spanish, and of German cases, the shorter ones first."""
_ENDINGS_OF_OTHERS = ("er", "ern")
"""Endings without which a word is no English one ("Mutter" is no mutt)."""
_PLURALS = ("n", "e", "en", "er", "s", "x", "es")
"""What a plural in another language may add to a word. Umlauts are folded away."""
_SINGULARS = {form: singular for singular, forms in IRREGULAR_FORMS.items() for form in forms.split()}
"""English words by their irregular forms ("children")."""
_VOWELS_BEFORE_Y = ("ay", "ey", "oy", "uy")
_BEFORE_PARTICIPLE_N = ("e", "w")
"""The endings of English words that may have a participle in "n" ("taken", "withdrawn")."""
_HISSING = ("s", "x", "z", "ch", "sh", "o")
"""The endings of English words whose plurals end in "es". Of those in "o" some do, and some end in "s"."""
_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
"""How German umlauts are written without them, and what folding makes of them."""
_SHORT_HEADS = """
    bag bed box bus cap car cat cup day dog fly hat man men pan pen pot ray rod set top tub van way
    eis hut rad see tee tor tur uhr weg zug
"""
"""Last parts of compounds that have three letters. Others rather end a word of its own ("carpet")."""
_NO_COMPOUNDS = """
    agentur eisenhut feldzug fingerhut fischzug flaschenzug grunzug hiddensee isolator jackpot kreuzzug
    landshut politur rechtsweg ruckzug schriftzug siegeszug spielzug temperatur uberzug ubersee waldshut
    wegzug
"""
"""German words, folded, that end like compounds with a head of three letters and mean something else."""
_LINKS = ("", "s", "n", "en", "es", "er", "e")
"""What may stand between two parts of a German compound."""
_WORDS_FOR_PICTURES = re.compile(r"(?:bild(?:er)?|fotos?|aufnahmen?|motive?)$")
"""The last part of a compound that says no more than that a picture is looked for ("Tierbilder")."""


class RelatedWords(Struct, frozen=True):
    """Words for a word.

    `same`: translations and synonyms; `plurals`: what plurals of those of them may be that are words of
    other languages; `topics`: what pictures of the word as a topic show; `kinds`: hyponyms,
    the most general ones first; `wider`: hypernyms.
    """

    same: tuple[str, ...] = ()
    plurals: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    wider: tuple[str, ...] = ()


def find_related_words(word: str, *, is_accented: bool = False) -> RelatedWords:
    """The words for a folded word, or for what it is a form or a compound of.

    None for what is no single word. A word that was typed with an accent is no English one if it has
    translations ("Bär" is no bar). The last part of a compound means the same as the compound ("Apfelkuchen"
    is Kuchen).
    """
    if not word.isalpha():
        return RelatedWords()
    for each in (word, _WORDS_FOR_PICTURES.sub("", word), *_list_heads(word)):
        related = _find(each, is_accented)
        if related != RelatedWords():
            return related if each == word else _with_part(related, each)
    return RelatedWords()


def _with_part(related: RelatedWords, part: str) -> RelatedWords:
    """The related words of a part of a compound, with the part itself, and with what it is a form of."""
    words = (part, *islice(filter(_is_known, _list_base_forms(part)), 1))
    return RelatedWords(
        same=tuple(dict.fromkeys([*words, *related.same])),
        plurals=tuple(each for each in related.plurals if each not in words),
        topics=tuple(each for each in related.topics if each not in words),
        kinds=tuple(each for each in related.kinds if each not in words),
        wider=tuple(each for each in related.wider if each not in words),
    )


def _find(word: str, is_accented: bool) -> RelatedWords:
    """The words for the first form of a word that is English, and for the first one that has translations.

    A plural that is a word of its own ("animals", "men") has the words of its singular, too. An English
    plural is no form of a foreign word ("canes" are no Italian dogs). A foreign word that is an English one
    with an ending ("Patienten") means that one. What other languages have for a translation means the same.
    """
    forms = list(dict.fromkeys(form for form in _list_base_forms(word) if len(form) >= MIN_LETTERS))
    if word in _list_first_words("words.txt"):
        # "change" is no form of the river Chang.
        forms = [form for form in forms if word in list_surface_forms(form)]
    no_nouns = {word.removesuffix(ending) for ending in _ENDINGS_OF_OTHERS} - {word}
    nouns = [form for form in forms if _is_english(form) and form not in no_nouns]
    singulars = [noun for noun in nouns[1:2] if word in list_surface_forms(noun)]
    nouns = [*nouns[:1], *singulars] if nouns[:1] == [word] else nouns[:1]
    is_english = nouns and not is_accented and word in list_surface_forms(nouns[0])
    translated = [word] if is_english else forms
    translations = next(filter(None, (_find_line("translations.txt", form) for form in translated)), [])
    if is_accented and translations:
        nouns = []
    bases = [noun for noun in nouns if word.startswith(noun) and stem(noun) != stem(word)]
    nearest_words = translations or bases
    same = dict.fromkeys(nearest_words)
    topics: dict[str, None] = {}
    kinds: dict[str, int] = {}
    wider: dict[str, None] = {}
    for each in dict.fromkeys([*nouns, *translations]):
        topics |= dict.fromkeys(_find_line("topics.txt", each))
        for start in _find_lines(_read("nouns.txt"), each):
            depth, words, outline = _read_outline(start)
            same |= dict.fromkeys(words)
            for kind, depth_of_kind in outline:
                kinds.setdefault(kind, depth_of_kind - depth)
            wider |= dict.fromkeys(_list_wider(start, depth))
    others = [
        other
        for each in dict.fromkeys([*nouns, *translations])
        for other in _find_first_words("translations.txt", each)
        if other not in _NOT_OTHERS
    ]
    same |= dict.fromkeys(others)
    spellings = _list_spellings(word, same)
    same = dict.fromkeys(spellings) | same
    plurals = dict.fromkeys(f"{other}{ending}" for other in others for ending in _PLURALS)
    nearest = sorted(kinds.keys() - same.keys(), key=lambda kind: (kinds[kind], kind))
    own = {word, *nouns}.difference(nearest_words, spellings)
    return RelatedWords(
        same=tuple(each for each in same if each not in own),
        plurals=tuple(each for each in plurals if each not in same and each != word and not _is_known(each)),
        topics=tuple(each for each in topics if each not in own and each not in same),
        kinds=tuple(each for each in nearest if each not in own),
        wider=tuple(
            each
            for each in wider
            if each not in own and each not in same and each not in topics and each not in kinds
        ),
    )


def _list_spellings(word: str, same: Collection[str]) -> list[str]:
    """The words that a word without umlauts may be written for ("muenchen": "munchen", folded).

    Where the word has no others of the `same` meaning, known words alone: the correction of spelling finds
    unknown ones. An English word ("poet") is written for none, unless that one means `same`.
    """
    is_english = _is_english(word) or word in _list_first_words("words.txt")
    return [
        each
        for each in _list_umlaut_spellings(word)
        if (not is_english and (same or _is_known(each)))
        or any(meaning in same for meaning in _find_line("translations.txt", each))
    ]


def _list_umlaut_spellings(word: str) -> list[str]:
    """A word with some of the umlauts folded that are written as two letters in it."""
    spellings = [word]
    for written, folded in _UMLAUTS:
        spellings += [each.replace(written, folded) for each in spellings if written in each]
    return spellings[1:]


def is_word(word: str) -> bool:
    """Whether a folded word is an English, a translated or a common word, or an inflected form of one.

    A form has an ending that its base takes: English words take English ones, others those of their
    languages. "flowed" is a form of "flow", and neither "flowe" nor "flowes" is.
    """
    if is_base_form(word):
        return True
    own_base = stem(word)
    if is_base_form(own_base) and word.removeprefix(own_base) not in _ENDINGS:
        return True
    bases = [form for form in (own_base, *_cut_endings(word)) if is_base_form(form)]
    return any(
        _is_translated(form)
        or form in COMMON_WORDS
        or word == f"{form}er"
        or (word == f"{form}n" and form.endswith(_BEFORE_PARTICIPLE_N))
        or word in list_surface_forms(form)
        for form in bases
    )


def is_doubtful_form(word: str) -> bool:
    """Whether a folded word is none, but would be one without an ending that it cannot have ("flowe")."""
    return any(map(is_base_form, (stem(word), *_cut_endings(word)))) and not is_word(word)


def is_base_form(word: str) -> bool:
    """Whether a folded word itself is an English, a translated or a common word."""
    return word in COMMON_WORDS or word in _list_first_words("words.txt") or _is_known(word)


def is_everyday_word(word: str, *, is_accented: bool = False) -> bool:
    """Whether a folded word is so common that the data have translations of it ("pen", and no "gal").

    A word of another language is, too, if it was typed with an accent (German "Tür"): others may as well be
    the beginning of an English word ("wal").
    """
    is_translation = next(_find_first_words("translations.txt", word), None) is not None
    return is_translation or (is_accented and _is_translated(word))


def _cut_endings(word: str) -> list[str]:
    """A folded word without each of the endings that it has; "pony" for "ponies"."""
    bases = [word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)]
    return [*bases, f"{word[:-3]}y"] if word.endswith("ies") else bases


def is_compound(word: str, beginning: str) -> bool:
    """Whether a folded word is a compound that begins with another one, as "sunset" does with "sun".

    Only German compounds have letters between their parts. Also for a plural in another language than
    English, which the stemmer does not take for the same word: "blumen" for "blume", but not "blute" (Blüte)
    for "blut", which means something else.
    """
    rest = word.removeprefix(beginning)
    if rest == word:
        return False
    if rest in _PLURALS and _is_translated(beginning):
        meanings = _find_line("translations.txt", word)
        is_another = meanings and set(meanings).isdisjoint(_find_line("translations.txt", beginning))
        is_english = _is_english(word) or word in _list_first_words("words.txt")
        return not (is_another or is_english or word in COMMON_WORDS)
    heads = [
        form
        for form in _list_base_forms(rest)
        if len(form) >= MIN_LETTERS_OF_HEAD or form in _SHORT_HEADS.split()
    ]
    linked = [rest.removeprefix(link) for link in _LINKS if link and rest.startswith(link)]
    return any(map(_is_known, heads)) or any(
        _is_translated(form) or _is_translated(word)
        for head in linked
        for form in _list_base_forms(head)
        if len(form) >= MIN_LETTERS_OF_HEAD
    )


def list_nearest_words(word: str) -> list[str]:
    """The words with related words that are one slip from a folded word, else from what it is a form of."""
    for form in dict.fromkeys(_list_base_forms(word)):
        if len(form) >= MIN_LETTERS_OF_MISSPELT and (near := sorted(filter(_is_known, apply_one_slip(form)))):
            return near
    return []


def _list_base_forms(word: str, umlauts: Sequence[tuple[str, str]] = _UMLAUTS) -> Iterator[str]:
    """A word, then what it may be an inflected form or another spelling of, the likeliest first.

    Each umlaut is folded once at most, so that there are no more than eight spellings: of "aeeeoeee" there
    were thousands.
    """
    yield word
    if word in _SINGULARS:
        yield _SINGULARS[word]
    for number, (written, folded) in enumerate(umlauts, 1):
        if written in word:
            yield from _list_base_forms(word.replace(written, folded), umlauts[number:])
    if word.endswith("ies"):
        yield f"{word[:-3]}y"
    yield stem(word)
    yield from (word[: -len(ending)] for ending in _ENDINGS if word.endswith(ending))


def list_singulars(word: str) -> list[str]:
    """The words whose English plural a folded word may be."""
    bases = [_SINGULARS[word]] if word in _SINGULARS else _cut_endings(word)
    return [form for form in bases if is_base_form(form) and word in list_surface_forms(form)]


def list_surface_forms(word: str) -> tuple[str, ...]:
    """An English word and its plurals."""
    if word.endswith("y") and not word.endswith(_VOWELS_BEFORE_Y):
        regular = f"{word[:-1]}ies"
    else:
        regular = f"{word}es" if word.endswith(_HISSING) else f"{word}s"
    others = (f"{word}s",) if word.endswith("o") else ()
    return (word, regular, *others, *IRREGULAR_FORMS.get(word, "").split())


def _list_heads(word: str) -> Iterator[str]:
    """The last parts of a German compound, the longest first, where what is before them is a word, too.

    None of a form of an English word ("foresees"), of a common word ("without"), or of a German word that
    only ends like a compound. None of what is one slip from an English noun, either ("sunglases" is no kind
    of glass); many a German compound is one slip from another German word ("Haustür" from "Haustier").
    """
    forms = set(_list_base_forms(word))
    others = (_list_first_words("words.txt"), _NO_COMPOUNDS.split())
    if word in COMMON_WORDS or not all(map(forms.isdisjoint, others)):
        return
    heads = [
        word[split:]
        for split in range(MIN_LETTERS, len(word) - MIN_LETTERS + 1)
        if (len(word) - split >= MIN_LETTERS_OF_HEAD or word[split:] in _SHORT_HEADS.split())
        and any(_is_known(word[:split].removesuffix(link)) for link in _LINKS)
        and any(map(_is_translated, _list_base_forms(word[split:])))
    ]
    if heads and not any(map(_is_english, apply_one_slip(word))):
        yield from heads


def _is_known(word: str) -> bool:
    return _is_translated(word) or _is_english(word)


def _is_translated(word: str) -> bool:
    return word in _list_first_words("translations.txt")


def _is_english(word: str) -> bool:
    return word in _list_nouns() or word in _list_first_words("topics.txt")


@cache
def _list_nouns() -> frozenset[str]:
    return frozenset(_read("nouns.txt").split())


@cache
def _list_first_words(name: str) -> frozenset[str]:
    return frozenset(line.partition(" ")[0] for line in _read(name).splitlines())


@cache
def _read(name: str) -> str:
    return f"\n{Path(__file__).with_name(name).read_text('utf-8')}"


def _find_lines(text: str, word: str) -> Iterator[int]:
    """Where the lines begin in which a word stands behind another one."""
    end = 0
    while (place := text.find(f" {word}", end)) >= 0:
        end = place + len(word) + 1
        if text[end] in " \n":
            yield text.rindex("\n", 0, place) + 1


def _find_line(name: str, word: str) -> list[str]:
    """The words behind the first word of a line of a text."""
    text = _read(name)
    place = text.find(f"\n{word} ")
    return text[place + len(word) + 2 : text.index("\n", place + 1)].split() if place >= 0 else []


def _find_first_words(name: str, word: str) -> Iterator[str]:
    """The first words of the lines of a text in which a word stands behind them."""
    text = _read(name)
    for start in _find_lines(text, word):
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
    top = text.rindex("\n0 ", 0, start) + 1 if depth else start
    is_living = not _LIVING.isdisjoint(text[top : text.index("\n", top)].split(" "))
    steps = 0
    while depth and steps < (MAX_STEPS_UP_OF_LIVING if is_living else MAX_STEPS_UP):
        above = text.rindex(f"\n{depth - 1} ", 0, start) + 1
        depth, words, below = _read_outline(above)
        if len(below) > MAX_KINDS_OF_WIDER:
            return
        yield from words
        start, steps = above, steps + 1
