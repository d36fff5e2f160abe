"""The statements on what was derived from the files of pictures, for those who derive it once more."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import msgspec
from pymysql.cursors import Cursor

from stockroom.images.repository.metadata import METADATA_COLUMNS, FilledMetadata, metadata_columns
from stockroom.images.states import RENEW_FACTS
from stockroom.renditions.embedded.embedded import Embedded
from stockroom.runtime.database import Database, placeholders

LAST_ID = (1 << 64) - 1
_COUNTED_ROWS = 10_000
"""Rows that one statement of `count_sources` reads, so that none takes long."""


class FactSource(NamedTuple):
    """A ready picture whose file is to be read; `size` and `type` are the file's."""

    image_id: int
    size: int
    type: str


class SourcePage(NamedTuple):
    """The ready pictures among some rows. The next page begins after `end`; None at the end of the table."""

    sources: list[FactSource]
    end: int | None


class Looks(NamedTuple):
    """Those facts for which a picture has to be decoded. The hashes are None in rows that are older."""

    color: str
    thumbhash: bytes
    phash: int | None
    pixel_hash: bytes | None


class StoredFacts(NamedTuple):
    """What a row has of a picture's file. `embedded` is None in a row that is older than the column."""

    looks: Looks
    embedded: Embedded | None


class NewFacts(NamedTuple):
    """What a row gets. `has_new_metadata`: the metadata become others, which makes another revision."""

    looks: Looks
    taken: datetime | None
    filled: FilledMetadata
    has_new_metadata: bool


def find_sources(
    db: Database, *, after: int = 0, until: int | None = None, owner: int | None = None, limit: int
) -> SourcePage:
    """The ready pictures among the next `limit` rows with ids above `after` and at most `until`.

    Primary key, `limit` rows in any state.
    """
    rows = db.query(
        "SELECT id, size, type, state = 'ready' AND (%s IS NULL OR owner_id = %s) FROM image "
        "WHERE id > %s AND id <= %s ORDER BY id LIMIT %s",
        (owner, owner, after, LAST_ID if until is None else until, limit),
    )
    sources = [FactSource(*row[:-1]) for row in rows if row[-1]]
    return SourcePage(sources, rows[-1][0] if len(rows) == limit else None)


def count_sources(
    db: Database, *, after: int = 0, until: int | None = None, owner: int | None = None
) -> tuple[int, int]:
    """How many pictures `find_sources` finds on all pages, and how many bytes their originals have.

    Primary key, all rows of the range, in statements of _COUNTED_ROWS.
    """
    pictures = size = 0
    while True:
        ((rows, some, their_size, last),) = db.query(
            "SELECT COUNT(*), COALESCE(SUM(is_wanted), 0), COALESCE(SUM(IF(is_wanted, size, 0)), 0), MAX(id) "
            "FROM (SELECT id, size, state = 'ready' AND (%s IS NULL OR owner_id = %s) AS is_wanted "
            "FROM image WHERE id > %s AND id <= %s ORDER BY id LIMIT %s) AS page",
            (owner, owner, after, LAST_ID if until is None else until, _COUNTED_ROWS),
        )
        pictures, size = pictures + int(some), size + int(their_size)
        if rows < _COUNTED_ROWS:
            return pictures, size
        after = last


def find_facts(db: Database, image_ids: Collection[int]) -> dict[int, StoredFacts]:
    """The facts of those of some pictures that are ready, by id. Primary key, one read each."""
    if not image_ids:
        return {}
    rows = db.query(
        "SELECT id, color, thumbhash, phash, pixel_hash, embedded FROM image "
        f"WHERE id IN ({placeholders(image_ids)}) AND state = 'ready'",
        sorted(image_ids),
    )
    return {
        image_id: StoredFacts(
            Looks(*looks),
            None if embedded is None else msgspec.json.decode(embedded, type=Embedded),
        )
        for image_id, *looks, embedded in rows
    }


def lock_unchanged(cursor: Cursor, pictures: Collection[tuple[int, int, str]]) -> set[int]:
    """The ids of those pictures (id, revision, link key) that are ready and as they were read.

    They are locked until the transaction ends. Primary key, one read each.
    """
    if not pictures:
        return set()
    cursor.execute(
        "SELECT id, revision, link_key FROM image "
        f"WHERE id IN ({placeholders(pictures)}) AND state = 'ready' ORDER BY id FOR UPDATE",
        sorted(image_id for image_id, _, _ in pictures),
    )
    return {row[0] for row in cursor.fetchall() if row in set(pictures)}


def renew(cursor: Cursor, image_id: int, new: NewFacts, *, revision: int, link_key: str) -> bool:
    """Give a ready picture other facts; False when its metadata or its links are others. Primary key.

    An edit is what a person does, so the time of the last one stays.
    """
    filled = new.filled
    return bool(
        cursor.execute(
            f"UPDATE image SET {_ASSIGNMENTS}, revision = revision + %s "
            f"WHERE id = %s AND {RENEW_FACTS.condition}",
            (
                *new.looks,
                new.taken,
                filled.embedded.camera,
                filled.embedded.lens,
                msgspec.json.encode(filled.embedded).decode(),
                ",".join(filled.fields),
                *metadata_columns(filled.metadata),
                int(new.has_new_metadata),
                image_id,
                revision,
                link_key,
            ),
        )
    )


_ASSIGNMENTS = ", ".join(
    f"{column} = %s"
    for column in (
        *("color", "thumbhash", "phash", "pixel_hash", "taken", "camera", "lens", "embedded", "filled"),
        *METADATA_COLUMNS,
    )
)
