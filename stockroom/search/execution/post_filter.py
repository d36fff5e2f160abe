"""What the index cannot say: words in order, words of the description, and terms beyond one statement."""

from collections.abc import Sequence
from functools import lru_cache

from stockroom.analysis.tokens import sequence
from stockroom.images import tags
from stockroom.images.repository.pictures import find_ready
from stockroom.runtime.database import Database, placeholders
from stockroom.search.index.document import Document, build_document
from stockroom.search.query.parse import Phrase
from stockroom.search.query.plan import Plan


def verified(db: Database, chosen: Plan, candidates: Sequence[int]) -> list[int]:
    """Those candidates that have all that a plan leaves to be verified, in their order."""
    fitting = list(candidates)
    if fitting and (chosen.phrases or chosen.excluded_phrases):
        texts = _select_texts(db, fitting)
        fitting = [number for number in fitting if number in texts and _reads(chosen, *texts[number])]
    if fitting and (chosen.also_required or chosen.also_excluded):
        documents = _select_documents(db, fitting)
        fitting = [
            number for number in fitting if number in documents and _has_terms(chosen, documents[number])
        ]
    return fitting


def _select_texts(db: Database, candidates: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    # PRIMARY of image, one probe a candidate.
    rows = db.query(
        f"SELECT id, description, name, tags FROM image WHERE id IN ({placeholders(candidates)}) "
        "AND state = 'ready'",
        candidates,
    )
    return {number: (description, name, explicit) for number, description, name, explicit in rows}


def _select_documents(db: Database, candidates: Sequence[int]) -> dict[int, Document]:
    return {picture.image_id: build_document(picture) for picture in find_ready(db, candidates)}


def _has_terms(chosen: Plan, document: Document) -> bool:
    terms = set(document.terms())
    required = all(not terms.isdisjoint(clause.names) for clause in chosen.also_required)
    return required and terms.isdisjoint(chosen.also_excluded)


def _reads(chosen: Plan, description: str, name: str, explicit: str) -> bool:
    """Whether a picture has all the phrases and none of the excluded ones."""
    words = sequence(description)

    def has(phrase: Phrase) -> bool:
        # A hashtag is one word of the description, so the explicit tags are all that is missing.
        return _has(words, phrase.sequence) or (
            not phrase.description_only
            and any(
                _has(_short_sequence(text), phrase.sequence) for text in (name, *tags.deserialize(explicit))
            )
        )

    return all(map(has, chosen.phrases)) and not any(map(has, chosen.excluded_phrases))


# Of a name or a tag: many pictures share one.
_short_sequence = lru_cache(4096)(sequence)


def _has(text: list[str], wanted: tuple[str, ...]) -> bool:
    """Whether the words stand next to each other."""
    at, last = -1, len(text) - len(wanted)
    for _ in range(text.count(wanted[0])):
        at = text.index(wanted[0], at + 1)
        if at > last:
            break
        if tuple(text[at : at + len(wanted)]) == wanted:
            return True
    return False
