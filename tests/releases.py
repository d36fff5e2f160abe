"""What every release wrote, as plain SQL in the form of its time: tests/runtime/releases/."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import stockroom.runtime.migrations
from stockroom.images import ids
from stockroom.images.repository.pictures import find_ready
from stockroom.images.storage import rendition_key
from stockroom.runtime.database import Database
from stockroom.runtime.migrations import migrations, statements
from tests.renditions.images import encode, flat

RELEASES = Path(__file__).parent / "runtime" / "releases"
ALL = tuple(number for number, _ in migrations())


@contextmanager
def present_at(release: int) -> Iterator[None]:
    """Within the block there are no migrations after this one."""
    some = [each for each in migrations() if each[0] <= release]
    with patch.object(stockroom.runtime.migrations, "migrations", lambda: some):
        yield


@dataclass(frozen=True)
class Rows:
    """The rows of one release: the release's newest migration, and whether the next one had been applied."""

    release: int
    is_late: bool = False

    @property
    def first(self) -> int:
        return ids.first_id(datetime(2025, 1, 1, self.is_late, tzinfo=UTC) + timedelta(days=self.release))

    @property
    def picture(self) -> int:
        return self.first

    @property
    def landed(self) -> int:
        return self.first + 1

    @property
    def never_came(self) -> int:
        return self.first + 2

    @property
    def old_failure(self) -> int:
        return self.first + 3

    @property
    def deletion(self) -> int:
        return self.first + 4

    @property
    def failure(self) -> int:
        return self.first + 5

    @property
    def original(self) -> bytes:
        """What has landed: a picture that no other rows have."""
        return encode(flat(3 + self.release, 2 + self.is_late, 0, 0, 255), "png")

    def write(self, db: Database) -> None:
        sha256 = hashlib.sha256(self.original).hexdigest()
        values = (self.first, sha256, len(self.original))
        db.execute("SET @first = %s, @landed = %s, @landed_size = %s", values)
        script = statements((RELEASES / f"{self.release:04}.sql").read_text())
        db.run_once(lambda cursor: [cursor.execute(statement) for statement in script])

    def store(self, db: Database, s3: Any, uploads: str, images: str) -> None:
        """Put the objects of these rows into the two buckets."""
        originals = dict.fromkeys((self.picture, self.old_failure, self.deletion, self.failure), b"abc")
        for image_id, content in {**originals, self.landed: self.original}.items():
            s3.put_object(Bucket=uploads, Key=f"originals/{ids.encode(image_id)}", Body=content)
        (picture,) = find_ready(db, [self.picture])
        for name in ("240p", "720p"):
            for format_ in ("jpeg", *picture.formats):
                key = rendition_key(self.picture, picture.link_key, 1, name, format_)
                s3.put_object(Bucket=images, Key=key, Body=b"rendition", ContentType=f"image/{format_}")
