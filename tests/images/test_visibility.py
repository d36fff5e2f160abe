"""Embargo and expiry: pictures are hidden outside of their dates, whatever happens at the same time."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
import pytest
from msgspec.structs import replace
from pymysql.cursors import Cursor

from stockroom.curation.actor import Actor
from stockroom.curation.changes import make_edit
from stockroom.curation.deletion import delete_pictures
from stockroom.curation.edit import Edited, Outcome, Stale, edit_images
from stockroom.curation.requests import Changes
from stockroom.curation.restoring import restore_pictures
from stockroom.images import states, visibility
from stockroom.images.repository import lifecycle
from stockroom.images.repository.pictures import find_ready, list_links
from stockroom.images.storage import Storage, StoredObject
from stockroom.ingest import reaper
from stockroom.ingest.process import EXHAUSTED, WAS_PICTURE, OriginalProcessor
from stockroom.ingest.retry import retry_failed
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import Conflict, StorageUnavailable
from stockroom.runtime.timestamps import now, rfc3339
from stockroom.uploads import status
from stockroom.uploads.cancel import cancel_upload
from tests.factories import row_in, state, stored_renditions, uploaded
from tests.ingest.test_reaper import reap
from tests.renditions.images import photo_of
from tests.search.index.library import assert_consistent

LATER = rfc3339(now() + timedelta(days=30))
MUCH_LATER = rfc3339(now() + timedelta(days=60))
PAST = "2001-01-01"
T = TypeVar("T")


def process(resources: Resources, image_id: int, storage: Storage | None = None, **settings: Any) -> str:
    return OriginalProcessor(
        db=resources.db,
        storage=storage or resources.storage,
        search_index=resources.search_index,
        decoder=resources.decoder,
        settings=replace(resources.settings, formats=("jpeg",), **settings),
    ).process(image_id)


def published(resources: Resources, **dates: Any) -> int:
    image_id = uploaded(resources, photo_of("jpeg"), **dates)
    assert process(resources, image_id) == "ready"
    return image_id


def embargoed(resources: Resources) -> int:
    """A picture under an embargo."""
    image_id = uploaded(resources, photo_of("jpeg"), embargo=LATER)
    assert process(resources, image_id) == "hidden"
    return image_id


def expired(resources: Resources) -> int:
    """A picture that has expired, and that no reaper has seen since then."""
    image_id = published(resources, expires=LATER)
    set_dates(resources, image_id, expires=PAST)
    return image_id


def set_dates(resources: Resources, image_id: int, **dates: str | None) -> None:
    """As if the moments of a picture had been others; a deadline that was to come has passed."""
    for field, value in dates.items():
        resources.db.execute(f"UPDATE image SET {field} = %s WHERE id = %s", (value, image_id))
    resources.db.execute("UPDATE image SET deadline = '2001-01-01' WHERE deadline > UTC_TIMESTAMP(3)")


def column(resources: Resources, image_id: int, name: str) -> Any:
    ((value,),) = resources.db.query(f"SELECT {name} FROM image WHERE id = %s", (image_id,))
    return value


def postings(resources: Resources, image_id: int) -> int:
    ((count,),) = resources.db.query("SELECT COUNT(*) FROM posting WHERE image_id = %s", (image_id,))
    return int(count)


def bands(resources: Resources, image_id: int) -> int:
    ((count,),) = resources.db.query("SELECT COUNT(*) FROM phash_band WHERE image_id = %s", (image_id,))
    return int(count)


def actions(resources: Resources, image_id: int) -> list[str]:
    rows = resources.db.query(
        "SELECT action FROM change_log WHERE image_id = %s ORDER BY entry_id", (image_id,)
    )
    return [action for (action,) in rows]


def test_dates_that_hide_and_show_nothing_render_nothing(resources: Resources) -> None:
    image_id = published(resources)
    link = column(resources, image_id, "link_key")
    renditions = {key: head["LastModified"] for key, head in stored_renditions(resources, image_id).items()}
    assert isinstance(edit(resources, image_id, expires=LATER), Edited)
    assert isinstance(edit(resources, image_id, expires=None), Edited)
    assert state(resources.db, image_id) == "ready"
    assert column(resources, image_id, "link_key") == link
    assert renditions == {
        key: head["LastModified"] for key, head in stored_renditions(resources, image_id).items()
    }


@pytest.mark.parametrize("pictures_a_transaction", [2, 100])
def test_many_pictures_are_shown_in_few_transactions(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, pictures_a_transaction: int
) -> None:
    monkeypatch.setattr(visibility, "PICTURES_A_TRANSACTION", pictures_a_transaction)
    image_ids = [row_in(resources, "hidden", f"{number}".encode()) for number in range(5)]
    link_keys = {image_id: column(resources, image_id, "link_key") for image_id in image_ids}
    # One of them may still not be seen, and somebody else has seen to another one.
    set_dates(resources, image_ids[1], embargo="2100-01-01")
    link_keys[image_ids[2]] = "another"
    before = commits(resources)
    visibility.settle_all(resources.db, resources.storage, link_keys, actor=7)
    assert commits(resources) - before == -(-5 // pictures_a_transaction)
    assert [state(resources.db, image_id) for image_id in image_ids] == [
        "pending", "hidden", "hidden", "pending", "pending",
    ]  # fmt: skip
    kept = [column(resources, image_id, "link_key") == key for image_id, key in link_keys.items()]
    assert kept == [False] * 5
    assert [actions(resources, image_id)[-1:] for image_id in image_ids] == [
        ["show"], [], [], ["show"], ["show"],
    ]  # fmt: skip


def commits(resources: Resources) -> int:
    ((_, count),) = resources.db.query("SHOW SESSION STATUS LIKE 'Com_commit'")
    return int(count)


def edit(resources: Resources, image_id: int, **changes: Any) -> Outcome:
    return edit_images(
        resources.db,
        resources.storage,
        resources.index_writer,
        [image_id],
        make_edit(msgspec.convert(changes, Changes)),
        actor=owner(resources, image_id),
    )[image_id]


def owner(resources: Resources, image_id: int) -> Actor:
    return Actor(int(column(resources, image_id, "owner_id")), is_admin=False)


def delete(resources: Resources, image_id: int) -> None:
    who = owner(resources, image_id)
    delete_pictures(resources.db, resources.index_writer, [image_id], actor=who, seconds=600)


def restore(resources: Resources, image_id: int) -> str:
    who = owner(resources, image_id)
    index = resources.index_writer
    return restore_pictures(resources.db, resources.storage, index, [image_id], actor=who, formats=[])[
        image_id
    ]


def assert_hidden(resources: Resources, image_id: int) -> None:
    """Nobody finds the picture, or sees it by any link."""
    assert state(resources.db, image_id) == "hidden"
    assert (postings(resources, image_id), bands(resources, image_id)) == (0, 0)
    assert stored_renditions(resources, image_id) == {}
    assert find_ready(resources.db, [image_id]) == []
    assert_consistent(resources.db)


def assert_public(resources: Resources, image_id: int) -> None:
    assert state(resources.db, image_id) == "ready"
    assert postings(resources, image_id) > 0
    assert bands(resources, image_id) > 0
    assert set(stored_renditions(resources, image_id)) == {"v1/240p.jpg", "v1/720p.jpg"}
    assert [picture.image_id for picture in find_ready(resources.db, [image_id])] == [image_id]
    assert_consistent(resources.db)


def assert_ends_public(resources: Resources, image_id: int) -> None:
    """The picture becomes public by what the reaper and its original's event do."""
    set_dates(resources, image_id)
    reap(resources)
    process(resources, image_id)
    assert_public(resources, image_id)


