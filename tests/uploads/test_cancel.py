import json
from contextlib import closing
from datetime import datetime

import pytest

from stockroom.images.repository import lifecycle
from stockroom.images.storage import Storage, rendition_key
from stockroom.ingest import reaper
from stockroom.renditions import Rendition
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import Conflict, NotFound
from stockroom.uploads import status
from stockroom.uploads.cancel import cancel_upload
from tests.factories import (
    ALICE,
    BOB,
    make_overdue,
    owner_of,
    pending,
    put_original,
    ready,
    row_in,
    state,
    stored_renditions,
    uploaded,
)
from tests.proxy import DatabaseProxy


def cancel(
    resources: Resources,
    image_id: int | None,
    *,
    db: Database | None = None,
    storage: Storage | None = None,
) -> datetime | None:
    owner_id, storage = owner_of(resources, ALICE), storage or resources.storage
    return cancel_upload(db or resources.db, storage, resources.settings, owner_id, image_id)


def test_a_cancelled_upload_leaves_nothing(resources: Resources) -> None:
    image_id = uploaded(resources, b"1")
    cancel(resources, image_id)
    assert state(resources.db, image_id) == "deleting", "an upload may still arrive"
    assert resources.storage.head_original(image_id) is None
    with pytest.raises(NotFound):
        cancel(resources, image_id)
    make_overdue(resources.db)
    reaper.reap(resources.db, resources.storage, upload_seconds=60, failed_days=30, seconds=60)
    assert state(resources.db, image_id) is None


def test_an_upload_that_arrives_after_its_cancellation_leaves_no_object(resources: Resources) -> None:
    """The PUT was under way, or its ticket is used again: no event need ever come."""
    image_id = uploaded(resources, b"1")
    cancel(resources, image_id)
    put_original(resources, image_id, b"1")
    ((seconds,),) = resources.db.query("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), deadline) FROM image")
    assert seconds > resources.settings.ticket_seconds
    make_overdue(resources.db)
    reaper.reap(resources.db, resources.storage, upload_seconds=60, failed_days=30, seconds=60)
    assert resources.storage.head_original(image_id) is None
    assert state(resources.db, image_id) is None


def test_a_failed_upload_can_be_forgotten(resources: Resources) -> None:
    image_id = pending(resources)
    lifecycle.fail(resources.db, image_id, "truncated", "The file ends too early.", days=30)
    cancel(resources, image_id)
    assert state(resources.db, image_id) == "deleting"
    assert resources.storage.head_original(image_id) is None


def test_a_cancellation_cut_short_is_left_for_the_reaper(resources: Resources) -> None:
    image_id = uploaded(resources, b"1")

    class Broken(Storage):
        def delete_original(self, image_id: int) -> None:
            raise OSError(f"storage is away, {image_id} stays")

    with pytest.raises(OSError, match="away"):
        cancel(resources, image_id, storage=Broken(resources.settings))
    assert state(resources.db, image_id) == "deleting"
    alice = owner_of(resources, ALICE)
    assert status.find_page(resources.db, resources.storage, alice, status.FIRST_PAGE, 50) == ([], False)
    ((is_overdue,),) = resources.db.query("SELECT deadline <= UTC_TIMESTAMP(3) FROM image")
    assert is_overdue


def test_a_cancelled_upload_that_was_rendered_leaves_no_rendition(resources: Resources) -> None:
    image_id = uploaded(resources, b"1")
    ((link_key,),) = resources.db.query("SELECT link_key FROM image")
    resources.storage.write_rendition(
        rendition_key(image_id, link_key, 1, "240p"), Rendition(b"jpeg", "image/jpeg", 3, 2)
    )
    assert set(stored_renditions(resources, image_id)) == {"v1/240p.jpg"}
    cancel(resources, image_id)
    assert stored_renditions(resources, image_id) == {}


def test_two_cancellations_at_once_are_both_done(resources: Resources) -> None:
    image_id = pending(resources)
    owner_id = owner_of(resources, ALICE)

    def cancel_too() -> None:
        other = Database(resources.settings)
        cancel_upload(other, resources.storage, resources.settings, owner_id, image_id)
        other.close()

    with DatabaseProxy(resources.settings, "SET state = 'deleting'", before=cancel_too) as proxy:
        db = Database(proxy.settings)
        cancel(resources, image_id, db=db)
        db.close()
    assert state(resources.db, image_id) == "deleting"


def test_a_cancellation_whose_answer_was_lost_is_done(resources: Resources) -> None:
    image_id = uploaded(resources, b"1")
    with DatabaseProxy(resources.settings, "SET state = 'deleting'", lose_answer=True) as proxy:
        db = Database(proxy.settings)
        cancel(resources, image_id, db=db)
        db.close()
    assert state(resources.db, image_id) == "deleting", "the reaper finishes it"


def test_what_cannot_be_cancelled(resources: Resources) -> None:
    anothers, ready_id = pending(resources, b"1", BOB), ready(resources, b"2")
    with pytest.raises(Conflict):
        cancel(resources, ready_id)
    # An id of somebody else's is as unknown as one that nobody has.
    for image_id in (None, 404, anothers):
        with pytest.raises(NotFound):
            cancel(resources, image_id)
    assert (state(resources.db, anothers), state(resources.db, ready_id)) == ("pending", "ready")


def test_a_refused_cancellation_is_told_why(resources: Resources) -> None:
    with pytest.raises(NotFound) as absent:
        cancel(resources, 12345)
    assert absent.value.detail == "There is no such upload."
    with pytest.raises(Conflict) as late:
        cancel(resources, ready(resources))
    assert late.value.detail == "This upload is a picture already: too late to cancel it."


@pytest.mark.parametrize("is_answer_lost", [False, True])
def test_what_was_a_picture_before_can_be_restored_for_a_while(
    resources: Resources, *, is_answer_lost: bool
) -> None:
    """Where the answer of the transaction is lost, the second one finds everything done."""
    image_id = row_in(resources, "failed")
    resources.db.execute("UPDATE image SET width = 3, revision = 7")
    with (
        DatabaseProxy(resources.settings, "\x03COMMIT", lose_answer=is_answer_lost) as proxy,
        closing(Database(proxy.settings)) as db,
    ):
        restorable_until = cancel(resources, image_id, db=db)
    assert restorable_until is not None
    assert resources.db.query("SELECT state, deadline FROM image") == (("deleted", restorable_until),)
    ((*entry, detail),) = resources.db.query("SELECT image_id, actor, action, detail FROM change_log")
    assert entry == [image_id, owner_of(resources, ALICE), "delete"]
    assert json.loads(detail) == {"revision": 7}
    with pytest.raises(NotFound):
        cancel(resources, image_id)
