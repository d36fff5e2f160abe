"""The statements that answer an operator's questions. They only read, and each has a bound."""

from datetime import datetime
from typing import Any

from stockroom.images import ids, tags
from stockroom.images.record import FailureRecord, OwnerRecord, PictureRecord
from stockroom.runtime.database import Database, Row
from stockroom.runtime.timestamps import rfc3339

Answer = list[dict[str, Any]]

MAX_ROWS = 100
"""Rows of one answer."""
# Neither what an upload must not be guessed by (link_key) nor what only the index reads (indexed_terms).
_ROW_COLUMNS = (
    "id, owner_id, state, attempts, deadline, uploads_until, attempted_at, sha256, failed_sha256, size, "
    "type, name, file_name, description, tags, hashtags, license, credit, creator, copyright, usage_terms, "
    "license_url, place, filled, embargo, expires, edited, revision, version, formats, width, height, "
    "color, taken, failure_code, failure_detail"
)


def count_states(db: Database) -> Answer:
    """How many rows are in each state. Index due, every entry."""
    return _named("state rows", db.query("SELECT state, COUNT(*) FROM image GROUP BY state ORDER BY state"))


def find_oldest_pending(db: Database) -> Answer:
    """The pending rows with the lowest ids. Index due, every pending entry."""
    rows = db.query(
        "SELECT id, owner_id, name, size, attempts, deadline, uploads_until FROM image "
        f"WHERE state = 'pending' ORDER BY id LIMIT {MAX_ROWS}"
    )
    return _named("id owner_id name size attempts deadline uploads_until", rows)


def count_failures(db: Database) -> Answer:
    """How many uploads have failed for each reason, with the oldest and the newest one.

    Index due, every failed entry and its row.
    """
    rows = db.query(
        "SELECT failure_code, COUNT(*), MIN(id), MAX(id) FROM image WHERE state = 'failed' "
        f"GROUP BY failure_code ORDER BY COUNT(*) DESC, failure_code LIMIT {MAX_ROWS}"
    )
    named = _named("code rows oldest newest", rows)
    return [row | {key: ids.encode(row[key]) for key in ("oldest", "newest")} for row in named]


def sum_up_owners(db: Database) -> Answer:
    """Rows, ready pictures and bytes of the owners with the most bytes. Every row of the table."""
    rows = db.query(
        "SELECT sums.owner_id, o.issuer, o.subject, o.name, sums.count, sums.ready, sums.bytes FROM "
        "(SELECT owner_id, COUNT(*) count, SUM(state = 'ready') ready, SUM(size) bytes FROM image "
        f"GROUP BY owner_id ORDER BY bytes DESC, owner_id LIMIT {MAX_ROWS}) sums "
        "LEFT JOIN owner o ON o.owner_id = sums.owner_id ORDER BY sums.bytes DESC, sums.owner_id"
    )
    named = _named("owner_id issuer subject name rows ready bytes", rows)
    return [row | {key: int(row[key]) for key in ("ready", "bytes")} for row in named]


def find_whole_row(db: Database, image_id: int) -> Answer:
    """One row in any state, or none. Primary key."""
    rows = db.query(f"SELECT {_ROW_COLUMNS} FROM image WHERE id = %s", (image_id,))
    return _named(_ROW_COLUMNS.replace(",", ""), rows)


def find_records(db: Database, after: int, limit: int) -> list[PictureRecord]:
    """The first `limit` rows with ids above `after`, in order, for an export.

    Rows that are deleted or deleting do not count.

    Primary key, one read each, and one of the owner.
    """
    rows = db.query(
        "SELECT i.id, i.state, o.issuer, o.subject, o.name, i.name, COALESCE(i.file_name, i.name), "
        "i.description, i.tags, i.hashtags, "
        "i.license, i.credit, i.creator, i.copyright, i.usage_terms, i.license_url, i.place, i.embargo, "
        "i.expires, i.taken, COALESCE(i.sha256, i.failed_sha256), i.type, i.size, i.width, i.height, "
        "i.failure_code, i.failure_detail FROM image i FORCE INDEX (PRIMARY) "
        "LEFT JOIN owner o ON o.owner_id = i.owner_id "
        "WHERE i.id > %s AND i.state NOT IN ('deleting', 'deleted') ORDER BY i.id LIMIT %s",
        (after, limit),
    )
    return [_record(row) for row in rows]


def _record(row: Row) -> PictureRecord:
    image_id, state, issuer, subject, owner_name, name, *rest = row
    file_name, description, explicit, hashtags, *rest = rest
    license_, credit, creator, copyright_, usage_terms, license_url, place, *rest = rest
    embargo, expires, *rest = rest
    taken, sha256, media_type, size, width, height, code, detail = rest
    return PictureRecord(
        id=ids.encode(image_id),
        state=state,
        created=rfc3339(ids.created_at(image_id)),
        taken=None if taken is None else rfc3339(taken),
        owner=None if issuer is None else OwnerRecord(issuer, subject, owner_name),
        name=name,
        file_name=file_name,
        description=description,
        tags=list(tags.deserialize(explicit)),
        hashtags=list(tags.deserialize(hashtags or "")),
        license=license_,
        credit=credit,
        creator=creator,
        copyright=copyright_,
        usage_terms=usage_terms,
        license_url=license_url,
        place=place,
        embargo=None if embargo is None else rfc3339(embargo),
        expires=None if expires is None else rfc3339(expires),
        sha256=None if sha256 is None else sha256.hex(),
        type=media_type,
        size=size,
        width=width,
        height=height,
        failure=None if code is None else FailureRecord(code, detail or ""),
    )


def _named(columns: str, rows: tuple[Row, ...]) -> Answer:
    names = columns.split()
    return [{name: _plain(name, value) for name, value in zip(names, row, strict=True)} for row in rows]


def _plain(name: str, value: Any) -> Any:
    """A column's value as JSON has it."""
    if name == "id":
        return ids.encode(value)
    if isinstance(value, datetime):
        return rfc3339(value)
    return value.hex() if isinstance(value, bytes) else value