def test_a_picture_under_an_embargo_has_its_facts_and_nothing_public(resources: Resources) -> None:
    image_id = embargoed(resources)
    assert_hidden(resources, image_id)
    assert column(resources, image_id, "width") > 0
    assert column(resources, image_id, "thumbhash")
    assert rfc3339(column(resources, image_id, "deadline")) == LATER
    assert actions(resources, image_id) == ["hide"]


def test_its_event_again_changes_nothing(resources: Resources) -> None:
    image_id = embargoed(resources)
    before = resources.db.query("SELECT * FROM image")
    assert process(resources, image_id) == "kept"
    assert resources.db.query("SELECT * FROM image") == before


def test_the_end_of_an_embargo_publishes_the_picture(resources: Resources) -> None:
    image_id = embargoed(resources)
    assert reap(resources) == {"finished": True}, "not before"
    set_dates(resources, image_id, embargo=PAST)
    assert reap(resources) == {"shown": 1, "redriven": 1, "finished": True}
    assert process(resources, image_id) == "ready"
    assert_public(resources, image_id)
    assert actions(resources, image_id) == ["hide", "show", "publish"]


def test_an_embargo_that_ended_before_the_original_came_hides_nothing(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"), embargo="2001-01-01T00:00:00Z")
    assert process(resources, image_id) == "ready"
    assert_public(resources, image_id)


def test_an_expired_picture_is_unseen_at_once_and_hidden_by_the_reaper(resources: Resources) -> None:
    image_id = expired(resources)
    assert find_ready(resources.db, [image_id]) == []
    assert reap(resources) == {"hidden": 1, "finished": True}
    assert_hidden(resources, image_id)
    assert column(resources, image_id, "deadline") is None, "nobody need look at it again"
    assert actions(resources, image_id) == ["publish", "hide"]
    assert reap(resources) == {"finished": True}


def test_a_picture_that_has_not_expired_is_left_alone(resources: Resources) -> None:
    image_id = published(resources, expires=LATER)
    assert reap(resources) == {"finished": True}
    assert_public(resources, image_id)


def test_old_links_stay_dead_when_a_picture_is_shown_again(resources: Resources) -> None:
    image_id = expired(resources)
    keys = [column(resources, image_id, "link_key")]
    reap(resources)
    keys.append(column(resources, image_id, "link_key"))
    assert isinstance(edit(resources, image_id, expires=None), Edited)
    assert state(resources.db, image_id) == "pending", "announced at once"
    assert process(resources, image_id) == "ready"
    keys.append(column(resources, image_id, "link_key"))
    assert len(set(keys)) == 3
    assert_public(resources, image_id)


def test_an_edit_hides_a_picture_at_once(resources: Resources) -> None:
    image_id = published(resources)
    old = column(resources, image_id, "link_key")
    assert isinstance(edit(resources, image_id, embargo=LATER), Edited)
    assert_hidden(resources, image_id)
    assert column(resources, image_id, "link_key") != old
    assert rfc3339(column(resources, image_id, "deadline")) == LATER
    assert actions(resources, image_id) == ["publish", "edit", "hide"]


def test_an_edit_moves_the_end_of_an_embargo(resources: Resources) -> None:
    image_id = embargoed(resources)
    edit(resources, image_id, embargo=MUCH_LATER)
    assert_hidden(resources, image_id)
    assert rfc3339(column(resources, image_id, "deadline")) == MUCH_LATER
    edit(resources, image_id, embargo=None)
    assert process(resources, image_id) == "ready"
    assert_public(resources, image_id)


def test_other_edits_of_a_hidden_picture_show_nothing(resources: Resources) -> None:
    image_id = embargoed(resources)
    assert isinstance(edit(resources, image_id, description="A lighthouse"), Edited)
    assert_hidden(resources, image_id)
    assert rfc3339(column(resources, image_id, "deadline")) == LATER


def test_a_picture_that_expired_and_was_not_hidden_yet_is_kept_by_an_edit(resources: Resources) -> None:
    image_id = expired(resources)
    edit(resources, image_id, expires=MUCH_LATER)
    assert reap(resources) == {"finished": True}
    assert_public(resources, image_id)


def test_a_repeated_post_moves_the_dates_of_a_pending_upload(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"), embargo=LATER)
    assert uploaded(resources, photo_of("jpeg")) == image_id
    assert process(resources, image_id) == "ready"
    assert_public(resources, image_id)


def about_to_be_shown(resources: Resources) -> int:
    """A picture that may be seen again, and whose original's event has not come yet."""
    image_id = embargoed(resources)
    edit(resources, image_id, embargo=None, description="edited", expires=LATER)
    assert state(resources.db, image_id) == "pending"
    return image_id


def test_a_repeated_post_keeps_the_edits_of_a_picture_that_is_about_to_be_shown(resources: Resources) -> None:
    image_id = about_to_be_shown(resources)
    assert uploaded(resources, photo_of("jpeg"), description="posted again") == image_id
    assert process(resources, image_id) == "ready"
    assert_public(resources, image_id)
    assert column(resources, image_id, "description") == "edited"
    assert rfc3339(column(resources, image_id, "expires")) == LATER


def test_a_picture_that_is_about_to_be_shown_is_no_upload_that_could_be_cancelled(
    resources: Resources,
) -> None:
    image_id = about_to_be_shown(resources)
    owner_id = int(column(resources, image_id, "owner_id"))
    with pytest.raises(Conflict):
        cancel_upload(resources.db, resources.storage, resources.settings, owner_id, image_id)
    assert process(resources, image_id) == "ready"
    assert_public(resources, image_id)


@pytest.mark.parametrize("reason", ["rejected", "exhausted"])
def test_a_picture_that_fails_when_it_is_shown_again_is_kept_until_a_retry(
    resources: Resources, reason: str
) -> None:
    image_id = about_to_be_shown(resources)
    if reason == "exhausted":
        resources.db.execute(
            "UPDATE image SET attempts = %s, attempted_at = '2001-01-01'", (states.MAX_ATTEMPTS,)
        )
    assert process(resources, image_id, max_pixels=1) == "failed"
    resources.db.execute("UPDATE image SET deadline = '2001-01-01' WHERE deadline IS NOT NULL")
    assert reap(resources) == {"finished": True}
    (upload,) = status.find(
        resources.db, resources.storage, int(column(resources, image_id, "owner_id")), [image_id]
    )
    assert upload.failure is not None
    said = EXHAUSTED if reason == "exhausted" else "The picture has 0.1 million pixels"
    assert upload.failure.detail.startswith(said)
    assert upload.failure.detail.endswith(WAS_PICTURE)
    (retried,) = retry_failed(resources.db, resources.storage, [image_id])
    assert retried.state == "pending"
    assert process(resources, image_id) == "ready"
    assert_public(resources, image_id)
    assert column(resources, image_id, "description") == "edited"


def test_a_picture_that_failed_and_is_dismissed_can_be_restored(resources: Resources) -> None:
    image_id = about_to_be_shown(resources)
    assert process(resources, image_id, max_pixels=1) == "failed"
    owner_id = int(column(resources, image_id, "owner_id"))
    until = cancel_upload(resources.db, resources.storage, resources.settings, owner_id, image_id)
    assert (state(resources.db, image_id), column(resources, image_id, "deadline")) == ("deleted", until)
    assert resources.storage.head_original(image_id) is not None
    (upload,) = status.find(resources.db, resources.storage, owner_id, [image_id])
    assert (upload.restorable_until, upload.failure) == (until, None)
    assert restore(resources, image_id) == "hidden"
    assert process(resources, image_id) == "ready"
    assert_public(resources, image_id)
    assert column(resources, image_id, "description") == "edited"


def test_a_picture_that_failed_and_is_dismissed_goes_in_the_end(resources: Resources) -> None:
    image_id = about_to_be_shown(resources)
    assert process(resources, image_id, max_pixels=1) == "failed"
    let_attempts_end(resources)
    owner_id = int(column(resources, image_id, "owner_id"))
    cancel_upload(resources.db, resources.storage, resources.settings, owner_id, image_id)
    resources.db.execute("UPDATE image SET deadline = '2001-01-01', uploads_until = '2001-01-01'")
    assert reap(resources)["deleted"] == 1
    assert resources.storage.head_original(image_id) is None


class Meanwhile(Storage):
    """Calls `meanwhile` once: before or after the first call of one method of storage."""

    def __init__(self, resources: Resources, method: str, meanwhile: Callable[[], object], *, before: bool):
        super().__init__(resources.settings)
        inner = getattr(self, method)
        calls: Iterator[Callable[[], object]] = iter([meanwhile])

        def call(*arguments: Any, **options: Any) -> Any:
            happens = next(calls, lambda: None)
            if before:
                happens()
            result = inner(*arguments, **options)
            if not before:
                happens()
            return result

        setattr(self, method, call)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param({"embargo": LATER}, id="embargo"),
        pytest.param({"expires": PAST}, id="expired"),
    ],
)
def test_dates_that_change_while_renditions_are_written_leave_none(
    resources: Resources, meanwhile: dict[str, str], before: bool
) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))

    def change() -> None:
        own = Database(resources.settings)
        for field, value in meanwhile.items():
            own.execute(
                f"UPDATE image SET {field} = %s, revision = revision + 1 WHERE id = %s",
                (value.removesuffix("Z"), image_id),
            )
        own.close()

    storage = Meanwhile(resources, "write_rendition", change, before=before)
    assert process(resources, image_id, storage) == "hidden"
    assert_hidden(resources, image_id)


