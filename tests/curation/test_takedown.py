"""Taking pictures down: at once, for good, whatever else happens at this very moment."""

import hashlib
import io
import json
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from msgspec.structs import replace

from stockroom.curation import takedown
from stockroom.images import change_log, ids, takedowns
from stockroom.images.repository import lifecycle
from stockroom.images.states import TAKE_DOWN, State
from stockroom.images.storage import Storage
from stockroom.ingest import retry
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import InvalidField, StorageUnavailable
from stockroom.search.service import SearchIndex
from stockroom.uploads.validate import Rejected
from tests.curation.published import actions, assert_consistent, make_public, objects, publish
from tests.curation.test_deletion import delete, reap
from tests.curation.test_restoring import restore
from tests.factories import BOB, file, owner_of, pending, put_original, row_in, state, uploaded
from tests.images.test_visibility import LATER, edit
from tests.ingest.test_process import process
from tests.proxy import DatabaseProxy
from tests.renditions.images import photo_of
from tests.uploads.test_create import accept

REASON = "A court has ordered it."


def take_down(
    resources: Resources,
    *image_ids: int,
    same_content: bool = False,
    db: Database | None = None,
    storage: Storage | None = None,
    reason: str = REASON,
) -> dict[int, bool]:
    return takedown.take_down(
        db or resources.db,
        storage or resources.storage,
        resources.search_index if db is None else SearchIndex(db),
        image_ids,
        actor=owner_of(resources, BOB),
        reason=reason,
        same_content=same_content,
        upload_seconds=resources.settings.upload_seconds,
    )


def rejection(resources: Resources, content: bytes) -> str:
    """Why a file is rejected."""
    (outcome,) = accept(resources, file(content))
    assert isinstance(outcome, Rejected), outcome
    return outcome.code


@pytest.mark.parametrize("before", TAKE_DOWN.sources)
def test_a_row_in_any_state_goes_at_once_with_its_objects(resources: Resources, before: State) -> None:
    if before in ("ready", "deleted"):
        image_id = publish(resources)
        if before == "deleted":
            delete(resources, image_id)
    else:
        image_id = row_in(resources, before)
        put_original(resources, image_id, b"content")
    assert take_down(resources, image_id) == {image_id: True}
    assert state(resources.db, image_id) == "deleting"
    assert objects(resources, image_id) == (False, 0)
    assert_consistent(resources.db)
    assert rejection(resources, b"content") == "taken-down"
    assert actions(resources.db, image_id)[-1] == "take-down"
    (entry,) = change_log.find_page(resources.db, change_log.LAST_ENTRY, 1, image_id=image_id).entries
    sha256 = hashlib.sha256(b"content").hexdigest()
    assert entry.detail == {"reason": REASON, "sha256": sha256, "was": before}
    assert entry.actor_name == "Bob"
    resources.db.execute("UPDATE image SET uploads_until = '2020-01-01', deadline = '2020-01-01'")
    assert reap(resources).deleted == 1
    assert state(resources.db, image_id) is None
    assert actions(resources.db, image_id)[-2:] == ["take-down", "purge"]


def test_the_copy_of_an_original_goes_with_it(resources: Resources) -> None:
    image_id = publish(resources)
    resources.storage.write_copy(
        image_id, io.BytesIO(b"copy"), media_type="image/jpeg", label="label", sha256=b""
    )
    assert take_down(resources, image_id) == {image_id: True}
    assert resources.storage.find_copy(image_id) is None


def test_what_storage_does_not_delete_now_the_reaper_does(
    resources: Resources, logs: Callable[[], str]
) -> None:
    class Away(Storage):
        def delete_original(self, image_id: int) -> None:
            raise StorageUnavailable(f"{image_id} cannot be deleted")

    image_id = publish(resources)
    logs()  # those of the upload
    assert take_down(resources, image_id, storage=Away(resources.settings)) == {image_id: True}
    assert state(resources.db, image_id) == "deleting"
    lines = [json.loads(line) for line in logs().splitlines()]
    assert [(line["level"], line["message"], line.get("image_id"), line.get("images")) for line in lines] == [
        ("INFO", "taken down", ids.encode(image_id), None),
        ("ERROR", "objects left to the reaper", None, [ids.encode(image_id)]),
    ]
    reap(resources)
    assert objects(resources, image_id) == (False, 0)


