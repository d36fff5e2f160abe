import json
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

import pytest
from pymysql.cursors import Cursor

from stockroom.images import ids
from stockroom.images.log_context import FIELD_OF_MANY
from stockroom.images.repository import lifecycle
from stockroom.images.storage import Storage, rendition_key
from stockroom.ingest import reaper
from stockroom.ingest.retry import retry_failed
from stockroom.renditions import Rendition
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import Conflict, NotFound
from stockroom.uploads import status
from stockroom.uploads.cancel import Cancellation, cancel_upload, cancel_uploads
from tests.factories import (
    ALICE,
    BOB,
    Statements,
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


def cancel_all(
    resources: Resources,
    image_ids: list[int],
    *,
    db: Database | None = None,
    storage: Storage | None = None,
) -> dict[int, Cancellation]:
    owner_id, storage = owner_of(resources, ALICE), storage or resources.storage
    return cancel_uploads(db or resources.db, storage, resources.settings, owner_id, image_ids)


def cancel(
    resources: Resources, image_id: int, *, db: Database | None = None, storage: Storage | None = None
) -> Cancellation:
    return cancel_all(resources, [image_id], db=db, storage=storage)[image_id]


def test_a_cancelled_upload_leaves_nothing(resources: Resources) -> None:
    image_id = uploaded(resources, b"1")
    assert cancel(resources, image_id) == Cancellation("cancelled")
    assert state(resources.db, image_id) == "deleting", "an upload may still arrive"
    assert resources.storage.head_original(image_id) is None
    assert cancel(resources, image_id) == Cancellation("gone")
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


def test_the_log_says_which_uploads_were_cancelled(
    resources: Resources, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    image_ids = sorted(uploaded(resources, content) for content in (b"1", b"2"))
    cancel_all(resources, [*image_ids, 1])
    record = caplog.records[-1]
    assert record.getMessage() == "cancelled"
    assert sorted(vars(record)[FIELD_OF_MANY]) == sorted(map(ids.encode, image_ids))


def test_a_failed_upload_that_is_retried_meanwhile_is_cancelled(resources: Resources) -> None:
    image_id = uploaded(resources, b"1")
    lifecycle.fail(resources.db, image_id, "truncated", "The file ends too early.", days=30)

    def retry() -> None:
        other = Database(resources.settings)
        assert retry_failed(other, resources.storage, [image_id])[0].state == "pending"
        other.close()

    with DatabaseProxy(resources.settings, "state = 'failed'", before=retry) as proxy:
        db = Database(proxy.settings)
        assert cancel(resources, image_id, db=db) == Cancellation("cancelled")
        db.close()
    assert state(resources.db, image_id) == "deleting"
    assert resources.storage.head_original(image_id) is None


def test_a_cancellation_cut_short_is_left_for_the_reaper(resources: Resources) -> None:
    image_id = uploaded(resources, b"1")

    class Broken(Storage):
        def delete_originals(self, image_ids: Sequence[int]) -> None:
            raise OSError(f"storage is away, {image_ids} stay")

    with pytest.raises(OSError, match="away"):
        cancel(resources, image_id, storage=Broken(resources.settings))
    assert state(resources.db, image_id) == "deleting"
    alice = owner_of(resources, ALICE)
    assert status.find_page(resources.db, resources.storage, alice, None, 50) == ([], None)
    ((is_overdue,),) = resources.db.query("SELECT deadline <= UTC_TIMESTAMP(3) FROM image")
    assert is_overdue


def test_a_cancelled_upload_that_was_rendered_leaves_no_rendition(resources: Resources) -> None:
    image_id = uploaded(resources, b"1")
    ((link_key,),) = resources.db.query("SELECT link_key FROM image")
    resources.storage.write_rendition(
        rendition_key(image_id, link_key, 1, "240p"), Rendition(b"jpeg", "image/jpeg", 3, 2)
    )
    assert lifecycle.begin_attempt(resources.db, image_id, link_key=link_key)
    assert set(stored_renditions(resources, image_id)) == {"v1/240p.jpg"}
    cancel(resources, image_id)
    assert stored_renditions(resources, image_id) == {}


def test_two_cancellations_at_once_are_both_done(resources: Resources) -> None:
    image_id = pending(resources)
    owner_id = owner_of(resources, ALICE)

    def cancel_too() -> None:
        other = Database(resources.settings)
        cancel_uploads(other, resources.storage, resources.settings, owner_id, [image_id])
        other.close()

    with DatabaseProxy(resources.settings, "SET state = 'deleting'", before=cancel_too) as proxy:
        db = Database(proxy.settings)
        assert cancel(resources, image_id, db=db) == Cancellation("cancelled")
        db.close()
    assert state(resources.db, image_id) == "deleting"


def test_a_cancellation_whose_answer_was_lost_is_done(resources: Resources) -> None:
    image_id = uploaded(resources, b"1")
    with DatabaseProxy(resources.settings, "SET state = 'deleting'", lose_answer=True) as proxy:
        db = Database(proxy.settings)
        assert cancel(resources, image_id, db=db) == Cancellation("cancelled")
        db.close()
    assert state(resources.db, image_id) == "deleting", "the reaper finishes it"


def test_each_of_many_has_an_outcome_of_its_own(resources: Resources) -> None:
    """An id of somebody else's is as unknown as one that nobody has."""
    waiting, arrived = pending(resources, b"1"), uploaded(resources, b"2")
    failed, published = row_in(resources, "failed", b"3"), ready(resources, b"4")
    anothers, hidden = pending(resources, b"5", BOB), row_in(resources, "hidden", b"6")
    shown_again = pending(resources, b"7")
    resources.db.execute("UPDATE image SET width = 3 WHERE id = %s", (shown_again,))
    expected = {
        waiting: "cancelled",
        arrived: "cancelled",
        failed: "cancelled",
        published: "already-ready",
        hidden: "already-ready",
        shown_again: "already-ready",
        anothers: "gone",
        404: "gone",
    }
    outcomes = cancel_all(resources, list(expected))
    assert {image_id: outcome.state for image_id, outcome in outcomes.items()} == expected
    states = {image_id: state(resources.db, image_id) for image_id in list(expected)[:-1]}
    assert states == {
        waiting: "deleting",
        arrived: "deleting",
        failed: "deleting",
        published: "ready",
        hidden: "hidden",
        shown_again: "pending",
        anothers: "pending",
    }
    assert resources.storage.head_original(arrived) is None


def test_a_refused_cancellation_of_one_is_told_why(resources: Resources) -> None:
    def cancel_one(image_id: int | None) -> datetime | None:
        alice = owner_of(resources, ALICE)
        return cancel_upload(resources.db, resources.storage, resources.settings, alice, image_id)

    for image_id in (None, 12345, pending(resources, b"1", BOB)):
        with pytest.raises(NotFound) as absent:
            cancel_one(image_id)
        assert absent.value.detail == "There is no such upload."
    with pytest.raises(Conflict) as late:
        cancel_one(ready(resources, b"2"))
    assert late.value.detail == "This upload is a picture already: too late to cancel it."
    assert late.value.code == "already-ready"
    assert cancel_one(pending(resources, b"3")) is None


def test_nothing_is_asked_about_no_uploads(resources: Resources) -> None:
    assert cancel_all(resources, []) == {}


def test_statements_and_requests_do_not_grow_with_the_uploads(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as nothing of them has been rendered."""
    requests: list[list[int]] = []
    monkeypatch.setattr(resources.storage, "delete_originals", requests.append)
    counts = []
    for size in (1, 30):
        image_ids = [pending(resources, b"%d of %d" % (number, size)) for number in range(size)]
        with Statements(resources.db) as statements:
            assert {each.state for each in cancel_all(resources, image_ids).values()} == {"cancelled"}
        counts.append(statements.count)
    assert counts[0] == counts[1]
    assert [len(request) for request in requests] == [1, 30]


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
        outcome, restorable_until = cancel(resources, image_id, db=db)
    assert outcome == "cancelled"
    assert restorable_until is not None
    assert resources.db.query("SELECT state, deadline FROM image") == (("deleted", restorable_until),)
    ((*entry, detail),) = resources.db.query("SELECT image_id, actor, action, detail FROM change_log")
    assert entry == [image_id, owner_of(resources, ALICE), "delete"]
    assert json.loads(detail) == {"revision": 7}
    assert cancel(resources, image_id) == Cancellation("gone")


def test_cancelling_many_waits_for_no_row_of_others(resources: Resources) -> None:
    """The rows are read by their primary key: an index by state would lock all that are pending."""
    mine = [pending(resources, str(number).encode()) for number in range(20)]
    theirs = pending(resources, b"theirs", BOB)

    def cancel_beside(cursor: Cursor) -> set[str]:
        cursor.execute("SELECT id FROM image WHERE id = %s FOR UPDATE", (theirs,))
        return {cancelled.state for cancelled in cancel_all(resources, mine).values()}

    with closing(Database(resources.settings)) as other:
        assert other.run_transaction(cancel_beside) == {"cancelled"}
    assert state(resources.db, theirs) == "pending"
