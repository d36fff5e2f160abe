from collections.abc import Callable
from datetime import timedelta
from typing import Any

from stockroom.images import ids
from stockroom.images.storage import Storage, StoredObject
from stockroom.ingest import reaper
from stockroom.ingest.process import OriginalProcessor
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.timestamps import now
from tests.factories import make_overdue, pending, s3_client, state, stored_renditions, uploaded
from tests.renditions.images import photo_bytes


def reap(
    resources: Resources, *, db: Database | None = None, storage: Storage | None = None, seconds: float = 60
) -> dict[str, Any]:
    """What a run reports, without the zeros."""
    report = reaper.reap(db or resources.db, storage or resources.storage, seconds=seconds)
    return {name: count for name, count in report.asdict().items() if count}


def process(resources: Resources, image_id: int) -> str:
    return OriginalProcessor(
        db=resources.db,
        storage=resources.storage,
        search_index=resources.search_index,
        decoder=resources.decoder,
        settings=resources.settings,
    ).process(image_id)


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
    assert state(resources.db, image_id) is None
    assert state(resources.db, waiting) == "pending"


def test_what_landed_is_announced_again_and_becomes_ready(resources: Resources) -> None:
    image_id = uploaded(resources, photo_bytes())
    before = resources.storage.head_original(image_id)
    make_overdue(resources.db, image_id)
    assert reap(resources) == {"redriven": 1, "finished": True}
    ((attempts, deadline),) = resources.db.query("SELECT attempts, deadline FROM image")
    assert attempts == 1
    assert deadline > now().replace(tzinfo=None) + timedelta(minutes=4)
    assert resources.storage.head_original(image_id) == before
    head = s3_client().head_object(
        Bucket=resources.settings.uploads_bucket, Key=f"originals/{ids.encode(image_id)}"
    )
    assert head["ContentType"] == "image/jpeg"
    assert process(resources, image_id) == "ready"
    assert reap(resources) == {"finished": True}


def test_waiting_doubles_with_every_attempt(resources: Resources) -> None:
    image_id = uploaded(resources, photo_bytes())
    waits = []
    for _ in range(3):
        make_overdue(resources.db, image_id)
        reap(resources)
        ((deadline,),) = resources.db.query("SELECT deadline FROM image")
        waits.append(round((deadline - now().replace(tzinfo=None)).total_seconds() / 60))
    assert waits == [5, 10, 20]


def test_a_picture_that_can_never_be_processed_fails_in_the_end(resources: Resources) -> None:
    image_id = uploaded(resources, photo_bytes())
    for _ in range(reaper.MAX_ATTEMPTS):
        make_overdue(resources.db, image_id)
        assert reap(resources) == {"redriven": 1, "finished": True}
    make_overdue(resources.db, image_id)
    assert reap(resources) == {"failed": 1, "finished": True}
    assert resources.db.query("SELECT state, failure_code FROM image") == (("failed", "processing-failed"),)
    assert resources.storage.head_original(image_id) is None


def test_only_a_404_means_absent(resources: Resources) -> None:
    image_id, other = pending(resources, b"1"), pending(resources, b"2")
    make_overdue(resources.db, image_id, other)

    def forbid(asked: int) -> None:
        if asked == image_id:
            raise PermissionError("403")

    storage = Interrupted(resources, forbid)
    assert reap(resources, storage=storage) == {"purged": 1, "skipped": 1, "finished": True}
    assert state(resources.db, image_id) == "pending"
    assert state(resources.db, other) is None


def test_a_ticket_renewed_meanwhile_saves_the_row(resources: Resources) -> None:
    image_id = pending(resources)
    make_overdue(resources.db, image_id)
    storage = Interrupted(
        resources, lambda _: resources.db.execute("UPDATE image SET deadline = '2038-01-01'")
    )
    assert reap(resources, storage=storage) == {"finished": True}
    assert state(resources.db, image_id) == "pending"


def test_a_ticket_renewed_meanwhile_keeps_the_original_from_being_redriven(resources: Resources) -> None:
    image_id = uploaded(resources, photo_bytes())
    make_overdue(resources.db, image_id)
    storage = Interrupted(
        resources, lambda _: resources.db.execute("UPDATE image SET deadline = '2038-01-01'")
    )
    assert reap(resources, storage=storage) == {"finished": True}
    assert resources.db.query("SELECT attempts FROM image") == ((0,),)


def test_a_picture_published_meanwhile_does_not_fail(resources: Resources) -> None:
    image_id = uploaded(resources, photo_bytes())
    resources.db.execute("UPDATE image SET attempts = %s", (reaper.MAX_ATTEMPTS,))
    make_overdue(resources.db, image_id)
    storage = Interrupted(resources, lambda image_id: process(resources, image_id))
    assert reap(resources, storage=storage) == {"finished": True}
    assert state(resources.db, image_id) == "ready"
    assert resources.storage.head_original(image_id) is not None


def test_deletions_cut_short_are_finished(resources: Resources) -> None:
    image_id = uploaded(resources, photo_bytes())
    assert process(resources, image_id) == "ready"
    resources.db.execute("UPDATE image SET state = 'deleting', deadline = '2020-01-01'")
    assert reap(resources) == {"deleted": 1, "finished": True}
    assert state(resources.db, image_id) is None
    assert resources.storage.head_original(image_id) is None
    assert stored_renditions(resources, image_id) == {}


def test_failures_are_forgotten_after_a_while(resources: Resources) -> None:
    image_id = uploaded(resources, b"no picture")
    assert process(resources, image_id) == "failed"
    assert reap(resources) == {"finished": True}
    make_overdue(resources.db, image_id)
    assert reap(resources) == {"deleted": 1, "finished": True}
    assert state(resources.db, image_id) is None


def test_more_than_a_chunk_goes_in_one_run(resources: Resources) -> None:
    for n in range(reaper.CHUNK + 20):
        pending(resources, str(n).encode())
    make_overdue(resources.db)
    assert reap(resources) == {"purged": reaper.CHUNK + 20, "finished": True}


def test_a_run_out_of_time_says_so(resources: Resources) -> None:
    for n in range(3):
        pending(resources, str(n).encode())
    make_overdue(resources.db)
    assert reap(resources, seconds=0) == {"purged": 1}
    assert reap(resources) == {"finished": True}, "the others are leased"
    make_overdue(resources.db)
    assert reap(resources) == {"purged": 2, "finished": True}


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
