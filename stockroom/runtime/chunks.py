"""Long lists in chunks, for statements and requests of a bounded size."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

CHUNK_ROWS = 1000
"""Rows a statement: far below max_allowed_packet and the servers' limit of 65,535 parameters."""


def split_into_chunks(values: Sequence[T], size: int = CHUNK_ROWS) -> Iterator[Sequence[T]]:
    """The values in order, `size` at a time."""
    return (values[start : start + size] for start in range(0, len(values), size))
