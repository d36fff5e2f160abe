"""Pictures that are like one: they share what is rare about it, and they look alike.

Candidates are the newest pictures of its rarest terms; they are ranked by how much the shared terms say, and
the first of them again by how near their perceptual hashes are.
"""

import math
from collections.abc import Sequence

from stockroom.analysis.stop_words import STOP_WORDS
from stockroom.images.picture import Picture
from stockroom.images.repository.pictures import find_ready
from stockroom.runtime.database import Database, placeholders
from stockroom.search.index.document import EVERYTHING, build_document, filter_term, owner_term
from stockroom.search.query.plan import Term

TERMS = 8
"""Terms whose pictures are candidates: the rarest that another picture has, too."""
EACH = 32
"""Candidates a term, the newest."""
COMPARED = 40
"""Candidates whose perceptual hashes are compared."""
ALIKE = 16
"""Bits of 64 in which the hashes of two views of one scene may differ; farther apart says nothing."""
LOOKS = 1.0
"""What equal hashes are worth, in the best score that shared terms could give."""

DEFAULT_LIMIT = 12
MAX_LIMIT = 50


def find_similar(db: Database, picture: Picture, limit: int = DEFAULT_LIMIT) -> list[Picture]:
    """At most `limit` pictures like `picture`, the most similar first.

    Four statements: its terms, the candidates, their hashes, the pictures.
    """
    number = picture.image_id
    known = _select_terms(db, _telling(picture))
    everything = known.pop(EVERYTHING, None)
    if everything is None:
        return []
    rarest = sorted(
        (term for term in known.values() if term.df > 1), key=lambda term: (term.df, term.term_id)
    )
    if not rarest:
        return []
    worth = {term.term_id: max(round(100 * math.log(everything.df / term.df)), 1) for term in rarest[:TERMS]}
    scores = _select_candidates(db, worth, number, COMPARED)
    hashes = _select_hashes(db, [number, *scores])
    most = max(scores.values(), default=1)
    ranked = sorted(
        scores,
        key=lambda other: (scores[other] / most + LOOKS * _likeness(hashes, number, other), other),
        reverse=True,
    )
    return find_ready(db, ranked[:limit])


def _telling(picture: Picture) -> list[str]:
    """The terms that say something of a picture, and the term of all."""
    ignored = {*STOP_WORDS, owner_term(picture.owner_name), filter_term("license", picture.metadata.license)}
    return [term for term in build_document(picture).terms() if term not in ignored]


def _likeness(hashes: dict[int, int], one: int, other: int) -> float:
    """1 for equal hashes, 0 for such as have nothing to do with each other, or none."""
    if one not in hashes or other not in hashes:
        return 0.0
    return max(1 - (hashes[one] ^ hashes[other]).bit_count() / ALIKE, 0.0)


def _select_terms(db: Database, terms: Sequence[str]) -> dict[str, Term]:
    # UNIQUE term: one probe a term.
    rows = db.query(
        f"SELECT term, term_id, df FROM term WHERE term IN ({placeholders(terms)})",
        [term.encode() for term in terms],
    )
    return {bytes(term).decode("utf-8", "replace"): Term(term_id, df) for term, term_id, df in rows}


def _select_candidates(db: Database, worth: dict[int, int], number: int, limit: int) -> dict[int, int]:
    # PRIMARY (term_id, image_id), EACH entries a term.
    part = (
        "(SELECT image_id, weight * %s AS score FROM posting WHERE term_id = %s AND image_id <> %s "
        f"ORDER BY image_id DESC LIMIT {EACH})"
    )
    rows = db.query(
        f"SELECT image_id, SUM(score) AS total FROM ({' UNION ALL '.join([part] * len(worth))}) c "
        f"GROUP BY image_id ORDER BY total DESC, image_id DESC LIMIT {limit:d}",
        [value for term_id, each in worth.items() for value in (each, term_id, number)],
    )
    return {image_id: int(total) for image_id, total in rows}


def _select_hashes(db: Database, numbers: Sequence[int]) -> dict[int, int]:
    # PRIMARY of image, one probe each.
    rows = db.query(
        f"SELECT id, phash FROM image WHERE id IN ({placeholders(numbers)}) AND phash IS NOT NULL", numbers
    )
    return dict(rows)
