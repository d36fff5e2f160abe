from datetime import timedelta

import msgspec
from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.picture import Metadata
from stockroom.images.repository import leases, pending
from stockroom.images.repository.pending import ContentRow, PendingUpload
from stockroom.images.repository.upload_time import MIN_BYTES_PER_SECOND
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.timestamps import now
from tests.factories import ALICE, BOB, make_overdue, owner_of, row_in
from tests.factories import pending as pending_row

METADATA = Metadata(name="a.jpg", license="CC0-1.0")


def upload(image_id: int, content: bytes, size: int = 1) -> tuple[PendingUpload, str, Metadata]:
    return PendingUpload(image_id, size, "image/jpeg", content.ljust(32)), "a.jpg", METADATA


def insert(
    db: Database, owner_id: int, *uploads: tuple[PendingUpload, str, Metadata], seconds: int = 60
) -> None:
    db.run_transaction(lambda cursor: pending.insert(cursor, owner_id, list(uploads), upload_seconds=seconds))


def extend(db: Database, *image_ids: int, seconds: int) -> None:
    db.run_transaction(lambda cursor: pending.extend_deadlines(cursor, image_ids, upload_seconds=seconds))


def seconds_left(db: Database, column: str = "deadline") -> list[int]:
    """The time to a moment in each row by the database's clock, rounded to a minute."""
    rows = db.query(f"SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), {column}) FROM image ORDER BY id")
    return [round(seconds / 60) * 60 for (seconds,) in rows]


def test_a_deadline_grows_with_the_bytes(database: Database) -> None:
    uploads = [
        upload(image_id, bytes([image_id & 255]), size=size)
        for image_id, size in zip(
            ids.draw(now(), 2), (MIN_BYTES_PER_SECOND - 1, 600 * MIN_BYTES_PER_SECOND), strict=True
        )
    ]
    insert(database, 1, *uploads, seconds=3600)
    assert seconds_left(database) == [3600, 4200]
    extend(database, *(each.image_id for each, *_ in uploads), seconds=7200)
    assert seconds_left(database) == [7200, 7800]


def test_new_tickets_keep_the_reaper_away_for_a_week_at_most(database: Database) -> None:
    almost, long_ago = (ids.first_id(now() - timedelta(days=days)) for days in (6.5, 8))
    insert(database, 1, upload(almost, b"1"), upload(long_ago, b"2"))
    extend(database, almost, long_ago, seconds=86_400)
    assert seconds_left(database) == [-86_400, 43_200]


def test_a_new_ticket_does_not_keep_the_reaper_from_an_original_that_has_landed(database: Database) -> None:
    image_id = ids.first_id(now())
    insert(database, 1, upload(image_id, b"1"))
    database.execute("UPDATE image SET attempts = 1")
    extend(database, image_id, seconds=7200)
    assert seconds_left(database) == [60]
    assert seconds_left(database, "uploads_until") == [7200]


def test_every_row_has_a_link_key_of_its_own(database: Database) -> None:
    insert(database, 1, upload(1, b"1"), upload(2, b"2"))
    ((first,), (second,)) = database.query("SELECT link_key FROM image")
    assert len(first) == len(second) == 16
    assert first != second


def test_metadata_are_replaced_by_id(resources: Resources) -> None:
    first, second, other = (pending_row(resources, bytes([n])) for n in range(3))
    newest = {
        first: (
            "image/png",
            "DSC_1.PNG",
            Metadata(name="1.png", license="CC0-1.0", tags=("sea", "sun"), credit="A."),
        ),
        second: (
            "image/jpeg",
            "DSC_2.JPG",
            Metadata(
                name="2.jpg",
                license="CC-BY-4.0",
                description="#x",
                hashtags=("x",),
                creator="B",
                copyright="C",
                usage_terms="U",
                license_url="https://l",
                place="P",
            ),
        ),
    }
    resources.db.run_transaction(lambda cursor: pending.replace_metadata(cursor, newest))
    rows = resources.db.query(
        "SELECT id, type, file_name, name, description, tags, hashtags, license, credit, "
        "CONCAT(creator, copyright, usage_terms, license_url, place), revision FROM image ORDER BY id"
    )
    assert rows[:2] == (
        (first, "image/png", "DSC_1.PNG", "1.png", "", "sea\nsun", "", "CC0-1.0", "A.", "", 1),
        (second, "image/jpeg", "DSC_2.JPG", "2.jpg", "#x", "", "x", "CC-BY-4.0", "", "BCUhttps://lP", 1),
    )
    assert rows[2][0] == other
    assert rows[2][-1] == 0


def test_a_licence_that_nobody_has_named_is_marked_until_somebody_names_it(database: Database) -> None:
    unnamed = msgspec.structs.replace(METADATA, has_default_license=True)
    insert(database, 1, upload(1, b"1"), (upload(2, b"2")[0], "b.jpg", unnamed))
    filled = "SELECT filled FROM image ORDER BY id"
    assert database.query(filled) == (("",), ("license",))
    newest = {1: ("image/jpeg", "a.jpg", unnamed), 2: ("image/jpeg", "b.jpg", METADATA)}
    database.run_transaction(lambda cursor: pending.replace_metadata(cursor, newest))
    assert database.query(filled) == (("license",), ("",))


def test_only_the_owners_rows_are_found_by_content(database: Database) -> None:
    insert(database, 1, upload(10, b"same"))
    insert(database, 2, upload(20, b"same"))
    content = b"same".ljust(32)
    found = database.run_transaction(
        lambda cursor: pending.find_by_content(cursor, 1, [content, b"other".ljust(32)])
    )
    assert found == [ContentRow(10, "pending", content)]


def test_failed_and_deleting_rows_stand_for_no_content(resources: Resources) -> None:
    image_id = row_in(resources, "ready", b"1")
    ((sha256,),) = resources.db.query("SELECT sha256 FROM image")

    def find() -> list[ContentRow]:
        return resources.db.run_transaction(
            lambda cursor: pending.find_by_content(cursor, owner_of(resources, ALICE), [sha256])
        )

    assert find() == [ContentRow(image_id, "ready", sha256)]
    for state in ("failed", "deleting"):
        resources.db.execute("UPDATE image SET state = %s WHERE id = %s", (state, image_id))
        assert find() == []


def test_the_reaper_passes_over_locked_rows(resources: Resources) -> None:
    own, anothers = pending_row(resources, b"1"), pending_row(resources, b"2", BOB)
    not_asked_for = pending_row(resources, b"4")
    ready_id = row_in(resources, "ready", b"3")
    make_overdue(resources.db)
    other = Database(resources.settings)
    owner_id = owner_of(resources, ALICE)
    leased: list[int] = []

    def lock_while_the_reaper_runs(cursor: Cursor) -> list[int]:
        uploads = pending.lock(cursor, owner_id, [own, anothers, ready_id, 77])
        rows = other.run_transaction(lambda reaping: leases.lease_overdue(reaping, "pending", 300, 10))
        leased.extend(row.image_id for row in rows)
        return [upload.image_id for upload in uploads]

    assert resources.db.run_transaction(lock_while_the_reaper_runs) == [own]
    other.close()
    assert sorted(leased) == [anothers, not_asked_for]