def test_a_picture_that_is_hidden_while_its_formats_are_written_leaves_none(resources: Resources) -> None:
    """The row is hidden, settled, shown and published anew between two renditions of the first delivery."""
    image_id = uploaded(resources, photo_of("jpeg"))
    other = Resources(resources.settings, Database(resources.settings), resources.storage)

    def hide_and_show() -> None:
        edit(other, image_id, embargo=LATER)
        edit(other, image_id, embargo=None)
        assert state(other.db, image_id) == "pending"

    # Renditions are written by several threads.
    calls = iter([hide_and_show])

    class Late(Storage):
        def write_rendition(self, key: str, rendition: Any) -> None:
            if key.endswith(".webp"):
                next(calls, lambda: None)()
            super().write_rendition(key, rendition)

    outcome = OriginalProcessor(
        db=resources.db,
        storage=Late(resources.settings),
        search_index=resources.search_index,
        decoder=resources.decoder,
        settings=replace(resources.settings, formats=("jpeg", "webp")),
    ).process(image_id)
    assert outcome == "superseded"
    assert stored_renditions(resources, image_id) == {}
    assert process(resources, image_id) == "ready"
    assert_public(resources, image_id)
    other.db.close()


class Killed(BaseException):
    """The process is gone: nothing of it cleans up."""


