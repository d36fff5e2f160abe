from stockroom.images.storage import Storage, StoredObject
from stockroom.ingest import retry
from stockroom.ingest.retry import Retried
from stockroom.resources import Resources
from stockroom.uploads.cancel import cancel_upload
from tests.factories import ALICE, owner_of, pending, put_original, row_in, state


def failed(resources: Resources, content: bytes, code: str = "undecodable") -> int:
    """A failed upload whose original was kept; its id."""
    image_id = row_in(resources, "failed", content)
    resources.db.execute("UPDATE image SET failure_code = %s WHERE id = %s", (code, image_id))
    put_original(resources, image_id, content)
    return image_id


def test_a_failed_upload_is_pending_again_and_its_original_announced(resources: Resources) -> None:
    image_id = failed(resources, b"1")
    before = resources.storage.head_original(image_id)
    retried = retry.retry_failed(resources.db, resources.storage, [image_id])
    assert retried == [Retried(image_id, "pending")]
    assert state(resources.db, image_id) == "pending"
    assert resources.storage.head_original(image_id) == before


def test_what_has_not_failed_or_has_no_original_is_gone(resources: Resources) -> None:
    waiting, lost = pending(resources, b"1"), failed(resources, b"2")
    resources.db.execute("UPDATE image SET failed_sha256 = NULL WHERE id = %s", (lost,))
    retried = retry.retry_failed(resources.db, resources.storage, [waiting, lost, 77])
    assert [each.state for each in retried] == ["gone"] * 3


def test_an_upload_that_was_posted_again_stays_as_it_is(resources: Resources) -> None:
    image_id = failed(resources, b"1")
    again = pending(resources, b"1")
    retried = retry.retry_failed(resources.db, resources.storage, [image_id])
    assert retried == [Retried(image_id, "posted-again")]
    assert (state(resources.db, image_id), state(resources.db, again)) == ("failed", "pending")


def test_the_next_failures_of_a_code(resources: Resources) -> None:
    first, other, second = (
        failed(resources, content, code)
        for content, code in ((b"1", "undecodable"), (b"2", "truncated"), (b"3", "undecodable"))
    )
    retried = retry.retry_next(resources.db, resources.storage, "undecodable", 0, 1)
    assert [each.image_id for each in retried] == [first]
    retried = retry.retry_next(resources.db, resources.storage, "undecodable", first, 10)
    assert [each.image_id for each in retried] == [second]
    assert state(resources.db, other) == "failed"


def test_a_failure_whose_original_is_lost_stays_where_its_contributor_sees_it(resources: Resources) -> None:
    image_id = failed(resources, b"1")
    resources.storage.delete_original(image_id)
    assert retry.retry_next(resources.db, resources.storage, None, 0, 10) == [Retried(image_id, "gone")]
    assert state(resources.db, image_id) == "failed"


def test_an_upload_that_is_cancelled_meanwhile_does_not_end_the_retry_of_others(resources: Resources) -> None:
    first, second = failed(resources, b"1"), failed(resources, b"2")

    class CancelledMeanwhile(Storage):
        def touch_original(self, image_id: int, stored: StoredObject) -> None:
            if image_id == first:
                owner_id = owner_of(resources, ALICE)
                cancel_upload(resources.db, resources.storage, resources.settings, owner_id, first)
            super().touch_original(image_id, stored)

    retried = retry.retry_failed(resources.db, CancelledMeanwhile(resources.settings), [first, second])
    assert [each.state for each in retried] == ["pending"] * 2
    assert [state(resources.db, image_id) for image_id in (first, second)] == ["deleting", "pending"]
