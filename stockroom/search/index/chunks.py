"""Statements of a bounded size."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

CHUNK_ROWS = 1000
"""Rows a statement: far below max_allowed_packet and the servers' limit of 65,535 parameters."""


def split_into_chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in order, CHUNK_ROWS at a time."""
    return (values[start : start + CHUNK_ROWS] for start in range(0, len(values), CHUNK_ROWS))