def let_attempts_end(resources: Resources) -> None:
    """No attempt that has begun can be under way any more, and time has passed since then."""
    resources.db.execute("UPDATE image SET attempted_at = '2001-01-01' WHERE attempted_at IS NOT NULL")
    resources.db.execute("UPDATE ended_link SET written_until = '2001-01-01'")


def ended_links(resources: Resources) -> int:
    ((count,),) = resources.db.query("SELECT COUNT(*) FROM ended_link")
    return int(count)


@pytest.mark.parametrize("end", [Killed(), StorageUnavailable("away")], ids=["killed", "away"])
@pytest.mark.parametrize("is_shown", [False, True])
def test_what_is_written_late_under_links_that_were_ended_goes(
    resources: Resources, end: BaseException, is_shown: bool
) -> None:
    """The row is hidden, settled and perhaps shown during an attempt that ends before it can clean up."""
    image_id = uploaded(resources, photo_of("jpeg"))
    other = Resources(resources.settings, Database(resources.settings), resources.storage)

    def hide() -> None:
        edit(other, image_id, embargo=LATER)
        if is_shown:
            edit(other, image_id, embargo=None)

    class Late(Storage):
        def write_rendition(self, key: str, rendition: Any) -> None:
            if not key.endswith("720p.webp"):
                super().write_rendition(key, rendition)
                return
            hide()
            super().write_rendition(key, rendition)
            raise end

    processor = OriginalProcessor(
        db=resources.db,
        storage=Late(resources.settings),
        search_index=resources.search_index,
        decoder=resources.decoder,
        settings=replace(resources.settings, formats=("jpeg", "webp")),
    )
    with pytest.raises(type(end)):
        processor.process(image_id)
    other.db.close()
    assert "v1/720p.webp" in stored_renditions(resources, image_id)
    reap(resources)
    assert stored_renditions(resources, image_id), "somebody may still write: the links are remembered"
    let_attempts_end(resources)
    reap(resources)
    if is_shown:
        assert_ends_public(resources, image_id)
    else:
        assert_hidden(resources, image_id)
    assert ended_links(resources) == 0


