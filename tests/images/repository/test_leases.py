"""Which overdue rows a reaper is given, and what it may do to them while its lease stands."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.picture import Metadata
from stockroom.images.repository import leases, lifecycle
from stockroom.images.repository import pending as pending_uploads
from stockroom.images.repository.leases import LeasedRow
from stockroom.images.repository.lifecycle import MAX_DETAIL
from stockroom.images.repository.pending import PendingUpload
from stockroom.images.states import LEASE, STATES, State
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.timestamps import now
from tests.factories import make_overdue, minutes_left, pending, row_in

LATER = datetime(2038, 1, 1)  # noqa: DTZ001  as the database returns it


def lease(db: Database, state: State = "pending", *, limit: int = 10, seconds: int = 300) -> list[LeasedRow]:
    return db.run_transaction(lambda cursor: leases.lease_overdue(cursor, state, seconds, limit))


def test_the_longest_overdue_are_leased_first_and_once(resources: Resources) -> None:
    image_ids = [pending(resources, bytes([n])) for n in range(3)]
    for days, image_id in enumerate(image_ids):
        resources.db.execute(
            "UPDATE image SET deadline = '2020-01-31' - INTERVAL %s DAY WHERE id = %s", (days, image_id)
        )
    assert [row.image_id for row in lease(resources.db, limit=2)] == [image_ids[2], image_ids[1]]
    (row,) = lease(resources.db, limit=2)
    assert row.image_id == image_ids[0]
    assert len(row.link_key) == 16
    assert not row.may_arrive, "its deadline is the end of its uploads"
    assert lease(resources.db) == []
    assert minutes_left(resources.db, "MAX(deadline)") == 5


def test_only_rows_in_the_state_are_leased(resources: Resources) -> None:
    image_ids = {
        state: row_in(resources, state, state.encode()) for state in STATES if state in LEASE.sources
    }
    make_overdue(resources.db)
    for state, image_id in image_ids.items():
        assert [row.image_id for row in lease(resources.db, state)] == [image_id]


def test_a_lease_that_has_run_out_is_given_again(resources: Resources) -> None:
    image_id = pending(resources)
    make_overdue(resources.db)
    assert [row.image_id for row in lease(resources.db, seconds=-10)] == [image_id]
    assert [row.image_id for row in lease(resources.db)] == [image_id]


def test_a_deletion_is_final_when_no_upload_can_arrive(resources: Resources) -> None:
    image_id = pending(resources)
    lifecycle.cancel(resources.db, [image_id], upload_seconds=60)
    resources.db.execute("UPDATE image SET deadline = '2020-01-01'")
    assert [row.may_arrive for row in lease(resources.db, "deleting", seconds=-10)] == [True]
    make_overdue(resources.db)
    assert [row.may_arrive for row in lease(resources.db, "deleting", seconds=-10)] == [False]
    # A row of before this column.
    resources.db.execute("UPDATE image SET uploads_until = NULL")
    assert [row.may_arrive for row in lease(resources.db, "deleting")] == [False]


def test_the_rows_that_have_waited_longest_are_leased_first(resources: Resources) -> None:
    newer, older = (pending(resources, content) for content in (b"newer", b"older"))
    assert newer < older, "the order of ids is the other one"
    for image_id, minutes in ((newer, 1), (older, 2)):
        resources.db.execute(
            "UPDATE image SET deadline = UTC_TIMESTAMP(3) - INTERVAL %s MINUTE WHERE id = %s",
            (minutes, image_id),
        )
    (row,) = resources.db.run_transaction(
        lambda cursor: leases.lease_overdue(ByPrimaryKey(cursor), "pending", 300, 1)
    )
    assert row.image_id == older


class ByPrimaryKey(Cursor):
    """A cursor of a server that finds overdue rows by the primary key, as it may when there are few rows."""

    def __init__(self, cursor: Cursor) -> None:
        super().__init__(cursor.connection)

    def execute(self, query: str, args: object = None) -> int:
        return super().execute(query.replace("FROM image ", "FROM image IGNORE INDEX (due) "), args)


@pytest.mark.parametrize(("age", "wait"), [(1, 5), (40, 40), (3 * 24 * 60, 24 * 60)])
def test_a_redriven_row_waits_as_long_as_it_is_old(database: Database, age: int, wait: int) -> None:
    image_id = ids.first_id(now() - timedelta(minutes=age))
    upload = PendingUpload(image_id, 1, "image/jpeg", b"0" * 32)
    metadata = Metadata(name="a.jpg", license="CC0-1.0")
    database.run_transaction(
        lambda cursor: pending_uploads.insert(cursor, 1, [(upload, "a.jpg", metadata)], upload_seconds=-60)
    )
    (row,) = lease(database, seconds=60)
    assert leases.postpone(database, image_id, row.leased_until)
    assert minutes_left(database) == wait
    assert not leases.postpone(database, image_id, row.leased_until)


def test_deletions_under_the_lease(resources: Resources) -> None:
    pending_id, failed, deleting = (
        row_in(resources, state, state.encode()) for state in ("pending", "failed", "deleting")
    )
    resources.db.execute("UPDATE image SET deadline = %s", (LATER,))
    wrong = LATER + timedelta(seconds=1)
    assert not leases.purge(resources.db, pending_id, wrong, upload_seconds=60)
    assert leases.purge(resources.db, pending_id, LATER, upload_seconds=60)
    assert not leases.forget(resources.db, failed, wrong)
    assert leases.forget(resources.db, failed, LATER)
    for lease, is_deleted in ((wrong, False), (LATER, True)):
        assert (
            resources.db.run_transaction(partial(leases.delete_row, image_id=deleting, lease=lease))
            is is_deleted
        )
    assert resources.db.query("SELECT state, sha256 FROM image") == (("deleting", None),) * 2


def test_an_upload_whose_original_is_lost_fails_under_the_lease_unless_another_may_arrive(
    resources: Resources,
) -> None:
    image_id = pending(resources)
    ((sha256,),) = resources.db.query("SELECT sha256 FROM image")
    resources.db.execute("UPDATE image SET deadline = %s", (LATER,))

    def lose(lease: datetime = LATER) -> bool:
        return leases.lose(resources.db, image_id, lease, "x" * 1000, days=2)

    assert not lose(), "a ticket is valid"
    resources.db.execute("UPDATE image SET uploads_until = NULL")
    assert not lose(LATER + timedelta(seconds=1))
    assert lose()
    assert resources.db.query(
        "SELECT state, failure_code, failure_detail, sha256, failed_sha256 FROM image"
    ) == (("failed", "processing-failed", "x" * MAX_DETAIL, None, sha256),)
    assert minutes_left(resources.db) == 2 * 24 * 60
    assert not lose()


def test_a_row_that_the_reaper_has_handled_has_not_failed(resources: Resources) -> None:
    image_id, other = pending(resources, b"1"), pending(resources, b"2")
    resources.db.execute("UPDATE image SET failures = 3")
    leases.recover(resources.db, image_id)
    assert resources.db.query("SELECT failures FROM image ORDER BY id = %s", (other,)) == ((0,), (3,))
