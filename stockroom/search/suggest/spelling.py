"""Words that no picture has, as the nearest words that some have: one or two slips of the finger away.

A slip is a letter too many, too few or wrong, or two changed over. One slip: everything that one slip makes
of the word is looked up. Two: the commonest words with the same first letter are compared. So the cost does
not grow with the lexicon.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from stockroom.analysis.folding import fold
from stockroom.runtime.database import Database, Row, placeholders
from stockroom.search.index.lexicon import beginning_with
from stockroom.search.query.parse import Query
from stockroom.search.query.plan import Term, Vocabulary

MAX_WORDS = 3
"""Words of a query that are corrected."""
ONE_SLIP = 3
TWO_SLIPS = 6
"""Letters that a word must have to have so many."""
MAX_LETTERS = 24
COMPARED = 500
"""Surface forms that are compared for two slips."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Correction:
    """A query in which the unknown words are replaced, what the index knows of it, and how it reads."""

    query: Query
    known: Vocabulary
    text: str


def corrected(db: Database, query: Query, known: Vocabulary) -> Correction | None:
    """The nearest query whose words are all known; None when no word is unknown, or nothing is near one."""
    unknown = [term for term in query.words if term not in known.terms or known.terms[term].df == 0]
    wrong = {term: query.typed[term] for term in unknown if term in query.typed}
    found = _nearest(db, [word for word in wrong.values() if len(word) <= MAX_LETTERS][:MAX_WORDS])
    changes = {term: found[word] for term, word in wrong.items() if word in found}
    if not changes:
        return None
    words = tuple(dict.fromkeys(changes[term].term if term in changes else term for term in query.words))
    text = query.text
    for term, change in changes.items():
        text = _replaced(text, wrong[term], change.surface)
    return Correction(
        query=replace(query, words=words, last=None),
        known=Vocabulary({**known.terms, **{change.term: change.row for change in changes.values()}}),
        text=text,
    )


@dataclass(frozen=True)
class _Near:
    surface: str
    term: str
    row: Term


def _nearest(db: Database, words: Sequence[str]) -> dict[str, _Near]:
    """For each word the nearest known one; of equally near ones the commonest."""
    slips = {word: _one_slip(word) for word in words if len(word) >= ONE_SLIP}
    wanted = sorted({form for forms in slips.values() for form in forms})
    candidates = [_near(row) for row in _select(db, wanted)] if wanted else []
    found: dict[str, _Near] = {}
    for word in words:
        near = [entry for entry in candidates if entry.surface in slips.get(word, ())]
        if not near and len(word) >= TWO_SLIPS:
            rows = [_near(row) for row in _select_beginning(db, word)]
            near = [entry for entry in rows if distance(word, entry.surface, 2) <= 2]
        if near:
            found[word] = max(near, key=lambda entry: (entry.row.df, entry.surface))
    return found


def _one_slip(word: str) -> set[str]:
    """What one slip makes of a word, without what has fewer than two letters."""
    letters = sorted({*_LETTERS, *word}) if word.isascii() else sorted({*word})
    parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    fewer = {left + right[1:] for left, right in parts if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in parts if len(right) > 1}
    other = {left + letter + right[1:] for left, right in parts if right for letter in letters}
    more = {left + letter + right for left, right in parts for letter in letters}
    return {form for form in fewer | swapped | other | more if len(form) > 1} - {word}


def distance(one: str, other: str, most: int) -> int:
    """Slips from one word to another (optimal string alignment); `most` + 1 when there are more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        earlier, before, row = before, row, [at]
        for to, wanted in enumerate(other, 1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                cost = min(cost, earlier[to - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def _select(db: Database, surfaces: Sequence[str]) -> tuple[Row, ...]:
    # PRIMARY (surface, term_id) of lexicon: one probe a form, about 54 a letter; one of term for each found.
    return db.query(
        "SELECT l.surface, t.term, t.term_id, t.df FROM lexicon l "
        "STRAIGHT_JOIN term t ON t.term_id = l.term_id "
        f"WHERE l.surface IN ({placeholders(surfaces)}) AND t.df > 0",
        [surface.encode() for surface in surfaces],
    )


def _select_beginning(db: Database, word: str) -> tuple[Row, ...]:
    # The lexicon's commonest forms; one probe of term for each of nearly the right length.
    source, arguments = beginning_with(word[0], COMPARED)
    return db.query(
        f"SELECT l.surface, t.term, t.term_id, t.df FROM ({source}) l "
        "STRAIGHT_JOIN term t ON t.term_id = l.term_id "
        "WHERE CHAR_LENGTH(CONVERT(l.surface USING utf8mb4)) BETWEEN %s AND %s AND t.df > 0",
        [*arguments, len(word) - 2, len(word) + 2],
    )


def _near(row: Row) -> _Near:
    surface, term, term_id, df = row
    return _Near(bytes(surface).decode("utf-8", "replace"), bytes(term).decode(), Term(term_id, df))


def _replaced(text: str, word: str, by: str) -> str:
    """`text` with one of its words replaced, however that was written."""

    def change(match: re.Match[str]) -> str:
        return by if fold(match.group()) == word else match.group()

    changed = re.sub(r"[^\W_]+", change, text)
    return changed if changed != text else re.sub(re.escape(word), by, fold(text))
