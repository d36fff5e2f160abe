"""Giving an upload up, by whoever finds out: the renderer or the reaper, which has no libvips."""

from datetime import timedelta

from stockroom.renditions.refused import FailureCode
from stockroom.runtime.database import Database
from stockroom.runtime.timestamps import column, now

FAILED_DAYS = 30
"""How long the contributor can read the reason."""


def fail(db: Database, number: int, code: FailureCode, detail: str) -> bool:
    """Pending becomes failed, with a reason for the contributor; False when it was no longer pending."""
    return bool(
        db.execute(
            "UPDATE image SET state = 'failed', sha256 = NULL, failure_code = %s, failure_detail = %s, "
            "deadline = %s WHERE id = %s AND state = 'pending'",
            (code, detail[:500], column(now() + timedelta(days=FAILED_DAYS)), number),
        )
    )
