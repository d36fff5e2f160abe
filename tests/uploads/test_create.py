import hashlib
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from pymysql.cursors import Cursor

from stockroom.api import upload_presenters
from stockroom.api.schemas import UploadAnswer
from stockroom.images import ids
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import BadRequest, TooManyPending
from stockroom.runtime.timestamps import now
from stockroom.uploads import create, repository
from stockroom.uploads.requests import SharedMetadata, UploadRequest
from tests.factories import ALICE, BOB, Statements, file, owner_of, pending, state


def accept(at: Resources, *files: Any, caller: Any = ALICE, **shared: Any) -> list[UploadAnswer]:
    request = UploadRequest(files=list(files), shared=SharedMetadata(**shared))
    return answers(at, request, owner_of(at, caller))


def answers(at: Resources, request: UploadRequest, owner_id: int) -> list[UploadAnswer]:
    outcomes = create.accept(at.db, at.storage, at.settings, request, owner_id=owner_id, now=now())
    return upload_presenters.present_outcomes(outcomes).files


def test_a_file_gets_a_row_and_a_ticket(at: Resources) -> None:
    (answer,) = accept(at, file(b"abc", name="sea.jpg", description="The #Sea", tags=["Blue"]), tags=["trip"])
    assert answer.state == "pending"
    rows = at.db.query("SELECT id, state, name, description, tags, size, sha256, license FROM image")
    assert len(rows) == 1
    number, *rest = rows[0]
    assert ids.encode(number) == answer.id
    assert rest == [
        "pending",
        "sea.jpg",
        "The #Sea",
        "trip\nblue",
        3,
        hashlib.sha256(b"abc").digest(),
        "all-rights-reserved",
    ]


def test_shared_metadata_fills_what_a_file_leaves_out(at: Resources) -> None:
    accept(
        at,
        file(b"1", description="own", license="CC0-1.0"),
        file(b"2"),
        description="shared",
        license="CC-BY-4.0",
        credit="A. Photographer",
    )
    rows = at.db.query("SELECT description, license, credit FROM image ORDER BY id")
    assert rows == (
        ("own", "CC0-1.0", "A. Photographer"),
        ("shared", "CC-BY-4.0", "A. Photographer"),
    )


def test_the_deadline_leaves_time_for_the_bytes(at: Resources) -> None:
    moment = now()
    request = UploadRequest(files=[file(b"1", size=6_400_000)])
    create.accept(at.db, at.storage, at.settings, request, owner_id=owner_of(at, ALICE), now=moment)
    ((deadline,),) = at.db.query("SELECT deadline FROM image")
    waited = (deadline - moment.replace(tzinfo=None)).total_seconds()
    assert waited == at.settings.ticket_seconds + at.settings.grace_seconds + 100


def test_asking_again_gives_the_same_row(at: Resources) -> None:
    first = accept(at, file(b"1"), file(b"2"))
    again = accept(at, file(b"2"), file(b"1"))
    assert [answer.id for answer in again] == [first[1].id, first[0].id]
    assert all(answer.ticket for answer in again)
    assert at.db.query("SELECT COUNT(*) FROM image") == ((2,),)


def test_a_repeat_within_a_batch_gets_the_firsts_answer(at: Resources) -> None:
    first, other, repeat = accept(at, file(b"1"), file(b"2"), file(b"1", name="copy.jpg"))
    assert repeat == first
    assert other.id != first.id
    assert at.db.query("SELECT COUNT(*) FROM image") == ((2,),)


def test_anothers_pending_upload_blocks_nobody(at: Resources) -> None:
    number = pending(at, b"1", BOB)
    (answer,) = accept(at, file(b"1"))
    assert answer.state == "pending"
    assert answer.id != ids.encode(number)


@pytest.mark.parametrize("whose", [ALICE, BOB])
def test_a_ready_picture_is_a_duplicate_for_everyone(at: Resources, whose: Any) -> None:
    number = pending(at, b"1", whose)
    at.db.execute(
        "UPDATE image SET state='ready', version=1, width=3, height=2, color='#000000', thumbhash='x' "
        "WHERE id = %s",
        (number,),
    )
    (answer,) = accept(at, file(b"1"))
    assert answer.state == "duplicate"
    assert answer.id == ids.encode(number)
    assert answer.image.owner == whose.name  # type: ignore[union-attr]


def test_one_bad_file_does_not_spoil_the_batch(at: Resources) -> None:
    good, bad, also_good = accept(at, file(b"1"), file(b"2", size=0), file(b"3"))
    assert [good.state, bad.state, also_good.state] == ["pending", "rejected", "pending"]
    assert at.db.query("SELECT COUNT(*) FROM image") == ((2,),)


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"name": "a/b.jpg"}, "invalid-name", "path"),
        ({"name": "..\\b.jpg"}, "invalid-name", "path"),
        ({"name": ".."}, "invalid-name", "path"),
        ({"name": "a\x00.jpg"}, "invalid-name", "control"),
        ({"name": "gpj.\u202ea"}, "invalid-name", "control"),
        ({"name": "  "}, "invalid-name", "blank"),
        ({"size": 50 * 1024 * 1024 + 1}, "too-large", "52428800"),
        ({"size": "5"}, "invalid-field", "size"),
        ({"type": "image/tiff"}, "unsupported-type", "image/jpeg"),
        ({"type": "image/heic"}, "unsupported-type", "JPEG"),
        ({"type": ""}, "unsupported-type", "image/jpeg"),
        ({"sha256": "12"}, "invalid-field", "sha256"),
        ({"camera": "x"}, "unknown-field", "camera"),
        ({"tags": ["a,b"]}, "invalid-tag", "a,b"),
        ({"tags": [" # "]}, "invalid-tag", "characters"),
        ({"license": "WTFPL"}, "unknown-license", "CC0-1.0"),
        ({"description": "a\x07"}, "invalid-description", "control"),
        ({"credit": "a\x07"}, "invalid-credit", "control"),
    ],
)
def test_a_rejection_names_the_reason(at: Resources, changes: dict[str, Any], code: str, says: str) -> None:
    (answer,) = accept(at, file(b"1", **changes))
    assert answer.state == "rejected"
    assert answer.error.code == code  # type: ignore[union-attr]
    assert says in answer.error.detail  # type: ignore[union-attr]
    assert at.db.query("SELECT COUNT(*) FROM image") == ((0,),)


