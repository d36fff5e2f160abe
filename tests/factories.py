"""Rows and requests as tests need them."""

import hashlib
from typing import Any

from stockroom.api.auth import Caller
from stockroom.images import ids
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.timestamps import now
from stockroom.uploads import create
from stockroom.uploads.requests import UploadRequest

ALICE = Caller("stockroom", "alice", "Alice", frozenset({"upload"}))
BOB = Caller("stockroom", "bob", "Bob", frozenset({"upload"}))


def file(content: bytes = b"content", **changes: Any) -> dict[str, Any]:
    """A file of an upload request."""
    base = {
        "name": "photo.jpg",
        "type": "image/jpeg",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return base | changes


def uploaded(at: Resources, content: bytes, caller: Caller = ALICE, **changes: Any) -> int:
    """A pending row whose original has landed; its id."""
    number = pending(at, content, caller, **changes)
    at.storage._client.put_object(
        Bucket=at.settings.uploads_bucket, Key=f"originals/{ids.encode(number)}", Body=content
    )
    return number


def pending(at: Resources, content: bytes = b"content", caller: Caller = ALICE, **changes: Any) -> int:
    """A pending row; its id."""
    request = UploadRequest(files=[file(content, **changes)])
    (outcome,) = create.accept(
        at.db, at.storage, at.settings, request, owner_id=owner_of(at, caller), now=now()
    )
    assert isinstance(outcome, create.Pending), outcome
    return outcome.image_id


def owner_of(at: Resources, caller: Caller) -> int:
    """The number of a contributor."""
    return at.owners.owner_id(caller.issuer, caller.subject, caller.name)


def overdue(db: Database, number: int) -> None:
    """Put the deadline of a row into the past."""
    db.execute("UPDATE image SET deadline = '2020-01-01' WHERE id = %s", (number,))


def state(db: Database, number: int) -> str | None:
    """The state of a row, or None when it is gone."""
    rows = db.query("SELECT state FROM image WHERE id = %s", (number,))
    return str(rows[0][0]) if rows else None


class Statements:
    """Counts the statements that a piece of code sends, by asking the server."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.count = 0

    def _questions(self) -> int:
        ((_, value),) = self._db.query("SHOW SESSION STATUS LIKE 'Questions'")
        return int(value)

    def __enter__(self) -> "Statements":
        self._before = self._questions()
        return self

    def __exit__(self, *_: object) -> None:
        self.count = self._questions() - self._before - 1
