"""Lines, tables and bars."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from stockroom_client.display import (
    UploadDisplay,
    open_console,
    outcome_line,
    print_rows,
    printable,
    summarize,
)
from stockroom_client.local_file import LocalFile, Outcome, State, Step

READY = Outcome(State.READY, id="ID", url="http://x/i")
FAILED = Outcome(State.FAILED, "No.", "code", "ID")
TWIN = Outcome(State.DUPLICATE, "is in the library already", id="ID", url="http://x/i")


def terminal(width: int = 120) -> tuple[Console, io.StringIO]:
    """A console that believes to be a terminal, and what it is sent."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        force_terminal=True,
        color_system="truecolor",
        width=width,
        markup=False,
        emoji=False,
        _environ={},
    )
    return console, stream


def plain() -> tuple[Console, io.StringIO]:
    """A console that is a file, and what is written to that."""
    stream = io.StringIO()
    return Console(file=stream, soft_wrap=True, highlight=False, markup=False, emoji=False), stream


def file(name: str = "a.jpg", size: int = 1000, outcome: Outcome | None = None) -> LocalFile:
    """A file on its way."""
    return LocalFile(Path(name), size=size, outcome=outcome)


def test_bars_and_lines_share_a_terminal() -> None:
    notes, screen = terminal()
    results, _ = terminal()
    first, second = file("a.jpg"), file("b\x1b[2J.jpg", 3000)
    display = UploadDisplay([first, second], notes, results)
    with display.bars:
        display.on_step(first, Step.HASHING, 0)
        display.on_step(second, Step.HASHING, 0)
        display.bars.refresh()
        display.on_step(first, Step.WAITING, 0)
        display.on_step(second, Step.WAITING, 0)
        display.on_step(second, Step.SENDING, 1500)
        display.bars.refresh()
        display.on_step(second, Step.PROCESSING, 0)
        display.bars.refresh()
        first.outcome = READY
        display.on_step(first, Step.ENDED, 0)
        display.bars.refresh()
    shown = screen.getvalue()
    assert "0 of 2 files, 2 to hash" in shown
    assert "b\N{REPLACEMENT CHARACTER}[2J.jpg" in shown
    assert "1.5/3.0 kB" in shown
    assert "1.5/4.0 kB" in shown
    assert "0 of 2 files, 1 being processed" in shown
    assert "1 of 2 files, 1 being processed" in shown
    assert "\x1b[32mready" in shown
    assert "\x1b[2J" not in shown


def test_a_retry_begins_the_bar_again() -> None:
    notes, screen = terminal()
    sending = file("b.jpg", 3000)
    display = UploadDisplay([sending], notes, None)
    with display.bars:
        display.on_step(sending, Step.SENDING, 2000)
        display.on_step(sending, Step.SENDING, 0)
        display.on_step(sending, Step.SENDING, 1000)
        display.bars.refresh()
    last = screen.getvalue().rpartition("0 of 1 files")[2]
    assert last.count("1.0/3.0 kB") == 2  # of all files, and of this one


def test_no_bars_elsewhere() -> None:
    notes, screen = plain()
    results, lines = plain()
    ended = file()
    display = UploadDisplay([ended], notes, results)
    with display.bars:
        display.on_step(ended, Step.SENDING, 500)
        ended.outcome = READY
        display.on_step(ended, Step.ENDED, 0)
    assert screen.getvalue() == ""
    assert lines.getvalue() == "ready     a.jpg ID http://x/i\n"


def test_results_of_a_pipe_go_there() -> None:
    notes, screen = terminal()
    results, lines = plain()
    ended = file(outcome=FAILED)
    display = UploadDisplay([ended], notes, results)
    with display.bars:
        display.on_step(ended, Step.ENDED, 0)
    assert lines.getvalue() == "failed    a.jpg: No.\n"
    assert "No." not in screen.getvalue()


def test_lines() -> None:
    assert outcome_line(file(), FAILED).plain == "failed    a.jpg: No."
    assert outcome_line(file(), TWIN).plain == "duplicate a.jpg is in the library already ID http://x/i"
    assert (
        outcome_line(file("a\nb.jpg"), READY).plain
        == "ready     a\N{REPLACEMENT CHARACTER}b.jpg ID http://x/i"
    )


def test_summary() -> None:
    files = [file(outcome=outcome) for outcome in (FAILED, TWIN, FAILED, None)]
    assert summarize(files, 0) == "1 duplicate, 2 failed"
    assert summarize([], 0) == "no files"
    assert summarize(files[:1], 3) == "1 failed; 3 other files passed over"


def test_rows() -> None:
    console, stream = plain()
    rows = [("ID1", "ready  ", "a [b]:smile:" + "x" * 200, "http://x/i"), ("ID2", "failed ", "b\x1b", "")]
    print_rows(console, ("Id", "State", "Name", "Link"), rows)
    assert stream.getvalue().splitlines() == [
        "ID1  ready    a [b]:smile:" + "x" * 200 + "  http://x/i",
        "ID2  failed   b\N{REPLACEMENT CHARACTER}",
    ]


def test_table_on_a_terminal() -> None:
    console, stream = terminal(60)
    print_rows(
        console, ("Id", "State", "Name"), [("ID1", "ready  ", "a [b]:smile:"), ("ID2", "failed ", "b")]
    )
    shown = stream.getvalue()
    assert "\x1b[1mId" in shown
    assert "a [b]:smile:" in shown
    assert "\x1b[32mready" in shown
    assert "\x1b[31mfailed" in shown


@pytest.mark.parametrize("stderr", [False, True])
def test_consoles(capsys: pytest.CaptureFixture[str], stderr: bool) -> None:
    open_console(stderr=stderr).print("[b]:smile: 1 " + "x" * 200)
    captured = capsys.readouterr()
    assert (captured.err if stderr else captured.out) == "[b]:smile: 1 " + "x" * 200 + "\n"


def test_printable() -> None:
    harmless = printable("a\n\x9b\udce9\N{RIGHT-TO-LEFT OVERRIDE}\N{LATIN SMALL LETTER E WITH ACUTE}")
    assert harmless == "a" + "\N{REPLACEMENT CHARACTER}" * 4 + "\N{LATIN SMALL LETTER E WITH ACUTE}"