def test_an_id_without_a_row_is_gone_and_a_second_time_has_the_same_answer(resources: Resources) -> None:
    image_id = publish(resources)
    for _ in range(2):
        assert take_down(resources, image_id, 7) == {image_id: True, 7: False}
    assert actions(resources.db, image_id) == ["take-down"]


def test_a_content_stays_refused_for_the_first_reason(resources: Resources) -> None:
    image_id, bobs = publish(resources, b"1"), publish(resources, b"1", BOB)
    take_down(resources, image_id)
    take_down(resources, bobs, reason="Another one.")
    assert actions(resources.db, bobs) == ["take-down"]
    assert [each.reason for each in takedowns.find_page(resources.db, None, 10)] == [REASON]


def test_a_picture_that_is_given_up_already_has_its_content_refused(resources: Resources) -> None:
    """Nothing of the row changes any more, and its owner could post the file again."""
    image_id = publish(resources)
    delete(resources, image_id)
    resources.db.execute("UPDATE image SET state = 'deleting'")
    assert take_down(resources, image_id) == {image_id: True}
    assert rejection(resources, b"content") == "taken-down"
    assert actions(resources.db, image_id) == ["delete", "take-down"]


def test_an_upload_that_was_cancelled_has_no_content_any_more(resources: Resources) -> None:
    image_id = row_in(resources, "deleting")
    assert take_down(resources, image_id) == {image_id: False}


def test_other_rows_of_the_content_stay_unless_they_are_to_go(resources: Resources) -> None:
    image_id, bobs = publish(resources, b"1"), publish(resources, b"1", BOB)
    take_down(resources, image_id)
    assert state(resources.db, bobs) == "ready"
    assert_consistent(resources.db)


def test_every_row_of_the_content_goes_on_request(resources: Resources) -> None:
    image_id, other = publish(resources, b"1"), publish(resources, b"2")
    deleted = publish(resources, b"1", BOB)
    delete(resources, deleted, caller=BOB)
    bobs = pending(resources, b"1", BOB)
    failed = row_in(resources, "failed", b"3")
    resources.db.execute(
        "UPDATE image SET failed_sha256 = %s WHERE id = %s", (hashlib.sha256(b"1").digest(), failed)
    )
    answers = take_down(resources, image_id, same_content=True)
    assert answers == dict.fromkeys([image_id, deleted, bobs, failed], True)
    assert {state(resources.db, each) for each in answers} == {"deleting"}
    assert {actions(resources.db, each)[-1] for each in answers} == {"take-down"}
    assert state(resources.db, other) == "ready"
    assert_consistent(resources.db)


def test_an_upload_that_was_announced_before_never_becomes_a_picture(resources: Resources) -> None:
    content = photo_of("jpeg")
    image_id, bobs = publish(resources, content), uploaded(resources, content, BOB)
    take_down(resources, image_id)
    assert process(resources, bobs) == "superseded"
    assert state(resources.db, bobs) == "deleting"
    assert objects(resources, bobs) == (False, 0)
    assert actions(resources.db, bobs) == ["take-down"]


