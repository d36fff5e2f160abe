"""Deleting pictures: what goes, what stays, and for how long."""

from contextlib import closing
from datetime import datetime
from typing import Any

import pytest

from stockroom.api.auth import Caller
from stockroom.curation.actor import Actor
from stockroom.curation.deletion import StalePicture, delete_pictures
from stockroom.images import change_log
from stockroom.images.repository import deletion
from stockroom.images.repository.pictures import find_ready
from stockroom.ingest import reaper
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import NotFound
from stockroom.search.query.parse import parse
from stockroom.search.service import SearchIndex
from stockroom.uploads import cancel, status
from tests.curation.published import actions, assert_consistent, objects, publish
from tests.factories import (
    ALICE,
    BOB,
    Statements,
    begin_attempt,
    minutes_left,
    owner_of,
    pending,
    row_in,
    state,
)
from tests.ingest.test_process import process
from tests.proxy import DatabaseProxy


def delete(
    resources: Resources,
    *image_ids: int,
    caller: Caller | None = ALICE,
    db: Database | None = None,
    revisions: set[int] | None = None,
) -> dict[int, datetime]:
    """Delete pictures as their owner, or as an administrator (None)."""
    return delete_pictures(
        db or resources.db,
        resources.search_index if db is None else SearchIndex(db),
        image_ids,
        actor=Actor(owner_of(resources, caller or BOB), is_admin=caller is None),
        seconds=resources.settings.restore_seconds,
        revisions=revisions,
    )


def end_restoring(db: Database) -> None:
    """Let the time pass in which deleted pictures can be restored."""
    db.execute("UPDATE image SET deadline = '2020-01-01' WHERE state = 'deleted'")
    db.execute("UPDATE image SET uploads_until = '2020-01-01'")


def reap(resources: Resources) -> reaper.Report:
    return reaper.reap(
        resources.db,
        resources.storage,
        upload_seconds=resources.settings.upload_seconds,
        failed_days=resources.settings.failed_days,
        seconds=60,
    )


def test_nobody_finds_a_deleted_picture(resources: Resources) -> None:
    image_id, other_id = publish(resources, b"1", description="red sea"), publish(resources, b"2")
    ((until,),) = [tuple(delete(resources, image_id).values())]
    assert find_ready(resources.db, [image_id, other_id])[0].image_id == other_id
    assert resources.search_index.find_images(parse("sea")).pictures == []
    assert resources.search_index.complete_words("se") == []
    assert_consistent(resources.db)
    ((seconds,),) = resources.db.query("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), %s)", (until,))
    assert 590 <= seconds <= 600
    assert objects(resources, image_id) == (True, 4), "it can be restored"
    assert actions(resources.db, image_id) == ["delete"]


def test_its_owner_sees_it_until_it_can_be_restored_no_longer(resources: Resources) -> None:
    image_id = publish(resources)
    until = delete(resources, image_id)[image_id]
    owner_id = owner_of(resources, ALICE)
    (upload,) = status.find(resources.db, resources.storage, owner_id, [image_id])
    assert (upload.state, upload.restorable_until) == ("deleted", until)
    assert upload.picture is not None
    assert upload.picture.image_id == image_id
    page, _ = status.find_page(resources.db, resources.storage, owner_id, None, 10)
    assert page == [upload]
    end_restoring(resources.db)
    assert status.find(resources.db, resources.storage, owner_id, [image_id]) == []


def test_a_second_deletion_changes_nothing_and_has_the_same_answer(resources: Resources) -> None:
    image_id = publish(resources)
    first = delete(resources, image_id)
    assert delete(resources, image_id) == first
    assert actions(resources.db, image_id) == ["delete"]


def test_only_pictures_of_ones_own_are_deleted(resources: Resources) -> None:
    anothers = publish(resources, b"1", BOB)
    others = [row_in(resources, name, name.encode()) for name in ("pending", "failed", "deleting")]
    assert delete(resources, anothers, *others, 7) == {}
    assert state(resources.db, anothers) == "ready"
    assert delete(resources, anothers, caller=None).keys() == {anothers}, "an administrator may"
    assert delete(resources) == {}


def test_no_picture_is_deleted_when_one_is_at_another_revision(resources: Resources) -> None:
    image_id, other_id = publish(resources, b"1"), publish(resources, b"2")
    resources.db.execute("UPDATE image SET revision = 3 WHERE id = %s", (image_id,))
    with pytest.raises(StalePicture) as raised:
        delete(resources, other_id, image_id, revisions={0, 2})
    assert (raised.value.revision, raised.value.args) == (3, (3,))
    assert {state(resources.db, each) for each in (image_id, other_id)} == {"ready"}
    assert_consistent(resources.db)
    assert delete(resources, image_id, revisions={2, 3}).keys() == {image_id}
    (entry,) = change_log.find_page(resources.db, change_log.LAST_ENTRY, 10, image_id=image_id).entries
    assert (entry.action, entry.actor_name, entry.detail) == ("delete", "Alice", {"revision": 3})


