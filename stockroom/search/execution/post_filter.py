"""The post-filter: what only the pictures themselves can answer about the candidates that the index found.

These are the order of words, words of the description alone, and terms beyond what one statement can probe.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from stockroom.analysis.tokenizer import phrase_stems
from stockroom.images.repository.pictures import PictureText, find_ready, find_texts
from stockroom.runtime.database import Database
from stockroom.search.index.document import Document, build_document
from stockroom.search.query.parse import Phrase
from stockroom.search.query.plan import PostConditions


def filter_candidates(
    db: Database, conditions: PostConditions, candidates: Sequence[int], is_late: Callable[[], bool]
) -> tuple[list[int], int]:
    """The candidates that meet all conditions, in their order, and how many candidates were looked at.

    As soon as `is_late`, no further one is looked at: a long text takes milliseconds, and up to a tenth of a
    second. One is looked at in any case. At most one statement a kind of condition.
    """
    matches, checked = list(candidates), len(candidates)
    if matches and (conditions.phrases or conditions.excluded_phrases):
        texts = find_texts(db, matches)
        matches, checked = _select(
            matches, lambda image_id: image_id in texts and _has_phrases(conditions, texts[image_id]), is_late
        )
    if matches and (conditions.required or conditions.excluded_terms or conditions.excluded_together):
        pictures = {picture.image_id: picture for picture in find_ready(db, matches)}
        remaining = matches
        matches, looked_at = _select(
            remaining,
            lambda image_id: (
                image_id in pictures and _has_terms(conditions, build_document(pictures[image_id]))
            ),
            is_late,
        )
        if looked_at < len(remaining):
            checked = candidates.index(remaining[looked_at])
    return matches, checked


def _select(
    image_ids: Sequence[int], condition: Callable[[int], bool], is_late: Callable[[], bool]
) -> tuple[list[int], int]:
    """Those of the first ids that meet a condition, and how many ids were looked at."""
    selected = []
    for number, image_id in enumerate(image_ids, 1):
        if condition(image_id):
            selected.append(image_id)
        if is_late():
            return selected, number
    return selected, len(image_ids)


def _has_terms(conditions: PostConditions, document: Document) -> bool:
    terms = set(document.terms())
    has_required = all(not terms.isdisjoint(clause.names) for clause in conditions.required)
    return (
        has_required
        and terms.isdisjoint(conditions.excluded_terms)
        and not any(terms.issuperset(together) for together in conditions.excluded_together)
    )


def _has_phrases(conditions: PostConditions, text: PictureText) -> bool:
    """Whether a picture has all of the phrases and none of the excluded ones."""
    description = phrase_stems(text.description)

    def has(phrase: Phrase) -> bool:
        if _contains(description, phrase.stems):
            return True
        # A hashtag is a word of the description, so only the explicit tags are texts of their own.
        return not phrase.is_description_only and any(
            _contains(_short_phrase_stems(short), phrase.stems)
            for short in (text.name, text.title, text.creator, text.place, *text.tags)
        )

    return all(map(has, conditions.phrases)) and not any(map(has, conditions.excluded_phrases))


# Names and tags are remembered: many pictures share one. This depends on nothing but the text.
_short_phrase_stems = lru_cache(4096)(phrase_stems)


def _contains(text: list[str], phrase: tuple[str, ...]) -> bool:
    """Whether the stems of a phrase stand next to each other in a text."""
    position, last_position = -1, len(text) - len(phrase)
    for _ in range(text.count(phrase[0])):
        position = text.index(phrase[0], position + 1)
        if position > last_position:
            break
        if tuple(text[position : position + len(phrase)]) == phrase:
            return True
    return False
