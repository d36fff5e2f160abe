"""One page of a plan: its pictures, and the cursors of the pages before and after it.

A page costs two statements beyond the terms: the ids and the pictures. Common terms take another one before
them, which finds how far the probe budget reaches, and a narrowed scan range that held too few is read again.
Where the probe budget ends a scan, the page is what has been found so far, and its cursor goes on from there.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from stockroom.images.picture import Picture
from stockroom.images.repository.pictures import find_ready
from stockroom.runtime.database import Database
from stockroom.search.execution.cursor import PageCursor
from stockroom.search.execution.executor import Executor, ProbeBudget
from stockroom.search.execution.limits import Limits
from stockroom.search.execution.post_filter import filter_candidates
from stockroom.search.execution.ranking import MAX_RANKED
from stockroom.search.index.id_ranges import MAX_ID, ScanRange
from stockroom.search.query.plan import Plan


class Page(Struct, frozen=True):
    """Pictures, the newest or the best first, and the cursors of the pages before and after them, if any.

    `is_relaxed`: any one of the query's words was enough. `corrected_query`: how the query was read where
    words of it are in no picture: spelled otherwise, or as contributors' names (`by:`); otherwise empty.
    `count`: how many pictures match, if one term tells.
    """

    pictures: list[Picture]
    previous: PageCursor | None = None
    next: PageCursor | None = None
    is_relaxed: bool = False
    corrected_query: str = ""
    related_words: Mapping[str, tuple[str, ...]] = {}
    count: int | None = None


class PageReader:
    """Reads pages of one plan."""

    def __init__(
        self, db: Database, plan: Plan, executor: Executor, budget: ProbeBudget, limits: Limits
    ) -> None:
        self._db = db
        self._id_ranges = plan.id_ranges
        self._conditions = plan.post_conditions
        self._executor = executor
        self._budget = budget
        self._min_post_filtered = limits.min_post_filtered
        self._candidate_probes = limits.candidate_probes

    def read(self, position: PageCursor, limit: int, idf: Mapping[int, int] | None) -> Page:
        """The page at a position: the best by their `idf`, or the newest without one."""
        self._budget.spend_on_statements()
        if idf is None:
            return self._read_newest(position, limit)
        return self._read_best(position, limit, idf)

    def _read_newest(self, position: PageCursor, limit: int) -> Page:
        """The page at a position, in the order of time."""
        if position.is_backward:
            return self._read_backward(position, limit)
        pictures, end = self._read_forward(ScanRange(self._id_ranges).after(position.before_id), limit)
        previous = following = None
        if position.before_id != MAX_ID:
            before_id = pictures[0].image_id + 1 if pictures else position.before_id
            previous = replace(position, before_id=before_id, nothing_found_yet=False, is_backward=True)
        if end:
            nothing_found_yet = position.nothing_found_yet and not pictures
            following = replace(position, before_id=end, nothing_found_yet=nothing_found_yet)
        return Page(pictures, previous, following)

    def _read_best(self, position: PageCursor, limit: int, idf: Mapping[int, int]) -> Page:
        """The page at a position, in the order of relevance.

        All pages of a ranking order the same matches: not newer than the newest one that the first page saw,
        and not older than the budget of the first page reached. If that were fewer than MAX_RANKED, the
        matches that are older still follow in a ranking of their own.
        """
        first = position.ranked_offset
        end = first + (max(self._min_post_filtered, 2 * limit) if self._conditions else limit)
        scan_range = ScanRange(self._id_ranges).after(position.before_id)
        matches, scan_end = self._executor.find_best(
            scan_range, idf, MAX_RANKED, end, scan_end=position.scan_end
        )
        position = replace(position, scan_end=scan_end)
        image_ids, checked = self._filter(matches.list_best_ids()[first:end], limit)
        pictures = find_ready(self._db, image_ids)
        previous = following = None
        if first and not self._conditions:
            previous = replace(position, ranked_offset=max(first - limit, 0), nothing_found_yet=False)
        rest = replace(position, nothing_found_yet=position.nothing_found_yet and not pictures)
        if first + checked < matches.count:
            following = replace(rest, before_id=matches.newest_id + 1, ranked_offset=first + checked)
        elif scan_end and matches.count < MAX_RANKED:
            following = replace(rest, before_id=scan_end, ranked_offset=0, scan_end=0)
        return Page(pictures, previous, following)

    def _read_backward(self, position: PageCursor, limit: int) -> Page:
        """The page before a position: the oldest of the newer pictures, turned round."""
        scan_range = ScanRange(self._id_ranges, oldest_first=True).after(position.before_id - 1)
        pictures, end = self._read_forward(scan_range, limit)
        previous = replace(position, before_id=end + 1) if end else None
        last_id = pictures[0].image_id if pictures else position.before_id
        following = replace(position, before_id=last_id, nothing_found_yet=False, is_backward=False)
        return Page(pictures[::-1], previous, following)

    def _read_forward(self, scan_range: ScanRange, limit: int) -> tuple[list[Picture], int]:
        """The first pictures of a scan range, and the id behind which to go on; 0 when nothing follows."""
        if not self._conditions:
            found = self._executor.find_first(scan_range, limit + 1)
            is_full = len(found.image_ids) > limit
            pictures = find_ready(self._db, found.image_ids[:limit])
            return pictures, found.image_ids[limit - 1] if is_full else found.scan_end
        max_checked = max(self._min_post_filtered, 3 * limit)
        found = self._executor.find_first(scan_range, max_checked + 1)
        matches: list[int] = []
        checked = 0
        # Usually most candidates pass the post-filter, so at first only few of them are read.
        for candidates in (found.image_ids[: 2 * limit], found.image_ids[2 * limit : max_checked]):
            more_matches, more_checked = self._filter(candidates, limit - len(matches))
            matches += more_matches
            checked += more_checked
            if len(matches) == limit or more_checked < len(candidates):
                break
        end = found.image_ids[checked - 1] if checked < len(found.image_ids) else found.scan_end
        return find_ready(self._db, matches), end

    def _filter(self, candidates: Sequence[int], limit: int) -> tuple[list[int], int]:
        """The first candidates that pass the post-filter, and how many candidates were checked for them."""
        if self._conditions:
            self._budget.spend(len(candidates) * self._candidate_probes)
        matches, checked = filter_candidates(
            self._db, self._conditions, candidates, lambda: self._budget.is_late
        )
        if checked < len(candidates):
            self._budget.spend_all()
        if len(matches) < limit:
            return matches, checked
        return matches[:limit], candidates.index(matches[limit - 1]) + 1
