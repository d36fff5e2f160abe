import threading
from typing import Any

import pytest
from msgspec.structs import replace

from stockroom.api.auth import Caller
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import LimitExceeded
from stockroom.runtime.timestamps import now
from stockroom.uploads import create, limits
from stockroom.uploads.requests import UploadRequest
from tests.factories import ALICE, BOB, file, owner_of, pending
from tests.proxy import DatabaseProxy

CAROL = Caller("stockroom", "carol", "Carol", frozenset({"upload"}))


def limited(resources: Resources, **settings: Any) -> Resources:
    return replace(resources, settings=replace(resources.settings, **settings))


def post(resources: Resources, owner_id: int, *contents: bytes, db: Database | None = None) -> None:
    create.accept(
        db or resources.db,
        resources.storage,
        resources.settings,
        UploadRequest(files=[file(content) for content in contents]),
        owner_id=owner_id,
        now=now(),
    )


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ({"max_pending": 3}, "too-many-pending"),
        ({"max_daily_bytes": 3}, "too-many-bytes"),
        ({"max_daily_files": 3}, "too-many-daily-files"),
        ({"stage_max_pending": 3}, "library-too-many-pending"),
        ({"stage_max_daily_bytes": 3}, "library-too-many-bytes"),
        ({"stage_max_daily_files": 3}, "library-too-many-daily-files"),
    ],
)
def test_one_file_too_many_is_429_and_leaves_nothing_but_the_same_files_again_are_free(
    resources: Resources, limit: dict[str, int], code: str
) -> None:
    few = limited(resources, **limit)
    alice = owner_of(few, ALICE)
    for _ in range(2):
        post(few, alice, b"1", b"2", b"3")
    for _ in range(2):
        with pytest.raises(LimitExceeded) as caught:
            post(few, alice, b"4")
    assert (caught.value.status, caught.value.code) == (429, code)
    seconds = int(caught.value.headers["Retry-After"])
    assert seconds == limits.PENDING_SECONDS if "pending" in code else 0 < seconds <= 24 * 3600
    assert resources.db.query("SELECT COUNT(*), SUM(size) FROM image") == ((3, 3),)
    assert resources.db.query("SELECT bytes, files FROM upload_usage") == ((3, 3), (3, 3))


@pytest.mark.parametrize(
    ("limit", "is_taken"),
    [
        ({"max_pending": 1}, True),
        ({"max_daily_bytes": 1}, True),
        ({"max_daily_files": 1}, True),
        ({"stage_max_pending": 1}, False),
        ({"stage_max_daily_bytes": 1}, False),
        ({"stage_max_daily_files": 1}, False),
    ],
)
def test_what_one_owner_uses_up_is_anothers_only_where_the_limit_is_the_stages(
    resources: Resources, limit: dict[str, int], is_taken: bool
) -> None:
    few = limited(resources, **limit)
    post(few, owner_of(few, ALICE), b"1")
    bob = owner_of(few, BOB)
    if is_taken:
        post(few, bob, b"2")
    else:
        with pytest.raises(LimitExceeded):
            post(few, bob, b"2")


def test_a_finished_upload_makes_room(resources: Resources) -> None:
    few = limited(resources, max_pending=1, stage_max_pending=1)
    image_id = pending(few, b"1")
    resources.db.execute("DELETE FROM image WHERE id = %s", (image_id,))
    pending(few, b"2")


@pytest.mark.parametrize("unit", ["bytes", "files"])
def test_a_daily_limit_is_free_again_on_the_next_day(resources: Resources, unit: str) -> None:
    few = limited(resources, **{f"max_daily_{unit}": 1, f"stage_max_daily_{unit}": 1})
    pending(few, b"1")
    resources.db.execute("UPDATE upload_usage SET day = day - INTERVAL 1 DAY")
    pending(few, b"2")


def test_a_commit_whose_answer_is_lost_counts_once(resources: Resources) -> None:
    alice = owner_of(resources, ALICE)
    with DatabaseProxy(resources.settings, "\x03COMMIT", lose_answer=True) as proxy:
        db = Database(proxy.settings)
        # The transaction is repeated only on a connection that has been used before.
        db.connect()
        post(resources, alice, b"1", b"2", db=db)
        db.close()
    assert resources.db.query("SELECT bytes, files FROM upload_usage") == ((2, 2), (2, 2))


def test_files_that_are_cancelled_count_on_their_day(resources: Resources) -> None:
    few = limited(resources, max_daily_files=2)
    alice = owner_of(few, ALICE)
    for content in (b"1", b"2"):
        post(few, alice, content)
        resources.db.execute("DELETE FROM image")
    with pytest.raises(LimitExceeded) as caught:
        post(few, alice, b"3")
    assert caught.value.code == "too-many-daily-files"


def test_a_large_limit_is_told_in_words() -> None:
    assert limits._format_bytes(100 * 1024**3) == "100 GiB"


@pytest.mark.parametrize(
    ("limit", "callers"),
    [
        ({"max_pending": 10}, [ALICE]),
        ({"max_daily_bytes": 10}, [ALICE]),
        ({"max_daily_files": 10}, [ALICE]),
        ({"stage_max_pending": 10}, [ALICE, BOB, CAROL]),
        ({"stage_max_daily_bytes": 10}, [ALICE, BOB, CAROL]),
        ({"stage_max_daily_files": 10}, [ALICE, BOB, CAROL]),
    ],
)
def test_batches_at_once_do_not_pass_a_limit_together(
    resources: Resources, limit: dict[str, int], callers: list[Caller]
) -> None:
    few = limited(resources, **limit)
    owner_ids = [owner_of(few, caller) for caller in callers]
    is_time = threading.Barrier(8)
    outcomes: list[Any] = []

    def post_five(number: int) -> None:
        db = Database(resources.settings)
        db.connect()
        is_time.wait()
        try:
            # Contents of one byte each.
            contents = [bytes([number * 5 + n]) for n in range(5)]
            post(few, owner_ids[number % len(owner_ids)], *contents, db=db)
            outcomes.append("taken")
        except LimitExceeded as error:
            outcomes.append(error.code)
        finally:
            db.close()

    threads = [threading.Thread(target=post_five, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 8
    assert outcomes.count("taken") == 2
    assert resources.db.query("SELECT COUNT(*), SUM(size) FROM image") == ((10, 10),)
