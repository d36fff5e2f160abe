"""What the driver counts, and what the operator reads of it."""

from dataclasses import dataclass

import msgspec
import pytest

from jobs.progress import Meter, Progress, decode, describe, describe_bytes, describe_time, encode


@dataclass
class Clock:
    seconds: float = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


def make_meter(total: int | None = 1000) -> tuple[Meter, Clock]:
    clock = Clock()
    return Meter("rerender", "20260131-235959-1f2e", total, clock), clock


def test_rate_is_that_of_the_last_minute() -> None:
    meter, clock = make_meter()
    clock.seconds += 10
    meter.add(done=30, failed=10, size=5_000)
    assert meter.read().rate == pytest.approx(4.0)
    clock.seconds += 55
    meter.add(done=100, skipped=20)
    # The first 40 are 55 seconds old, so they still count; seven seconds later they do not.
    assert meter.read().rate == pytest.approx(160 / 60)
    clock.seconds += 7
    progress = meter.read()
    assert progress.rate == pytest.approx(2.0)
    assert progress.seconds_left == pytest.approx((1000 - 160) / 2.0)
    assert (progress.done, progress.failed, progress.skipped, progress.bytes) == (130, 10, 20, 5_000)


def test_without_any_in_the_last_minute_the_whole_run_says_how_long_it_takes() -> None:
    meter, clock = make_meter()
    clock.seconds += 10
    meter.add(done=100)
    clock.seconds += 190
    progress = meter.read()
    assert progress.rate == 0
    assert progress.seconds_left == pytest.approx(900 / (100 / 200))


def test_nothing_is_promised_before_anything_is_known() -> None:
    meter, clock = make_meter(None)
    meter.add(done=1)
    assert meter.read().seconds_left is None
    meter, clock = make_meter()
    clock.seconds += 100
    assert meter.read().seconds_left is None


def test_what_a_killed_process_had_done_counts_and_says_nothing_of_the_rate() -> None:
    meter, clock = make_meter()
    meter.add_earlier(done=500, failed=100, size=7)
    clock.seconds += 20
    meter.add(done=40)
    progress = meter.read()
    assert (progress.done, progress.failed, progress.ended, progress.bytes) == (540, 100, 640, 7)
    assert progress.seconds_left == pytest.approx(360 / 2)


def test_the_time_of_a_run_is_that_of_all_its_processes() -> None:
    meter, clock = make_meter()
    clock.seconds += 100
    content = encode(meter.read())
    meter, clock = make_meter()
    meter.go_on(None)
    meter.go_on(content)
    meter.add(done=1)
    clock.seconds += 30
    assert meter.read().seconds == pytest.approx(130)
    # The time of before says nothing of how fast this process is.
    assert meter.read().rate == pytest.approx(1 / 30)


def test_time_left_is_that_of_the_slower_of_rendering_and_committing() -> None:
    meter, clock = make_meter()
    meter.commit(0)
    clock.seconds += 50
    meter.add(done=500, failed=100)
    meter.commit(50)
    # 400 pictures at 12/s; 850 rows at 1/s, as failed pictures have no row to change.
    assert meter.read().seconds_left == pytest.approx(850)
    meter.commit(850, is_earlier=True)
    assert meter.read().seconds_left == pytest.approx(400 / 12)
    assert meter.read(is_finished=True).seconds_left == 0


def test_an_archive_takes_as_much_memory_as_a_minute() -> None:
    meter, clock = make_meter(10**8)
    for _ in range(10_000):
        clock.seconds += 1
        meter.add(done=10_000)
    assert len(meter._ended._added) <= 60
    assert meter.read().seconds_left == 0


def test_progress_is_read_as_it_was_written() -> None:
    meter, clock = make_meter()
    meter.add(done=3, size=10)
    clock.seconds += 1
    progress = meter.read()
    assert decode(encode(progress)) == progress


def test_line_for_people() -> None:
    progress = Progress(
        job="rerender", run_id="r", total=10_000, done=1190, failed=10, skipped=4, bytes=1_500_000_000,
        committed=900, rate=41.34, seconds=600, seconds_left=7300,
    )  # fmt: skip
    assert describe(progress) == (
        "1,204 of 10,000 pictures: 1,190 done (900 committed), 10 failed, 4 skipped; "
        "41.3 pictures/s, 1.5 GB; 2 h 1 min left"
    )
    assert "done," in describe(msgspec.structs.replace(progress, committed=1190))
    finished = Progress(job="facts", run_id="r", total=None, done=2, seconds=100, is_finished=True)
    assert describe(finished) == "2 pictures: 2 done, 0 failed, 0 skipped; 0 bytes in 100 s"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (119.4, "119 s"),
        (120, "2 min"),
        (135, "2 min 15 s"),
        (599, "9 min 59 s"),
        (600, "10 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (3660, "1 h 1 min"),
        (86400 * 5 + 3600 * 3 + 59, "5 d 3 h"),
        (86400 * 5 + 60, "5 d"),
    ],
)
def test_times_have_two_units_at_most(seconds: float, text: str) -> None:
    assert describe_time(seconds) == text


def test_bytes_for_people() -> None:
    assert [describe_bytes(n) for n in (12, 12_300, 4 * 10**14)] == ["12 bytes", "12.3 kB", "400.0 TB"]
