"""Spelling: words that no picture has are replaced by the nearest words that some picture has.

Nearness is the number of slips between two words (`analysis/slips.py`), at most two. One slip: every form
that one slip makes of the word is looked up. Two slips: the commonest words with the same first letter are
compared that have one letter less, or up to two more: a slip rather leaves a letter out than adds one, and
the word may have an ending. So the cost does not grow with the lexicon.

Between the two, one slip is looked for in the word without its ending: "brids" is near "bird", of which no
picture may have the plural.

Words of a dictionary are right as they are ("rose" is no "rome"), and short words are left alone: one slip
makes another word of nearly any of them, as it does of numbers ("2026" is no "2022") and of codes: no word
is corrected to one with other digits ("QX4712" is no "QX4711") or to its digits alone ("B747"). No word is
corrected to a stop word, which nobody searches for.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from msgspec import structs

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
from stockroom.search.related.thesaurus import is_word

MAX_CORRECTED_WORDS = 3
MIN_LETTERS_ONE_SLIP = 4
MIN_LETTERS_TWO_SLIPS = 6
MAX_LETTERS = 24
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
    stems = {word: stem(word) for word in words}
    slips = {
        form: apply_one_slip(form)
        for word in words
        # A stem that is not the beginning of the word ("happi") is no word itself.
        for form in (word, stems[word])
        if len(form) >= MIN_LETTERS_ONE_SLIP and word.startswith(form)
    }
    entries = lexicon.find_entries(db, sorted({form for forms in slips.values() for form in forms}))
    nearest: dict[str, LexiconEntry] = {}
    for word in words:
        near: list[LexiconEntry] = []
        for form in (word, stems[word]):
            near = near or [
                entry
                for entry in entries
                if entry.surface in slips.get(form, set()) - STOP_WORDS and _may_mean(word, entry.surface)
            ]
        if not near and len(word) >= MIN_LETTERS_TWO_SLIPS:
            compared = lexicon.find_entries_by_length(
                db, word[0], shortest=len(word) - 1, longest=len(word) + 2, max_forms=MAX_COMPARED_FORMS
            )
            near = [
                entry
                for entry in compared
                if entry.surface not in STOP_WORDS
                and _may_mean(word, entry.surface)
                and compute_distance(word, entry.surface, limit=2) <= 2
            ]
        if near:
            nearest[word] = max(near, key=lambda entry: (entry.term.df, entry.surface))
    return nearest


def _may_mean(word: str, other: str) -> bool:
    """Whether a word that is no number may be misspelt for another: codes keep their digits and a letter."""
    return not other.isdecimal() and [*filter(str.isdecimal, word)] == [*filter(str.isdecimal, other)]


def _replace_word(text: str, word: str, replacement: str) -> str:
    """`text` with a folded word replaced wherever it stands, in whatever case, accents and apostrophes."""

    def replace_match(match: re.Match[str]) -> str:
        return replacement if fold(re.sub(f"[{APOSTROPHES}]", "", match.group())) == word else match.group()

    replaced = re.sub(rf"[^\W_]+(?:[{APOSTROPHES}][^\W_]+)*", replace_match, text)
    return replaced if replaced != text else re.sub(re.escape(word), replacement, fold(text))
