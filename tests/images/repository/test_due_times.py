"""What waits for the reaper, and for how long; the moments themselves: tests/images/test_due_times.py."""

from stockroom.images.repository import due_times, lifecycle
from stockroom.images.states import STATES
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from tests.factories import pending, ready, row_in


def set_expiry(db: Database, image_id: int, expires: str | None) -> None:
    db.execute("UPDATE image SET expires = %s WHERE id = %s", (expires, image_id))


def test_a_retried_upload_waits_from_the_retry_on(resources: Resources) -> None:
    image_id = row_in(resources, "failed")
    assert lifecycle.retry(resources.db, image_id)
    assert due_times.measure_oldest_pending(resources.db) < 86_400, "its upload could arrive until 2000"


def test_the_oldest_pending_upload_waits_since_none_of_it_can_arrive(resources: Resources) -> None:
    assert due_times.measure_oldest_pending(resources.db) == 0
    for state in STATES:
        row_in(resources, state, state.encode())
    resources.db.execute("UPDATE image SET uploads_until = '2020-01-01' WHERE state <> 'pending'")
    assert due_times.measure_oldest_pending(resources.db) == 0, "an upload may still arrive"
    old = pending(resources, b"old")
    resources.db.execute(
        "UPDATE image SET uploads_until = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR WHERE id = %s", (old,)
    )
    assert 3600 <= due_times.measure_oldest_pending(resources.db) < 86_400


def test_ready_pictures_that_have_expired_are_found_and_those_that_expired_first(
    resources: Resources,
) -> None:
    image_ids = [ready(resources, bytes([number])) for number in range(4)]
    for image_id, expires in zip(image_ids, ("2020-01-02", "2020-01-01", "2090-01-01", None), strict=True):
        set_expiry(resources.db, image_id, expires)
    hidden = row_in(resources, "hidden", b"hidden")
    set_expiry(resources.db, hidden, "2020-01-01")
    assert due_times.find_expired(resources.db, 10) == [image_ids[1], image_ids[0]]
    assert due_times.find_expired(resources.db, 1) == [image_ids[1]]
