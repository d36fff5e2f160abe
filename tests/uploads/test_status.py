import re
from datetime import datetime, timedelta

import pytest

from stockroom.images import ids
from stockroom.images.repository import lifecycle, listing
from stockroom.images.repository.listing import OLDEST_FIRST
from stockroom.images.repository.upload_time import MAX_PENDING_DAYS
from stockroom.images.states import State
from stockroom.resources import Resources
from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.timestamps import now
from stockroom.uploads import status, tickets
from tests.factories import ALICE, BOB, Statements, make_overdue, owner_of, pending, ready, row_in, uploaded
from tooling import ROOT


def test_every_state_is_shown(resources: Resources) -> None:
    waiting, late, failed = (pending(resources, bytes([n])) for n in range(3))
    ready_id = ready(resources, b"ready")
    row_in(resources, "deleting", b"deleting")
    make_overdue(resources.db, late)
    lifecycle.fail(resources.db, failed, "truncated", "The file ends too early.", days=30)
    uploads, following = status.find_page(
        resources.db, resources.storage, owner_of(resources, ALICE), None, 50
    )
    shown = {upload.image_id: upload for upload in uploads}
    assert {image_id: upload.state for image_id, upload in shown.items()} == {
        ready_id: "ready",
        failed: "failed",
        late: "expired",
        waiting: "pending",
    }
    assert (picture := shown[ready_id].picture) is not None
    assert picture.image_id == ready_id
    assert shown[failed].failure == status.Failure("truncated", "The file ends too early.")
    assert [shown[image_id].picture for image_id in (waiting, late, failed)] == [None] * 3
    assert [shown[image_id].failure for image_id in (waiting, late, ready_id)] == [None] * 3
    assert following is None


def test_only_the_owners_and_only_those_asked_for(resources: Resources) -> None:
    own, unasked = pending(resources, b"1"), pending(resources, b"2")
    anothers = pending(resources, b"3", BOB)
    uploads = status.find(resources.db, resources.storage, owner_of(resources, ALICE), [anothers, own, 77])
    assert [upload.image_id for upload in uploads] == [own]
    assert unasked not in {upload.image_id for upload in uploads}
    assert status.find(resources.db, resources.storage, owner_of(resources, ALICE), []) == []


def test_pages_walk_all_uploads_once(resources: Resources) -> None:
    image_ids = [pending(resources, bytes([n])) for n in range(7)]
    seen: list[int] = []
    cursor = None
    while cursor is not None or not seen:
        uploads, cursor = status.find_page(
            resources.db, resources.storage, owner_of(resources, ALICE), cursor, 3
        )
        seen += [upload.image_id for upload in uploads]
    # Ids that were drawn within one millisecond have no order in time.
    assert seen == sorted(image_ids, reverse=True)


def test_a_page_costs_two_statements(resources: Resources) -> None:
    for n in range(5):
        ready(resources, bytes([n]))
    owner_id = owner_of(resources, ALICE)
    with Statements(resources.db) as sent:
        status.find_page(resources.db, resources.storage, owner_id, None, 50)
    assert sent.count == 2


def test_a_file_that_has_landed_never_reads_as_expired(resources: Resources) -> None:
    landed = [uploaded(resources, bytes([n])) for n in range(20)]
    absent = [pending(resources, bytes([n])) for n in range(20, 40)]
    make_overdue(resources.db)
    uploads = status.find(resources.db, resources.storage, owner_of(resources, ALICE), [*landed, *absent])
    states = {upload.image_id: upload.state for upload in uploads}
    assert states == dict.fromkeys(landed, "pending") | dict.fromkeys(absent, "expired")


def test_one_answer_asks_storage_about_few_uploads(resources: Resources) -> None:
    absent = [pending(resources, bytes([n])) for n in range(status.MAX_HEADS + 3)]
    make_overdue(resources.db)
    uploads = status.find(resources.db, resources.storage, owner_of(resources, ALICE), absent)
    assert [upload.state for upload in uploads] == ["expired"] * status.MAX_HEADS + ["pending"] * 3


