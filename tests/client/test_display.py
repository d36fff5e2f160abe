"""Lines, tables and bars."""

import io
from pathlib import Path
from typing import Any

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
from stockroom_client.local_file import LocalFile, State


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


def file(name: str = "a.jpg", size: int = 1000, state: State = State.WAITING, **more: Any) -> LocalFile:
    """A file on its way."""
    return LocalFile(Path(name), size=size, state=state, **more)


def ready(name: str = "a.jpg") -> LocalFile:
    """A file that is a picture now."""
    return file(name, state=State.READY, id="ID", url="http://x/i")


def failed() -> LocalFile:
    """A file that will be none."""
    return file(state=State.FAILED, detail="No.", code="code", id="ID")


TWIN = file(state=State.DUPLICATE, detail="is in the library already", id="ID", url="http://x/i")


def test_bars_and_lines_share_a_terminal() -> None:
    notes, screen = terminal()
    results, _ = terminal()
    first, second = file("a.jpg"), file("b\x1b[2J.jpg", 3000)
    display = UploadDisplay([first, second], notes, results)

    def shown() -> str:
        screen.seek(0)
        screen.truncate()
        display.update()
        display.bars.refresh()
        return screen.getvalue()

    with display.bars:
        assert "0 of 2 files, 2 to hash" in shown()
        first.sha256 = second.sha256 = "ab"
        second.state, second.sent = State.SENDING, 1500
        now = shown()
        assert "0 of 2 files " in now
        assert "b\N{REPLACEMENT CHARACTER}[2J.jpg" in now
        assert "1.5/3.0 kB" in now
        assert "1.5/4.0 kB" in now
        assert "\x1b[2J" not in now
        second.state = State.PROCESSING
        now = shown()
        assert "0 of 2 files, 1 being processed" in now
        assert "3.0/4.0 kB" in now
        assert "[2J.jpg" not in now
        first.state = State.READY
        display.end(first)
        assert "\x1b[32mready" in screen.getvalue()
        assert "1 of 2 files, 1 being processed" in shown()


def test_a_retry_begins_the_bar_again() -> None:
    notes, screen = terminal()
    sending = file("b.jpg", 3000, State.SENDING)
    display = UploadDisplay([sending], notes, None)
    with display.bars:
        for sent in (2000, 0, 1000):
            sending.sent = sent
            display.update()
        display.bars.refresh()
    last = screen.getvalue().rpartition("0 of 1 files")[2]
    assert last.count("1.0/3.0 kB") == 2  # of all files, and of this one


def test_no_bars_elsewhere() -> None:
    notes, screen = plain()
    results, lines = plain()
    sending = file(state=State.SENDING)
    display = UploadDisplay([sending], notes, results)
    with display.bars:
        display.update()
        display.end(ready())
    assert screen.getvalue() == ""
    assert lines.getvalue() == "ready     a.jpg ID http://x/i\n"


def test_results_of_a_pipe_go_there() -> None:
    notes, screen = terminal()
    results, lines = plain()
    display = UploadDisplay([failed()], notes, results)
    with display.bars:
        display.end(failed())
    assert lines.getvalue() == "failed    a.jpg: No.\n"
    assert "No." not in screen.getvalue()


def test_lines() -> None:
    assert outcome_line(failed()).plain == "failed    a.jpg: No."
    assert outcome_line(TWIN).plain == "duplicate a.jpg is in the library already ID http://x/i"
    assert outcome_line(ready("a\nb.jpg")).plain == "ready     a\N{REPLACEMENT CHARACTER}b.jpg ID http://x/i"


def test_summary() -> None:
    assert summarize([failed(), TWIN, failed(), file()], 0) == "1 duplicate, 2 failed"
    assert summarize([], 0) == "no files"
    assert summarize([failed()], 3) == "1 failed; 3 other files passed over"


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
