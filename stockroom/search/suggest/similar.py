"""Similar pictures: first the duplicates of one, then pictures that share what is rare about it.

Duplicates come from `stockroom.images.duplicates`. The candidates for the others are the newest pictures of
its rarest terms. They are ranked by the idf of the terms they share with the picture, and the best of them
once more with the Hamming distance of their perceptual hashes.
"""

import math
from collections.abc import Container, Mapping
from typing import Literal, NamedTuple

from stockroom.analysis.stop_words import STOP_WORDS
from stockroom.analysis.tokenizer import tokenize
from stockroom.images.duplicates import find_duplicates
from stockroom.images.looks import DuplicateKind
from stockroom.images.picture import Picture
from stockroom.images.repository.pictures import find_perceptual_hashes, find_ready
from stockroom.runtime.database import Database
from stockroom.search.filters import FILTERS
from stockroom.search.index.document import ALL_PICTURES, build_document
from stockroom.search.index.posting_reader import find_by_shared_terms
from stockroom.search.index.term_dictionary import TermDictionary

MAX_TERMS = 16
"""The terms whose pictures are candidates: the rarest that some other picture has, too."""
CANDIDATES_PER_TERM = 32
MAX_COMPARED = 40
"""The candidates whose perceptual hashes are compared."""
MAX_DISTANCE = 16
"""The bits of 64 in which the hashes of two views of one scene may differ; a larger distance says nothing."""
LOOKS_WEIGHT = 1.0
"""What equal hashes add to a score, in units of the best score by shared terms."""
_SCALE = 100

SimilarKind = Literal[DuplicateKind, "alike"]


class SimilarPicture(NamedTuple):
    """A picture that is like another one, and in what respect; "alike" are those that share its terms."""

    picture: Picture
    kind: SimilarKind


def find_similar(
    db: Database, dictionary: TermDictionary, picture: Picture, limit: int
) -> list[SimilarPicture]:
    """At most `limit` pictures like `picture`: its duplicates, then the others, the most similar first.

    Nine statements at most: five for the duplicates; the terms, the candidates, their hashes, the pictures.
    """
    kinds: dict[int, SimilarKind] = {**find_duplicates(db, picture.image_id)}
    if len(kinds) < limit:
        alike = _rank_by_shared_terms(db, dictionary, picture, kinds)
        kinds.update(dict.fromkeys(alike, "alike"))
    pictures = find_ready(db, list(kinds)[:limit])
    return [SimilarPicture(each, kinds[each.image_id]) for each in pictures]


def _rank_by_shared_terms(
    db: Database, dictionary: TermDictionary, picture: Picture, known: Container[int]
) -> list[int]:
    """The ids of pictures that share terms with one, without those that are known; the most similar first."""
    names = _list_subject_terms(picture)
    terms = dictionary.find([*names, ALL_PICTURES])
    all_pictures = terms.pop(ALL_PICTURES, None)
    shared = sorted(
        (term for term in terms.values() if term.df > 1), key=lambda term: (term.df, term.term_id)
    )
    if all_pictures is None or not shared:
        return []
    idf = {
        term.term_id: max(round(_SCALE * math.log(all_pictures.df / term.df)), 1)
        for term in shared[:MAX_TERMS]
    }
    scores = find_by_shared_terms(db, idf, picture.image_id, per_term=CANDIDATES_PER_TERM, limit=MAX_COMPARED)
    hashes = find_perceptual_hashes(db, [picture.image_id, *scores])
    # All scores are 0 where nothing is shared but the terms of filters, which weigh nothing.
    best_score = max([1, *scores.values()])

    def rank(image_id: int) -> tuple[float, int]:
        likeness = _compute_likeness(hashes, picture.image_id, image_id)
        return scores[image_id] / best_score + LOOKS_WEIGHT * likeness, image_id

    ranked = sorted(scores, key=rank, reverse=True)
    return [image_id for image_id in ranked if image_id not in known]


def _list_subject_terms(picture: Picture) -> list[str]:
    """The terms that say what a picture shows."""
    ignored = {*STOP_WORDS, ALL_PICTURES}
    ignored.update(
        term for each in FILTERS if not each.describes_subject for term in each.picture_terms(picture)
    )
    # Who has made a picture says as little of what it shows.
    ignored.update(term for token in tokenize(picture.metadata.creator) for term in token.index_terms())
    return [term for term in build_document(picture).terms() if term not in ignored]


def _compute_likeness(hashes: Mapping[int, int], one: int, other: int) -> float:
    """1 for equal hashes, falling to 0 at MAX_DISTANCE; 0 where a picture has no hash."""
    if one not in hashes or other not in hashes:
        return 0.0
    return max(1 - (hashes[one] ^ hashes[other]).bit_count() / MAX_DISTANCE, 0.0)
