"""What each function writes and answers; from which states, tests/images/test_states.py shows."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from stockroom.images.picture import Metadata
from stockroom.images.repository import lifecycle
from stockroom.images.repository.lifecycle import FORMATS_SECONDS, MAX_DETAIL, Described
from stockroom.images.repository.pictures import find_ready
from stockroom.images.repository.upload_time import MIN_BYTES_PER_SECOND
from stockroom.images.states import MAX_ATTEMPTS, STATES
from stockroom.renditions import Rendered
from stockroom.renditions.embedded.embedded import Embedded
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from tests.factories import begin_attempt, link_key, minutes_left, pending, ready, row_in

TAKEN = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
RENDERED = Rendered(
    media_type="image/png",
    width=3,
    height=2,
    renditions={},
    color="#010203",
    thumbhash=b"\x00\xff",
    phash=(1 << 64) - 1,
    pixel_hash=bytes(32),
    capture_time=TAKEN,
)

DESCRIBED = Described(
    Metadata(name="b.jpg", description="from the file", license="CC0-1.0", creator="Ann"),
    ("description", "creator"),
    Embedded(title="A tïtle", caption="from the file", creator="Ann", camera="Canon", lens="RF"),
)


def publish(db: Database, image_id: int, *, revision: int = 0, has_further_formats: bool = False) -> bool:
    links = link_key(db, image_id)
    return db.run_transaction(
        lambda cursor: lifecycle.publish(
            cursor,
            image_id,
            RENDERED,
            DESCRIBED,
            revision=revision,
            version=2,
            link_key=links,
            has_further_formats=has_further_formats,
        )
    )


def key(resources: Resources, image_id: int, version: int) -> dict[str, Any]:
    """What the keys of a picture's renditions have in common, for this version."""
    return {"version": version, "link_key": link_key(resources.db, image_id)}


def test_publishing_writes_the_facts_and_ends_the_deadline(resources: Resources) -> None:
    image_id = pending(resources)
    assert publish(resources.db, image_id)
    assert resources.db.query(
        "SELECT state, deadline, version, width, height, color, thumbhash, phash, pixel_hash, taken, type "
        "FROM image"
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
            bytes(32),
            TAKEN.replace(tzinfo=None),
            "image/png",
        ),
    )
    assert not publish(resources.db, image_id)


def test_publishing_writes_what_the_file_says(resources: Resources) -> None:
    image_id = pending(resources)
    assert publish(resources.db, image_id)
    (picture,) = find_ready(resources.db, [image_id])
    assert picture.metadata == DESCRIBED.metadata
    assert (picture.title, picture.camera, picture.lens) == ("A tïtle", "Canon", "RF")
    assert (picture.filled, picture.gps, picture.revision) == (("description", "creator"), None, 0)
    ((embedded,),) = resources.db.query("SELECT embedded FROM image")
    assert msgspec.json.decode(embedded, type=Embedded) == DESCRIBED.embedded


def test_a_picture_with_further_formats_has_a_deadline_for_them(resources: Resources) -> None:
    image_id = pending(resources)
    assert publish(resources.db, image_id, has_further_formats=True)
    assert minutes_left(resources.db) == FORMATS_SECONDS // 60
    lifecycle.finish_formats(resources.db, image_id, ("webp",), **key(resources, image_id, 2))
    assert resources.db.query("SELECT deadline, formats FROM image") == ((None, "webp"),)
    assert not lifecycle.set_formats(resources.db, image_id, (), **key(resources, image_id, 2)), (
        "a slower delivery takes none away"
    )
    assert lifecycle.request_renditions(resources.db, image_id)
    assert minutes_left(resources.db) == 0


def test_a_picture_is_published_with_the_metadata_that_were_indexed(resources: Resources) -> None:
    image_id = pending(resources)
    assert not publish(resources.db, image_id, revision=1)
    resources.db.execute("UPDATE image SET revision = 1")
    assert publish(resources.db, image_id, revision=1)


def test_formats_are_those_of_the_rendered_version(resources: Resources) -> None:
    image_id = ready(resources)
    assert lifecycle.request_renditions(resources.db, image_id)
    assert lifecycle.set_formats(resources.db, image_id, ("webp", "avif"), **key(resources, image_id, 1))
    assert resources.db.query("SELECT formats FROM image") == (("webp,avif",),)
    assert not lifecycle.set_formats(resources.db, image_id, ("webp",), **key(resources, image_id, 2))
    resources.db.execute("UPDATE image SET link_key = 'another'")
    assert not lifecycle.set_formats(resources.db, image_id, ("webp",), version=1, link_key="before")


