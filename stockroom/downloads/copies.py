"""Copies of originals that carry the present metadata. The stored originals never change.

A copy lies in storage for a day, and is used again as long as the metadata are the same. Nothing of a file is
in memory as a whole: original and copy are files of the function's own disk meanwhile.
"""

import hashlib
import tempfile
from datetime import datetime, timedelta
from functools import partial
from mmap import ACCESS_READ, mmap
from typing import BinaryIO

import msgspec

from stockroom.embedding import (
    EMBEDDING_VERSION,
    Description,
    Unembeddable,
    embed,
    write_pieces,
)
from stockroom.embedding.pieces import CHUNK_BYTES
from stockroom.images.repository.originals import OriginalRow
from stockroom.images.storage import Storage, StoredCopy

MAX_COPIED_BYTES = 200 * 1024 * 1024
"""A larger original is handed out as it is: two files of this size fit onto a function's disk of 512 MB."""
REUSED_FOR = timedelta(hours=12)
"""S3 deletes copies that are a day old; no link may lead to one that goes meanwhile."""


def find_or_make(
    storage: Storage, row: OriginalRow, description: Description, now: datetime
) -> StoredCopy | None:
    """The copy of an original that says what `description` says; None when there is no original, or no more.

    Raises Unembeddable for an original of which no copy can be made.
    """
    image_id = row.picture.image_id
    label = _make_label(description)
    stored = storage.find_copy(image_id)
    if stored is not None and stored.label == label and stored.stored_at > now - REUSED_FOR:
        return stored
    if row.size > MAX_COPIED_BYTES:
        raise Unembeddable(f"it is larger than {MAX_COPIED_BYTES // 1024**2} MB")
    with tempfile.TemporaryFile() as original, tempfile.TemporaryFile() as copy:
        if not storage.read_original(image_id, original):
            return None
        sha256 = _write_copy(original, copy, row.media_type, description)
        written = storage.write_copy(image_id, copy, media_type=row.media_type, label=label, sha256=sha256)
    if storage.head_original(image_id) is None:
        # Whoever took the picture down meanwhile deletes original and copy, and has found no copy yet.
        storage.delete_copy(image_id)
        return None
    return written


def _make_label(description: Description) -> str:
    """A text that is equal for equal copies of one original."""
    digest = hashlib.sha256(msgspec.json.encode(description)).hexdigest()
    return f"{EMBEDDING_VERSION}-{digest[:32]}"


def _write_copy(original: BinaryIO, copy: BinaryIO, media_type: str, description: Description) -> bytes:
    """Write the copy; its SHA-256."""
    original.flush()
    if not original.tell():
        raise Unembeddable("it is empty")
    with mmap(original.fileno(), 0, access=ACCESS_READ) as data:
        pieces = embed(data, media_type, description)
        write_pieces(data, pieces, copy)
    copy.seek(0)
    digest = hashlib.sha256()
    for chunk in iter(partial(copy.read, CHUNK_BYTES), b""):
        digest.update(chunk)
    return digest.digest()
