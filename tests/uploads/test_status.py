import pytest

from stockroom.images import ids
from stockroom.images.owners import owner_id
from stockroom.ingest.failure import fail
from stockroom.renditions import Rendition
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import BadRequest, Conflict, Forbidden, NotFound
from stockroom.uploads import repository, status
from tests.factories import ALICE, BOB, overdue, pending, state, uploaded


def test_every_state_is_shown(at: Resources) -> None:
    waiting, late, failed, ready = (pending(at, bytes([n])) for n in range(4))
    overdue(at.db, late)
    fail(at.db, failed, "truncated", "The file ends too early.")
    at.db.execute(
        "UPDATE image SET state='ready', version=1, width=3, height=2, color='#000000', thumbhash='x' "
        "WHERE id = %s",
        (ready,),
    )
    page = status.page(at.db, owner_id(at.db, ALICE), None)
    assert [(upload.id, upload.state) for upload in page.uploads] == [
        (ids.encode(ready), "ready"),
        (ids.encode(failed), "failed"),
        (ids.encode(late), "expired"),
        (ids.encode(waiting), "pending"),
    ]
    assert page.uploads[0].image.id == ids.encode(ready)  # type: ignore[union-attr]
    assert page.uploads[1].error.code == "truncated"  # type: ignore[union-attr]
    assert page.next is None


def test_only_mine_and_only_those_asked_for(at: Resources) -> None:
    mine, unasked = pending(at, b"1"), pending(at, b"2")
    anothers = pending(at, b"3", BOB)
    wanted = ",".join([ids.encode(anothers), ids.encode(mine), ids.encode(77), ""])
    page = status.by_ids(at.db, owner_id(at.db, ALICE), wanted)
    assert [upload.id for upload in page.uploads] == [ids.encode(mine)]
    assert ids.encode(unasked) not in {upload.id for upload in page.uploads}
    assert status.by_ids(at.db, owner_id(at.db, ALICE), "").uploads == []


def test_pages_walk_all_uploads_once(at: Resources) -> None:
    numbers = [pending(at, bytes([n])) for n in range(7)]
    seen: list[str] = []
    cursor = None
    while True:
        page = status.page(at.db, owner_id(at.db, ALICE), cursor, 3)
        seen += [upload.id for upload in page.uploads]
        cursor = page.next
        if cursor is None:
            break
    assert seen == [ids.encode(number) for number in reversed(numbers)]


@pytest.mark.parametrize("wanted", ["nonsense", ",".join(["0" * 13] * 501)])
def test_bad_ids_are_refused(at: Resources, wanted: str) -> None:
    with pytest.raises(BadRequest):
        status.by_ids(at.db, owner_id(at.db, ALICE), wanted)


def test_a_bad_cursor_is_refused(at: Resources) -> None:
    with pytest.raises(BadRequest) as caught:
        status.page(at.db, owner_id(at.db, ALICE), "?")
    assert caught.value.code == "invalid-cursor"


def cancel(at: Resources, text: str) -> None:
    status.cancel(at.db, at.storage, owner_id(at.db, ALICE), text)


def test_a_cancelled_upload_leaves_nothing(at: Resources) -> None:
    number = uploaded(at, b"1")
    cancel(at, ids.encode(number))
    assert state(at.db, number) is None
    assert at.storage.head_original(number) is None
    with pytest.raises(NotFound):
        cancel(at, ids.encode(number))


def test_a_failed_upload_can_be_forgotten(at: Resources) -> None:
    number = pending(at)
    fail(at.db, number, "truncated", "The file ends too early.")
    cancel(at, ids.encode(number))
    assert state(at.db, number) is None


def test_a_cancellation_cut_short_is_left_for_the_reaper(
    at: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = uploaded(at, b"1")

    def broken(_number: int) -> None:
        raise OSError("storage is away")

    monkeypatch.setattr(at.storage, "delete_original", broken)
    with pytest.raises(OSError, match="away"):
        cancel(at, ids.encode(number))
    assert state(at.db, number) == "deleting"
    assert status.page(at.db, owner_id(at.db, ALICE), None).uploads == []


def test_a_cancelled_upload_that_was_rendered_leaves_no_rendition(at: Resources) -> None:
    number = uploaded(at, b"1")
    at.storage.write_rendition(number, 1, "240p", Rendition(b"jpeg", "image/jpeg", 3, 2))
    cancel(at, ids.encode(number))
    listed = at.storage._client.list_objects_v2(Bucket=at.settings.images_bucket)
    assert "Contents" not in listed


def test_two_cancellations_at_once_are_both_done(at: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    number = pending(at)
    begin = repository.begin_deletion

    def overtaken(db: Database, wanted: int) -> bool:
        monkeypatch.setattr(repository, "begin_deletion", begin)
        cancel(at, ids.encode(number))
        return begin(db, wanted)

    monkeypatch.setattr(repository, "begin_deletion", overtaken)
    cancel(at, ids.encode(number))
    assert state(at.db, number) is None


def test_what_cannot_be_cancelled(at: Resources) -> None:
    anothers, ready = pending(at, b"1", BOB), pending(at, b"2")
    at.db.execute("UPDATE image SET state = 'ready' WHERE id = %s", (ready,))
    with pytest.raises(Forbidden):
        cancel(at, ids.encode(anothers))
    with pytest.raises(Conflict):
        cancel(at, ids.encode(ready))
    for text in ("nonsense", ids.encode(404)):
        with pytest.raises(NotFound):
            cancel(at, text)
