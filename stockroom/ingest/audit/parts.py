"""The audit in parts that are compared side by side, for an archive that is too big for one function.

The comparisons, the report and the limits are those of `audit`. All parts are compared first; only then, and
only where the report of all of them together passes the limits, the parts are repaired, step after step, as
each step of the index finds what the one before has repaired.

The repair of a part deletes only what its comparison has found, whatever has become of the table meanwhile,
and looks at each object again before. So a part that is repaired a second time deletes nothing more.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from stockroom.images.storage import Storage
from stockroom.ingest.audit.audit import refuse
from stockroom.ingest.audit.comparison import LAST_ID, Chosen, Comparison
from stockroom.ingest.audit.index import compare_index
from stockroom.ingest.audit.originals import compare_originals
from stockroom.ingest.audit.renditions import compare_renditions
from stockroom.ingest.audit.report import Report
from stockroom.runtime.database import Database

if TYPE_CHECKING:
    from stockroom.search.service import SearchIndex

PICTURES_PER_PART = 20_000
"""Two minutes' work or so for each step, of which most is waiting for storage."""

_COMPARE = {"originals": compare_originals, "renditions": compare_renditions}
BUCKET_STEPS = frozenset(_COMPARE)
"""The steps that list objects; all others read the database alone."""


class Part(Struct, frozen=True):
    """A part of one step: what lies behind the position `after`, up to the position `last` and with it."""

    step: str
    after: str
    last: str


class PartReport(Struct, frozen=True):
    """What the comparison of a part has found, and the keys of the objects that its repair may delete."""

    report: Report
    chosen: list[str] = []


def split(search_index: "SearchIndex", pictures: int = PICTURES_PER_PART) -> dict[str, list[Part]]:
    """The steps in the order of their repair, each in parts of about so many pictures."""
    of_index = search_index.split_audit(pictures)
    # The boundaries of the pictures are those of the objects, too: ids are in the order of keys.
    ends = [last.partition(":")[2] for _, last in of_index["pictures"]]
    of_buckets = list(pairwise(["0", *ends[:-1], str(LAST_ID)]))
    return {step: [Part(step, *part) for part in of_buckets] for step in _COMPARE} | {
        step: [Part(step, *part) for part in parts] for step, parts in of_index.items()
    }


def compare_part(
    db: Database, storage: Storage, search_index: "SearchIndex", part: Part, *, old_before: datetime
) -> PartReport:
    """What is wrong in a part. Changes nothing. `old_before` is one moment for all parts of a run."""
    report, chosen = Report(), Chosen()
    _go_through(part, Comparison(db, storage, search_index, report, False, old_before, _go_on, chosen=chosen))
    return PartReport(report, sorted(chosen.keys))


def repair_part(
    db: Database,
    storage: Storage,
    search_index: "SearchIndex",
    part: Part,
    *,
    old_before: datetime,
    chosen: Iterable[str],
) -> Report:
    """Repair a part; what was repaired. Of the objects in it, only those are deleted that are `chosen`."""
    report = Report()
    run = Comparison(db, storage, search_index, report, True, old_before, _go_on, chosen=Chosen(chosen))
    _go_through(part, run)
    return report


def merge(reports: Iterable[Report], *, repair: bool) -> Report:
    """The report of a whole comparison; `refused` says why a repair, if there is to be one, may not begin."""
    whole = Report()
    for report in reports:
        whole.absorb(report)
    if repair:
        whole.refused = refuse(whole)
    return whole


def _go_through(part: Part, run: Comparison) -> None:
    position: str | None = part.after
    compare = _COMPARE.get(part.step)
    if compare is not None:
        run = run._replace(last_id=int(part.last))
    while position is not None:
        position = compare(run, position) if compare else compare_index(run, position, part.last)


def _go_on() -> bool:
    return True