def test_nothing_is_learnt_of_anothers_deletion_beside_ones_own(resources: Resources) -> None:
    own, anothers = publish(resources, b"1"), publish(resources, b"2", BOB)
    delete(resources, anothers, caller=BOB)
    assert delete(resources, own, anothers).keys() == {own}


def test_statements_do_not_grow_with_the_number_of_pictures(resources: Resources) -> None:
    counts = []
    for size in (1, 10, 60):
        image_ids = [publish(resources, f"{size} {n}".encode(), description=f"word{n}") for n in range(size)]
        with Statements(resources.db) as sent:
            assert len(delete(resources, *image_ids)) == size
        counts.append(sent.count)
    # One more where the sample of postings has one of the pictures.
    assert max(counts) - min(counts) <= 1, counts
    assert_consistent(resources.db)


@pytest.mark.parametrize(
    "fragment",
    [
        "FOR UPDATE",
        "SET version",
        "DELETE p FROM",
        "SET t.df",
        "DELETE FROM phash_band",
        "INTO change_log",
        "\x03COMMIT",
    ],
)
@pytest.mark.parametrize("fault", [{"drop": True}, {"lose_answer": True}, {"error": 1213}])
def test_a_deletion_whose_connection_breaks_happens_once(
    resources: Resources, fragment: str, fault: dict[str, Any]
) -> None:
    image_ids = [publish(resources, b"1"), publish(resources, b"2")]
    with (
        DatabaseProxy(resources.settings, fragment, **fault) as proxy,
        closing(Database(proxy.settings)) as db,
    ):
        assert delete(resources, *image_ids, db=db).keys() == set(image_ids)
    assert_consistent(resources.db)
    for image_id in image_ids:
        assert actions(resources.db, image_id) == ["delete"]


def test_objects_and_row_go_when_it_can_be_restored_no_longer(resources: Resources) -> None:
    image_id = publish(resources)
    delete(resources, image_id)
    assert reap(resources).deleted == 0
    assert state(resources.db, image_id) == "deleted"
    end_restoring(resources.db)
    assert reap(resources).deleted == 1
    assert state(resources.db, image_id) is None
    assert objects(resources, image_id) == (False, 0)
    assert actions(resources.db, image_id) == ["delete", "purge"]


def test_a_row_stays_while_an_attempt_may_still_write_renditions(resources: Resources) -> None:
    image_id = publish(resources)
    begin_attempt(resources.db, image_id)
    delete(resources, image_id)
    end_restoring(resources.db)
    assert reap(resources).deleted == 0
    assert state(resources.db, image_id) == "deleting"
    assert objects(resources, image_id) == (False, 0)


def test_an_upload_that_never_was_a_picture_leaves_no_log(resources: Resources) -> None:
    image_id = row_in(resources, "deleting")
    resources.db.execute("UPDATE image SET deadline = '2020-01-01'")
    assert reap(resources).deleted == 1
    assert actions(resources.db, image_id) == []


def test_an_event_at_a_deleted_row_changes_nothing(resources: Resources) -> None:
    image_id = publish(resources)
    resources.db.execute("UPDATE image SET deadline = UTC_TIMESTAMP(3)")
    delete(resources, image_id)
    before = resources.db.query("SELECT * FROM image")
    assert process(resources, image_id) == "kept"
    assert resources.db.query("SELECT * FROM image") == before
    assert objects(resources, image_id) == (True, 4)


def test_the_same_file_posted_again_is_a_new_upload(resources: Resources) -> None:
    image_id = publish(resources, b"1")
    delete(resources, image_id)
    again_id = pending(resources, b"1")
    assert again_id != image_id
    assert state(resources.db, image_id) == "deleted"


def test_a_deleted_picture_is_no_upload_that_could_be_cancelled(resources: Resources) -> None:
    image_id = publish(resources)
    delete(resources, image_id)
    with pytest.raises(NotFound):
        cancel.cancel_upload(
            resources.db, resources.storage, resources.settings, owner_of(resources, ALICE), image_id
        )
    assert state(resources.db, image_id) == "deleted"


def test_a_hidden_picture_can_be_deleted_too(resources: Resources) -> None:
    image_id = row_in(resources, "hidden")
    assert delete(resources, image_id).keys() == {image_id}
    assert resources.db.query("SELECT state, version FROM image") == (("deleted", 0),)


def test_a_failed_picture_that_is_dismissed_is_deleted_as_one_that_was_hidden(resources: Resources) -> None:
    image_id = row_in(resources, "failed")
    resources.db.execute("UPDATE image SET version = 1, failure_code = 'truncated', failure_detail = 'Cut.'")

    def dismiss() -> bool:
        return bool(
            resources.db.run_transaction(lambda cursor: deletion.dismiss(cursor, [image_id], seconds=1200))
        )

    assert not dismiss(), "it never was a picture"
    resources.db.execute("UPDATE image SET width = 3")
    assert dismiss()
    assert resources.db.query("SELECT state, version, failure_code, failure_detail FROM image") == (
        ("deleted", 0, None, None),
    )
    assert minutes_left(resources.db) == 20
    assert not dismiss()