def test_a_file_that_is_not_an_object_is_rejected(at: Resources) -> None:
    assert [answer.state for answer in accept(at, 3, None, [])] == ["rejected"] * 3


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (UploadRequest(files=[]), "no-files"),
        (UploadRequest(files=[file()] * 501), "too-many-files"),
        (UploadRequest(files=[file()], shared=SharedMetadata(license="WTFPL")), "unknown-license"),
        (UploadRequest(files=[file()], shared=SharedMetadata(tags=["a,b"])), "invalid-tag"),
        (UploadRequest(files=[file()], shared=SharedMetadata(description="\x00")), "invalid-description"),
    ],
)
def test_a_wrong_batch_is_refused_whole(at: Resources, request_: UploadRequest, code: str) -> None:
    with pytest.raises(BadRequest) as caught:
        answers(at, request_, owner_of(at, ALICE))
    assert caught.value.code == code


def test_statements_do_not_grow_with_the_number_of_files(at: Resources) -> None:
    owner = owner_of(at, ALICE)
    counts = []
    for size in (1, 10, 500):
        request = UploadRequest(files=[file(f"{size}-{n}".encode()) for n in range(size)])
        with Statements(at.db) as sent:
            found = answers(at, request, owner)
        assert {answer.state for answer in found} == {"pending"}
        assert len({answer.id for answer in found}) == size
        counts.append(sent.count)
    assert counts == [5, 5, 5]  # START, known contents, pending count, one insert, COMMIT


def test_too_many_pending_uploads_is_429_but_the_same_ones_again_are_not(at: Resources) -> None:
    few = replace(at, settings=replace(at.settings, max_pending=3))
    files = [file(bytes([n])) for n in range(3)]
    accept(few, *files)
    accept(few, *files)
    with pytest.raises(TooManyPending) as caught:
        accept(few, file(b"one more"))
    assert caught.value.headers["Retry-After"]


def test_two_requests_at_once_share_the_rows(at: Resources) -> None:
    """The same contributor posts the same files from two tabs: the unique key settles who inserts."""
    files = [file(f"{n}".encode()) for n in range(50)]
    owner = owner_of(at, ALICE)
    found: list[list[UploadAnswer]] = []

    def post() -> None:
        own = replace(at, db=Database(at.settings))
        found.append(answers(own, UploadRequest(files=files), owner))
        own.db.close()

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len({tuple(answer.id for answer in one) for one in found}) == 1
    assert at.db.query("SELECT COUNT(*) FROM image") == ((50,),)


def test_a_row_reaped_while_it_is_asked_for_is_made_anew(
    at: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = pending(at, b"1")
    known = repository.known

    def reaped(cursor: Cursor, hashes: Sequence[bytes]) -> list[repository.KnownRow]:
        found = known(cursor, hashes)
        other = Database(at.settings)
        other.execute("DELETE FROM image")
        other.close()
        return found

    monkeypatch.setattr(repository, "known", reaped)
    (answer,) = accept(at, file(b"1"))
    assert answer.state == "pending"
    assert answer.id != ids.encode(number)
    assert at.db.query("SELECT COUNT(*) FROM image") == ((1,),)


def test_of_several_ready_pictures_mine_is_the_duplicate(at: Resources) -> None:
    for whose in (BOB, ALICE):
        number = pending(at, b"1", whose)
        at.db.execute(
            "UPDATE image SET state='ready', version=1, width=3, height=2, color='#000000', thumbhash='x' "
            "WHERE id = %s",
            (number,),
        )
        at.db.execute("UPDATE image SET state = 'ready' WHERE id = %s", (number,))
        if whose is BOB:
            at.db.execute("UPDATE image SET sha256 = NULL")
    at.db.execute("UPDATE image SET sha256 = %s", (hashlib.sha256(b"1").digest(),))
    (answer,) = accept(at, file(b"1"))
    assert answer.image.owner == "Alice"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "tag",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a non-joiner
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",  # an emoji of three joined ones
    ],
)
def test_tags_of_any_script(at: Resources, tag: str) -> None:
    (answer,) = accept(at, file(b"1", tags=[tag]))
    assert answer.state == "pending", answer


def test_a_taken_id_is_redrawn(at: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    number = pending(at, b"first")
    draws = iter([range(number, number + 1), range(number + 7, number + 8)])
    monkeypatch.setattr(ids, "draw", lambda _now, _count: next(draws))
    (answer,) = accept(at, file(b"second"))
    assert answer.id == ids.encode(number + 7)
    assert state(at.db, number) == "pending"
