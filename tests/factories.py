"""Rows and requests as tests need them. Rows that are made one after the other have ids in that order."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import boto3

from stockroom import ids
from stockroom.auth import Caller
from stockroom.database import Database
from stockroom.models import UploadRequest
from stockroom.resources import Resources
from stockroom.timestamps import now
from stockroom.uploads import batch
from stockroom.uploads.owners import owner_id


def _moments() -> Iterator[datetime]:
    """The present, each time at least a millisecond later: ids of one millisecond are in no order."""
    moment = now()
    while True:
        yield moment
        moment = max(now(), moment + timedelta(milliseconds=1))


MOMENTS = _moments()
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


@cache
def s3_client() -> Any:
    """A client of the tests' own for the buckets in memory, apart from the one that is tested."""
    return boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


def uploaded(at: Resources, content: bytes, caller: Caller = ALICE, **changes: Any) -> int:
    """A pending row whose original has landed; its id."""
    number = pending(at, content, caller, **changes)
    s3_client().put_object(
        Bucket=at.settings.uploads_bucket, Key=f"originals/{ids.encode(number)}", Body=content
    )
    return number


def pending(at: Resources, content: bytes = b"content", caller: Caller = ALICE, **changes: Any) -> int:
    """A pending row; its id."""
    request = UploadRequest(files=[file(content, **changes)])
    (answer,) = batch.accept(at, next(MOMENTS), owner_id(at.db, caller), request).files
    assert answer.state == "pending", answer
    number = ids.decode(str(answer.id))
    assert number is not None
    return number


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
