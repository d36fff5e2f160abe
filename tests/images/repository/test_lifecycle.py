"""What each function writes and answers; from which states, tests/images/test_states.py shows."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from stockroom.images.picture import Metadata
from stockroom.images.repository import lifecycle
from stockroom.images.repository.lifecycle import FORMATS_SECONDS, MAX_DETAIL, SETTLE_SECONDS
from stockroom.images.repository.metadata import FilledMetadata
from stockroom.images.repository.pictures import find_ready
from stockroom.images.repository.upload_time import MIN_BYTES_PER_SECOND
from stockroom.images.states import MAX_ATTEMPTS
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

FILLED = FilledMetadata(
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
            FILLED,
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
    assert picture.metadata == FILLED.metadata
    assert (picture.title, picture.camera, picture.lens) == ("A tïtle", "Canon", "RF")
    assert (picture.filled, picture.gps, picture.revision) == (("description", "creator"), None, 0)
    ((embedded,),) = resources.db.query("SELECT embedded FROM image")
    assert msgspec.json.decode(embedded, type=Embedded) == FILLED.embedded


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


def test_a_ticket_that_is_longer_valid_than_a_retry_stays_valid(resources: Resources) -> None:
    image_id = pending(resources)
    before = resources.db.query("SELECT uploads_until FROM image")
    lifecycle.fail(resources.db, image_id, "truncated", "Cut.", days=2)
    assert lifecycle.retry(resources.db, image_id)
    assert resources.db.query("SELECT uploads_until FROM image") == before


def test_a_cancelled_row_is_overdue_at_once_and_outlives_its_uploads(resources: Resources) -> None:
    image_id = pending(resources, size=600 * MIN_BYTES_PER_SECOND)
    assert lifecycle.cancel(resources.db, [image_id], upload_seconds=1200)
    assert resources.db.query("SELECT sha256, deadline <= UTC_TIMESTAMP(3) FROM image") == ((None, 1),)
    assert minutes_left(resources.db, "uploads_until") == 30
    assert not lifecycle.cancel(resources.db, [image_id], upload_seconds=1200)
    lifecycle.await_upload(resources.db, [image_id])
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


def set_dates(db: Database, image_id: int, *, embargo: str | None = None, expires: str | None = None) -> None:
    db.execute("UPDATE image SET embargo = %s, expires = %s WHERE id = %s", (embargo, expires, image_id))


def withhold(db: Database, image_id: int, *, revision: int = 0) -> bool:
    return db.run_transaction(
        lambda cursor: lifecycle.publish_hidden(cursor, image_id, RENDERED, FILLED, revision=revision)
    )


def test_a_withheld_picture_has_its_facts_and_no_renditions(resources: Resources) -> None:
    image_id = pending(resources)
    assert not withhold(resources.db, image_id), "its dates allow it to be seen"
    set_dates(resources.db, image_id, embargo="2090-01-01")
    assert not withhold(resources.db, image_id, revision=1)
    resources.db.execute("UPDATE image SET attempts = 2, version = 1, formats = 'webp'")
    assert withhold(resources.db, image_id)
    assert resources.db.query(
        "SELECT state, attempts, version, formats, width, height, type, camera, filled, creator FROM image"
    ) == (("hidden", 0, 0, "", 3, 2, "image/png", "Canon", "description,creator", "Ann"),)
    assert minutes_left(resources.db) == SETTLE_SECONDS // 60
    assert not withhold(resources.db, image_id)


def test_pictures_whose_dates_allow_it_are_not_hidden(resources: Resources) -> None:
    expired, embargoed, visible = (ready(resources, content) for content in (b"1", b"2", b"3"))
    set_dates(resources.db, expired, expires="2020-01-01")
    set_dates(resources.db, embargoed, embargo="2090-01-01")
    set_dates(resources.db, visible, embargo="2020-01-01", expires="2090-01-01")
    resources.db.execute("UPDATE image SET formats = 'webp', attempts = 2, deadline = '2090-01-01'")
    links = {image_id: link_key(resources.db, image_id) for image_id in (expired, embargoed)}

    def hide(*image_ids: int) -> dict[int, str]:
        return resources.db.run_transaction(lambda cursor: lifecycle.hide(cursor, image_ids))

    assert hide(visible) == {}
    assert hide(visible, embargoed, expired) == links
    assert resources.db.query("SELECT id, state, version, formats, attempts FROM image ORDER BY id") == (
        (expired, "hidden", 0, "", 0),
        (embargoed, "hidden", 0, "", 0),
        (visible, "ready", 1, "webp", 2),
    )
    assert minutes_left(resources.db, "MIN(deadline)") == SETTLE_SECONDS // 60


def test_hidden_pictures_alone_have_their_dates_looked_at(resources: Resources) -> None:
    hidden, public = row_in(resources, "hidden", b"1"), ready(resources, b"2")
    links = link_key(resources.db, hidden)

    def request_settling(*image_ids: int) -> dict[int, str]:
        return resources.db.run_transaction(lambda cursor: lifecycle.request_settling(cursor, image_ids))

    assert request_settling(public) == {}
    assert request_settling(public, hidden) == {hidden: links}
    assert resources.db.query("SELECT deadline FROM image WHERE id = %s", (public,)) == ((None,),)
    assert minutes_left(resources.db, "MIN(deadline)") == SETTLE_SECONDS // 60


def end_links(db: Database, image_id: int, links: str) -> bool:
    return db.run_transaction(lambda cursor: lifecycle.end_links(cursor, image_id, links))


def test_a_settled_picture_has_other_links_and_is_looked_at_when_its_embargo_ends(
    resources: Resources,
) -> None:
    image_id = row_in(resources, "hidden")
    links = link_key(resources.db, image_id)
    assert not end_links(resources.db, image_id, links), "its dates allow it to be seen"
    set_dates(resources.db, image_id, embargo="2090-01-01")
    assert not end_links(resources.db, image_id, "others")
    assert end_links(resources.db, image_id, links)
    settled = link_key(resources.db, image_id)
    assert (settled == links, len(settled)) == (False, 16)
    assert resources.db.query("SELECT deadline = embargo FROM image") == ((1,),)
    set_dates(resources.db, image_id, expires="2020-01-01")
    assert end_links(resources.db, image_id, settled)
    assert resources.db.query("SELECT deadline FROM image") == ((None,),)


@pytest.mark.parametrize("uploads_until", [None, "2020-01-01"])
def test_a_picture_that_is_shown_waits_like_an_upload_that_has_just_arrived(
    resources: Resources, uploads_until: str | None
) -> None:
    image_id = row_in(resources, "hidden")
    links = link_key(resources.db, image_id)
    set_dates(resources.db, image_id, embargo="2090-01-01")

    def show(link_key: str) -> bool:
        return resources.db.run_transaction(lambda cursor: lifecycle.show(cursor, image_id, link_key))

    assert not show(links), "its dates do not allow it"
    set_dates(resources.db, image_id, embargo="2020-01-01")
    resources.db.execute("UPDATE image SET uploads_until = %s", (uploads_until,))
    assert not show("others")
    assert show(links)
    new = link_key(resources.db, image_id)
    assert (new == links, len(new)) == (False, 16)
    assert resources.db.query("SELECT state, attempts, deadline < UTC_TIMESTAMP(3) FROM image") == (
        ("pending", 1, 1),
    )
    assert minutes_left(resources.db, "uploads_until") == 0
    assert not show(new)


def test_a_ticket_that_is_still_valid_stays_so_when_a_picture_is_shown(resources: Resources) -> None:
    image_id = row_in(resources, "hidden")
    resources.db.execute("UPDATE image SET uploads_until = '2090-01-01'")
    links = link_key(resources.db, image_id)
    assert resources.db.run_transaction(lambda cursor: lifecycle.show(cursor, image_id, links))
    assert resources.db.query("SELECT YEAR(uploads_until) FROM image") == ((2090,),)


def test_formats_are_finished_once(resources: Resources) -> None:
    image_id = ready(resources)
    keys = key(resources, image_id, 1)
    assert not lifecycle.finish_formats(resources.db, image_id, ("webp",), **keys), "nothing is to come"
    assert lifecycle.request_renditions(resources.db, image_id)
    assert not lifecycle.request_renditions(resources.db, image_id)
    resources.db.execute("UPDATE image SET attempts = 2")
    assert lifecycle.finish_formats(resources.db, image_id, ("webp", "avif"), **keys)
    assert resources.db.query("SELECT formats, deadline, attempts FROM image") == (("webp,avif", None, 0),)


def test_a_dismissed_failure_is_overdue_at_once_and_outlives_its_uploads(resources: Resources) -> None:
    image_id = row_in(resources, "failed")
    assert lifecycle.dismiss(resources.db, [image_id], upload_seconds=1200)
    assert resources.db.query("SELECT state, deadline <= UTC_TIMESTAMP(3) FROM image") == (("deleting", 1),)
    assert minutes_left(resources.db, "uploads_until") == 20
    assert not lifecycle.dismiss(resources.db, [image_id], upload_seconds=1200)


def test_a_picture_without_a_time_of_capture_has_none(resources: Resources) -> None:
    image_id = pending(resources)
    set_dates(resources.db, image_id, embargo="2090-01-01")
    undated = msgspec.structs.replace(RENDERED, capture_time=None)
    assert resources.db.run_transaction(
        lambda cursor: lifecycle.publish_hidden(cursor, image_id, undated, FILLED, revision=0)
    )
    assert resources.db.query("SELECT taken FROM image") == ((None,),)
