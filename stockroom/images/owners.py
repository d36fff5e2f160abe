"""Owners: the person behind (issuer, subject) as a small number, remembered by the process."""

from stockroom.api.auth import Caller
from stockroom.runtime.database import Database

_known: dict[tuple[str, str, str], int] = {}


def owner_id(db: Database, caller: Caller) -> int:
    """The caller's number, made at the first upload. No statement when this process knows it already."""
    key = (caller.issuer, caller.subject, caller.name)
    if key not in _known:
        _known[key] = _recorded(db, caller)
    return _known[key]


def forget() -> None:
    """Forget all numbers: the database is another one now."""
    _known.clear()


def _recorded(db: Database, caller: Caller) -> int:
    # One row by the unique key `identity`; a changed display name is taken over.
    db.execute(
        "INSERT INTO owner (issuer, subject, name) VALUES (%s, %s, %s) ON DUPLICATE KEY UPDATE name = %s",
        (caller.issuer, caller.subject, caller.name, caller.name),
    )
    ((number,),) = db.query(
        "SELECT owner_id FROM owner WHERE issuer = %s AND subject = %s", (caller.issuer, caller.subject)
    )
    return int(number)
