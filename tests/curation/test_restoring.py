"""Restoring deleted pictures, and everything that may come in the way."""

from contextlib import closing
from typing import Any

import pytest

from stockroom.api.auth import Caller
from stockroom.curation.actor import Actor
from stockroom.curation.changes import Edit
from stockroom.curation.edit import edit_images
from stockroom.curation.requests import RestoredState
from stockroom.curation.restoring import MAX_TRIES, restore_pictures
from stockroom.images.repository.lifecycle import FORMATS_SECONDS
from stockroom.images.repository.pictures import find_ready
from stockroom.ingest import reaper
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import Unavailable
from stockroom.search.query.parse import parse
from stockroom.search.service import SearchIndex
from tests.curation.published import FORMATS, actions, assert_consistent, make_public, objects, publish
from tests.curation.test_deletion import delete, end_restoring, reap
from tests.factories import ALICE, BOB, owner_of, pending, put_original, row_in, state
from tests.proxy import DatabaseProxy


def restore(
    resources: Resources,
    *image_ids: int,
    caller: Caller | None = ALICE,
    db: Database | None = None,
    index: SearchIndex | None = None,
    formats: tuple[str, ...] = FORMATS,
) -> dict[int, RestoredState]:
    """Restore pictures as their owner, or as an administrator (None)."""
    return restore_pictures(
        db or resources.db,
        resources.storage,
        index or (resources.search_index if db is None else SearchIndex(db)),
        image_ids,
        actor=Actor(owner_of(resources, caller or BOB), is_admin=caller is None),
        formats=formats,
    )


def test_a_restored_picture_is_as_it_was(resources: Resources) -> None:
    image_id = publish(resources, b"1", description="red sea")
    publish(resources, b"2", description="sea")
    (before,) = find_ready(resources.db, [image_id])
    postings = resources.db.query("SELECT * FROM posting ORDER BY term_id, image_id")
    row = resources.db.query("SELECT * FROM image WHERE id = %s", (image_id,))
    delete(resources, image_id)
    assert restore(resources, image_id) == {image_id: "ready"}
    assert find_ready(resources.db, [image_id]) == [before]
    assert resources.db.query("SELECT * FROM posting ORDER BY term_id, image_id") == postings
    assert resources.db.query("SELECT * FROM image WHERE id = %s", (image_id,)) == row
    assert_consistent(resources.db)
    assert image_id in [each.image_id for each in resources.search_index.find_images(parse("red")).pictures]
    assert actions(resources.db, image_id) == ["delete", "restore"]


def test_many_are_restored_at_once(resources: Resources) -> None:
    image_ids = [publish(resources, b"%d" % n, description=f"word{n} sea") for n in range(20)]
    delete(resources, *image_ids)
    assert restore(resources, *image_ids) == dict.fromkeys(image_ids, "ready")
    assert_consistent(resources.db)


def test_what_is_not_deleted_stays_as_it_is(resources: Resources) -> None:
    image_id, anothers = publish(resources, b"1"), publish(resources, b"2", BOB)
    delete(resources, anothers, caller=BOB)
    waiting = row_in(resources, "pending", b"3")
    assert restore(resources, image_id, anothers, waiting, 7) == {
        image_id: "ready",
        anothers: "gone",
        waiting: "gone",
        7: "gone",
    }
    assert restore(resources, anothers, caller=None) == {anothers: "ready"}, "an administrator may"
    assert restore(resources) == {}
    assert actions(resources.db, image_id) == []


def test_nothing_is_learnt_of_anothers_pictures_beside_ones_own(resources: Resources) -> None:
    own, public, hidden = (
        publish(resources, b"1"),
        publish(resources, b"2", BOB),
        publish(resources, b"3", BOB),
    )
    resources.db.execute("UPDATE image SET state = 'hidden' WHERE id = %s", (hidden,))
    delete(resources, own)
    assert restore(resources, own, public, hidden) == {own: "ready", public: "gone", hidden: "gone"}
    assert objects(resources, own) == (True, 4)


def test_its_time_is_over(resources: Resources) -> None:
    image_id = publish(resources)
    delete(resources, image_id)
    end_restoring(resources.db)
    assert restore(resources, image_id) == {image_id: "gone"}
    assert state(resources.db, image_id) == "deleted"
    assert_consistent(resources.db)


def test_a_picture_that_was_hidden_is_hidden_again(resources: Resources) -> None:
    image_id = publish(resources)
    resources.db.run_transaction(lambda cursor: resources.search_index.remove_all(cursor, [image_id]))
    resources.db.execute("DELETE FROM phash_band")
    resources.db.execute("UPDATE image SET state = 'hidden'")
    delete(resources, image_id)
    assert restore(resources, image_id) == {image_id: "hidden"}
    assert_consistent(resources.db)
    assert restore(resources, image_id) == {image_id: "hidden"}


