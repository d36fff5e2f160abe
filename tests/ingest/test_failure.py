from datetime import timedelta

from stockroom.ingest.failure import FAILED_DAYS, fail_upload
from stockroom.resources import Resources
from stockroom.runtime.timestamps import now
from tests.factories import put_original, ready, state, uploaded


def test_a_pending_upload_fails_and_its_original_goes(resources: Resources) -> None:
    image_id = uploaded(resources, b"1")
    detail = "The file ends too early. " + "x" * 500
    assert fail_upload(resources.db, resources.storage, image_id, "truncated", detail)
    ((name, sha256, code, told, deadline),) = resources.db.query(
        "SELECT state, sha256, failure_code, failure_detail, deadline FROM image"
    )
    assert (name, sha256, code, told) == ("failed", None, "truncated", detail[:500])
    left = deadline - now().replace(tzinfo=None)
    assert timedelta(days=FAILED_DAYS) - timedelta(minutes=1) < left <= timedelta(days=FAILED_DAYS)
    assert resources.storage.head_original(image_id) is None


def test_a_picture_does_not_fail_and_keeps_its_original(resources: Resources) -> None:
    image_id = ready(resources)
    put_original(resources, image_id, b"1")
    assert not fail_upload(resources.db, resources.storage, image_id, "truncated", "The file ends too early.")
    assert state(resources.db, image_id) == "ready"
    assert resources.storage.head_original(image_id) is not None
