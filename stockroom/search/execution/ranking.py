"""Best matches first: BM25 over the newest matches.

How much a picture says of a term lies in its posting (`documents`); here is how much a term is worth, so a
picture's score is a sum that the database can make while it reads the postings.
"""

import math

from stockroom.search.query.parse import Query
from stockroom.search.query.plan import Vocabulary

NEWEST = 400
"""Pictures that are ranked; the order ends after them, and is exact where no more match."""

BEGUN = 0.5
"""What a word that only begins as asked is worth, of its own worth."""
_SCALE = 100


def worth(query: Query, known: Vocabulary) -> dict[int, int]:
    """What each term of a query is worth, by its id: the rarer, the more; at least 1."""

    def rarity(df: int, share: float = 1.0) -> int:
        value = math.log(1 + (max(known.pictures - df, 0) + 0.5) / (df + 0.5))
        return max(round(_SCALE * share * value), 1)

    found = {}
    if query.last is not None:
        found = {row.term_id: rarity(row.df, BEGUN) for row in known.expansions.values()}
    asked = [*query.words, *(term for phrase in query.phrases for term in phrase.terms)]
    rows = [known.terms[term] for term in asked if term in known.terms]
    return found | {row.term_id: rarity(row.df) for row in rows}