def test_late_renditions_that_storage_does_not_delete_are_deleted_by_the_next_run(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaper, "ROWS_PER_LEASE", 1)
    embargoed(resources)
    let_attempts_end(resources)
    assert reap(resources, storage=Broken(resources, "delete_renditions")) == {"skipped": 1, "finished": True}
    assert ended_links(resources) == 1
    assert reap(resources, seconds=0) == {}
    assert ended_links(resources) == 0


def test_links_under_which_nobody_can_write_are_not_recorded(resources: Resources) -> None:
    image_id = published(resources)
    let_attempts_end(resources)
    edit(resources, image_id, embargo=LATER)
    assert_hidden(resources, image_id)
    assert ended_links(resources) == 0


def test_an_attempt_does_not_begin_under_links_that_were_ended(resources: Resources) -> None:
    """A picture is hidden, settled and shown after an event has read its row, and before the attempt."""
    image_id = published(resources)
    lifecycle.request_renditions(resources.db, image_id)
    other = Resources(resources.settings, Database(resources.settings), resources.storage)

    class Overtaken(Database):
        def execute(self, sql: str, args: Sequence[object] = ()) -> int:
            if "attempts = attempts + 1" in sql:
                edit(other, image_id, embargo=LATER)
                edit(other, image_id, embargo=None)
            return super().execute(sql, args)

    with closing(Overtaken(resources.settings)) as db:
        own = Resources(resources.settings, db, resources.storage)
        assert process(own, image_id, Broken(resources, "write_rendition")) == "kept"
    other.db.close()
    assert stored_renditions(resources, image_id) == {}
    assert_ends_public(resources, image_id)


