"""What both comparisons of the audit work with."""

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from stockroom.images.storage import ListedObject, Storage
from stockroom.ingest.audit.report import Report
from stockroom.runtime.database import Database

if TYPE_CHECKING:
    from stockroom.search.service import SearchIndex

PAGE = 1000
"""Objects and rows that one step compares: as many as S3 lists with one request."""
LAST_ID = (1 << 64) - 1


class Comparison(NamedTuple):
    """The parts of a run. While `is_repairing`, nothing is reported: the run has compared everything before.

    Objects that were stored after `old_before` are not deleted, because they may be in use.
    """

    db: Database
    storage: Storage
    search_index: "SearchIndex"
    report: Report
    is_repairing: bool
    old_before: datetime

    def may_delete(self, stored: ListedObject) -> bool:
        """Whether a repair deletes this object, which belongs to nothing."""
        return stored.stored_at < self.old_before