def test_a_picture_that_has_expired_meanwhile_is_hidden_and_its_links_end(resources: Resources) -> None:
    image_id = publish(resources)
    delete(resources, image_id)
    resources.db.execute("UPDATE image SET expires = '2020-01-01'")
    assert restore(resources, image_id) == {image_id: "hidden"}
    assert_consistent(resources.db)
    assert objects(resources, image_id) == (True, 0)


def test_an_administrator_restores_pictures_beside_one_whose_owner_is_missing(resources: Resources) -> None:
    """As a restore of the database that went wrong may leave it."""
    image_id, anothers = publish(resources, b"1"), publish(resources, b"2", BOB)
    delete(resources, image_id, anothers, caller=None)
    resources.db.execute("DELETE FROM owner WHERE owner_id = %s", (owner_of(resources, ALICE),))
    restored = restore(resources, image_id, anothers, caller=None)
    assert restored == {image_id: "ready", anothers: "ready"}
    assert_consistent(resources.db)


def test_a_hidden_picture_is_shown_at_once_if_its_time_came_while_it_was_deleted(
    resources: Resources,
) -> None:
    image_id = row_in(resources, "hidden")
    put_original(resources, image_id, b"content")
    resources.db.execute("UPDATE image SET embargo = '2037-01-01', version = 0")
    delete(resources, image_id)
    resources.db.execute("UPDATE image SET embargo = '2020-01-01'")
    assert restore(resources, image_id) == {image_id: "hidden"}
    assert state(resources.db, image_id) == "pending"


def test_a_file_that_was_posted_again_stands_for_its_content(resources: Resources) -> None:
    image_id = publish(resources, b"1")
    delete(resources, image_id)
    again_id = pending(resources, b"1")
    assert restore(resources, image_id) == {image_id: "posted-again"}
    make_public(resources, again_id)
    delete(resources, again_id)
    assert restore(resources, image_id, again_id) == {image_id: "posted-again", again_id: "ready"}
    assert_consistent(resources.db)


def test_pictures_without_a_known_hash_are_not_taken_for_one_content(resources: Resources) -> None:
    image_ids = [publish(resources, b"1"), publish(resources, b"2")]
    resources.db.execute("UPDATE image SET sha256 = NULL")
    delete(resources, *image_ids)
    assert restore(resources, *image_ids) == dict.fromkeys(image_ids, "ready")


def test_a_file_that_is_posted_again_at_this_very_moment(resources: Resources) -> None:
    """The other request commits its row between the look for such rows and the restoration."""
    image_id = publish(resources, b"1")
    delete(resources, image_id)
    with (
        DatabaseProxy(
            resources.settings, "SET state = 'ready'", before=lambda: pending(resources, b"1")
        ) as proxy,
        closing(Database(proxy.settings)) as db,
    ):
        assert restore(resources, image_id, db=db) == {image_id: "posted-again"}
    assert_consistent(resources.db)


def test_what_the_reaper_has_leased_can_still_be_restored(resources: Resources) -> None:
    image_id = publish(resources)
    delete(resources, image_id)
    end_restoring(resources.db)
    resources.db.execute("UPDATE image SET deadline = '2020-01-01'")
    with (
        DatabaseProxy(
            resources.settings,
            "SET state = 'deleting'",
            before=lambda: restored.append(restore(resources, image_id)),
        ) as proxy,
        closing(Database(proxy.settings)) as db,
    ):
        restored: list[dict[int, RestoredState]] = []
        report = reaper.reap(db, resources.storage, upload_seconds=60, failed_days=30, seconds=60)
    assert restored == [{image_id: "ready"}]
    assert report.deleted == 0
    assert objects(resources, image_id) == (True, 4)
    assert_consistent(resources.db)


def test_what_the_reaper_gives_up_at_this_very_moment_cannot_be_restored(resources: Resources) -> None:
    image_id = publish(resources)
    delete(resources, image_id)

    def be_too_late() -> None:
        end_restoring(resources.db)
        reap(resources)

    with (
        DatabaseProxy(resources.settings, "FOR UPDATE", before=be_too_late) as proxy,
        closing(Database(proxy.settings)) as db,
    ):
        assert restore(resources, image_id, db=db) == {image_id: "gone"}
    assert objects(resources, image_id) == (False, 0)
    assert actions(resources.db, image_id) == ["delete", "purge"]


def test_formats_that_are_missing_are_made_again(resources: Resources) -> None:
    image_id = publish(resources)
    delete(resources, image_id)
    assert restore(resources, image_id, formats=("webp", "avif")) == {image_id: "ready"}
    ((seconds,),) = resources.db.query("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), deadline) FROM image")
    assert 0 <= seconds <= FORMATS_SECONDS


