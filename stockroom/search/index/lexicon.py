"""The lexicon's reads: what begins with what somebody has typed, the commonest first.

`magnitude` grows with half the digits of a term's count, so the index (magnitude, surface) holds, for any
beginning, the commonest forms in one short range a magnitude; it is read from its end and no further than
asked. Within one magnitude the order is the alphabet's, so callers look at a few more than they want.
"""

from stockroom.analysis.folding import fold

MAGNITUDES = ", ".join(str(size) for size in range(16, 0, -1))
"""All there can be: counts have at most 32 binary digits."""


def prefix_range(prefix: str) -> tuple[bytes, bytes]:
    """The surfaces that begin with `prefix` (folded here): from the first, inclusive, to the second."""
    start = fold(prefix).encode("utf-8", "replace")
    return start, start + b"\xff"


def beginning_with(prefix: str, rows: int) -> tuple[str, tuple[bytes, bytes]]:
    """A SELECT of (surface, term_id) for the `rows` commonest surfaces behind a prefix, and its arguments."""
    # KEY commonest (magnitude, surface, term_id): at most 16 short ranges, `rows` entries together.
    sql = (
        "SELECT surface, term_id FROM lexicon FORCE INDEX (commonest) "
        f"WHERE magnitude IN ({MAGNITUDES}) AND surface >= %s AND surface < %s "
        f"ORDER BY magnitude DESC, surface DESC LIMIT {rows:d}"
    )
    return sql, prefix_range(prefix)
