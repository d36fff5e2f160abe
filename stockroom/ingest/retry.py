"""Rendering failed uploads again, after a fault of ours is mended."""

from collections.abc import Sequence
from typing import Literal

import pymysql
from msgspec import Struct

from stockroom.images import takedowns
from stockroom.images.log_context import about
from stockroom.images.repository import lifecycle, listing
from stockroom.images.states import FailureCode
from stockroom.images.storage import Storage
from stockroom.runtime.database import DUPLICATE_KEY, Database, error_code
from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.observability import logger

RetryState = Literal["pending", "gone", "posted-again", "taken-down"]
"""What became of a failed upload. "pending": its original is announced again. "gone": there is no failed
upload with this id, or its original was not kept. "posted-again": the contributor has uploaded the content
anew. "taken-down": its content was taken down."""


class Retried(Struct, frozen=True):
    """One upload of a retry."""

    image_id: int
    state: RetryState


def retry_failed(db: Database, storage: Storage, image_ids: Sequence[int]) -> list[Retried]:
    """Failed uploads become pending again, and S3 announces their originals again. In the order of
    `image_ids`.

    A crash in between leaves rows that are overdue, which the reaper redrives.
    """
    retried = []
    for image_id in image_ids:
        with about(image_id):
            state = _retry(db, storage, image_id)
            logger.info("retried", extra={"state": state})
        retried.append(Retried(image_id, state))
    return retried


def retry_next(
    db: Database, storage: Storage, code: FailureCode | None, after: int, limit: int
) -> list[Retried]:
    """Retry up to `limit` failed uploads with ids above `after`, in order: those with `code`, or any."""
    return retry_failed(db, storage, listing.find_failed(db, code, after, limit))


def _retry(db: Database, storage: Storage, image_id: int) -> RetryState:
    stored = storage.head_original(image_id)
    if stored is None:
        return "gone"
    try:
        if not lifecycle.retry(db, image_id):
            return "taken-down" if takedowns.holds_failed(db, image_id) else "gone"
    except pymysql.IntegrityError as error:
        if error_code(error) != DUPLICATE_KEY:
            raise
        return "posted-again"
    try:
        storage.touch_original(image_id, stored)
    except StorageUnavailable:
        # It was cancelled meanwhile, or the reaper announces it soon: the row is overdue.
        logger.warning("not announced")
    return "pending"
