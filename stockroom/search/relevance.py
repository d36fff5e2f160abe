"""The order of the best matches: BM25 over the newest matches, read from the pictures themselves."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from stockroom import models
from stockroom.search.plan import Vocabulary
from stockroom.search.query import Query
from stockroom.search.text import tokens

NEWEST = 400
"""Pictures that are ranked; the order ends after them, and is exact where no more match."""

_SATURATION = 1.2  # k1: how soon a repeated word stops counting
_LENGTH = 0.75  # b: how much a long text counts against a picture
_TAG = 2  # a tag is a word somebody chose: it counts as if it stood there twice
_BEGUN = 0.5  # a word that only begins as asked


def ranked(query: Query, known: Vocabulary, images: Sequence[models.Image]) -> list[models.Image]:
    """The pictures, best first; the newer of two that match equally well."""
    weights = _weights(query, known)
    counts = [_counts(image) for image in images]
    lengths = [max(count.total(), 1) for count in counts]
    average = sum(lengths) / max(len(lengths), 1)
    scored = [
        (_score(weights, count, length / average), image.id, image)
        for count, length, image in zip(counts, lengths, images, strict=True)
    ]
    return [image for _, _, image in sorted(scored, key=lambda entry: entry[:2], reverse=True)]


def _weights(query: Query, known: Vocabulary) -> dict[str, float]:
    """What each term is worth: the rarer, the more."""

    def rarity(df: int) -> float:
        return math.log(1 + (max(known.pictures - df, 0) + 0.5) / (df + 0.5))

    weights: dict[str, float] = {}
    if query.last is not None:
        weights = {term: _BEGUN * rarity(row.df) for term, row in known.expansions.items()}
    asked = [*query.words, *(term for phrase in query.phrases for term in phrase.terms)]
    return weights | {term: rarity(known.terms[term].df) for term in asked if term in known.terms}


def _counts(image: models.Image) -> Counter[str]:
    found: Counter[str] = Counter()
    texts = (image.name, image.description, *(tag for tag in image.tags for _ in range(_TAG)))
    for text in texts:
        for token in tokens(text):
            found.update(set(token.index_terms()))
    return found


def _score(weights: Mapping[str, float], counts: Mapping[str, int], length: float) -> float:
    """`length` is relative to the average."""
    damping = _SATURATION * (1 - _LENGTH + _LENGTH * length)
    return sum(
        weight * counts[term] * (_SATURATION + 1) / (counts[term] + damping)
        for term, weight in weights.items()
        if term in counts
    )