def test_a_picture_that_is_hidden_and_shown_while_jpegs_are_written_gets_the_new_links(
    resources: Resources,
) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    old = column(resources, image_id, "link_key")

    def change_links() -> None:
        own = Database(resources.settings)
        own.execute("UPDATE image SET link_key = 'another' WHERE id = %s", (image_id,))
        own.close()

    storage = Meanwhile(resources, "write_rendition", change_links, before=True)
    assert process(resources, image_id, storage) == "ready"
    assert old != column(resources, image_id, "link_key") == "another"
    assert_public(resources, image_id)


class Broken(Storage):
    """Fails at one method, as a process that is killed there does."""

    def __init__(self, resources: Resources, method: str) -> None:
        super().__init__(resources.settings)

        def fail(*_: object, **__: object) -> Any:
            raise StorageUnavailable("away")

        setattr(self, method, fail)


def test_a_reaper_that_dies_after_hiding_leaves_the_rest_to_the_next(resources: Resources) -> None:
    image_id = expired(resources)
    reap(resources, storage=Broken(resources, "delete_renditions"))
    assert state(resources.db, image_id) == "hidden"
    assert (postings(resources, image_id), bands(resources, image_id)) == (0, 0)
    assert stored_renditions(resources, image_id), "these are left"
    set_dates(resources, image_id)
    reap(resources)
    assert_hidden(resources, image_id)
    assert column(resources, image_id, "deadline") is None


def test_an_edit_announces_the_original_of_a_picture_that_may_be_seen_now(resources: Resources) -> None:
    image_id = embargoed(resources)
    announced: list[int] = []

    class Watched(Storage):
        def touch_original(self, image_id: int, stored: StoredObject) -> None:
            announced.append(image_id)
            super().touch_original(image_id, stored)

    own = Resources(resources.settings, resources.db, Watched(resources.settings))
    edit(own, image_id, embargo=MUCH_LATER)
    assert announced == []
    edit(own, image_id, embargo=None)
    assert announced == [image_id]


