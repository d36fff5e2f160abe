"""The lexicon of a new index: missing surface forms are added at once, and those that are wrong are told.

Forms that no picture has any more stay, as they always do: functions remember for a minute which forms are
there. Only what today's analysis would not say of any picture is to go, once the new index is in place.
"""

from collections.abc import Iterator

from stockroom.analysis.terms import tag_term
from stockroom.analysis.tokenizer import tokenize
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database
from stockroom.search.index.lexicon import insert_forms
from stockroom.search.index.rebuild.runs import Form
from stockroom.search.index.surface_forms import NAME_MARK, decode_tag, encode_name_word, encode_tag

FORMS_PER_STATEMENT = 10_000
DELETED_PER_STATEMENT = 100


def update_lexicon(db: Database, built: Iterator[Form]) -> tuple[int, set[Form]]:
    """Add what is missing of the built forms, which come in order: how many; and which others are wrong."""
    missing: list[Form] = []
    wrong: set[Form] = set()
    added = 0
    form = next(built, None)
    for surface, term_id, name in _list_lexicon(db):
        while form is not None and form < (surface, term_id):
            missing.append(form)
            form = next(built, None)
        if form == (surface, term_id):
            form = next(built, None)
        elif name is not None and not is_current(surface, name):
            wrong.add((surface, term_id))
        if len(missing) >= FORMS_PER_STATEMENT:
            added += _add(db, missing)
    while form is not None:
        missing.append(form)
        form = next(built, None)
    return added + _add(db, missing), wrong


def delete_forms(db: Database, forms: set[Form]) -> None:
    """Delete forms. PRIMARY of lexicon, one probe each."""
    for chunk in split_into_chunks(sorted(forms), DELETED_PER_STATEMENT):
        db.execute(
            f"DELETE FROM lexicon WHERE {' OR '.join(['(surface = %s AND term_id = %s)'] * len(chunk))}",
            [value for form in chunk for value in form],
        )


def is_current(surface: bytes, name: str) -> bool:
    """Whether today's analysis finds a term by a surface form, whatever the text around it."""
    text = surface.decode("utf-8", "replace")
    if text.startswith(NAME_MARK):
        return any(
            encode_name_word(word) == surface and term == name
            for word, term in _analyse(text.lstrip(NAME_MARK))
        )
    if name.startswith("#"):
        tag = decode_tag(surface)
        return tag_term(tag) == name and encode_tag(tag) == surface
    return (surface, name) in _analyse(text)


def _analyse(text: str) -> list[tuple[bytes, str]]:
    return [pair for token in tokenize(text) for pair in token.surface_forms()]


def _list_lexicon(db: Database) -> Iterator[tuple[bytes, int, str | None]]:
    """All forms in order, each with the id and the name of its term."""
    after: Form = (b"", 0)
    while True:
        # PRIMARY (surface, term_id) of lexicon; PRIMARY of term, one probe each.
        rows = db.query(
            "SELECT l.surface, l.term_id, t.term FROM lexicon l FORCE INDEX (PRIMARY) "
            "LEFT JOIN term t ON t.term_id = l.term_id "
            "WHERE l.surface >= %s AND (l.surface > %s OR l.term_id > %s) "
            f"ORDER BY l.surface, l.term_id LIMIT {FORMS_PER_STATEMENT:d}",
            (after[0], *after),
        )
        for surface, term_id, name in rows:
            yield bytes(surface), term_id, None if name is None else bytes(name).decode("utf-8", "replace")
        if len(rows) < FORMS_PER_STATEMENT:
            return
        after = (bytes(rows[-1][0]), rows[-1][1])


def _add(db: Database, forms: list[Form]) -> int:
    """Add forms, in df bucket 0 until the new index is in place, and empty the list; how many they were."""
    count = len(forms)
    insert_forms(db, [(surface, term_id, 0) for surface, term_id in forms])
    forms.clear()
    return count
