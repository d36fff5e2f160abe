"""Spelling: words that no picture has are replaced by the nearest words that some picture has.

Nearness is the number of slips between two words (`analysis/slips.py`), at most two. One slip: every form
that one slip makes of the word is looked up. Two slips: the commonest words with the same first letter are
compared that have one letter less, or up to two more: a slip rather leaves a letter out than adds one, and
the word may have an ending. So the cost does not grow with the lexicon.

Between the two, one slip is looked for in the word without its ending: "brids" is near "bird", of which no
picture may have the plural. And a word is near a word of a dictionary that no picture has in this form, if
pictures have another form of it: "galxy" is near "galaxy" where pictures have galaxies.

Words of a dictionary are right as they are ("rose" is no "rome"), and so are their forms. What has an
ending that its word does not take ("brige" is no form of "brig") may be misspelt by one slip, though by no
wrong letter and none too many, unless some picture has that word, or what means the same. Short words are
left alone: one slip makes another word of nearly any of them, as it does of numbers ("2026" is no "2022") and
of codes: no word is corrected to one with other digits ("QX4712" is no "QX4711") or to its digits alone
("B747"). No word is corrected to a stop word, which nobody searches for.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from msgspec import structs
from msgspec.structs import replace as replace_entry

from stockroom.analysis.folding import fold
from stockroom.analysis.slips import apply_one_slip, compute_distance
from stockroom.analysis.stemming import stem
from stockroom.analysis.stop_words import STOP_WORDS
from stockroom.analysis.tokenizer import APOSTROPHES
from stockroom.runtime.database import Database
from stockroom.search.index import lexicon
from stockroom.search.index.lexicon import LexiconEntry
from stockroom.search.query.parse import Query
from stockroom.search.query.plan import TermStatistics
from stockroom.search.query.rewritten import RewrittenQuery
from stockroom.search.related.thesaurus import is_base_form, is_doubtful_form, is_word, list_singulars

MAX_CORRECTED_WORDS = 3
MIN_LETTERS_ONE_SLIP = 4
MIN_LETTERS_TWO_SLIPS = 6
MAX_LETTERS = 24
MAX_MORE_LETTERS = 2
"""Letters that a word has more at most than one that is two slips from it: some letter may be left out."""
LETTERS_OF_PLURAL = 2
"""Letters that a plural has more at most than its singular."""
MAX_COMPARED_FORMS = 500
"""Surface forms that are compared with a word for two slips."""


def correct_query(db: Database, query: Query, statistics: TermStatistics) -> RewrittenQuery | None:
    """The nearest query whose words are known; None when no word is unknown or none has a near one."""
    misspelt = {
        term: query.typed_words[term]
        for term in query.words
        if term in query.typed_words
        and not statistics.is_known(term)
        and term not in statistics.related
        and not query.typed_words[term].isdecimal()
        and not is_word(query.typed_words[term])
    }
    nearest = _find_nearest(
        db, [word for word in misspelt.values() if len(word) <= MAX_LETTERS][:MAX_CORRECTED_WORDS]
    )
    changes: dict[str, LexiconEntry] = {}
    text = query.text
    for term, word in misspelt.items():
        # What stands otherwise in the text ("b-747" is the word b747) cannot be shown as corrected.
        if word in nearest and (changed := _replace_word(text, word, nearest[word].surface)) != text:
            changes[term], text = nearest[word], changed
    if not changes:
        return None
    words = dict.fromkeys(changes[term].name if term in changes else term for term in query.words)
    corrected_words = {entry.name: entry.surface for entry in changes.values()}
    return RewrittenQuery(
        query=replace(
            query,
            words=tuple(words),
            last_word=None,
            typed_words={**query.typed_words, **corrected_words},
        ),
        statistics=structs.replace(
            statistics,
            terms={**statistics.terms, **{entry.name: entry.term for entry in changes.values()}},
            expansions={},
        ),
        text=text,
    )


def _find_nearest(db: Database, words: Sequence[str]) -> dict[str, LexiconEntry]:
    """For each word the nearest known form; of several that are equally near, the commonest one."""
    slips = {word: _apply_one_slip(word) for word in words if len(word) >= MIN_LETTERS_ONE_SLIP}
    slips_of_stems = {
        word: apply_one_slip(stem(word))
        for word in words
        # A stem that is not the beginning of the word ("happi") is no word itself. One that is a word with an
        # ending that it cannot have ("sende") is right.
        if len(stem(word)) >= MIN_LETTERS_ONE_SLIP
        and word.startswith(stem(word))
        and not is_doubtful_form(word)
    }
    forms = {form for forms in (*slips.values(), *slips_of_stems.values()) for form in forms}
    base_forms = sorted({form for forms in slips.values() for form in forms if is_base_form(form)})
    entries = lexicon.find_entries(db, forms, {stem(form) for form in base_forms})
    known = [entry for entry in entries if entry.surface]
    terms = {entry.name: entry for entry in entries if not entry.surface}
    bases = [replace_entry(terms[stem(form)], surface=form) for form in base_forms if stem(form) in terms]
    nearest: dict[str, LexiconEntry] = {}
    for word in words:
        near = (
            _choose(word, known, slips.get(word, ()))
            or _choose(word, known, slips_of_stems.get(word, ()))
            or _choose(word, bases, slips.get(word, ()))
        )
        if not near and len(word) >= MIN_LETTERS_TWO_SLIPS and not is_doubtful_form(word):
            near = _find_two_slips_away(db, word)
        if near:
            nearest[word] = max(near, key=lambda entry: (entry.term.df, entry.surface))
    return nearest


def _apply_one_slip(form: str) -> set[str]:
    """What one slip makes of a form.

    Of what may be a word of another language, only what has a letter more, or two of them swapped: words of a
    language differ mostly by one letter from each other ("Ende" is no duck, "Ente"), and without one letter
    it may be an English word ("Rinde" is no ride).
    """
    forms = apply_one_slip(form)
    if not is_doubtful_form(form):
        return forms
    return {each for each in forms if len(each) > len(form) or sorted(each) == sorted(form)}


def _choose(word: str, entries: Iterable[LexiconEntry], surfaces: Collection[str]) -> list[LexiconEntry]:
    """Those of some entries with one of these surface forms that a word may be misspelt for."""
    return [
        entry
        for entry in entries
        if entry.surface in surfaces and entry.surface not in STOP_WORDS and _may_mean(word, entry.surface)
    ]


def _find_two_slips_away(db: Database, word: str) -> list[LexiconEntry]:
    """The entries that are two slips from a word, or else those whose singular is."""
    longest = len(word) + MAX_MORE_LETTERS
    entries = lexicon.find_entries_by_length(
        db,
        word[0],
        shortest=len(word) - 1,
        longest=longest + LETTERS_OF_PLURAL,
        max_forms=MAX_COMPARED_FORMS,
    )
    compared = [entry for entry in entries if len(entry.surface) <= longest]
    singulars = [
        replace_entry(entry, surface=singular)
        for entry in entries
        for singular in list_singulars(entry.surface)
        if stem(singular) == entry.name
    ]
    return _choose_two_slips_away(word, compared) or _choose_two_slips_away(word, singulars)


def _choose_two_slips_away(word: str, entries: Sequence[LexiconEntry]) -> list[LexiconEntry]:
    surfaces = {each.surface for each in entries if compute_distance(word, each.surface, limit=2) <= 2}
    return _choose(word, entries, surfaces)


def _may_mean(word: str, other: str) -> bool:
    """Whether a word that is no number may be misspelt for another: codes keep their digits and a letter."""
    return not other.isdecimal() and [*filter(str.isdecimal, word)] == [*filter(str.isdecimal, other)]


def _replace_word(text: str, word: str, replacement: str) -> str:
    """`text` with a folded word replaced wherever it stands, in whatever case, accents and apostrophes."""

    def replace_match(match: re.Match[str]) -> str:
        return replacement if fold(re.sub(f"[{APOSTROPHES}]", "", match.group())) == word else match.group()

    replaced = re.sub(rf"[^\W_]+(?:[{APOSTROPHES}][^\W_]+)*", replace_match, text)
    return replaced if replaced != text else re.sub(re.escape(word), replacement, fold(text))
