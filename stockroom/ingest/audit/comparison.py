"""What both comparisons of the audit work with."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from stockroom.images.storage import ListedObject, Storage
from stockroom.ingest.audit.report import Objects, Report
from stockroom.runtime.database import Database

if TYPE_CHECKING:
    from stockroom.search.service import SearchIndex

PAGE = 1000
"""Objects and rows that one step compares: as many as S3 lists with one request."""
LAST_ID = (1 << 64) - 1
MAX_DELETIONS = 10
MAX_DELETED_SHARE = 0.01
"""A repair deletes at most MAX_DELETIONS objects, or this share of all objects, whichever is more. Of the
originals alone it deletes no greater share either."""
MAX_DELETED_ORIGINALS = 1000
"""And never more originals than this: they cannot be made again."""
MAX_CHOSEN = 10_000
"""Objects of one part that a repair deletes at most."""


class RepairStopped(Exception):
    """A repair may delete nothing more. Its message is a sentence for the operator."""


def max_deletions(count: int) -> int:
    """How many of `count` objects a repair may delete."""
    return max(MAX_DELETIONS, int(count * MAX_DELETED_SHARE))


def max_deleted_originals(count: int) -> int:
    """How many of `count` originals a repair may delete."""
    return min(max_deletions(count), MAX_DELETED_ORIGINALS)


class Chosen:
    """The keys of the objects that the repair of a part may delete, as its comparison finds them.

    They are MAX_CHOSEN at most, so that memory is bounded; the repair leaves the others to a later one.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self.keys = set(keys)

    def add(self, key: str) -> None:
        """Choose an object that may be deleted."""
        if len(self.keys) < MAX_CHOSEN:
            self.keys.add(key)


class Comparison(NamedTuple):
    """The parts of a run. While `is_repairing`, nothing is reported: the run has compared everything before.

    Objects that were stored after `old_before` are not deleted, because they may be in use. `save_counts`
    records the report as it is, without the progress of the present step; it returns False when another
    process has gone on with the run.

    A comparison of a part ends at the picture id `last_id`. The repair of a part deletes only those objects
    that its comparison has found, which are `chosen`; None: the run goes through everything.
    """

    db: Database
    storage: Storage
    search_index: "SearchIndex"
    report: Report
    is_repairing: bool
    old_before: datetime
    save_counts: Callable[[], bool]
    last_id: int = LAST_ID
    chosen: Chosen | None = None

    def report_unknown(self, keys: Iterable[str], up_to: str | None) -> None:
        """Report keys that Stockroom never writes, among those that a page has listed.

        The next page begins after the key `up_to`, and lists what follows it again; None: it is the last one.
        """
        if not self.is_repairing:
            for key in keys:
                if up_to is None or key <= up_to:
                    self.report.add("unknown-object", key)

    def may_delete(self, stored: ListedObject) -> bool:
        """Whether a repair deletes this object, which belongs to nothing."""
        is_chosen = not self.is_repairing or self.chosen is None or stored.key in self.chosen.keys
        return is_chosen and stored.stored_at < self.old_before

    def count_unused(self, objects: Objects, stored: ListedObject) -> None:
        """Count an object that belongs to nothing, and that a repair deletes if it is old."""
        if self.may_delete(stored):
            objects.deletable += 1
            if self.chosen is not None:
                self.chosen.add(stored.key)

    def count_deletion(self, objects: Objects) -> None:
        """Count a deletion before it happens, so that no crash hides it; RepairStopped past the limit.

        The comparison has found fewer objects than that, so something has changed since then.
        """
        objects.deleted += 1
        report = self.report
        originals = report.originals
        # Of a part, no more than the choice can be deleted, and the whole of that has passed the limit.
        if self.chosen is None and (
            report.deleted > max_deletions(report.objects)
            or originals.deleted > max_deleted_originals(originals.count)
        ):
            raise RepairStopped(
                f"The repair stopped after {report.deleted - 1} deletions: more objects belong to no row now "
                "than it had found before. Find out why, then run the audit again."
            )
        if not self.save_counts():
            raise RepairStopped("Another process has gone on with this repair.")
