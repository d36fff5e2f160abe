"""What an operator sees of a job while it runs."""

import io
from collections.abc import Iterator

import pytest

from jobs.progress import Progress
from operations.job_progress import PLAIN_SECONDS, JobDisplay, follow


def at(done: int, *, is_finished: bool = False) -> Progress:
    return Progress(
        job="rerender", run_id="r", total=400, done=done, rate=2.0, seconds=done / 2, is_finished=is_finished
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    return Terminal()


def run(file: io.StringIO, progress: list[Progress | None], seconds: float) -> Progress | None:
    """Follow a job that ends when all of `progress` but the last was read, `seconds` apart."""
    reads: Iterator[Progress | None] = iter(progress)
    waits: list[float] = []

    def has_ended(limit: float) -> bool:
        waits.append(limit)
        return len(waits) == len(progress)

    return follow(lambda: next(reads), has_ended, file, lambda: len(waits) * seconds)


def test_a_file_gets_a_line_a_minute_and_the_last_one() -> None:
    file = io.StringIO()
    progress = [None, at(0), *(at(done) for done in range(100, 160)), at(160)]
    assert run(file, progress, PLAIN_SECONDS / 30) == at(160)
    assert file.getvalue().splitlines() == [
        "rerender: 100 of 400 pictures: 100 done, 0 failed, 0 skipped; 2.0 pictures/s, 0 bytes",
        "rerender: 130 of 400 pictures: 130 done, 0 failed, 0 skipped; 2.0 pictures/s, 0 bytes",
        "rerender: 160 of 400 pictures: 160 done, 0 failed, 0 skipped; 2.0 pictures/s, 0 bytes",
    ]


def test_a_job_that_does_nothing_for_a_minute_says_that_it_lives() -> None:
    file = io.StringIO()
    run(file, [at(0), at(0), at(0)], PLAIN_SECONDS)
    assert len(file.getvalue().splitlines()) == 2


def test_a_job_that_came_to_its_end_says_so_itself() -> None:
    file = io.StringIO()
    finished = at(400, is_finished=True)
    assert run(file, [at(100), finished, finished], PLAIN_SECONDS) == finished
    assert len(file.getvalue().splitlines()) == 1


def test_a_file_is_not_told_the_same_again() -> None:
    file = io.StringIO()
    run(file, [at(100), at(100), at(100)], 2 * PLAIN_SECONDS)
    assert len(file.getvalue().splitlines()) == 2


def test_a_job_that_has_written_nothing_shows_nothing() -> None:
    file = io.StringIO()
    assert run(file, [None, None], 1) is None
    assert file.getvalue() == ""


def test_a_terminal_has_a_bar_and_where_the_job_has_failed_one_line(terminal: Terminal) -> None:
    with JobDisplay(terminal) as display:
        display.show(at(100))
        display.refresh()
        shown = terminal.getvalue()
        display.say("the first minutes go by while workers start")
        display.show(at(200), is_last=True)
    assert "━" in shown
    assert "100 of 400, 2.0 a second" in shown
    assert "100 done, 0 failed, 0 skipped, 0 bytes" in shown
    assert "rerender: 200 of 400 pictures: 200 done, 0 failed, 0 skipped" in terminal.getvalue()
    assert "the first minutes go by while workers start" in terminal.getvalue()
