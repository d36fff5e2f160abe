"""Cursors: how a query is being taken and the id from which to go on, opaque and strictly checked.

A cursor used with another query is harmless: it is a place in time.
"""

import base64
import binascii
import struct
from dataclasses import dataclass

from stockroom.runtime.errors import BadRequest
from stockroom.search.query.plan import Mode

_FORMAT = struct.Struct(">BHxQ")  # twelve bytes: sixteen characters without padding
_RANKING = struct.Struct(">BHxQQx")  # with an edge: twenty-eight characters
_VERSION = 0x10
_EDGE = 0x20
_BARREN = 0x08
_BACK = 0x04


@dataclass(frozen=True)
class Cursor:
    """Go on with the ids below `below`, taking the query in `mode`.

    `barren`: nothing has been found so far, so that at the end of the list the next mode is due. `shown`:
    how many of the pictures ranked below `below` have been passed; 0 where the order is by time. `edge`: the
    id as far as which pictures are ranked together; 0 where the budget did not end them. `back`: go back
    instead, to the ids from `below` on.
    """

    mode: Mode
    below: int
    barren: bool = False
    shown: int = 0
    back: bool = False
    edge: int = 0

    def encoded(self) -> str:
        """Sixteen or, with an edge, twenty-eight URL-safe characters."""
        kind = _VERSION | self.mode | (_BARREN if self.barren else 0) | (_BACK if self.back else 0)
        if self.edge:
            packed = _RANKING.pack(kind | _EDGE, self.shown, self.below, self.edge)
        else:
            packed = _FORMAT.pack(kind, self.shown, self.below)
        return base64.urlsafe_b64encode(packed).decode()


def decoded(text: str) -> Cursor:
    """The cursor behind a text that `encoded` made; 400 for any other."""
    try:
        packed = base64.urlsafe_b64decode(text.encode("ascii"))
        form = _FORMAT if len(packed) == _FORMAT.size else _RANKING
        kind, shown, below, *edge = form.unpack(packed)
        mode = Mode(kind & ~(_BARREN | _BACK | _EDGE) ^ _VERSION)
        cursor = Cursor(mode, below, bool(kind & _BARREN), shown, bool(kind & _BACK), *edge)
    except (ValueError, binascii.Error, struct.error):
        cursor = None
    if cursor is None or cursor.encoded() != text:
        raise invalid()
    return cursor


def invalid() -> BadRequest:
    """What is said of a cursor that is not ours, or not of this order."""
    detail = "This cursor is not one of this search; take it from `next`, or begin without one."
    return BadRequest.at("?cursor", "invalid-cursor", detail)
