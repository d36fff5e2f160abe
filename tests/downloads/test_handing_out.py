"""Links to originals and to copies, for whom they are meant."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from stockroom.curation.takedown import take_down
from stockroom.downloads.handing_out import Handout, hand_out
from stockroom.downloads.rights import Visitor
from stockroom.images.storage import Storage, StoredCopy, copy_key
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import NotFound, StorageUnavailable, Unauthenticated
from stockroom.runtime.timestamps import now
from tests.downloads.originals import list_copies, picture_with_original, read_object
from tests.factories import ALICE, BOB, owner_of, put_original, row_in
from tests.renditions.images import photo_of

ANYBODY = Visitor(may_read=True)


def owner(resources: Resources) -> Visitor:
    return Visitor(has_token=True, owner_id=owner_of(resources, ALICE), may_read=True)


def ask(
    resources: Resources, image_id: int | None, visitor: Visitor | None = None, **options: Any
) -> Handout:
    settings = replace(resources.settings, originals=options.pop("originals", "owner"))
    return hand_out(
        resources.db,
        resources.storage,
        settings,
        image_id,
        owner(resources) if visitor is None else visitor,
        **{"with_metadata": False, "now": now(), **options},
    )


def connection(resources: Resources) -> int:
    """By what the server knows the present connection, which is made if there is none."""
    ((number,),) = resources.db.query("SELECT CONNECTION_ID()")
    return int(number)


def test_strangers_leave_the_connection_to_contributors_before_a_copy_is_made(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = picture_with_original(resources, photo_of("jpeg", 96, 64))
    write_copy = Storage.write_copy
    during: list[int] = []

    def note_connection(storage: Storage, *arguments: Any, **options: Any) -> StoredCopy:
        during.append(connection(resources))
        return write_copy(storage, *arguments, **options)

    monkeypatch.setattr(Storage, "write_copy", note_connection)
    before = connection(resources)
    ask(resources, image_id, ANYBODY, originals="everybody", with_metadata=True)
    assert during != [before]
    # Nor does a process keep the connection that has answered.
    before = connection(resources)
    with pytest.raises(NotFound):
        ask(resources, 7, ANYBODY, originals="everybody")
    assert connection(resources) != before
    before = connection(resources)
    ask(resources, image_id, with_metadata=True)
    assert connection(resources) == before, "its owner's requests go on with it"


def test_nothing_is_left_of_a_copy_whose_picture_was_taken_down_while_it_was_made(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = picture_with_original(resources)
    write_copy = Storage.write_copy

    def take_down_and_write(storage: Storage, *arguments: Any, **options: Any) -> StoredCopy:
        take_down(
            resources.db,
            resources.storage,
            resources.index_writer,
            [image_id],
            actor=1,
            reason="A test",
            same_content=True,
            upload_seconds=0,
        )
        return write_copy(storage, *arguments, **options)

    monkeypatch.setattr(Storage, "write_copy", take_down_and_write)
    with pytest.raises(NotFound):
        ask(resources, image_id, ANYBODY, originals="everybody", with_metadata=True)
    assert list_copies(resources) == []


def test_an_original_comes_as_it_was_uploaded(resources: Resources) -> None:
    content = photo_of("jpeg", 96, 64)
    image_id = picture_with_original(resources, content, name="Tür.png")
    moment = now()
    handout = ask(resources, image_id, now=moment)
    body, said = read_object(resources, handout.url)
    assert (body, hashlib.sha256(body).digest(), len(body)) == (content, handout.sha256, handout.size)
    assert said["response-content-type"] == handout.media_type == "image/jpeg"
    assert said["response-content-disposition"] == (
        "attachment; filename=\"Tur.jpg\"; filename*=UTF-8''T%C3%BCr.jpg"
    )
    assert said["response-cache-control"] == "private, no-store"
    assert int(said["X-Amz-Expires"]) == 300
    assert handout.expires_at == moment + timedelta(seconds=300)
    assert (handout.has_metadata, handout.refusal) == (False, "")


def test_a_copy_carries_the_present_metadata_and_the_original_stays(resources: Resources) -> None:
    content = photo_of("jpeg", 96, 64)
    image_id = picture_with_original(resources, content, name="Tür.png", description="A lighthouse")
    handout = ask(resources, image_id, with_metadata=True)
    body, said = read_object(resources, handout.url)
    assert handout.name == "Tür-with-details.jpg"
    assert said["response-content-disposition"] == (
        "attachment; filename=\"Tur-with-details.jpg\"; filename*=UTF-8''T%C3%BCr-with-details.jpg"
    )
    assert b"A lighthouse" in body
    assert (hashlib.sha256(body).digest(), len(body)) == (handout.sha256, handout.size)
    assert said["response-content-type"] == "image/jpeg"
    assert (handout.has_metadata, handout.refusal) == (True, "")
    assert read_object(resources, ask(resources, image_id).url)[0] == content


def test_an_original_has_the_name_of_the_file_for_its_owner_alone(resources: Resources) -> None:
    image_id = picture_with_original(resources, name="A lighthouse", file_name="DSC_1234.JPG")

    def names(visitor: Visitor) -> list[str]:
        return [
            ask(resources, image_id, visitor, originals="everybody", with_metadata=with_metadata).name
            for with_metadata in (False, True)
        ]

    assert names(owner(resources)) == ["DSC_1234.JPG", "DSC_1234-with-details.JPG"]
    _, said = read_object(resources, ask(resources, image_id).url)
    assert said["response-content-disposition"].startswith('attachment; filename="DSC_1234.JPG"')
    bob = Visitor(has_token=True, owner_id=owner_of(resources, BOB), may_read=True)
    admin = Visitor(has_token=True, owner_id=owner_of(resources, BOB), is_admin=True, may_read=True)
    for other in (ANYBODY, bob, admin):
        assert names(other) == ["A lighthouse.jpg", "A lighthouse-with-details.jpg"]
    # An edit gives the picture another name, and not the file.
    resources.db.execute("UPDATE image SET name = 'A beacon' WHERE id = %s", (image_id,))
    assert names(owner(resources))[0] == "DSC_1234.JPG"


def test_an_edit_is_in_the_next_copy(resources: Resources) -> None:
    image_id = picture_with_original(resources, description="A lighthouse")
    ask(resources, image_id, with_metadata=True)
    resources.db.execute("UPDATE image SET description = 'A beacon', revision = 1 WHERE id = %s", (image_id,))
    body, _ = read_object(resources, ask(resources, image_id, with_metadata=True).url)
    assert b"A beacon" in body
    assert b"A lighthouse" not in body
    assert list_copies(resources) == [copy_key(image_id)]


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe1\xff\xff no segment", b"x"])
def test_what_cannot_be_copied_is_handed_out_as_it_is(resources: Resources, content: bytes) -> None:
    image_id = picture_with_original(resources, content)
    handout = ask(resources, image_id, with_metadata=True)
    assert read_object(resources, handout.url)[0] == content
    assert not handout.has_metadata
    assert handout.refusal.startswith("The metadata cannot be written into this file: ")
    assert list_copies(resources) == []


def test_the_log_says_what_was_handed_out_and_what_could_not_be(
    resources: Resources, logs: Callable[[], str]
) -> None:
    image_id = picture_with_original(resources)
    visitor = owner(resources)

    def read_log() -> list[tuple[str, str, Any]]:
        lines = [json.loads(line) for line in logs().splitlines()]
        return [(line["level"], line["message"], line.get("reason", line.get("metadata"))) for line in lines]

    logs()  # that of the upload
    for with_metadata in (False, True):
        ask(resources, image_id, visitor, with_metadata=with_metadata)
        assert read_log() == [("INFO", "original handed out", with_metadata)]
    resources.storage.delete_copy(image_id)
    put_original(resources, image_id, b"\xff\xd8\xff\xe1\xff\xff no segment")
    handout = ask(resources, image_id, visitor, with_metadata=True)
    refused, handed_out = read_log()
    assert refused[:2] == ("WARNING", "not embedded")
    assert handout.refusal == f"The metadata cannot be written into this file: {refused[2]}."
    assert handed_out == ("INFO", "original handed out", False)
    resources.storage.delete_original(image_id)
    for with_metadata in (False, True):
        with pytest.raises(NotFound):
            ask(resources, image_id, visitor, with_metadata=with_metadata)
        assert read_log() == [("ERROR", "the original of a picture is missing", None)]


def test_a_hidden_original_is_its_owners_alone(resources: Resources) -> None:
    image_id = picture_with_original(resources, state="hidden")
    assert ask(resources, image_id).url
    other = Visitor(has_token=True, owner_id=owner_of(resources, BOB), may_read=True)
    for visitor in (other, ANYBODY):
        with pytest.raises(NotFound):
            ask(resources, image_id, visitor, originals="everybody")


@pytest.mark.parametrize(("originals", "may_read"), [("owner", True), ("everybody", False)])
def test_a_stranger_without_a_claim_costs_the_database_nothing(
    resources: Resources, originals: str, may_read: bool
) -> None:
    image_id = picture_with_original(resources)
    away = Database(replace(resources.settings, db_port=1))
    for asked in (image_id, None):
        with pytest.raises(Unauthenticated):
            ask(replace(resources, db=away), asked, Visitor(may_read=may_read), originals=originals)


@pytest.mark.parametrize(
    "dates", ["expires = UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE", "embargo = '2999-01-01'"]
)
def test_an_original_outside_of_its_dates_is_its_owners_alone(resources: Resources, dates: str) -> None:
    """From the very moment on, and not only once the reaper has hidden the picture."""
    image_id = picture_with_original(resources)
    resources.db.execute(f"UPDATE image SET {dates} WHERE id = %s", (image_id,))
    assert ask(resources, image_id).url
    other = Visitor(has_token=True, owner_id=owner_of(resources, BOB), may_read=True)
    for visitor in (other, ANYBODY):
        with pytest.raises(NotFound):
            ask(resources, image_id, visitor, originals="everybody")


@pytest.mark.parametrize("state", ["pending", "failed", "deleting", "deleted"])
def test_in_other_states_there_is_no_original(resources: Resources, state: Any) -> None:
    image_id = row_in(resources, state)
    for visitor in (owner(resources), Visitor(has_token=True, owner_id=0, is_admin=True, may_read=True)):
        with pytest.raises(NotFound):
            ask(resources, image_id, visitor)


def test_an_original_that_is_lost_is_not_found(resources: Resources) -> None:
    image_id = picture_with_original(resources)
    resources.storage.delete_original(image_id)
    for with_metadata in (False, True):
        with pytest.raises(NotFound):
            ask(resources, image_id, with_metadata=with_metadata)


def test_storage_that_is_away_is_not_an_absent_original(resources: Resources) -> None:
    image_id = picture_with_original(resources)
    away = replace(
        resources, storage=type(resources.storage)(replace(resources.settings, uploads_bucket="none"))
    )
    for with_metadata in (False, True):
        with pytest.raises(StorageUnavailable):
            ask(away, image_id, owner(resources), with_metadata=with_metadata)


@pytest.mark.parametrize(
    ("originals", "license_", "is_refused"),
    [
        ("owner", "CC0-1.0", True),
        ("license", "CC0-1.0", False),
        ("license", "all-rights-reserved", True),
        ("everybody", "all-rights-reserved", False),
    ],
)
def test_without_a_token_the_setting_decides(
    resources: Resources, originals: str, license_: str, is_refused: bool
) -> None:
    image_id = picture_with_original(resources, license=license_)
    if not is_refused:
        assert ask(resources, image_id, ANYBODY, originals=originals).url
        return
    with pytest.raises(Unauthenticated):
        ask(resources, image_id, ANYBODY, originals=originals)
    other = Visitor(has_token=True, owner_id=owner_of(resources, BOB), may_read=True)
    with pytest.raises(NotFound):
        ask(resources, image_id, other, originals=originals)


@pytest.mark.parametrize("originals", ["owner", "license", "everybody"])
def test_nothing_is_learnt_of_pictures_that_are_not_public(resources: Resources, originals: str) -> None:
    """Whoever has no token gets the same answer for a hidden picture and for none."""
    expected = Unauthenticated if originals == "owner" else NotFound
    for image_id in (picture_with_original(resources, state="hidden"), 5, None):
        with pytest.raises(expected):
            ask(resources, image_id, ANYBODY, originals=originals)


@pytest.mark.parametrize("originals", ["owner", "license", "everybody"])
def test_nothing_is_learnt_of_a_private_library(resources: Resources, originals: str) -> None:
    """Whoever has no token gets the same answer for a picture and for none."""
    for image_id in (picture_with_original(resources), 5, None):
        with pytest.raises(Unauthenticated):
            ask(resources, image_id, Visitor(), originals=originals)
