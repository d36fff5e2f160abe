"""Failing an upload. The reaper does that too, and its package has no libvips: this module needs none."""

from datetime import timedelta

from stockroom.images.repository import lifecycle
from stockroom.images.states import FailureCode
from stockroom.images.storage import Storage
from stockroom.runtime.database import Database
from stockroom.runtime.timestamps import now

FAILED_DAYS = 30
"""How long a contributor can read why an upload failed."""


def fail_upload(db: Database, storage: Storage, image_id: int, code: FailureCode, detail: str) -> bool:
    """Pending becomes failed, and its original goes; False, and nothing else, when it was not pending.

    `detail` is a sentence for the contributor.
    """
    forget_at = now() + timedelta(days=FAILED_DAYS)
    has_failed = lifecycle.fail(db, image_id, code, detail, forget_at=forget_at)
    if has_failed:
        storage.delete_original(image_id)
    return has_failed