def test_a_hidden_picture_keeps_its_links_until_its_renditions_are_gone(
    resources: Resources, logs: Callable[[], str]
) -> None:
    """No attempt is under way: nobody would look for renditions under other links than the row's own."""
    image_id = published(resources)
    let_attempts_end(resources)
    before = column(resources, image_id, "link_key")
    own = Resources(resources.settings, resources.db, Broken(resources, "delete_renditions"))
    logs()
    assert isinstance(edit(own, image_id, embargo=LATER), Edited)
    lines = [json.loads(line) for line in logs().splitlines()]
    assert ("ERROR", "left to the reaper") in [(line["level"], line["message"]) for line in lines]
    assert column(resources, image_id, "link_key") == before
    assert stored_renditions(resources, image_id), "these are left"
    set_dates(resources, image_id)
    reap(resources)
    assert_hidden(resources, image_id)
    assert column(resources, image_id, "link_key") != before


@pytest.mark.parametrize("method", ["delete_renditions", "head_original", "touch_original"])
def test_an_edit_that_dies_anywhere_is_finished_by_the_reaper(resources: Resources, method: str) -> None:
    image_id = embargoed(resources)
    own = Resources(resources.settings, resources.db, Broken(resources, method))
    assert isinstance(edit(own, image_id, embargo=None), Edited)
    assert_ends_public(resources, image_id)


@pytest.mark.parametrize("method", ["delete_renditions", "head_original", "touch_original"])
def test_a_reaper_that_dies_while_it_shows_a_picture_is_followed_by_another(
    resources: Resources, method: str
) -> None:
    image_id = embargoed(resources)
    set_dates(resources, image_id, embargo=PAST)
    reap(resources, storage=Broken(resources, method))
    assert_ends_public(resources, image_id)


def test_a_worker_that_dies_after_it_has_hidden_the_picture_is_followed_by_the_reaper(
    resources: Resources,
) -> None:
    image_id = uploaded(resources, photo_of("jpeg"), embargo=LATER)
    assert process(resources, image_id, Broken(resources, "delete_renditions")) == "hidden"
    set_dates(resources, image_id)
    assert reap(resources) == {"finished": True}
    assert_hidden(resources, image_id)
    assert rfc3339(column(resources, image_id, "deadline")) == LATER


def test_two_reapers_at_once_hide_a_picture_once(resources: Resources) -> None:
    image_id = expired(resources)
    other = Database(resources.settings)

    def reap_too() -> None:
        report = reaper.reap(other, resources.storage, upload_seconds=1, failed_days=1, seconds=60)
        assert report.hidden == 0

    storage = Meanwhile(resources, "delete_renditions", reap_too, before=True)
    assert reap(resources, storage=storage) == {"hidden": 1, "finished": True}
    assert_hidden(resources, image_id)
    assert actions(resources, image_id) == ["publish", "hide"]
    other.close()


def test_an_edit_while_the_reaper_hides_wins(resources: Resources) -> None:
    image_id = expired(resources)
    other = Resources(resources.settings, Database(resources.settings), resources.storage)
    storage = Meanwhile(
        resources, "delete_renditions", lambda: edit(other, image_id, expires=None), before=True
    )
    reap(resources, storage=storage)
    assert_ends_public(resources, image_id)
    other.db.close()


@pytest.mark.parametrize("before", [True, False])
def test_a_deletion_while_an_embargo_ends_is_one_or_the_other(resources: Resources, before: bool) -> None:
    image_id = embargoed(resources)
    set_dates(resources, image_id, embargo=PAST)
    other = Resources(resources.settings, Database(resources.settings), resources.storage)
    storage = Meanwhile(resources, "delete_renditions", lambda: delete(other, image_id), before=before)
    reap(resources, storage=storage)
    assert state(resources.db, image_id) == "deleted"
    assert process(resources, image_id) == "kept"
    assert stored_renditions(resources, image_id) == {}
    other.db.close()


class _RollBack(Exception):
    """A transaction does not happen."""