@pytest.mark.parametrize("is_announced", [False, True])
@pytest.mark.parametrize("same_content", [False, True])
def test_anothers_hidden_copy_is_shown_unless_all_of_the_content_was_taken_down(
    resources: Resources, same_content: bool, is_announced: bool
) -> None:
    """It was a picture before: it stays as one that is public does."""
    content = photo_of("jpeg")
    image_id, bobs = publish(resources, content), publish(resources, content, BOB)
    edit(resources, bobs, embargo=LATER)
    if is_announced:
        edit(resources, bobs, embargo=None)
    take_down(resources, image_id, same_content=same_content)
    if not is_announced:
        edit(resources, bobs, embargo=None)
    outcome = process(resources, bobs)
    if same_content:
        assert (outcome, state(resources.db, bobs)) == ("superseded", "deleting")
        assert objects(resources, bobs) == (False, 0)
    else:
        assert (outcome, state(resources.db, bobs)) == ("ready", "ready")
        assert rejection(resources, content) == "taken-down"
    assert_consistent(resources.db)


def test_a_content_that_is_taken_down_while_it_is_rendered_is_not_published(resources: Resources) -> None:
    content = photo_of("jpeg")
    image_id, bobs = publish(resources, content), uploaded(resources, content, BOB)
    with (
        DatabaseProxy(
            resources.settings, "SET state = 'ready'", before=lambda: take_down(resources, image_id)
        ) as proxy,
        closing(Database(proxy.settings)) as db,
    ):
        assert process(resources, bobs, db=db) == "superseded"
    assert state(resources.db, bobs) == "deleting"
    assert objects(resources, bobs) == (False, 0)
    assert_consistent(resources.db)


def test_a_picture_that_is_published_at_this_very_moment_goes_too(resources: Resources) -> None:
    """Its transaction has found its content accepted, and commits after the content is refused.

    What is taken down first has no postings: otherwise it would wait for the terms that both have.
    """
    image_id, bobs = pending(resources, b"1"), pending(resources, b"1", BOB)
    owner_of(resources, BOB)
    answers: list[dict[int, bool]] = []

    def take_down_elsewhere() -> None:
        with closing(Database(resources.settings)) as db:
            answers.append(take_down(resources, image_id, same_content=True, db=db))

    thread = threading.Thread(target=take_down_elsewhere)

    def wait_until_refused() -> None:
        thread.start()
        while not resources.db.query("SELECT 1 FROM takedown"):
            time.sleep(0.01)

    with (
        DatabaseProxy(resources.settings, "\x03COMMIT", before=wait_until_refused) as proxy,
        closing(Database(proxy.settings)) as db,
    ):
        make_public(replace(resources, db=db), bobs)
    thread.join()
    assert answers == [{image_id: True, bobs: True}]
    assert state(resources.db, bobs) == "deleting"
    assert_consistent(resources.db)


def test_a_file_that_is_announced_at_this_very_moment_is_not_published(resources: Resources) -> None:
    """The request has looked for take-downs, and has not inserted its row yet."""
    content = photo_of("jpeg")
    image_id = publish(resources, content)
    with (
        DatabaseProxy(
            resources.settings,
            "INSERT INTO image",
            before=lambda: take_down(resources, image_id, same_content=True),
        ) as proxy,
        closing(Database(proxy.settings)) as db,
    ):
        (outcome,) = accept(resources, file(content), caller=BOB, db=db)
    bobs = outcome.image_id  # type: ignore[union-attr]
    put_original(resources, bobs, content)
    assert process(resources, bobs) == "superseded"
    assert objects(resources, bobs) == (False, 0)


def test_a_failed_upload_of_the_content_is_not_processed_again(resources: Resources) -> None:
    content = photo_of("jpeg")
    image_id, bobs = publish(resources, content), uploaded(resources, content, BOB)
    lifecycle.fail(resources.db, bobs, "truncated", "Cut.", days=30)
    take_down(resources, image_id)
    (retried,) = retry.retry_failed(resources.db, resources.storage, [bobs])
    assert (retried.state, state(resources.db, bobs)) == ("taken-down", "failed")


def test_a_deleted_picture_of_the_content_is_not_restored(resources: Resources) -> None:
    image_id, bobs = publish(resources, b"1"), publish(resources, b"1", BOB)
    delete(resources, bobs, caller=BOB)
    take_down(resources, image_id)
    assert restore(resources, bobs, caller=BOB) == {bobs: "gone"}
    assert_consistent(resources.db)