def test_nothing_reads_as_expired_while_storage_does_not_answer(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_ids = [pending(resources, bytes([n])) for n in range(20)]
    make_overdue(resources.db)
    asked = []

    def head_original(image_id: int) -> None:
        asked.append(image_id)
        raise StorageUnavailable("Storage does not answer.")

    monkeypatch.setattr(resources.storage, "head_original", head_original)
    uploads = status.find(resources.db, resources.storage, owner_of(resources, ALICE), image_ids)
    assert {upload.state for upload in uploads} == {"pending"}
    assert len(asked) == 1, "a storage that does not answer is asked once a request"


def test_a_ticket_of_just_now_is_not_expired_however_old_its_row_is(resources: Resources) -> None:
    pending(resources)
    image_id = ids.first_id(now() - timedelta(days=MAX_PENDING_DAYS + 1))
    resources.db.execute("UPDATE image SET id = %s", (image_id,))
    make_overdue(resources.db)
    owner_id = owner_of(resources, ALICE)
    assert tickets.renew(
        resources.db, resources.storage, resources.settings, [image_id], owner_id=owner_id, now=now()
    )
    (upload,) = status.find(resources.db, resources.storage, owner_id, [image_id])
    assert upload.state == "pending"


def test_hidden_pictures_are_shown_to_their_owner_with_their_dates(resources: Resources) -> None:
    image_id = row_in(resources, "hidden")
    resources.db.execute("UPDATE image SET embargo = '2600-01-01'")
    (upload,) = status.find(resources.db, resources.storage, owner_of(resources, ALICE), [image_id])
    assert upload.state == "hidden"
    assert upload.picture is not None
    assert upload.picture.metadata.embargo == datetime(2600, 1, 1)  # noqa: DTZ001  as the database has it


def test_uploads_in_one_state_come_in_pages_of_their_own(resources: Resources) -> None:
    waiting = [pending(resources, bytes([n])) for n in range(3)]
    ready(resources, b"ready")
    pending(resources, b"bob's", BOB)
    hidden = row_in(resources, "hidden", b"hidden")

    def find(state: State, cursor: int | None, limit: int) -> tuple[list[int], int | None]:
        owner_id = owner_of(resources, ALICE)
        found, following = status.find_page(
            resources.db, resources.storage, owner_id, cursor, limit, state=state
        )
        return [upload.image_id for upload in found], following

    newest = sorted(waiting, reverse=True)
    assert find("pending", None, 2) == (newest[:2], newest[1])
    assert find("pending", newest[1], 2) == (newest[2:], None)
    assert find("hidden", None, 2) == ([hidden], None)
    assert find("failed", None, 2) == ([], None)


def test_pages_begin_with_the_oldest_upload_on_request(resources: Resources) -> None:
    image_ids = sorted(pending(resources, bytes([n])) for n in range(5))
    ready(resources, b"ready")
    pending(resources, b"bob's", BOB)
    owner_id = owner_of(resources, ALICE)

    def find(cursor: int | None, limit: int) -> tuple[list[int], int | None]:
        found, following = status.find_page(
            resources.db, resources.storage, owner_id, cursor, limit, state="pending", order=OLDEST_FIRST
        )
        return [upload.image_id for upload in found], following

    assert find(None, 3) == (image_ids[:3], image_ids[2])
    assert find(image_ids[2], 3) == (image_ids[3:], None)


def test_pictures_that_expire_soon_are_found_without_reading_the_others(resources: Resources) -> None:
    """Neither the owner's other pictures nor those of others that expire soon."""
    image_id = ready(resources, b"first")
    for number in range(30):
        ready(resources, b"%d" % number)
        ready(resources, b"%d" % number, BOB)
    owner_id = owner_of(resources, ALICE)
    resources.db.execute(
        "UPDATE image SET expires = UTC_TIMESTAMP(3) + INTERVAL 3 DAY WHERE id = %s OR owner_id <> %s",
        (image_id, owner_id),
    )

    def count_rows() -> int:
        rows = resources.db.query("SHOW SESSION STATUS LIKE %s", ("Handler_read%",))
        return sum(int(value) for _, value in rows)

    before = count_rows()
    (upload,) = listing.find_expiring(resources.db, owner_id, 14, 10)
    # The question itself is answered from a table of the server's variables.
    assert (upload.image_id, count_rows() - before < 20) == (image_id, True)


def test_pictures_that_expire_soon_come_soonest_first(resources: Resources) -> None:
    days = {number: ready(resources, bytes([number])) for number in (0, 3, 13, 15)}
    others = ready(resources, b"bob's", BOB)
    hidden = row_in(resources, "hidden", b"hidden")
    ready(resources, b"for ever")
    for day, image_id in [*days.items(), (3, others), (3, hidden)]:
        resources.db.execute(
            "UPDATE image SET expires = UTC_TIMESTAMP(3) + INTERVAL %s DAY WHERE id = %s", (day, image_id)
        )

    def find(limit: int) -> list[int]:
        found = status.find_expiring(resources.db, resources.storage, owner_of(resources, ALICE), limit)
        return [upload.image_id for upload in found]

    assert find(10) == [days[3], days[13]]
    assert find(1) == [days[3]]


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("frontend/src/components/manage/PicturesNav.svelte", r"const MAX_COUNTED = ([0-9_]+);"),
        ("docs/api.md", r"`counts=1` for the number in each state, too \(up to ([0-9,]+)\)"),
    ],
)
def test_page_and_documentation_count_as_far_as_the_api(path: str, written: str) -> None:
    found = re.findall(written, (ROOT / path).read_text())
    assert [int(number.replace(",", "")) for number in found] == [status.MAX_COUNTED]


def test_a_page_of_named_uploads_reads_so_many_rows_and_says_where_to_go_on(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "MAX_NAMES_READ", 3)
    names = ["DSC_1", "DSC_2", "other", "other", "other", "DSC_3", "DSC_4", "DSC_5"]
    for number, name in enumerate(names):
        pending(resources, bytes([number]), file_name=name)
    pages: list[list[str]] = []
    cursor = None
    while cursor is not None or not pages:
        uploads, cursor = status.find_named(
            resources.db, resources.storage, owner_of(resources, ALICE), cursor, 2, text="dsc"
        )
        pages.append([upload.file_name for upload in uploads])
    assert pages == [["DSC_5", "DSC_4"], ["DSC_3"], ["DSC_2", "DSC_1"]]


def test_named_uploads_are_found_from_the_oldest_on_as_well(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "MAX_NAMES_READ", 3)
    names = ["DSC_1", "DSC_2", "other", "other", "other", "DSC_3", "DSC_4", "DSC_5"]
    for number, name in enumerate(names):
        pending(resources, bytes([number]), file_name=name)
    pages: list[list[str]] = []
    cursor = None
    while cursor is not None or not pages:
        uploads, cursor = status.find_named(
            resources.db,
            resources.storage,
            owner_of(resources, ALICE),
            cursor,
            2,
            text="dsc",
            order=OLDEST_FIRST,
        )
        pages.append([upload.file_name for upload in uploads])
    assert pages == [["DSC_1", "DSC_2"], ["DSC_3"], ["DSC_4", "DSC_5"]]
