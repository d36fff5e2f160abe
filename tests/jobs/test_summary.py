"""What is gathered from results: the right figures, from any number of results in the same memory."""

import random

import msgspec
import pytest

from jobs.summary import DOTS, LISTED, REASONS, SPANS, Failure, SizeClass, Span, Summary

BEGIN = 1_780_000_000


class Result(msgspec.Struct):
    image_id: int = 1
    outcome: str = "rendered"
    code: str = ""
    detail: str = ""
    bytes_in: int = 2_000_000
    bytes_out: int = 100_000
    seconds: float = 0.25
    finished: int = BEGIN * 1000


def summarize(*results: Result) -> Summary:
    summary = Summary("rerender", "run")
    for result in results:
        summary.add(result)
    return summary


def at(second: int, outcome: str = "rendered") -> Result:
    return Result(finished=(BEGIN + second) * 1000, outcome=outcome)


def test_sums() -> None:
    summary = summarize(Result(), Result(outcome="present", bytes_out=0), Result())
    assert summary.outcomes == {"rendered": 2, "present": 1}
    assert (summary.bytes_in, summary.bytes_out, summary.seconds) == (4_000_000, 200_000, 0.75)
    # Nothing was read of the second one, so it says nothing of how long a picture takes.
    assert summary.dots == [(2_000_000, 0.25)] * 2
    assert summary.size_classes == [SizeClass(10**6, 3 * 10**6, 2, 0.5, 0.25)]


def test_classes_of_size_have_their_lower_end_in_them() -> None:
    sizes = [99_999, 100_000, 29_999_999, 30_000_000]
    summary = summarize(*(Result(bytes_in=size) for size in sizes))
    assert [(each.low, each.high) for each in summary.size_classes] == [
        (0, 10**5), (10**5, 3 * 10**5), (10**7, 3 * 10**7), (3 * 10**7, None),
    ]  # fmt: skip


def test_spans_in_which_nothing_ended_are_told() -> None:
    assert summarize(at(3), at(0), at(0, "failed")).spans() == [
        Span(0, 1, 2, 1), Span(1, 1, 0, 0), Span(2, 1, 0, 0), Span(3, 1, 1, 0),
    ]  # fmt: skip


def test_a_run_that_went_on_the_next_day_has_no_day_of_nothing() -> None:
    summary = summarize(at(0), at(86_400))
    # The second part begins a span later.
    assert summary.spans() == [Span(0, 1, 1, 0), Span(2, 1, 1, 0)]
    assert summary.begin is not None
    assert summary.end is not None
    assert (summary.end - summary.begin).total_seconds() == 86_400


def test_spans_become_longer_with_the_run_and_lose_nothing() -> None:
    seconds = list(range(0, 7 * 86_400, 600))
    random.Random(1).shuffle(seconds)
    summary = summarize(*(at(second, "failed" if second % 1200 else "rendered") for second in seconds))
    spans = summary.spans()
    assert len(spans) <= SPANS
    assert summary.span_seconds == 21_600
    assert sum(span.ended for span in spans) == len(seconds)
    assert sum(span.failed for span in spans) == len(seconds) // 2
    # Ten minutes between two pictures are no break of a run that is so slow.
    assert spans[-1].begin == (len(spans) - 1) * 21_600


def test_sample_is_bounded_and_from_the_whole_run() -> None:
    summary = summarize(*(Result(bytes_in=i + 1) for i in range(20 * DOTS)))
    assert len(summary.dots) == DOTS
    assert summary.timed == 20 * DOTS
    later = sum(size > 10 * DOTS for size, _ in summary.dots)
    assert later == pytest.approx(DOTS / 2, rel=0.2)
    again = summarize(*(Result(bytes_in=i + 1) for i in range(20 * DOTS)))
    assert again.dots == summary.dots


def test_failures_are_all_counted_and_the_first_are_listed_by_id() -> None:
    summary = summarize(
        *(Result(image_id=10_000 - i, outcome="failed", code=f"c{i}", detail="why") for i in range(600))
    )
    assert len(summary.failures) == LISTED
    assert summary.failures[0] == Failure(10_000 - LISTED + 1, f"c{LISTED - 1}", "why")
    assert len(summary.reasons) == REASONS + 1
    assert summary.reasons["other"] == 600 - REASONS
    assert summary.dots == []
