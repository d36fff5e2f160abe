"""Related words that pictures have: what a word is taken for that no picture has, and further searches."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace as replace_query
from typing import NamedTuple

from msgspec.structs import replace

from stockroom.analysis.folding import fold
from stockroom.analysis.stemming import stem
from stockroom.analysis.stop_words import PICTURE_WORDS, STOP_WORDS
from stockroom.runtime.database import Database
from stockroom.search.index import lexicon
from stockroom.search.index.lexicon import LexiconEntry
from stockroom.search.query.parse import Query
from stockroom.search.query.plan import TermStatistics
from stockroom.search.related.thesaurus import (
    RelatedWords,
    find_related_words,
    is_doubtful_form,
    is_word,
    list_nearest_words,
    list_surface_forms,
)

MAX_LETTERS = 40
MAX_WORDS = 3
"""Words of a query that no picture has and that are taken for related words."""
MAX_ALTERNATIVES = 16
"""Related words that a word is taken for."""
_FILLERS = """
    am an auf bei das dem den der die ein eine einem einen einer fur im mit und vom von
"""
FILLERS = PICTURE_WORDS.union(_FILLERS.split())
"""Words that ask for pictures, and German words as common as the stop words: nobody looks for them alone."""
MAX_NEAREST = 3
"""Words of a dictionary that a misspelt word may stand for."""
MAX_FORMS = 5_500
"""Surface forms that are looked up for all words of a query together: "animal" has 5,200 of them."""


def drop_fillers(query: Query, *, except_last: bool = False) -> Query:
    """The query without fillers where there are other words, else without words that ask for pictures.

    "mit photo" asks for pictures of the MIT, and "photo" for itself.

    With `except_last`, the last word stays where it may be unfinished: "den" may become "dental".
    """
    last_term = query.last_word.term if except_last and query.last_word else None
    words = tuple(
        term for term in query.words if term == last_term or query.typed_words.get(term) not in FILLERS
    )
    words = words or tuple(term for term in query.words if query.typed_words.get(term) not in PICTURE_WORDS)
    return replace_query(query, words=words) if words else query


def add_related_words(
    db: Database, query: Query, statistics: TermStatistics, names: Collection[str] = ()
) -> TermStatistics:
    """The statistics with the related words of those words of a query that no picture has.

    Of a query that asks for it (`is_expanded`), with those of all of its words. These are words of the same
    meaning and kinds, or else wider words, the commonest ones. Terms in `names` are words of contributors'
    names, too, and have no wider words; neither have words that pictures have, nor what is no form of the
    word that it would be without its ending ("brige" is no brig): that may be misspelt. One statement.
    """
    terms = [
        term
        for term in drop_fillers(query).words
        if term in query.typed_words and (query.is_expanded or not statistics.is_known(term))
    ]
    typed = {term: query.typed_words[term] for term in terms[:MAX_WORDS]}
    excluded = set(query.excluded_terms)
    entries: dict[str, list[LexiconEntry]] = {}
    equivalents: set[str] = set()
    for term, found in zip(typed, _look_up(db, typed.values(), query.text), strict=True):
        has_own = term in names or statistics.is_known(term)
        chosen = found.nearer if has_own or is_doubtful_form(typed[term]) else found.nearer or found.wider
        chosen = [entry for entry in chosen if entry.name not in excluded]
        entries[term] = found.choose(chosen, MAX_ALTERNATIVES)
        if not has_own:
            equivalents |= found.same
    return _with_related(statistics, query, entries, equivalents)


def add_related_words_of_misspelt(db: Database, query: Query, statistics: TermStatistics) -> TermStatistics:
    """The statistics with what pictures have of the words that misspelt ones may stand for ("Schmeterling").

    Misspelt is what is in no dictionary, has no related words and is no word of a picture. Of several words
    that are one slip away, it stands for the one of which most pictures have a related word. What is a word
    with an ending that it cannot have stands for that word, which may be wider ones here. One statement where
    there are such words, and none otherwise.
    """
    misspelt = [
        term
        for term in query.words
        if term in query.typed_words
        and len(query.typed_words[term]) <= MAX_LETTERS
        and not statistics.is_known(term)
        and term not in statistics.related
        and not is_word(query.typed_words[term])
    ]
    # Thousands of forms are looked up in the dictionary for each of these words.
    nearest = {term: _list_meant(query.typed_words[term]) for term in misspelt[:MAX_WORDS]}
    meant = {term: near for term, near in nearest.items() if near}
    if not meant:
        return statistics
    words = list(dict.fromkeys(word for near in meant.values() for word in near))
    found = dict(zip(words, _look_up(db, words), strict=True))
    excluded = set(query.excluded_terms)
    entries: dict[str, list[LexiconEntry]] = {}
    for term, near in meant.items():
        lists = [
            each.choose(
                [entry for entry in each.nearer or each.wider if entry.name not in excluded], MAX_ALTERNATIVES
            )
            for each in map(found.__getitem__, near)
        ]
        entries[term] = max(lists, key=lambda each: sum(entry.term.df for entry in each))
    return _with_related(statistics, query, entries, {name for each in found.values() for name in each.same})


def _list_meant(word: str) -> list[str]:
    """The words of a dictionary that a misspelt word may stand for."""
    return [word] if is_doubtful_form(word) else list_nearest_words(word)[:MAX_NEAREST]


def _with_related(
    statistics: TermStatistics,
    query: Query,
    entries: Mapping[str, list[LexiconEntry]],
    equivalents: Collection[str],
) -> TermStatistics:
    """The statistics with the entries, if any, that stand for each term of a query.

    `equivalents`: the names of those that mean the same as a word that no picture has.
    """
    added = {term: each for term, each in entries.items() if each}
    return replace(
        statistics,
        terms={**statistics.terms, **{entry.name: entry.term for each in added.values() for entry in each}},
        related={
            **statistics.related,
            **{term: tuple(entry.name for entry in each) for term, each in added.items()},
        },
        related_words={
            **statistics.related_words,
            **{
                query.typed_words[term]: tuple(entry.surface for entry in each)
                for term, each in added.items()
            },
        },
        equivalents=statistics.equivalents.union(equivalents),
    )


def exclude_related_words(db: Database, query: Query, statistics: TermStatistics) -> Query:
    """The query that excludes what excluded words mean that no picture has ("-Hund"): "dog", and its kinds.

    What pictures of a topic show is not excluded with it (no beach, and yet the sea), nor what is asked for,
    be it in a phrase ("hot dog") or, of the kinds, in another language ("Welpe -Hund" finds a puppy). A word
    for pictures excludes other words for pictures alone: "-Foto" is no camera. One statement where there are
    such words, and none otherwise.
    """
    unknown = [word for term, word in query.typed_exclusions.items() if not statistics.is_known(term)]
    if not unknown:
        return query
    unknown = unknown[:MAX_WORDS]
    asked = [
        query.typed_words[term]
        for term in drop_fillers(query).words
        if term in query.typed_words and not statistics.is_known(term) and term not in query.excluded_terms
    ]
    found = _look_up(db, [*unknown, *asked[:MAX_WORDS]], query.text)
    literal = {*query.words, *(term for phrase in query.phrases for term in phrase.terms)}
    meant = {name for each in found[len(unknown) :] for name in each.same}
    names = [
        entry.name
        for word, each in zip(unknown, found, strict=False)
        for entry in each.choose(each.same_or_kinds, MAX_ALTERNATIVES)
        if entry.name not in literal and (entry.name in each.same or entry.name not in meant)
        if word not in PICTURE_WORDS or entry.surface in PICTURE_WORDS
    ]
    return replace_query(query, excluded_terms=tuple(dict.fromkeys([*query.excluded_terms, *names])))


def suggest_related_words(db: Database, word: str, limit: int) -> list[tuple[str, int]]:
    """The commonest words that are related to one word, with how many pictures have each; wider ones last."""
    (found,) = _look_up(db, [fold(word).strip()], word)
    return [(entry.surface, entry.term.df) for entry in [*found.nearer, *found.wider][:limit]]


class _Found(NamedTuple):
    """What pictures have of the related words of a word, the commonest first, a term by its shortest form.

    `same` are the names of the terms that mean the same. `nearer` is `same_or_kinds` and what pictures of the
    word as a topic show.
    """

    same: frozenset[str]
    same_or_kinds: list[LexiconEntry]
    nearer: list[LexiconEntry]
    wider: list[LexiconEntry]

    def choose(self, entries: Sequence[LexiconEntry], limit: int) -> list[LexiconEntry]:
        """The commonest of some entries, but those that mean the same before all others."""
        chosen = sorted(entries, key=lambda entry: entry.name not in self.same)[:limit]
        return [entry for entry in entries if entry in chosen]


def _look_up(db: Database, words: Collection[str], text: str = "") -> list[_Found]:
    """What pictures have of the related words of each folded word, as they stand in a text. One statement.

    Of the forms that are looked up, no word gets more than its share, unless others need less.
    """
    accented = list_accented(text)
    related = [
        find_related_words(word, is_accented=word in accented) if len(word) <= MAX_LETTERS else RelatedWords()
        for word in words
    ]
    lists = [
        list(_list_forms((*each.same, *each.plurals, *each.topics, *each.kinds, *each.wider)))
        for each in related
    ]
    forms: set[str] = set()
    room = MAX_FORMS
    for left, some in zip(range(len(lists), 0, -1), sorted(lists, key=len), strict=True):
        forms.update(some[: room // left])
        room -= len(some[: room // left])
    entries: dict[str, list[LexiconEntry]] = {}
    for entry in lexicon.find_entries(db, sorted(forms - STOP_WORDS)):
        entries.setdefault(entry.surface, []).append(entry)
    found: list[_Found] = []
    for word, each in zip(words, related, strict=True):
        same_or_kinds = _choose(entries, (*each.same, *each.plurals, *each.kinds), {stem(word)})
        nearer = _choose(entries, (*each.same, *each.plurals, *each.topics, *each.kinds), {stem(word)})
        wider = _choose(entries, each.wider, {stem(word), *(entry.name for entry in nearer)})
        same = _choose(entries, (*each.same, *each.plurals), {stem(word)})
        found.append(_Found(frozenset(entry.name for entry in same), same_or_kinds, nearer, wider))
    return found


def _choose(
    entries: Mapping[str, list[LexiconEntry]], words: Iterable[str], excluded: Collection[str]
) -> list[LexiconEntry]:
    """The entries of some words, one a term, the commonest first, without those of excluded terms."""
    by_name: dict[str, LexiconEntry] = {}
    for form in _list_forms(words):
        for entry in entries.get(form, ()):
            known = by_name.get(entry.name)
            if entry.name not in excluded and (known is None or len(form) < len(known.surface)):
                by_name[entry.name] = entry
    return sorted(by_name.values(), key=lambda entry: (-entry.term.df, entry.surface))


def list_accented(text: str) -> set[str]:
    """The words of a text that have accents, folded."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).casefold())
    return {fold(word) for word in words if fold(word) != word}


def _list_forms(words: Iterable[str]) -> Iterator[str]:
    """The words in the singular and the plural: the lexicon has what has been written."""
    return (form for word in words for form in list_surface_forms(word))
