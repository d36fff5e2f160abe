from datetime import datetime, timedelta

from pymysql.cursors import Cursor

from stockroom.images.picture import Metadata
from stockroom.images.repository import lifecycle, pending
from stockroom.images.repository.pending import UPLINK, ContentRow, PendingUpload
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from tests.factories import ALICE, BOB, make_overdue, owner_of, row_in
from tests.factories import pending as pending_row

DEADLINE = datetime(2030, 1, 1)  # noqa: DTZ001  as the database returns it
METADATA = Metadata(name="a.jpg", license="CC0-1.0")


def upload(image_id: int, content: bytes, size: int = 1) -> tuple[PendingUpload, Metadata]:
    return PendingUpload(image_id, size, "image/jpeg", content.ljust(32)), METADATA


def deadlines(db: Database) -> list[datetime]:
    return [deadline for (deadline,) in db.query("SELECT deadline FROM image ORDER BY id")]


def test_a_deadline_grows_with_the_bytes(database: Database) -> None:
    uploads = [upload(1, b"1", size=UPLINK - 1), upload(2, b"2", size=10 * UPLINK)]
    database.run_transaction(lambda cursor: pending.insert(cursor, 1, uploads, DEADLINE))
    assert deadlines(database) == [DEADLINE, DEADLINE + timedelta(seconds=10)]
    later = DEADLINE + timedelta(days=1)
    database.run_transaction(lambda cursor: pending.extend_deadlines(cursor, [1, 2], later))
    assert deadlines(database) == [later, later + timedelta(seconds=10)]


def test_rows_of_any_owner_are_found_by_content(database: Database) -> None:
    database.run_transaction(lambda cursor: pending.insert(cursor, 1, [upload(10, b"same")], DEADLINE))
    database.run_transaction(lambda cursor: pending.insert(cursor, 2, [upload(20, b"same")], DEADLINE))
    content = b"same".ljust(32)
    found = database.run_transaction(
        lambda cursor: pending.find_by_content(cursor, [content, b"other".ljust(32)])
    )
    assert sorted(found) == [
        ContentRow(10, 1, "pending", content),
        ContentRow(20, 2, "pending", content),
    ]


def test_failed_and_deleting_rows_stand_for_no_content(resources: Resources) -> None:
    image_id = row_in(resources, "ready", b"1")
    ((sha256,),) = resources.db.query("SELECT sha256 FROM image")
    for state in ("failed", "deleting"):
        resources.db.execute("UPDATE image SET state = %s WHERE id = %s", (state, image_id))
        assert resources.db.run_transaction(lambda cursor: pending.find_by_content(cursor, [sha256])) == []


def test_the_reaper_passes_over_locked_rows(resources: Resources) -> None:
    own, anothers = pending_row(resources, b"1"), pending_row(resources, b"2", BOB)
    ready_id = row_in(resources, "ready", b"3")
    make_overdue(resources.db)
    other = Database(resources.settings)
    owner_id = owner_of(resources, ALICE)
    leased: list[int] = []

    def lock_while_the_reaper_runs(cursor: Cursor) -> list[int]:
        uploads = pending.lock(cursor, owner_id, [own, anothers, ready_id, 77])
        rows = other.run_transaction(
            lambda reaping: lifecycle.lease_overdue(reaping, "pending", DEADLINE, 10)
        )
        leased.extend(row.image_id for row in rows)
        return [upload.image_id for upload in uploads]

    assert resources.db.run_transaction(lock_while_the_reaper_runs) == [own]
    other.close()
    assert leased == [anothers]
