"""Relevance: BM25 over the newest matches.

The part of BM25 that depends on the picture is the weight of its postings (`index.document`). The other part
is the idf of the term, here. The score of a picture is the sum of weight · idf over the terms of the query:
integers, so that the database can add them up while it reads the postings.
"""

import math

from stockroom.search.query.parse import Query
from stockroom.search.query.plan import TermStatistics

MAX_RANKED = 400
"""The newest matches that are ranked. The order is exact where no more match, and ends after them."""
EXPANSION_SHARE = 0.5
"""What a word that merely begins with the last word of a query counts, as a share of its idf."""
RELATED_SHARE = 0.5
"""What a word counts that is related to a word of the query, as a share of its idf.

One that means the same as a word that no picture has counts in full.
"""
_SCALE = 100


def compute_idf(query: Query, statistics: TermStatistics) -> dict[int, int]:
    """The idf of each term of a query that ranks pictures, by the id of the term.

        idf = max(1, round(100 · ln(1 + (N - df + ½) / (df + ½))))        for N pictures

    The rarer a term, the higher its idf. Tags and filters do not rank.
    """
    picture_count = statistics.picture_count

    def idf(df: int, share: float = 1.0) -> int:
        rarity = math.log(1 + (max(picture_count - df, 0) + 0.5) / (df + 0.5))
        return max(round(_SCALE * share * rarity), 1)

    expansions: dict[int, int] = {}
    if query.last_word is not None:
        expansions = {term.term_id: idf(term.df, EXPANSION_SHARE) for term in statistics.expansions.values()}
    names = [*query.words, *(name for phrase in query.phrases for name in phrase.terms)]
    terms = [statistics.terms[name] for name in names if name in statistics.terms]
    in_place = (name for term in query.words for name in statistics.related.get(term, ()))
    related = {
        statistics.terms[name].term_id: idf(
            statistics.terms[name].df, 1.0 if name in statistics.equivalents else RELATED_SHARE
        )
        for name in in_place
    }
    return expansions | related | {term.term_id: idf(term.df) for term in terms}
