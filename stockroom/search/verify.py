"""What the index cannot say: words in order, words of the description, and terms beyond one statement."""

from collections.abc import Sequence

from stockroom import models
from stockroom.search.documents import Document, orientation
from stockroom.search.plan import Plan
from stockroom.search.query import Phrase
from stockroom.search.text import tokens


def verified(chosen: Plan, image: models.Image) -> bool:
    """Whether a candidate has all that a plan leaves to be verified."""
    if not chosen.verifies:
        return True
    fields = [_sequence(image.description)]
    if any(not phrase.description_only for phrase in (*chosen.phrases, *chosen.excluded_phrases)):
        fields += [_sequence(text) for text in (image.name, *image.tags)]
    if not all(_has(fields, phrase) for phrase in chosen.phrases):
        return False
    if any(_has(fields, phrase) for phrase in chosen.excluded_phrases):
        return False
    if not (chosen.also_required or chosen.also_excluded):
        return True
    terms = set(_document(image).terms())
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


def _document(image: models.Image) -> Document:
    return Document(
        name=image.name,
        description=image.description,
        tags=tuple(image.tags),
        orientation=orientation(image.width, image.height),
        color=image.color,
        owner=image.owner,
        license=image.license,
    )
