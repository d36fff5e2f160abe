"""Cursors: how a query is being taken and the id below which to go on, opaque and strictly checked.

A cursor used with another query is harmless: it is a place in time.
"""

import base64
import binascii
import struct
from dataclasses import dataclass

from stockroom.errors import BadRequest
from stockroom.search.plan import Mode

_FORMAT = struct.Struct(">BQ")  # nine bytes: twelve characters without padding
_VERSION = 0x10
_BARREN = 0x08


@dataclass(frozen=True)
class Cursor:
    """Go on with the ids below `below`, taking the query in `mode`.

    `barren`: nothing has been found so far, so that at the end of the list the next mode is due.
    """

    mode: Mode
    below: int
    barren: bool = False

    def encoded(self) -> str:
        """Twelve URL-safe characters."""
        kind = _VERSION | self.mode | (_BARREN if self.barren else 0)
        return base64.urlsafe_b64encode(_FORMAT.pack(kind, self.below)).decode()


def decoded(text: str) -> Cursor:
    """The cursor behind a text that `encoded` made; 400 for any other."""
    try:
        kind, below = _FORMAT.unpack(base64.urlsafe_b64decode(text.encode("ascii")))
        cursor = Cursor(Mode(kind & ~_BARREN ^ _VERSION), below, bool(kind & _BARREN))
    except (ValueError, binascii.Error, struct.error):
        cursor = None
    if cursor is None or cursor.encoded() != text:
        detail = "This cursor is not one of ours; take it from `next`, or begin without one."
        raise BadRequest.at("?cursor", "invalid-cursor", detail)
    return cursor
