import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from stockroom.images import ids
from stockroom.images.repository import lifecycle
from stockroom.images.repository.upload_time import MAX_PENDING_DAYS
from stockroom.images.states import MAX_ATTEMPTS
from stockroom.images.storage import Storage, StoredObject
from stockroom.ingest import reaper
from stockroom.ingest.process import OriginalProcessor
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.timestamps import now
from tests.factories import (
    begin_attempt,
    make_overdue,
    pending,
    put_original,
    ready,
    row_in,
    state,
    stored_renditions,
    uploaded,
)
from tests.renditions.images import photo_of


def reap(
    resources: Resources, *, db: Database | None = None, storage: Storage | None = None, seconds: float = 60
) -> dict[str, Any]:
    """What a run reports, without the zeros."""
    report = reaper.reap(
        db or resources.db,
        storage or resources.storage,
        upload_seconds=resources.settings.upload_seconds,
        failed_days=resources.settings.failed_days,
        seconds=seconds,
    )
    return {name: count for name, count in report.asdict().items() if count}


def process(resources: Resources, image_id: int) -> str:
    return OriginalProcessor(
        db=resources.db,
        storage=resources.storage,
        search_index=resources.search_index,
        decoder=resources.decoder,
        settings=resources.settings,
    ).process(image_id)


def link_key(resources: Resources, image_id: int) -> str:
    ((key,),) = resources.db.query("SELECT link_key FROM image WHERE id = %s", (image_id,))
    return str(key)


def make_overdue_if_waiting(resources: Resources) -> None:
    """Put every deadline that there is into the past."""
    resources.db.execute("UPDATE image SET deadline = '2020-01-01' WHERE deadline IS NOT NULL")


class Interrupted(Storage):
    """Calls `meanwhile` once, before it asks S3 for an original."""

    def __init__(self, resources: Resources, meanwhile: Callable[[int], object]) -> None:
        super().__init__(resources.settings)
        self._meanwhile = meanwhile

    def head_original(self, image_id: int) -> StoredObject | None:
        self._meanwhile(image_id)
        return super().head_original(image_id)


def test_an_upload_that_never_came_leaves_no_row(resources: Resources) -> None:
    image_id, waiting = pending(resources, b"1"), pending(resources, b"2")
    make_overdue(resources.db, image_id)
    assert reap(resources) == {"purged": 1, "finished": True}
    assert state(resources.db, image_id) == "deleting", "a slow upload may still arrive"
    assert state(resources.db, waiting) == "pending"
    assert reap(resources) == {"finished": True}
    make_overdue(resources.db, image_id)
    assert reap(resources) == {"deleted": 1, "finished": True}
    assert state(resources.db, image_id) is None


def test_an_upload_that_arrives_after_the_purge_leaves_no_object(resources: Resources) -> None:
    image_id = pending(resources, b"1")
    make_overdue(resources.db, image_id)
    assert reap(resources) == {"purged": 1, "finished": True}
    put_original(resources, image_id, b"1")
    make_overdue(resources.db, image_id)
    assert reap(resources) == {"deleted": 1, "finished": True}
    assert resources.storage.head_original(image_id) is None


def test_the_copy_of_an_original_goes_with_it(resources: Resources) -> None:
    image_id = row_in(resources, "deleting")
    put_original(resources, image_id, b"1")
    resources.storage.write_copy(
        image_id, io.BytesIO(b"copy"), media_type="image/jpeg", label="label", sha256=b""
    )
    make_overdue(resources.db, image_id)
    assert reap(resources) == {"deleted": 1, "finished": True}
    assert resources.storage.find_copy(image_id) is None


