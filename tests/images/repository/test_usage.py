from stockroom.images.repository import usage
from stockroom.images.repository.usage import STAGE, Usage
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from tests.factories import ALICE, BOB, owner_of, pending, row_in

DAY = 24 * 3600


def read(db: Database, owner_id: int, bound: int = 100) -> Usage:
    return db.run_transaction(
        lambda cursor: usage.read(cursor, owner_id, owner_bound=bound, stage_bound=bound)
    )


def add(db: Database, owner_id: int, size: int, files: int = 1) -> None:
    db.run_transaction(lambda cursor: usage.add(cursor, owner_id, size=size, files=files))


def test_pending_rows_are_counted_up_to_the_bounds(resources: Resources) -> None:
    for n in range(3):
        pending(resources, bytes([n]))
    pending(resources, b"anothers", BOB)
    row_in(resources, "ready", b"ready")
    alice = owner_of(resources, ALICE)
    add(resources.db, alice, 0, 0)
    for bound, counts in ((100, (3, 4)), (4, (3, 4)), (2, (2, 2))):
        found = read(resources.db, alice, bound)
        assert (found.owner_pending, found.stage_pending) == counts


def test_bytes_and_files_add_up_for_the_owner_and_for_the_stage(database: Database) -> None:
    for owner_id, size, files in ((1, 5, 1), (2, 20, 3), (1, 300, 10)):
        add(database, owner_id, size, files)
    assert read(database, 1)[:4] == (305, 11, 325, 14)
    assert read(database, 2)[:4] == (20, 3, 325, 14)
    assert 0 < read(database, 1).seconds_left <= DAY


def test_a_new_day_begins_at_nothing(database: Database) -> None:
    add(database, 1, 5, 2)
    database.execute("UPDATE upload_usage SET day = day - INTERVAL 1 DAY")
    add(database, 1, 7, 3)
    assert read(database, 1)[:4] == (7, 3, 7, 3)
    assert database.query("SELECT owner_id, day = UTC_DATE() FROM upload_usage ORDER BY owner_id") == (
        (STAGE, 1),
        (1, 1),
    )
