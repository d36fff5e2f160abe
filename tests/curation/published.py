"""Published pictures as the tests of editing need them, without rendering anything."""

import hashlib
import zlib
from typing import Any

from pymysql.cursors import Cursor

from stockroom.api.auth import Caller
from stockroom.images import change_log, ids
from stockroom.images.repository import lifecycle
from stockroom.images.repository.metadata import FilledMetadata
from stockroom.images.repository.near_duplicates import insert_bands
from stockroom.images.repository.pictures import find_row
from stockroom.images.storage import RenditionKey, list_rendition_keys
from stockroom.renditions import Rendered
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.search.filters import PictureToIndex
from stockroom.search.index.document import build_document
from stockroom.search.service import SearchIndex
from tests.factories import ALICE, pending, put_original, s3_client

FORMATS = ("webp",)


def publish(
    resources: Resources, content: bytes = b"content", caller: Caller = ALICE, **metadata: Any
) -> int:
    """A ready picture with its objects, postings and log; its id."""
    image_id = pending(resources, content, caller, **metadata)
    put_original(resources, image_id, content)
    make_public(resources, image_id)
    return image_id


def make_public(resources: Resources, image_id: int) -> None:
    """A pending upload becomes a picture, as by `stockroom.ingest.process`."""
    row = find_row(resources.db, image_id)
    assert row is not None
    rendered = Rendered(
        media_type="image/jpeg",
        width=3,
        height=2,
        renditions={},
        color="#ff0000",
        thumbhash=bytes([0, 0, 255, 0, 0]),
        phash=zlib.crc32(b"%d" % image_id) << 32 | image_id % 2**32,
        pixel_hash=hashlib.sha256(b"%d" % image_id).digest(),
        capture_time=None,
    )
    to_index = PictureToIndex(
        metadata=row.metadata, width=3, height=2, color="#ff0000", owner_id=row.owner_id
    )
    entries = resources.search_index.resolve(build_document(to_index))

    def write(cursor: Cursor) -> bool:
        is_published = lifecycle.publish(
            cursor,
            image_id,
            rendered,
            FilledMetadata(row.metadata, (), rendered.embedded),
            revision=row.revision,
            version=1,
            link_key=row.link_key,
            has_further_formats=False,
        )
        if is_published:
            resources.search_index.add(cursor, image_id, entries)
            insert_bands(cursor, [image_id])
        return is_published

    assert resources.db.run_transaction(write)
    resources.db.execute("UPDATE image SET formats = %s WHERE id = %s", (",".join(FORMATS), image_id))
    for key in list_rendition_keys(RenditionKey(image_id, row.link_key, 1), ("jpeg", *FORMATS)):
        s3_client().put_object(Bucket=resources.settings.images_bucket, Key=key, Body=b"rendition")


def objects(resources: Resources, image_id: int) -> tuple[bool, int]:
    """Whether the original of a picture is stored, and how many renditions are."""
    client, settings = s3_client(), resources.settings
    originals = client.list_objects_v2(
        Bucket=settings.uploads_bucket, Prefix=f"originals/{ids.encode(image_id)}"
    )
    renditions = client.list_objects_v2(Bucket=settings.images_bucket, Prefix=f"i/{ids.encode(image_id)}")
    return originals["KeyCount"] == 1, renditions["KeyCount"]


def actions(db: Database, image_id: int) -> list[str]:
    """What the log says was done with a picture, the first action first."""
    page = change_log.find_page(db, change_log.LAST_ENTRY, 100, image_id=image_id)
    return [entry.action for entry in reversed(page.entries)]


def assert_consistent(db: Database) -> None:
    """Postings, counts and parts of perceptual hashes are those of the ready pictures, and of no others."""
    index = SearchIndex(db)
    after = ""
    while True:
        page = index.audit(after)
        # Terms that no picture has any more are swept an hour later.
        assert page.problems == {}, page.examples
        after = page.next
        if not after:
            break
    wrong = db.query(
        "SELECT i.id, i.state, COUNT(b.band) FROM image i LEFT JOIN phash_band b ON b.image_id = i.id "
        "WHERE i.phash IS NOT NULL GROUP BY i.id, i.state HAVING COUNT(b.band) <> IF(i.state = 'ready', 5, 0)"
    )
    assert wrong == ()
    assert (
        db.query(
            "SELECT b.image_id FROM phash_band b LEFT JOIN image i ON i.id = b.image_id WHERE i.id IS NULL"
        )
        == ()
    )