def test_a_wrong_bucket_name_purges_nothing(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    make_overdue(resources.db, image_id)
    storage = Storage(replace(resources.settings, uploads_bucket="misspelt"))
    assert reap(resources, storage=storage) == {"skipped": 1, "finished": True}
    assert state(resources.db, image_id) == "pending"


def test_an_upload_whose_ticket_is_valid_is_waited_for(resources: Resources) -> None:
    """After a week of new tickets the reaper looks, and waits as long as the newest ticket says."""
    pending(resources)
    image_id = ids.first_id(now() - timedelta(days=MAX_PENDING_DAYS, minutes=1))
    resources.db.execute(
        "UPDATE image SET id = %s, deadline = '2020-01-01', "
        "uploads_until = UTC_TIMESTAMP(3) + INTERVAL 9 MINUTE",
        (image_id,),
    )
    assert reap(resources) == {"finished": True}
    assert resources.db.query("SELECT state, deadline = uploads_until FROM image") == (("pending", 1),)
    put_original(resources, image_id, photo_of("jpeg"))
    make_overdue(resources.db)
    assert reap(resources) == {"redriven": 1, "finished": True}


def test_an_upload_whose_original_is_lost_fails_where_its_contributor_sees_it(resources: Resources) -> None:
    image_id = pending(resources)
    begin_attempt(resources.db, image_id)
    make_overdue(resources.db)
    assert reap(resources) == {"lost": 1, "finished": True}
    assert resources.db.query("SELECT state, failure_code, failure_detail FROM image") == (
        ("failed", "processing-failed", reaper.LOST),
    )


def test_a_backlog_in_one_state_starves_no_other(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaper, "ROWS_PER_LEASE", 1)
    waiting = [pending(resources, bytes([n])) for n in range(5)]
    going = row_in(resources, "deleting", b"going")
    make_overdue(resources.db)
    assert reap(resources, seconds=0) == {"purged": 1, "deleted": 1}
    assert state(resources.db, going) is None
    assert [state(resources.db, image_id) for image_id in waiting].count("pending") == 4


def test_what_landed_is_announced_again_and_becomes_ready(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    before = resources.storage.head_original(image_id)
    make_overdue(resources.db, image_id)
    assert reap(resources) == {"redriven": 1, "finished": True}
    ((attempts, deadline),) = resources.db.query("SELECT attempts, deadline FROM image")
    assert attempts == 0, "whoever renders counts the attempt"
    assert deadline > now().replace(tzinfo=None) + timedelta(minutes=4)
    assert resources.storage.head_original(image_id) == before
    assert process(resources, image_id) == "ready"
    assert reap(resources) == {"finished": True}


def test_a_long_outage_of_the_renderer_costs_no_upload(resources: Resources) -> None:
    """The originals are announced again and again, and nobody hears it."""
    image_id = uploaded(resources, photo_of("jpeg"))
    for _ in range(3 * MAX_ATTEMPTS):
        make_overdue(resources.db, image_id)
        assert reap(resources) == {"redriven": 1, "finished": True}
    assert resources.storage.head_original(image_id) is not None
    assert process(resources, image_id) == "ready"


def test_an_announcement_that_fails_costs_nothing(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    make_overdue(resources.db, image_id)

    class Failing(Storage):
        def touch_original(self, image_id: int, stored: StoredObject) -> None:
            raise StorageUnavailable(f"no copy of {image_id}, {stored.size} bytes")

    assert reap(resources, storage=Failing(resources.settings)) == {"skipped": 1, "finished": True}
    ((attempts, seconds),) = resources.db.query(
        "SELECT attempts, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), deadline) FROM image"
    )
    assert attempts == 0
    assert seconds <= reaper.LEASE_SECONDS


def test_a_picture_that_lacks_renditions_is_announced_again(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id) == "ready"
    assert lifecycle.request_renditions(resources.db, image_id)
    resources.storage.delete_renditions(image_id, link_key(resources, image_id))
    assert reap(resources) == {"redriven": 1, "finished": True}
    assert process(resources, image_id) == "ready"
    assert len(stored_renditions(resources, image_id)) == 4
    make_overdue_if_waiting(resources)
    assert reap(resources) == {"finished": True}


def test_a_picture_that_lacks_renditions_and_its_original_is_kept(
    resources: Resources, logs: Callable[[], str]
) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id) == "ready"
    assert lifecycle.request_renditions(resources.db, image_id)
    resources.storage.delete_original(image_id)
    assert reap(resources) == {"skipped": 1, "finished": True}
    assert state(resources.db, image_id) == "ready"
    assert "the original of a picture is missing" in logs()


def test_only_a_404_means_absent(resources: Resources) -> None:
    image_id, other = pending(resources, b"1"), pending(resources, b"2")
    make_overdue(resources.db, image_id, other)

    def forbid(asked: int) -> None:
        if asked == image_id:
            raise PermissionError("403")

    storage = Interrupted(resources, forbid)
    assert reap(resources, storage=storage) == {"purged": 1, "skipped": 1, "finished": True}
    assert state(resources.db, image_id) == "pending"
    assert state(resources.db, other) == "deleting"


def test_a_ticket_renewed_meanwhile_saves_the_row(resources: Resources) -> None:
    image_id = pending(resources)
    make_overdue(resources.db, image_id)
    storage = Interrupted(
        resources, lambda _: resources.db.execute("UPDATE image SET deadline = '2038-01-01'")
    )
    assert reap(resources, storage=storage) == {"finished": True}
    assert state(resources.db, image_id) == "pending"


def test_a_ticket_renewed_meanwhile_keeps_its_deadline(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    make_overdue(resources.db, image_id)
    storage = Interrupted(
        resources, lambda _: resources.db.execute("UPDATE image SET deadline = '2038-01-01'")
    )
    assert reap(resources, storage=storage) == {"redriven": 1, "finished": True}
    assert resources.db.query("SELECT YEAR(deadline) FROM image") == ((2038,),)


def test_a_picture_published_meanwhile_is_left_alone(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    make_overdue(resources.db, image_id)
    storage = Interrupted(resources, lambda image_id: process(resources, image_id))
    assert reap(resources, storage=storage) == {"redriven": 1, "finished": True}
    assert resources.db.query("SELECT state, deadline FROM image") == (("ready", None),)


def test_deletions_cut_short_are_finished(resources: Resources) -> None:
    image_id = uploaded(resources, photo_of("jpeg"))
    assert process(resources, image_id) == "ready"
    resources.db.execute("UPDATE image SET state = 'deleting'")
    make_overdue(resources.db)
    assert reap(resources) == {"deleted": 1, "finished": True}
    assert state(resources.db, image_id) is None
    assert resources.storage.head_original(image_id) is None
    assert stored_renditions(resources, image_id) == {}


def test_failures_are_forgotten_after_a_while(resources: Resources) -> None:
    image_id = uploaded(resources, b"no picture")
    assert process(resources, image_id) == "failed"
    assert reap(resources) == {"finished": True}
    assert resources.storage.head_original(image_id) is not None
    make_overdue(resources.db, image_id)
    assert reap(resources) == {"forgotten": 1, "deleted": 1, "finished": True}
    assert state(resources.db, image_id) is None
    assert resources.storage.head_original(image_id) is None


def test_more_than_a_chunk_goes_in_one_run(resources: Resources) -> None:
    for n in range(reaper.ROWS_PER_LEASE + 20):
        pending(resources, str(n).encode())
    make_overdue(resources.db)
    # On a busy machine, too.
    report = reap(resources, seconds=600)
    assert report == {"purged": reaper.ROWS_PER_LEASE + 20, "finished": True}


def test_a_run_out_of_time_says_so(resources: Resources) -> None:
    for n in range(3):
        pending(resources, str(n).encode())
    make_overdue(resources.db)
    assert reap(resources, seconds=0) == {"purged": 1}
    assert reap(resources) == {"finished": True}, "the others are leased"
    make_overdue(resources.db)
    assert reap(resources) == {"purged": 2, "deleted": 1, "finished": True}


def test_reapers_never_share_a_row(resources: Resources) -> None:
    image_id = pending(resources)
    make_overdue(resources.db, image_id)
    reports: list[dict[str, Any]] = []

    def reap_too(_image_id: int) -> None:
        other = Database(resources.settings)
        reports.append(reap(resources, db=other))
        other.close()

    assert reap(resources, storage=Interrupted(resources, reap_too)) == {"purged": 1, "finished": True}
    assert reports == [{"finished": True}]


def test_an_original_is_not_lost_where_a_new_ticket_was_issued_meanwhile(resources: Resources) -> None:
    image_id = pending(resources, photo_of("jpeg"))
    begin_attempt(resources.db, image_id)
    make_overdue(resources.db)

    class PostedMeanwhile(Storage):
        def head_original(self, image_id: int) -> StoredObject | None:
            stored = super().head_original(image_id)
            assert pending(resources, photo_of("jpeg")) == image_id
            put_original(resources, image_id, photo_of("jpeg"))
            return stored

    assert reap(resources, storage=PostedMeanwhile(resources.settings)) == {"finished": True}
    assert state(resources.db, image_id) == "pending"


def test_a_picture_without_renditions_and_original_comes_to_rest(resources: Resources) -> None:
    image_id = ready(resources, b"1")
    assert lifecycle.request_renditions(resources.db, image_id)
    make_overdue(resources.db)
    assert reap(resources) == {"skipped": 1, "finished": True}
    assert resources.db.query("SELECT state, deadline FROM image") == (("ready", None),)
