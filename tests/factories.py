"""Rows, objects and requests as tests need them. Rows that are made in turn have ids in that order."""

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import boto3
import pytest

from stockroom.api.auth import Caller
from stockroom.images import ids
from stockroom.images.repository import lifecycle
from stockroom.images.states import State
from stockroom.images.storage import rendition_key
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.s3 import ORDINARY, Patience, make_client
from stockroom.runtime.timestamps import now
from stockroom.uploads import create
from stockroom.uploads.requests import UploadRequest


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


def pending(resources: Resources, content: bytes = b"content", caller: Caller = ALICE, **changes: Any) -> int:
    """A pending row; its id."""
    request = UploadRequest(files=[file(content, **changes)])
    (outcome,) = create.accept(
        resources.db,
        resources.storage,
        resources.settings,
        request,
        owner_id=owner_of(resources, caller),
        now=next(MOMENTS),
    )
    assert isinstance(outcome, create.Pending), outcome
    return outcome.image_id


def uploaded(resources: Resources, content: bytes, caller: Caller = ALICE, **changes: Any) -> int:
    """A pending row whose original has arrived; its id."""
    image_id = pending(resources, content, caller, **changes)
    put_original(resources, image_id, content)
    return image_id


def ready(resources: Resources, content: bytes = b"content", caller: Caller = ALICE, **changes: Any) -> int:
    """The row of a ready picture, without objects and without postings; its id."""
    image_id = pending(resources, content, caller, **changes)
    resources.db.execute(
        "UPDATE image SET state = 'ready', deadline = NULL, version = 1, width = 3, height = 2, "
        "color = '#000000', thumbhash = 'x' WHERE id = %s",
        (image_id,),
    )
    return image_id


def row_in(resources: Resources, state: State, content: bytes = b"content") -> int:
    """A row in any state, with the columns that rows in it have; its id."""
    if state in ("ready", "deleted", "hidden"):
        image_id = ready(resources, content)
        resources.db.execute("UPDATE image SET state = %s WHERE id = %s", (state, image_id))
        if state == "deleted":
            resources.db.execute(
                "UPDATE image SET failed_sha256 = sha256, sha256 = NULL, "
                "deadline = UTC_TIMESTAMP(3) + INTERVAL 600 SECOND WHERE id = %s",
                (image_id,),
            )
        return image_id
    image_id = pending(resources, content)
    if state in ("failed", "deleting"):
        resources.db.execute(
            "UPDATE image SET state = %s, failed_sha256 = IF(state = 'failed', sha256, NULL), "
            "uploads_until = '2000-01-01', sha256 = NULL WHERE id = %s",
            (state, image_id),
        )
    return image_id


_OWNERS: WeakKeyDictionary[Database, dict[Caller, int]] = WeakKeyDictionary()


def owner_of(resources: Resources, caller: Caller) -> int:
    """The id of a contributor. A test asks once, so that it counts only the statements that it is about."""
    known = _OWNERS.setdefault(resources.db, {})
    if caller not in known:
        known[caller] = resources.owners.find_or_insert(caller.issuer, caller.subject, caller.name)
    return known[caller]


def make_overdue(db: Database, *image_ids: int) -> None:
    """Put the deadlines of these rows (or of all) into the past, and the end of their uploads."""
    past = "UPDATE image SET deadline = '2020-01-01', uploads_until = '2020-01-01'"
    for image_id in image_ids:
        db.execute(f"{past} WHERE id = %s", (image_id,))
    if not image_ids:
        db.execute(past)


def state(db: Database, image_id: int) -> str | None:
    """The state of a row, or None when it is gone."""
    rows = db.query("SELECT state FROM image WHERE id = %s", (image_id,))
    return str(rows[0][0]) if rows else None


def link_key(db: Database, image_id: int) -> str:
    """The part of the paths of a picture's renditions that nobody can guess."""
    ((key,),) = db.query("SELECT link_key FROM image WHERE id = %s", (image_id,))
    return str(key)


@cache
def s3_client() -> Any:
    """The tests' own client of the buckets in memory; the code under test makes another one."""
    return boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")


@cache
def _make_client(endpoint: str | None, patience: Patience, _environment: frozenset[tuple[str, str]]) -> Any:
    return make_client(endpoint, patience)


def keep_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the code under test make one S3 client for each environment: each takes 30 ms."""

    def make_client_once(endpoint: str | None, patience: Patience = ORDINARY) -> Any:
        aws = {(name, value) for name, value in os.environ.items() if name.startswith("AWS_")}
        return _make_client(endpoint, patience, frozenset(aws))

    monkeypatch.setattr("stockroom.images.storage.make_client", make_client_once)


def put_original(resources: Resources, image_id: int, content: bytes) -> None:
    """Store an original, as a contributor's PUT does."""
    s3_client().put_object(
        Bucket=resources.settings.uploads_bucket, Key=f"originals/{ids.encode(image_id)}", Body=content
    )


def put_rendition(resources: Resources, image_id: int, version: int = 1) -> None:
    """Store a rendition of a picture, under its present links."""
    key = rendition_key(image_id, link_key(resources.db, image_id), version, "720p")
    s3_client().put_object(Bucket=resources.settings.images_bucket, Key=key, Body=b"rendition")


def stored_renditions(resources: Resources, image_id: int) -> dict[str, Any]:
    """The renditions of a picture in the images bucket: their keys below its folder, and their heads."""
    client, bucket = s3_client(), resources.settings.images_bucket
    prefix = f"i/{ids.encode(image_id)}"
    listed = client.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", ())
    return {
        item["Key"].split("/", 2)[2]: client.head_object(Bucket=bucket, Key=item["Key"]) for item in listed
    }


def begin_attempt(db: Database, image_id: int) -> bool:
    """Count an attempt at an original, under the row's present links."""
    return lifecycle.begin_attempt(db, image_id, link_key=link_key(db, image_id))


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


def minutes_left(db: Database, column: str = "deadline") -> int:
    """The time to a moment in the only row, by the database's clock."""
    ((seconds,),) = db.query(f"SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), {column}) FROM image")
    return round(int(seconds) / 60)
