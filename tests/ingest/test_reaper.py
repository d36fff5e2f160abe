from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stockroom.images import ids
from stockroom.images.storage import Storage
from stockroom.ingest import process as pipeline
from stockroom.ingest import reaper
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.timestamps import now
from tests.factories import overdue, pending, state, uploaded
from tests.renditions.images import photo_bytes


def run(at: Resources, seconds: float = 60) -> dict[str, Any]:
    return {name: count for name, count in reaper.run(at, seconds=seconds).asdict().items() if count}


def test_an_upload_that_never_came_leaves_no_row(at: Resources) -> None:
    number, waiting = pending(at, b"1"), pending(at, b"2")
    overdue(at.db, number)
    assert run(at) == {"purged": 1, "finished": True}
    assert state(at.db, number) is None
    assert state(at.db, waiting) == "pending"


def test_what_landed_is_announced_again_and_becomes_ready(at: Resources) -> None:
    number = uploaded(at, photo_bytes())
    before = at.storage.head_original(number)
    overdue(at.db, number)
    assert run(at) == {"redriven": 1, "finished": True}
    ((attempts, deadline),) = at.db.query("SELECT attempts, deadline FROM image")
    assert attempts == 1
    assert deadline > now().replace(tzinfo=None) + timedelta(minutes=4)
    assert at.storage.head_original(number) == before
    head = at.storage._client.head_object(
        Bucket=at.settings.uploads_bucket, Key=f"originals/{ids.encode(number)}"
    )
    assert head["ContentType"] == "image/jpeg"
    assert pipeline.process(at, number) == "ready"
    assert run(at) == {"finished": True}


def test_waiting_doubles_with_every_attempt(at: Resources) -> None:
    number = uploaded(at, photo_bytes())
    waits = []
    for _ in range(3):
        overdue(at.db, number)
        run(at)
        ((deadline,),) = at.db.query("SELECT deadline FROM image")
        waits.append(round((deadline - now().replace(tzinfo=None)).total_seconds() / 60))
    assert waits == [5, 10, 20]


def test_a_picture_that_can_never_be_processed_fails_in_the_end(at: Resources) -> None:
    number = uploaded(at, photo_bytes())
    for _ in range(reaper.MAX_ATTEMPTS):
        overdue(at.db, number)
        assert run(at) == {"redriven": 1, "finished": True}
    overdue(at.db, number)
    assert run(at) == {"failed": 1, "finished": True}
    assert at.db.query("SELECT state, failure_code FROM image") == (("failed", "processing-failed"),)
    assert at.storage.head_original(number) is None


def test_only_a_404_means_absent(at: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    number, other = pending(at, b"1"), pending(at, b"2")
    overdue(at.db, number)
    overdue(at.db, other)
    head = Storage.head_original

    def forbidden(self: Storage, image_id: int) -> Any:
        if image_id == number:
            raise PermissionError("403")
        return head(self, image_id)

    monkeypatch.setattr(Storage, "head_original", forbidden)
    assert run(at) == {"purged": 1, "skipped": 1, "finished": True}
    assert state(at.db, number) == "pending"
    assert state(at.db, other) is None


def test_a_ticket_renewed_meanwhile_saves_the_row(at: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    number = pending(at)
    overdue(at.db, number)
    head = Storage.head_original

    def renewed(self: Storage, image_id: int) -> Any:
        at.db.execute("UPDATE image SET deadline = '2038-01-01'")
        return head(self, image_id)

    monkeypatch.setattr(Storage, "head_original", renewed)
    assert run(at) == {"finished": True}
    assert state(at.db, number) == "pending"


def test_deletions_cut_short_are_finished(at: Resources) -> None:
    number = uploaded(at, photo_bytes())
    pipeline.process(at, number)
    at.db.execute("UPDATE image SET state = 'deleting', deadline = '2020-01-01'")
    assert run(at) == {"deleted": 1, "finished": True}
    assert state(at.db, number) is None
    assert at.storage.head_original(number) is None
    client = at.storage._client
    assert "Contents" not in client.list_objects_v2(Bucket=at.settings.images_bucket)


def test_failures_are_forgotten_after_a_while(at: Resources) -> None:
    number = uploaded(at, b"no picture")
    pipeline.process(at, number)
    assert run(at) == {"finished": True}
    overdue(at.db, number)
    assert run(at) == {"deleted": 1, "finished": True}
    assert state(at.db, number) is None


def test_more_than_a_chunk_goes_in_one_run(at: Resources) -> None:
    for n in range(reaper.CHUNK + 20):
        pending(at, str(n).encode())
    at.db.execute("UPDATE image SET deadline = '2020-01-01'")
    assert run(at) == {"purged": reaper.CHUNK + 20, "finished": True}


def test_a_run_out_of_time_says_so(at: Resources) -> None:
    for n in range(3):
        pending(at, str(n).encode())
    at.db.execute("UPDATE image SET deadline = '2020-01-01'")
    assert run(at, seconds=0) == {"purged": 1}
    assert run(at) == {"finished": True}, "the others are leased"
    at.db.execute("UPDATE image SET deadline = '2020-01-01'")
    assert run(at) == {"purged": 2, "finished": True}


def test_reapers_never_share_a_row(at: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    pending(at)
    at.db.execute("UPDATE image SET deadline = '2020-01-01'")
    head = Storage.head_original
    seen: list[dict[str, Any]] = []

    def meanwhile(self: Storage, image_id: int) -> Any:
        monkeypatch.setattr(Storage, "head_original", head)
        other = replace(at, db=Database(at.settings))
        seen.append(run(other))
        other.db.close()
        return head(self, image_id)

    monkeypatch.setattr(Storage, "head_original", meanwhile)
    assert run(at) == {"purged": 1, "finished": True}
    assert seen == [{"finished": True}]
