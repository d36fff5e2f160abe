import hashlib
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stockroom.api.auth import Caller
from stockroom.images import ids
from stockroom.images.picture import Picture
from stockroom.images.states import State
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import BadRequest, Unavailable
from stockroom.runtime.timestamps import now, to_column_value
from stockroom.uploads import create
from stockroom.uploads.create import Duplicate, Outcome, Pending
from stockroom.uploads.requests import SharedMetadata, UploadRequest
from stockroom.uploads.validate import Rejected
from tests.factories import ALICE, BOB, Statements, file, owner_of, pending, ready, row_in, state
from tests.proxy import DatabaseProxy


def accept(
    resources: Resources, *files: Any, caller: Caller = ALICE, db: Database | None = None, **shared: Any
) -> list[Outcome]:
    request = UploadRequest(files=list(files), shared=SharedMetadata(**shared))
    return create.accept(
        db or resources.db,
        resources.storage,
        resources.settings,
        request,
        owner_id=owner_of(resources, caller),
        now=now(),
    )


def accept_pending(resources: Resources, *files: Any, **options: Any) -> list[int]:
    """The ids of files that are all pending."""
    outcomes = accept(resources, *files, **options)
    assert all(isinstance(outcome, Pending) for outcome in outcomes), outcomes
    return [outcome.image_id for outcome in outcomes if isinstance(outcome, Pending)]


def accept_duplicate(resources: Resources, content: bytes) -> Picture:
    """The picture that a file duplicates."""
    (outcome,) = accept(resources, file(content))
    assert isinstance(outcome, Duplicate), outcome
    return outcome.picture


def row_count(db: Database) -> int:
    ((count,),) = db.query("SELECT COUNT(*) FROM image")
    return int(count)


def test_a_file_gets_a_row_and_a_ticket(resources: Resources) -> None:
    described = file(b"abc", name="sea.jpg", description="The #Sea", tags=["Blue"])
    (outcome,) = accept(resources, described, tags=["trip"])
    assert isinstance(outcome, Pending)
    assert ids.encode(outcome.image_id) in outcome.ticket.url
    rows = resources.db.query(
        "SELECT id, state, name, description, tags, hashtags, size, sha256, type, license FROM image"
    )
    assert rows == (
        (
            outcome.image_id,
            "pending",
            "sea.jpg",
            "The #Sea",
            "trip\nblue",
            "sea",
            3,
            hashlib.sha256(b"abc").digest(),
            "image/jpeg",
            "all-rights-reserved",
        ),
    )


def test_the_file_s_own_name_is_kept_beside_the_title(resources: Resources) -> None:
    accept(resources, file(b"1", name="The sea", file_name="DSC_1.JPG"), file(b"2", name="DSC_2.JPG"))
    select = "SELECT name, file_name FROM image ORDER BY id"
    assert resources.db.query(select) == (("The sea", "DSC_1.JPG"), ("DSC_2.JPG", "DSC_2.JPG"))
    accept(resources, file(b"1", name="The sea", file_name="copy.jpg"), file(b"2", name="The wood"))
    assert resources.db.query(select) == (("The sea", "copy.jpg"), ("The wood", "The wood"))


def test_the_dates_of_a_file_are_told_with_its_ticket(resources: Resources) -> None:
    """So that whoever answers can tell when the reaper is needed."""
    dated = file(b"1", embargo="2036-01-01T00:00:00Z", expires="2037-01-01T00:00:00Z")
    outcomes = accept(resources, dated, file(b"2"))
    assert [outcome.dates for outcome in outcomes if isinstance(outcome, Pending)] == [
        (
            to_column_value(datetime(2036, 1, 1, tzinfo=UTC)),
            to_column_value(datetime(2037, 1, 1, tzinfo=UTC)),
        ),
        (None, None),
    ]


def test_shared_metadata_fills_what_a_file_leaves_out(resources: Resources) -> None:
    accept(
        resources,
        file(b"1", description="own", license="CC0-1.0"),
        file(b"2"),
        description="shared",
        license="CC-BY-4.0",
        credit="A. Photographer",
    )
    rows = resources.db.query("SELECT description, license, credit FROM image ORDER BY id")
    assert rows == (
        ("own", "CC0-1.0", "A. Photographer"),
        ("shared", "CC-BY-4.0", "A. Photographer"),
    )