def test_formats_that_are_all_there_are_not_made_again(resources: Resources) -> None:
    image_id = publish(resources)
    resources.db.execute("UPDATE image SET formats = 'webp,avif'")
    delete(resources, image_id)
    assert restore(resources, image_id, formats=("webp", "avif")) == {image_id: "ready"}
    assert resources.db.query("SELECT formats, deadline FROM image") == (("webp,avif", None),)


def test_a_term_that_was_swept_meanwhile_is_created_again(resources: Resources) -> None:
    image_id = publish(resources, description="red sea")
    delete(resources, image_id)
    resources.search_index.forget()
    resources.db.execute("DELETE FROM lexicon")
    resources.db.execute("DELETE FROM term")
    assert restore(resources, image_id) == {image_id: "ready"}
    assert_consistent(resources.db)
    assert len(resources.search_index.find_images(parse("sea")).pictures) == 1


def test_a_term_that_this_process_remembers_and_that_was_swept(resources: Resources) -> None:
    image_id = publish(resources, description="red sea")
    delete(resources, image_id)
    resources.db.execute("DELETE FROM lexicon")
    resources.db.execute("DELETE FROM term")
    assert restore(resources, image_id) == {image_id: "ready"}
    assert_consistent(resources.db)


def test_a_picture_that_is_edited_and_deleted_again_meanwhile_is_found_by_its_newest_words(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = publish(resources, description="red sea")
    delete(resources, image_id)
    resolve_all = resources.search_index.resolve_all

    def resolve_and_be_overtaken(documents: Any) -> Any:
        entries = resolve_all(documents)
        monkeypatch.undo()
        restore(resources, image_id)
        actor = Actor(owner_of(resources, ALICE), is_admin=False)
        changes = Edit(fields={"description": "blue sky"})
        edit_images(resources.db, resources.storage, resources.search_index, [image_id], changes, actor=actor)
        delete(resources, image_id)
        return entries

    monkeypatch.setattr(resources.search_index, "resolve_all", resolve_and_be_overtaken)
    assert restore(resources, image_id) == {image_id: "ready"}
    found = resources.search_index.find_images(parse("blue")).pictures
    assert [each.image_id for each in found] == [image_id]
    assert_consistent(resources.db)


def test_a_restoration_that_is_overtaken_every_time_changes_nothing(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = publish(resources)
    delete(resources, image_id)
    resolve_all = resources.search_index.resolve_all

    def resolve_and_be_overtaken(documents: Any) -> Any:
        resources.db.execute("UPDATE image SET revision = revision + 1")
        return resolve_all(documents)

    monkeypatch.setattr(resources.search_index, "resolve_all", resolve_and_be_overtaken)
    with pytest.raises(Unavailable, match=r"^Too much happens to these pictures at this very moment\.$"):
        restore(resources, image_id)
    assert resources.db.query("SELECT state, revision FROM image") == (("deleted", MAX_TRIES),)


@pytest.mark.parametrize(
    "fragment",
    [
        "FOR UPDATE",
        "SET state = 'ready'",
        "INTO posting",
        "SET t.df",
        "INTO phash_band",
        "INTO change_log",
        "\x03COMMIT",
    ],
)
@pytest.mark.parametrize("fault", [{"drop": True}, {"lose_answer": True}, {"error": 1213}])
def test_a_restoration_whose_connection_breaks_happens_once(
    resources: Resources, fragment: str, fault: dict[str, Any]
) -> None:
    image_ids = [publish(resources, b"1"), publish(resources, b"2")]
    delete(resources, *image_ids)
    with (
        DatabaseProxy(resources.settings, fragment, **fault) as proxy,
        closing(Database(proxy.settings)) as db,
    ):
        assert restore(resources, *image_ids, db=db) == dict.fromkeys(image_ids, "ready")
    assert_consistent(resources.db)
    for image_id in image_ids:
        assert actions(resources.db, image_id) == ["delete", "restore"]


def test_the_words_of_somebody_elses_picture_stay_out_of_the_index(resources: Resources) -> None:
    image_id = publish(resources, b"1", description="zyzzyva")
    delete(resources, image_id)
    resources.db.execute("DELETE FROM lexicon WHERE surface = 'zyzzyva'")
    index = SearchIndex(resources.db)
    assert restore(resources, image_id, caller=BOB, index=index) == {image_id: "gone"}
    assert resources.db.query("SELECT 1 FROM lexicon WHERE surface = 'zyzzyva'") == ()
    assert restore(resources, image_id, index=index) == {image_id: "ready"}
    assert resources.db.query("SELECT 1 FROM lexicon WHERE surface = 'zyzzyva'") == ((1,),)
