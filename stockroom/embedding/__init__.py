"""Embedding: what the library says about a picture, written into a copy of its file.

`embed(data, description)` takes the bytes of a file and gives those of the copy, as spans of the file and new
bytes between them. Pixels and all other metadata stay as they are. The package needs no storage, database,
clock or environment; each format is a module.
"""

import struct
from collections.abc import Callable

from stockroom.embedding import avif, gif, jpeg, png, webp
from stockroom.embedding.description import Description, Unembeddable, split_creators
from stockroom.embedding.pieces import FileBytes, Piece, count_bytes, write_pieces

__all__ = [
    "EMBEDDABLE",
    "EMBEDDING_VERSION",
    "Description",
    "Unembeddable",
    "count_bytes",
    "embed",
    "split_creators",
    "write_pieces",
]

EMBEDDING_VERSION = 1
"""Raised whenever equal descriptions are written in another way, so that no older copy is handed out."""

_FORMATS: dict[str, Callable[[FileBytes, Description], list[Piece]]] = {
    "image/jpeg": jpeg.embed,
    "image/png": png.embed,
    "image/webp": webp.embed,
    "image/gif": gif.embed,
    "image/avif": avif.embed,
}
EMBEDDABLE = frozenset(_FORMATS)
"""The media types of files that can carry a description."""


def embed(data: FileBytes, media_type: str, description: Description) -> list[Piece]:
    """The pieces of the copy, in order. Raises Unembeddable for a file whose parts cannot be told apart."""
    if media_type not in _FORMATS:
        raise Unembeddable(f"files of the type {media_type} carry no metadata")
    try:
        return _FORMATS[media_type](data, description)
    except (struct.error, IndexError, ValueError, OverflowError, RecursionError):
        # A stranger's file may hold any numbers.
        raise Unembeddable("its structure is damaged") from None