def test_the_deadline_leaves_time_for_the_bytes(resources: Resources) -> None:
    accept(resources, file(b"1", size=38_400_000))
    ((seconds,),) = resources.db.query("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), deadline) FROM image")
    minutes = (resources.settings.ticket_seconds + resources.settings.grace_seconds + 600) / 60
    assert round(seconds / 60) == minutes


def test_deadlines_are_by_the_databases_clock(resources: Resources) -> None:
    """A function whose clock is an hour slow must not have its uploads reaped at once."""
    request = UploadRequest(files=[file(b"1")])
    create.accept(
        resources.db,
        resources.storage,
        resources.settings,
        request,
        owner_id=owner_of(resources, ALICE),
        now=now() - timedelta(hours=1),
    )
    ((seconds,),) = resources.db.query("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), deadline) FROM image")
    assert seconds > resources.settings.upload_seconds - 60


def test_asking_again_gives_the_same_rows(resources: Resources) -> None:
    first = accept_pending(resources, file(b"1"), file(b"2"))
    again = accept_pending(resources, file(b"2"), file(b"1"))
    assert again == [first[1], first[0]]
    assert row_count(resources.db) == 2


def test_a_repeat_within_a_batch_gets_the_firsts_outcome(resources: Resources) -> None:
    first, other, repeat = accept(resources, file(b"1"), file(b"2"), file(b"1", name="copy.jpg"))
    assert isinstance(first, Pending)
    assert repeat == first
    assert other != first
    assert row_count(resources.db) == 2


def test_anothers_pending_upload_blocks_nobody(resources: Resources) -> None:
    image_id = pending(resources, b"1", BOB)
    (own,) = accept_pending(resources, file(b"1"))
    assert own != image_id


@pytest.mark.parametrize("own", ["ready", "hidden"])
def test_ones_own_picture_is_a_duplicate(resources: Resources, own: State) -> None:
    image_id = row_in(resources, own, b"1")
    picture = accept_duplicate(resources, b"1")
    assert (picture.image_id, picture.owner_name) == (image_id, "Alice")


def test_anothers_picture_of_the_same_content_is_none_of_ones_own(resources: Resources) -> None:
    """It would go when the other contributor deletes it."""
    image_id = ready(resources, b"1", BOB)
    (own,) = accept_pending(resources, file(b"1"))
    assert own != image_id


def test_a_file_posted_again_has_the_newest_metadata(resources: Resources) -> None:
    """A wrong licence must not survive its correction."""
    (first,) = accept_pending(resources, file(b"1", license="CC0-1.0", tags=["old"]))
    corrected = file(b"1", name="new.png", type="image/png", license="all-rights-reserved", credit="A.")
    (outcome,) = accept(resources, corrected, file(b"2"))[:1]
    assert isinstance(outcome, Pending)
    assert outcome.image_id == first
    assert outcome.ticket.headers["content-type"] == "image/png"
    rows = resources.db.query(
        "SELECT name, type, license, tags, credit, revision FROM image WHERE id = %s", (first,)
    )
    assert rows == (("new.png", "image/png", "all-rights-reserved", "", "A.", 1),)


def test_a_file_posted_again_with_another_size_is_refused_and_changes_nothing(resources: Resources) -> None:
    accept(resources, file(b"1", license="CC0-1.0"))
    row = resources.db.query("SELECT * FROM image")
    outcome, other = accept(resources, file(b"1", size=2), file(b"2"))
    assert isinstance(outcome, Rejected)
    assert outcome.code == "size-differs"
    assert outcome.detail == (
        "The content with this SHA-256 was announced with 1 bytes before, and now with 2; "
        "hash the file again."
    )
    assert isinstance(other, Pending)
    assert resources.db.query("SELECT * FROM image ORDER BY id LIMIT 1") == row


