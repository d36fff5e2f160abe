"""A copy of a file as pieces: spans of the file, which are not in memory, and new bytes between them."""

from collections.abc import Iterable, Iterator
from mmap import mmap
from typing import BinaryIO, NamedTuple, TypeAlias

from stockroom.embedding.description import Unembeddable

FileBytes: TypeAlias = bytes | mmap
"""All bytes of a file: an object that can be sliced (into bytes) and searched."""

CHUNK_BYTES = 1024 * 1024
MAX_PARTS = 1_000_000
"""Parts (segments, chunks, blocks) that are looked at in one file."""


class Span(NamedTuple):
    """The bytes of the file from `start` to before `end`."""

    start: int
    end: int


Piece: TypeAlias = bytes | Span


def join(pieces: Iterable[Piece]) -> list[Piece]:
    """The same bytes in fewer pieces: adjoining spans are one."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, Span) and isinstance(last, Span) and last.end == piece.start:
            joined[-1] = Span(last.start, piece.end)
        else:
            joined.append(piece)
    return joined


def count_bytes(pieces: Iterable[Piece]) -> int:
    """How long the copy is."""
    return sum(piece.end - piece.start if isinstance(piece, Span) else len(piece) for piece in pieces)


def write_pieces(data: FileBytes, pieces: Iterable[Piece], target: BinaryIO) -> None:
    """Write the copy, one chunk after the other."""
    for piece in pieces:
        if isinstance(piece, Span):
            for start in range(piece.start, piece.end, CHUNK_BYTES):
                target.write(data[start : min(start + CHUNK_BYTES, piece.end)])
        else:
            target.write(piece)


def count_parts() -> Iterator[None]:
    """Yields as often as a file may have parts; then raises Unembeddable."""
    for _ in range(MAX_PARTS):
        yield
    raise Unembeddable("the file has too many parts")
