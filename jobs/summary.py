"""What the results of a run come to, gathered while they are read once. Bounded memory for any archive."""

import random
from bisect import bisect_right
from collections import Counter
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

LISTED = 500
"""Failures that are listed one by one; the Parquet parts have all of them."""
DOTS = 600
"""Pictures in the plot of time against size: as many tell as much as all of them."""
REASONS = 100
"""Codes that are counted one by one. Stockroom has some thirty; no library may make them millions."""
SPANS = 120
"""Spans of time at most that the rate is told for."""
SPAN_SECONDS = (1, 5, 15, 60, 300, 900, 3600, 21600, 86400, 604800)
"""Lengths of a span, each of which divides the next one."""
UNREAD = ("present", "missing", "skipped")
"""Outcomes of pictures whose original was not read, though `bytes_in` is its size."""
BREAK_SPANS, BREAK_SECONDS = 10, 600
"""A time without any result is a break when it is as long as both: nobody ran the job."""
SIZES: tuple[int, ...] = (10**5, 3 * 10**5, 10**6, 3 * 10**6, 10**7, 3 * 10**7)
"""Ends of the classes of size that the times are told for."""


class Row(Protocol):
    """A result of one picture."""

    @property
    def image_id(self) -> int: ...
    @property
    def outcome(self) -> str:
        """`rendered`, or another word for what is done; `present`; `failed`; `missing` or `skipped`."""

    @property
    def code(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def bytes_in(self) -> int: ...
    @property
    def bytes_out(self) -> int: ...
    @property
    def seconds(self) -> float:
        """How long an executor took for this picture."""

    @property
    def finished(self) -> int:
        """When it ended, in Unix milliseconds."""


class Failure(NamedTuple):
    """A picture that failed, why, and in which words."""

    image_id: int
    code: str
    detail: str


class Span(NamedTuple):
    """A part of the time of a run. Breaks do not count into `begin`, which is in seconds, as `length` is."""

    begin: float
    length: float
    ended: int
    failed: int


class SizeClass(NamedTuple):
    """The pictures whose originals have from `low` bytes to less than `high`."""

    low: int
    high: int | None
    pictures: int
    seconds: float
    """All of them together."""
    slowest: float


class Summary:
    """Takes results one by one, in any order. Its memory does not grow with their number."""

    def __init__(self, job: str, run_id: str, parameters: str = "") -> None:
        self.job = job
        self.run_id = run_id
        self.parameters = parameters
        self.outcomes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.bytes_in = 0
        self.bytes_out = 0
        self.seconds = 0.0
        self.dots: list[tuple[int, float]] = []
        """Bytes of the original, and seconds, of a random sample of the pictures that are done."""
        self.timed = 0
        """Pictures that the sample is of."""
        self._failures: list[Failure] = []
        self._classes = [
            SizeClass(low, high, 0, 0.0, 0.0) for low, high in zip((0, *SIZES), (*SIZES, None), strict=True)
        ]
        self._spans: dict[int, list[int]] = {}
        self._level = 0
        # The same results make the same page.
        self._random = random.Random(0)

    def add(self, row: Row) -> None:
        """Count a result."""
        self.outcomes[row.outcome] += 1
        is_read = row.outcome not in UNREAD
        if is_read:
            self.bytes_in += row.bytes_in
        self.bytes_out += row.bytes_out
        self.seconds += row.seconds
        is_failed = row.outcome == "failed"
        self._count_in_span(row.finished // 1000, is_failed=is_failed)
        if is_failed:
            self._add_failure(row)
        elif is_read and row.bytes_in and row.seconds:
            self._add_time(row.bytes_in, row.seconds)

    @property
    def failures(self) -> list[Failure]:
        """The first of them that were read, by id."""
        return sorted(self._failures)

    @property
    def size_classes(self) -> list[SizeClass]:
        """Those that have any pictures."""
        return [each for each in self._classes if each.pictures]

    @property
    def span_seconds(self) -> int:
        """The length of a span."""
        return SPAN_SECONDS[self._level]

    @property
    def begin(self) -> datetime | None:
        """When the first picture ended, to the second at best; None without any."""
        return self._moment(min(self._spans, default=None))

    @property
    def end(self) -> datetime | None:
        """When the last picture ended, to the second at best."""
        return self._moment(max(self._spans, default=None))

    def spans(self) -> list[Span]:
        """The time from the first result to the last one, without breaks. After a break, a new part begins
        a span later, so that it can be told from what was before."""
        length = self.span_seconds
        shortest_break = max(BREAK_SPANS, BREAK_SECONDS // length)
        spans: list[Span] = []
        begin, last = 0.0, min(self._spans, default=0) - 1
        for number in sorted(self._spans):
            silent = number - last - 1
            if silent >= shortest_break:
                begin += length
            else:
                for _ in range(silent):
                    spans.append(Span(begin, length, 0, 0))
                    begin += length
            spans.append(Span(begin, length, *self._spans[number]))
            begin += length
            last = number
        return spans

    def _moment(self, span: int | None) -> datetime | None:
        return None if span is None else datetime.fromtimestamp(span * self.span_seconds, UTC)

    def _count_in_span(self, second: int, *, is_failed: bool) -> None:
        counts = self._spans.setdefault(second // self.span_seconds, [0, 0])
        counts[0] += 1
        counts[1] += is_failed
        while len(self._spans) > SPANS and self._level + 1 < len(SPAN_SECONDS):
            self._merge_spans()

    def _merge_spans(self) -> None:
        factor = SPAN_SECONDS[self._level + 1] // SPAN_SECONDS[self._level]
        self._level += 1
        merged: dict[int, list[int]] = {}
        for number, (ended, failed) in self._spans.items():
            counts = merged.setdefault(number // factor, [0, 0])
            counts[0] += ended
            counts[1] += failed
        self._spans = merged

    def _add_failure(self, row: Row) -> None:
        code = row.code if row.code in self.reasons or len(self.reasons) < REASONS else "other"
        self.reasons[code] += 1
        if len(self._failures) < LISTED:
            self._failures.append(Failure(row.image_id, row.code, row.detail))

    def _add_time(self, size: int, seconds: float) -> None:
        place = bisect_right(SIZES, size)
        of = self._classes[place]
        self._classes[place] = of._replace(
            pictures=of.pictures + 1, seconds=of.seconds + seconds, slowest=max(of.slowest, seconds)
        )
        # Reservoir sampling (Vitter's algorithm R): each picture is in the sample with the same probability.
        self.timed += 1
        if len(self.dots) < DOTS:
            self.dots.append((size, seconds))
        elif (chosen := int(self._random.random() * self.timed)) < DOTS:
            self.dots[chosen] = (size, seconds)