class RollingBack(Database):
    """Rolls the first transaction back at its end, calls `meanwhile`, and runs the transaction again."""

    def __init__(self, resources: Resources, meanwhile: Callable[[], object]) -> None:
        super().__init__(resources.settings)
        self._meanwhile = iter([meanwhile])

    def run_transaction(self, work: Callable[[Cursor], T]) -> T:
        meanwhile = next(self._meanwhile, None)
        if meanwhile is not None:

            def work_in_vain(cursor: Cursor) -> None:
                work(cursor)
                raise _RollBack

            with suppress(_RollBack):
                super().run_transaction(work_in_vain)
            meanwhile()
        return super().run_transaction(work)


def test_an_edit_that_is_rolled_back_and_then_too_late_leaves_the_picture_its_renditions(
    resources: Resources,
) -> None:
    image_id = published(resources)
    with closing(RollingBack(resources, lambda: edit(resources, image_id, description="other"))) as db:
        outcomes = edit_images(
            db,
            resources.storage,
            resources.index_writer,
            [image_id],
            make_edit(Changes(embargo=LATER)),
            actor=owner(resources, image_id),
            revisions={image_id: {0}},
        )
    stale = outcomes[image_id]
    assert isinstance(stale, Stale)
    assert stale.picture.revision == 1
    assert_public(resources, image_id)


def test_a_hidden_picture_that_is_deleted_and_restored_is_hidden(resources: Resources) -> None:
    image_id = embargoed(resources)
    delete(resources, image_id)
    assert restore(resources, image_id) == "hidden"
    assert_hidden(resources, image_id)
    assert rfc3339(column(resources, image_id, "deadline")) == LATER


def test_a_hidden_picture_whose_time_comes_while_it_is_deleted_is_shown_when_it_is_restored(
    resources: Resources,
) -> None:
    image_id = embargoed(resources)
    delete(resources, image_id)
    resources.db.execute("UPDATE image SET embargo = %s", (PAST,))
    assert restore(resources, image_id) == "hidden"
    assert state(resources.db, image_id) == "pending", "announced at once"
    assert restore(resources, image_id) == "hidden", "the same answer"
    assert process(resources, image_id) == "ready"
    assert_public(resources, image_id)


@pytest.mark.parametrize("method", ["delete_renditions", "head_original", "touch_original"])
def test_a_restoration_of_a_hidden_picture_that_dies_anywhere_is_finished_by_the_reaper(
    resources: Resources, method: str
) -> None:
    image_id = embargoed(resources)
    delete(resources, image_id)
    resources.db.execute("UPDATE image SET embargo = %s", (PAST,))
    own = Resources(resources.settings, resources.db, Broken(resources, method))
    assert restore(own, image_id) == "hidden"
    assert_ends_public(resources, image_id)


def test_a_picture_that_expires_while_it_is_deleted_is_hidden_after_it_is_restored(
    resources: Resources,
) -> None:
    image_id = published(resources, expires=LATER)
    delete(resources, image_id)
    resources.db.execute("UPDATE image SET expires = %s", (PAST,))
    assert restore(resources, image_id) == "hidden"
    assert_hidden(resources, image_id)


def test_the_original_of_a_hidden_picture_that_is_lost_is_a_failure_that_people_see(
    resources: Resources,
) -> None:
    image_id = embargoed(resources)
    resources.storage.delete_original(image_id)
    set_dates(resources, image_id, embargo=PAST)
    resources.db.execute("UPDATE image SET uploads_until = '2001-01-01'")
    assert reap(resources)["lost"] == 1
    assert state(resources.db, image_id) == "failed"


def test_what_cannot_be_hidden_stops_nothing_else(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = expired(resources)

    def fail(*_: object, **__: object) -> Any:
        raise RuntimeError("out of order")

    monkeypatch.setattr(visibility, "hide_pictures", fail)
    monkeypatch.setattr(reaper, "ROWS_PER_LEASE", 1)
    assert reap(resources) == {"skipped": 1, "finished": True}
    monkeypatch.undo()
    reap(resources)
    assert_hidden(resources, image_id)


def test_an_expired_picture_is_in_no_site_map(resources: Resources) -> None:
    image_id = expired(resources)
    assert list_links(resources.db, (0, image_id + 1), 10) == []
    edit(resources, image_id, expires=None)
    assert [link.image_id for link in list_links(resources.db, (0, image_id + 1), 10)] == [image_id]