def test_posting_again_does_not_postpone_the_reaper_for_ever(resources: Resources) -> None:
    (image_id,) = accept_pending(resources, file(b"1"))
    old = ids.first_id(now() - timedelta(days=30))
    resources.db.execute("UPDATE image SET id = %s", (old,))
    assert accept_pending(resources, file(b"1")) == [old]
    assert image_id != old
    assert resources.db.query("SELECT deadline < UTC_TIMESTAMP(3) FROM image") == ((1,),)


def test_a_picture_deleted_while_it_is_asked_for_is_to_be_sent_again(resources: Resources) -> None:
    ready(resources, b"1")

    def delete() -> None:
        other = Database(resources.settings)
        other.execute("UPDATE image SET state = 'deleting', sha256 = NULL")
        other.close()

    with DatabaseProxy(resources.settings, "FROM image WHERE sha256 IN", after=delete) as proxy:
        db = Database(proxy.settings)
        (outcome,) = accept(resources, file(b"1"), db=db)
        db.close()
    assert isinstance(outcome, Rejected)
    assert outcome.code == "changed"
    assert outcome.detail == "The picture that had this content was just deleted; send the file again."


def test_one_bad_file_does_not_spoil_the_batch(resources: Resources) -> None:
    good, bad, also_good = accept(resources, file(b"1"), file(b"2", size=0), file(b"3"))
    assert [type(outcome) for outcome in (good, bad, also_good)] == [Pending, Rejected, Pending]
    assert row_count(resources.db) == 2


def test_a_batch_of_bad_files_costs_no_statement(resources: Resources) -> None:
    owner_of(resources, ALICE)
    with Statements(resources.db) as sent:
        (outcome,) = accept(resources, file(b"1", size=0))
    assert isinstance(outcome, Rejected)
    assert sent.count == 0


def test_a_wrong_batch_is_refused_whole(resources: Resources) -> None:
    with pytest.raises(BadRequest):
        accept(resources, file(b"1"), license="WTFPL")
    assert row_count(resources.db) == 0


def test_statements_do_not_grow_with_the_number_of_files(resources: Resources) -> None:
    owner_of(resources, ALICE)
    counts = []
    for size in (1, 10, 500):
        with Statements(resources.db) as sent:
            image_ids = accept_pending(resources, *[file(f"{size}-{n}".encode()) for n in range(size)])
        assert len(set(image_ids)) == size
        counts.append(sent.count)
    # START, take-downs, known contents, one insert, bytes of the day, what is used, COMMIT
    assert counts == [7, 7, 7]


def test_two_requests_at_once_share_the_rows(resources: Resources) -> None:
    """The same contributor posts the same files from several tabs: the unique key settles who inserts."""
    files = [file(f"{n}".encode()) for n in range(50)]
    owner_of(resources, ALICE)
    found: list[list[int]] = []

    def post() -> None:
        db = Database(resources.settings)
        found.append(accept_pending(resources, *files, db=db))
        db.close()

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(image_ids == found[0] for image_ids in found)
    assert row_count(resources.db) == 50


def test_a_row_reaped_while_it_is_asked_for_is_made_anew(resources: Resources) -> None:
    image_id = pending(resources, b"1")

    def reap() -> None:
        other = Database(resources.settings)
        other.execute("DELETE FROM image")
        other.close()

    with DatabaseProxy(resources.settings, "FROM image WHERE sha256 IN", after=reap) as proxy:
        db = Database(proxy.settings)
        (new_id,) = accept_pending(resources, file(b"1"), db=db)
        db.close()
    assert new_id != image_id
    assert row_count(resources.db) == 1


def test_a_taken_id_is_redrawn(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = pending(resources, b"first")
    draws = iter([range(taken, taken + 1), range(taken + 7, taken + 8)])
    monkeypatch.setattr(ids, "draw", lambda _now, _count: next(draws))
    assert accept_pending(resources, file(b"second")) == [taken + 7]
    assert state(resources.db, taken) == "pending"


def test_ids_that_are_always_taken_are_503(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = pending(resources, b"first")
    monkeypatch.setattr(ids, "draw", lambda _now, _count: range(taken, taken + 1))
    with pytest.raises(Unavailable) as caught:
        accept(resources, file(b"second"))
    assert caught.value.code == "busy"
    assert caught.value.detail == "Too many uploads of the same files at this very moment."
    assert row_count(resources.db) == 1
