"""A query of which words were read otherwise than they were typed, as no picture has them."""

from msgspec import Struct

from stockroom.search.query.parse import Query
from stockroom.search.query.plan import TermStatistics


class RewrittenQuery(Struct, frozen=True):
    """A query whose unknown words were spelled otherwise, or read as contributors' names (`by:`).

    `statistics` are those of all its terms, and `text` is how `q` would be written for it.
    """

    query: Query
    statistics: TermStatistics
    text: str
