"""What the index cannot say: words in order, words of the description, and terms beyond one statement."""

from collections.abc import Sequence

from stockroom import tags
from stockroom.database import Database, placeholders
from stockroom.search.documents import Document, orientation
from stockroom.search.plan import Plan
from stockroom.search.query import Phrase
from stockroom.search.text import tokens


def verified(db: Database, chosen: Plan, candidates: Sequence[int]) -> list[int]:
    """Those candidates that have all that a plan leaves to be verified, in their order."""
    if not (chosen.verifies and candidates):
        return list(candidates)
    documents = _select_documents(db, candidates)
    return [number for number in candidates if number in documents and _fits(chosen, documents[number])]


def _select_documents(db: Database, candidates: Sequence[int]) -> dict[int, Document]:
    # PRIMARY of image and of owner, one probe each a candidate.
    rows = db.query(
        "SELECT i.id, i.name, i.description, i.tags, i.width, i.height, i.color, i.license, o.name "
        "FROM image i JOIN owner o ON o.owner_id = i.owner_id "
        f"WHERE i.id IN ({placeholders(candidates)}) AND i.state = 'ready'",
        candidates,
    )
    return {
        number: Document(
            name=name,
            description=description,
            tags=tuple(tags.shown(tags.loaded(explicit), description)),
            orientation=orientation(width, height),
            color=color,
            owner=owner,
            license=license_,
        )
        for number, name, description, explicit, width, height, color, license_, owner in rows
    }


def _fits(chosen: Plan, document: Document) -> bool:
    fields = [_sequence(document.description)]
    if any(not phrase.description_only for phrase in (*chosen.phrases, *chosen.excluded_phrases)):
        fields += [_sequence(text) for text in (document.name, *document.tags)]
    if not all(_has(fields, phrase) for phrase in chosen.phrases):
        return False
    if any(_has(fields, phrase) for phrase in chosen.excluded_phrases):
        return False
    if not (chosen.also_required or chosen.also_excluded):
        return True
    terms = set(document.terms())
    required = all(not terms.isdisjoint(clause.names) for clause in chosen.also_required)
    return required and terms.isdisjoint(chosen.also_excluded)


def _sequence(text: str) -> list[str]:
    return [part for token in tokens(text) for part in token.sequence()]


def _has(fields: Sequence[list[str]], phrase: Phrase) -> bool:
    """Whether one field (the first is the description) has the phrase's words next to each other."""
    wanted = list(phrase.sequence)
    searched = fields[:1] if phrase.description_only else fields
    return any(
        text[at : at + len(wanted)] == wanted
        for text in searched
        for at in range(len(text) - len(wanted) + 1)
    )