def test_a_take_down_can_be_lifted(resources: Resources) -> None:
    image_id = publish(resources)
    take_down(resources, image_id)
    ((sha256, _, actor, name, reason),) = takedowns.find_page(resources.db, None, 10)
    assert (actor, name, reason) == (owner_of(resources, BOB), "Bob", REASON)
    assert takedown.lift(resources.db, sha256, actor=actor)
    assert not takedown.lift(resources.db, sha256, actor=actor)
    assert takedowns.find_page(resources.db, None, 10) == []
    pending(resources)
    (entry,) = change_log.find_page(
        resources.db, change_log.LAST_ENTRY, 10, image_id=change_log.NO_PICTURE
    ).entries
    assert (entry.action, entry.actor_name) == ("lift", "Bob")
    assert entry.detail == {"sha256": sha256.hex(), "reason": REASON}


@pytest.mark.parametrize("reason", ["", " \u200b ", "a\x00b", "x" * 1001, "e" + "\u0301" * 20])
def test_a_reason_can_be_read(reason: str) -> None:
    with pytest.raises(InvalidField) as raised:
        takedown.clean_reason(reason)
    assert raised.value.pointer == "/reason"
    assert raised.value.code == "invalid-field"
    assert raised.value.detail == "Give a reason: a text of 1 to 1000 characters that can be read."


def test_a_reason_is_one_line() -> None:
    assert takedown.clean_reason(" Court\n order  7 ") == "Court order 7"
    assert takedown.clean_reason("x" * 1000) == "x" * 1000


@pytest.mark.parametrize(
    ("text", "sha256"),
    [
        ("0" * 62 + "fF", bytes(31) + b"\xff"),
        ("0" * 63, None),
        ("0" * 65, None),
        ("0" * 63 + "g", None),
        ("0" * 64 + "\n", None),
        (" " + "0" * 64, None),
    ],
)
def test_a_content_is_named_by_64_hexadecimal_digits(text: str, sha256: bytes | None) -> None:
    assert takedowns.parse_sha256(text) == sha256


def test_pages_of_take_downs_begin_with_the_newest(resources: Resources) -> None:
    for content in (b"1", b"2", b"3"):
        take_down(resources, publish(resources, content))
    resources.db.execute("UPDATE takedown SET at = '2026-05-01 12:00:00.000'")
    newest = hashlib.sha256(b"2").digest()
    resources.db.execute("UPDATE takedown SET at = '2026-05-02' WHERE sha256 = %s", (newest,))
    others = sorted((hashlib.sha256(content).digest() for content in (b"1", b"3")), reverse=True)
    page = takedowns.find_page(resources.db, None, 2)
    assert [each.sha256 for each in page] == [newest, others[0]]
    (last,) = takedowns.find_page(resources.db, (page[-1].at, page[-1].sha256), 2)
    assert last.sha256 == others[1]


@pytest.mark.parametrize(
    "fragment",
    ["FOR UPDATE", "INTO takedown", "SET failed_sha256", "DELETE p FROM", "INTO change_log", "\x03COMMIT"],
)
@pytest.mark.parametrize("fault", [{"drop": True}, {"lose_answer": True}, {"error": 1213}])
def test_a_take_down_whose_connection_breaks_happens_once(
    resources: Resources, fragment: str, fault: dict[str, Any]
) -> None:
    image_id = publish(resources)
    with (
        DatabaseProxy(resources.settings, fragment, **fault) as proxy,
        closing(Database(proxy.settings)) as db,
    ):
        assert take_down(resources, image_id, db=db) == {image_id: True}
    assert_consistent(resources.db)
    assert actions(resources.db, image_id) == ["take-down"]
    assert objects(resources, image_id) == (False, 0)
