"""Keyset cursors: from which id on, and in which mode, a search goes on. Opaque to clients, strictly checked.

A cursor that is used with another query is harmless: it is a place in time.
"""

import base64
import binascii
import struct

from msgspec import Struct

from stockroom.runtime.errors import BadRequest
from stockroom.search.execution.ranking import MAX_RANKED
from stockroom.search.query.plan import Mode

# Kind, ranked offset, image id: twelve bytes, which are sixteen characters of base64 without padding.
_SHORT = struct.Struct(">BHxQ")
# The same and the end of the scan: twenty bytes and one of padding, which are twenty-eight characters.
_LONG = struct.Struct(">BHxQQx")
# The bits of the first byte beside the number of the mode.
_VERSION = 0x10
_HAS_SCAN_END = 0x20
_NOTHING_FOUND_YET = 0x08
_IS_BACKWARD = 0x04


class PageCursor(Struct, frozen=True):
    """A page begins with the newest matching id below `before_id`, or in a ranking at `ranked_offset`."""

    mode: Mode
    before_id: int
    nothing_found_yet: bool = False
    """Whether every page so far was empty, so that the next mode is due where the list of ids ends."""
    ranked_offset: int = 0
    """How many of the pictures that are ranked together have been passed; 0 in the order of time."""
    is_backward: bool = False
    """Whether the page goes back in time instead, from the oldest matching id at or above `before_id`."""
    scan_end: int = 0
    """The oldest id that is ranked with the others, if the probe budget ended the scan; otherwise 0."""

    def encode(self) -> str:
        """The cursor as URL-safe text: sixteen characters, or twenty-eight with a `scan_end`."""
        kind = _VERSION | self.mode
        kind |= _NOTHING_FOUND_YET if self.nothing_found_yet else 0
        kind |= _IS_BACKWARD if self.is_backward else 0
        if self.scan_end:
            packed = _LONG.pack(kind | _HAS_SCAN_END, self.ranked_offset, self.before_id, self.scan_end)
        else:
            packed = _SHORT.pack(kind, self.ranked_offset, self.before_id)
        return base64.urlsafe_b64encode(packed).decode()


def decode_cursor(text: str) -> PageCursor:
    """The cursor that was encoded as a text; BadRequest for any text that is not one of ours."""
    try:
        packed = base64.urlsafe_b64decode(text.encode("ascii"))
        layout = _SHORT if len(packed) == _SHORT.size else _LONG
        kind, ranked_offset, before_id, *scan_end = layout.unpack(packed)
        mode = Mode(kind & ~(_NOTHING_FOUND_YET | _IS_BACKWARD | _HAS_SCAN_END) ^ _VERSION)
        cursor = PageCursor(
            mode,
            before_id,
            bool(kind & _NOTHING_FOUND_YET),
            ranked_offset,
            bool(kind & _IS_BACKWARD),
            *scan_end,
        )
    except (ValueError, binascii.Error, struct.error):
        cursor = None
    if cursor is None or cursor.encode() != text or not _is_possible(cursor):
        raise invalid_cursor()
    return cursor


def _is_possible(cursor: PageCursor) -> bool:
    """Whether a page can have had a cursor: a ranking ends behind its beginning, and has so many pictures."""
    return cursor.scan_end < max(cursor.before_id, 1) and cursor.ranked_offset < MAX_RANKED


def invalid_cursor() -> BadRequest:
    """The answer to a text that is no cursor, and to a cursor that no page of the query can have had."""
    detail = "This cursor is not one of this search; take it from `next`, or begin without one."
    return BadRequest.at("?cursor", "invalid-cursor", detail)