def test_the_terms_of_a_picture_are_recorded_in_order(resources: Resources) -> None:
    image_id = ready(resources)
    resources.db.run_transaction(lambda cursor: lifecycle.record_terms(cursor, {image_id: {30, 4}}))
    assert resources.db.query("SELECT indexed_terms FROM image") == (("4,30",),)


def test_a_failure_has_a_reason_of_bounded_length(resources: Resources) -> None:
    image_id = pending(resources)
    ((sha256,),) = resources.db.query("SELECT sha256 FROM image")
    assert lifecycle.fail(resources.db, image_id, "truncated", "x" * 1000, days=2)
    assert resources.db.query("SELECT failure_code, failure_detail, sha256, failed_sha256 FROM image") == (
        ("truncated", "x" * MAX_DETAIL, None, sha256),
    )
    assert minutes_left(resources.db) == 2 * 24 * 60
    assert not lifecycle.fail(resources.db, image_id, "undecodable", "Again.", days=2)


def test_a_failed_upload_that_is_retried_is_as_before_and_overdue(resources: Resources) -> None:
    image_id = pending(resources)
    columns = "SELECT sha256, failed_sha256, failure_code, failure_detail, attempts FROM image"
    before = resources.db.query(columns)
    resources.db.execute("UPDATE image SET attempts = 5")
    lifecycle.fail(resources.db, image_id, "truncated", "Cut.", days=2)
    assert lifecycle.retry(resources.db, image_id)
    assert resources.db.query(columns) == before
    assert minutes_left(resources.db) == 0


def test_a_retried_upload_waits_from_the_retry_on(resources: Resources) -> None:
    image_id = row_in(resources, "failed")
    assert lifecycle.retry(resources.db, image_id)
    assert lifecycle.measure_oldest_pending(resources.db) < 86_400, "its upload could arrive until 2000"


def test_a_ticket_that_is_longer_valid_than_a_retry_stays_valid(resources: Resources) -> None:
    image_id = pending(resources)
    before = resources.db.query("SELECT uploads_until FROM image")
    lifecycle.fail(resources.db, image_id, "truncated", "Cut.", days=2)
    assert lifecycle.retry(resources.db, image_id)
    assert resources.db.query("SELECT uploads_until FROM image") == before


def test_the_oldest_pending_upload_waits_since_none_of_it_can_arrive(resources: Resources) -> None:
    assert lifecycle.measure_oldest_pending(resources.db) == 0
    for state in STATES:
        row_in(resources, state, state.encode())
    resources.db.execute("UPDATE image SET uploads_until = '2020-01-01' WHERE state <> 'pending'")
    assert lifecycle.measure_oldest_pending(resources.db) == 0, "an upload may still arrive"
    old = pending(resources, b"old")
    resources.db.execute(
        "UPDATE image SET uploads_until = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR WHERE id = %s", (old,)
    )
    assert 3600 <= lifecycle.measure_oldest_pending(resources.db) < 86_400


def test_a_cancelled_row_is_overdue_at_once_and_outlives_its_uploads(resources: Resources) -> None:
    image_id = pending(resources, size=600 * MIN_BYTES_PER_SECOND)
    assert lifecycle.cancel(resources.db, image_id, upload_seconds=1200)
    assert resources.db.query("SELECT sha256, deadline <= UTC_TIMESTAMP(3) FROM image") == ((None, 1),)
    assert minutes_left(resources.db, "uploads_until") == 30
    assert not lifecycle.cancel(resources.db, image_id, upload_seconds=1200)
    lifecycle.await_upload(resources.db, image_id)
    assert minutes_left(resources.db) == 30


def test_attempts_are_counted_up_to_the_limit_and_taken_back(resources: Resources) -> None:
    image_id = pending(resources)
    begun = [begin_attempt(resources.db, image_id) for _ in range(MAX_ATTEMPTS + 1)]
    assert begun == [True] * MAX_ATTEMPTS + [False]
    lifecycle.refund_attempt(resources.db, image_id)
    assert resources.db.query("SELECT attempts FROM image") == ((MAX_ATTEMPTS - 1,),)


def test_a_condition_is_met_although_the_row_has_the_new_values_already(resources: Resources) -> None:
    image_id = pending(resources)
    publish(resources.db, image_id, has_further_formats=True)
    for _ in range(2):
        assert lifecycle.set_formats(resources.db, image_id, ["webp"], **key(resources, image_id, 2))
