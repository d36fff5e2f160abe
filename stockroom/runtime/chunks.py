"""Long lists in chunks, for statements and requests of a bounded size."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

CHUNK_ROWS = 999
"""Rows a statement: far below max_allowed_packet and the servers' limit of 65,535 parameters, and so few that
MariaDB makes no table of a list (in_predicate_conversion_threshold)."""


def split_into_chunks(values: Sequence[T], size: int = CHUNK_ROWS) -> Iterator[Sequence[T]]:
    """The values in order, `size` at a time."""
    return (values[start : start + size] for start in range(0, len(values), size))
