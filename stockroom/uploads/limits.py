"""Limits of uploads: pending files, and bytes and files a day, of each contributor and of the whole stage.

Files are counted after their rows are inserted, in the same transaction and under a lock on the rows of
`upload_usage` of the owner and of the stage. Of two batches at once, the second therefore counts what the
first has inserted. The locks come last in the transaction and are held for two statements and the commit.
"""

from collections.abc import Sequence

from pymysql.cursors import Cursor

from stockroom.images.repository import usage
from stockroom.images.repository.pending import PendingUpload
from stockroom.runtime.errors import Code, LimitExceeded
from stockroom.runtime.settings import Settings

PENDING_SECONDS = 60
"""Retry-After where too many files are pending: some finish every minute, or reach their deadline."""


def count_in(cursor: Cursor, settings: Settings, owner_id: int, inserted: Sequence[PendingUpload]) -> None:
    """Count in the uploads that this transaction has just inserted; LimitExceeded where one is too many."""
    usage.add(cursor, owner_id, size=sum(upload.size for upload in inserted), files=len(inserted))
    used = usage.read(
        cursor,
        owner_id,
        owner_bound=settings.max_pending + 1,
        stage_bound=settings.stage_max_pending + 1,
    )
    checks: tuple[tuple[int, int, Code, str, int], ...] = (
        (
            used.owner_pending,
            settings.max_pending,
            "too-many-pending",
            f"More than {settings.max_pending} of your uploads would be pending; let some finish first.",
            PENDING_SECONDS,
        ),
        (
            used.owner_bytes,
            settings.max_daily_bytes,
            "too-many-bytes",
            f"You would have announced more than {_format_bytes(settings.max_daily_bytes)} on this day; "
            "go on tomorrow, when the day has ended in UTC.",
            used.seconds_left,
        ),
        (
            used.owner_files,
            settings.max_daily_files,
            "too-many-daily-files",
            f"You would have announced more than {settings.max_daily_files} files on this day; "
            "go on tomorrow, when the day has ended in UTC.",
            used.seconds_left,
        ),
        (
            used.stage_pending,
            settings.stage_max_pending,
            "library-too-many-pending",
            "The library has as many uploads under way as it can take; wait until some have finished.",
            PENDING_SECONDS,
        ),
        (
            used.stage_bytes,
            settings.stage_max_daily_bytes,
            "library-too-many-bytes",
            "The library takes no more bytes on this day; go on tomorrow, when the day has ended in UTC.",
            used.seconds_left,
        ),
        (
            used.stage_files,
            settings.stage_max_daily_files,
            "library-too-many-daily-files",
            "The library takes no more files on this day; go on tomorrow, when the day has ended in UTC.",
            used.seconds_left,
        ),
    )
    for count, limit, code, detail, seconds in checks:
        if count > limit:
            raise LimitExceeded(detail, code=code, seconds=seconds)


def _format_bytes(size: int) -> str:
    return f"{size / 1024**3:.0f} GiB" if size >= 1024**3 else f"{size} bytes"
