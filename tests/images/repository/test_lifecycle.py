"""What each function writes and answers; from which states, tests/images/test_states.py shows."""

from datetime import UTC, datetime, timedelta

from stockroom.images.repository import lifecycle
from stockroom.images.repository.lifecycle import MAX_DETAIL, LeasedRow
from stockroom.renditions import Rendered
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from tests.factories import make_overdue, pending, ready, row_in

LATER = datetime(2038, 1, 1)  # noqa: DTZ001  as the database returns it
TAKEN = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
RENDERED = Rendered(
    media_type="image/png",
    width=3,
    height=2,
    renditions={},
    color="#010203",
    thumbhash=b"\x00\xff",
    phash=(1 << 64) - 1,
    capture_time=TAKEN,
)


def lease(db: Database, limit: int = 10, until: datetime = LATER) -> list[LeasedRow]:
    return db.run_transaction(lambda cursor: lifecycle.lease_overdue(cursor, "pending", until, limit))


def publish(db: Database, image_id: int) -> bool:
    return db.run_transaction(lambda cursor: lifecycle.publish(cursor, image_id, RENDERED, version=2))


def test_publishing_writes_the_facts_and_ends_the_deadline(resources: Resources) -> None:
    image_id = pending(resources)
    assert publish(resources.db, image_id)
    assert resources.db.query(
        "SELECT state, deadline, version, width, height, color, thumbhash, phash, taken, type FROM image"
    ) == (
        (
            "ready",
            None,
            2,
            3,
            2,
            "#010203",
            b"\x00\xff",
            (1 << 64) - 1,
            TAKEN.replace(tzinfo=None),
            "image/png",
        ),
    )
    assert not publish(resources.db, image_id)


def test_formats_are_those_of_the_rendered_version(resources: Resources) -> None:
    image_id = ready(resources)
    assert lifecycle.set_formats(resources.db, image_id, ("webp", "avif"), version=1)
    assert resources.db.query("SELECT formats FROM image") == (("webp,avif",),)
    assert not lifecycle.set_formats(resources.db, image_id, ("webp",), version=2)


def test_a_failure_has_a_reason_of_bounded_length(resources: Resources) -> None:
    image_id = pending(resources)
    assert lifecycle.fail(resources.db, image_id, "truncated", "x" * 1000, forget_at=LATER)
    assert resources.db.query("SELECT failure_code, failure_detail, sha256, deadline FROM image") == (
        ("truncated", "x" * MAX_DETAIL, None, LATER),
    )
    assert not lifecycle.fail(resources.db, image_id, "undecodable", "Again.", forget_at=LATER)


def test_a_row_marked_deleting_is_overdue_at_once_and_gives_up_its_content(resources: Resources) -> None:
    image_id = pending(resources)
    assert lifecycle.mark_deleting(resources.db, image_id)
    assert resources.db.query("SELECT sha256, deadline <= UTC_TIMESTAMP(3) FROM image") == ((None, 1),)
    assert not lifecycle.mark_deleting(resources.db, image_id)


def test_the_longest_overdue_are_leased_first_and_once(resources: Resources) -> None:
    image_ids = [pending(resources, bytes([n])) for n in range(3)]
    for days, image_id in enumerate(image_ids):
        resources.db.execute(
            "UPDATE image SET deadline = '2020-01-31' - INTERVAL %s DAY WHERE id = %s", (days, image_id)
        )
    assert [row.image_id for row in lease(resources.db, limit=2)] == [image_ids[2], image_ids[1]]
    assert lease(resources.db, limit=2) == [LeasedRow(image_ids[0], "image/jpeg", 0)]
    assert lease(resources.db) == []


def test_a_lease_that_has_run_out_is_given_again(resources: Resources) -> None:
    image_id = pending(resources)
    make_overdue(resources.db)
    assert [row.image_id for row in lease(resources.db, until=datetime(2020, 2, 1, tzinfo=UTC))] == [image_id]
    assert [row.image_id for row in lease(resources.db)] == [image_id]


def test_an_attempt_is_counted_under_the_lease(resources: Resources) -> None:
    image_id = pending(resources)
    make_overdue(resources.db)
    lease(resources.db)
    next_deadline = LATER + timedelta(days=1)
    assert lifecycle.count_attempt(resources.db, image_id, LATER, next_deadline=next_deadline)
    assert resources.db.query("SELECT attempts, deadline FROM image") == ((1, next_deadline),)
    assert not lifecycle.count_attempt(resources.db, image_id, LATER, next_deadline=next_deadline)


def test_deletions_under_the_lease(resources: Resources) -> None:
    pending_id, failed, deleting = (
        row_in(resources, state, state.encode()) for state in ("pending", "failed", "deleting")
    )
    resources.db.execute("UPDATE image SET deadline = %s", (LATER,))
    assert not lifecycle.delete_pending(resources.db, pending_id, LATER + timedelta(seconds=1))
    assert lifecycle.delete_pending(resources.db, pending_id, LATER)
    lifecycle.delete_leased(resources.db, failed, LATER)
    lifecycle.delete_leased(resources.db, deleting, LATER)
    assert resources.db.query("SELECT COUNT(*) FROM image") == ((0,),)
