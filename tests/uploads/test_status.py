import pytest

from stockroom.ingest.failure import fail
from stockroom.renditions import Rendition
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import Conflict, Forbidden, NotFound
from stockroom.uploads import repository, status
from tests.factories import ALICE, BOB, overdue, owner_of, pending, state, uploaded


def test_every_state_is_shown(at: Resources) -> None:
    waiting, late, failed, ready = (pending(at, bytes([n])) for n in range(4))
    overdue(at.db, late)
    fail(at.db, failed, "truncated", "The file ends too early.")
    at.db.execute(
        "UPDATE image SET state='ready', version=1, width=3, height=2, color='#000000', thumbhash='x' "
        "WHERE id = %s",
        (ready,),
    )
    uploads, has_more = status.page(at.db, owner_of(at, ALICE), status.NEWEST, 50)
    shown = {upload.image_id: upload for upload in uploads}
    assert {image_id: upload.state for image_id, upload in shown.items()} == {
        ready: "ready",
        failed: "failed",
        late: "expired",
        waiting: "pending",
    }
    assert (picture := shown[ready].picture) is not None
    assert picture.image_id == ready
    assert shown[failed].failure == status.Failure("truncated", "The file ends too early.")
    assert not has_more


def test_only_mine_and_only_those_asked_for(at: Resources) -> None:
    mine, unasked = pending(at, b"1"), pending(at, b"2")
    anothers = pending(at, b"3", BOB)
    uploads = status.find(at.db, owner_of(at, ALICE), [anothers, mine, 77])
    assert [upload.image_id for upload in uploads] == [mine]
    assert unasked not in {upload.image_id for upload in uploads}
    assert status.find(at.db, owner_of(at, ALICE), []) == []


def test_pages_walk_all_uploads_once(at: Resources) -> None:
    numbers = [pending(at, bytes([n])) for n in range(7)]
    seen: list[int] = []
    before, has_more = status.NEWEST, True
    while has_more:
        uploads, has_more = status.page(at.db, owner_of(at, ALICE), before, 3)
        seen += [upload.image_id for upload in uploads]
        before = seen[-1]
    # Ids that were drawn within one millisecond have no order in time.
    assert seen == sorted(numbers, reverse=True)


def cancel(at: Resources, image_id: int | None) -> None:
    status.cancel(at.db, at.storage, owner_of(at, ALICE), image_id)


def test_a_cancelled_upload_leaves_nothing(at: Resources) -> None:
    number = uploaded(at, b"1")
    cancel(at, number)
    assert state(at.db, number) is None
    assert at.storage.head_original(number) is None
    with pytest.raises(NotFound):
        cancel(at, number)


def test_a_failed_upload_can_be_forgotten(at: Resources) -> None:
    number = pending(at)
    fail(at.db, number, "truncated", "The file ends too early.")
    cancel(at, number)
    assert state(at.db, number) is None


def test_a_cancellation_cut_short_is_left_for_the_reaper(
    at: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = uploaded(at, b"1")

    def broken(_number: int) -> None:
        raise OSError("storage is away")

    monkeypatch.setattr(at.storage, "delete_original", broken)
    with pytest.raises(OSError, match="away"):
        cancel(at, number)
    assert state(at.db, number) == "deleting"
    assert status.page(at.db, owner_of(at, ALICE), status.NEWEST, 50) == ([], False)


def test_a_cancelled_upload_that_was_rendered_leaves_no_rendition(at: Resources) -> None:
    number = uploaded(at, b"1")
    at.storage.write_rendition(number, 1, "240p", Rendition(b"jpeg", "image/jpeg", 3, 2))
    cancel(at, number)
    listed = at.storage._client.list_objects_v2(Bucket=at.settings.images_bucket)
    assert "Contents" not in listed


def test_two_cancellations_at_once_are_both_done(at: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    number = pending(at)
    begin = repository.begin_deletion

    def overtaken(db: Database, wanted: int) -> bool:
        monkeypatch.setattr(repository, "begin_deletion", begin)
        cancel(at, number)
        return begin(db, wanted)

    monkeypatch.setattr(repository, "begin_deletion", overtaken)
    cancel(at, number)
    assert state(at.db, number) is None


def test_what_cannot_be_cancelled(at: Resources) -> None:
    anothers, ready = pending(at, b"1", BOB), pending(at, b"2")
    at.db.execute("UPDATE image SET state = 'ready' WHERE id = %s", (ready,))
    with pytest.raises(Forbidden):
        cancel(at, anothers)
    with pytest.raises(Conflict):
        cancel(at, ready)
    for image_id in (None, 404):
        with pytest.raises(NotFound):
            cancel(at, image_id)
