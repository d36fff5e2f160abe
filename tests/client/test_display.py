"""Lines and bars."""

import io
import time
from pathlib import Path

import pytest

from stockroom_client import display as module
from stockroom_client.display import Display, bar, clock, line_of, printable, shorten, size, summary
from stockroom_client.items import Item, Phase


def item(phase: Phase, name: str = "a.jpg", bytes_: int = 1000, done: int = 0) -> Item:
    """A file on its way."""
    item = Item(Path(name), name, size=bytes_, phase=phase)
    item.done = done
    return item


def test_bars() -> None:
    display = Display(None, io.StringIO(), bars=False)
    sending = item(Phase.SENDING, "b.jpg", 2000, 500)
    display.start([item(Phase.READY), sending, item(Phase.HASHING), item(Phase.LANDED), item(Phase.SKIPPED)])
    assert display.lines(100, 200) == [
        "[##########----------]  50 % 1 of 4 files, 2 kB of 5 kB, 1 to hash, 1 being processed",
        "[#####---------------]  25 % b.jpg",
    ]
    sending.done = 1500
    assert display.lines(102, 200)[0].endswith("500 B/s, 0:03 left")
    assert display.lines(102, 10) == ["[#########", "[#########"]
    assert "/s" not in display.lines(200, 200)[0]  # the window has passed without news


def test_bars_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REDRAW", 0.01)
    screen, results = io.StringIO(), io.StringIO()
    display = Display(results, screen, bars=True)
    files = [item(Phase.SENDING)]
    display.start(files)
    deadline = time.monotonic() + 5
    while "a.jpg" not in screen.getvalue() and time.monotonic() < deadline:
        time.sleep(0.01)
    files[0].end(Phase.READY)
    display.ended(files[0])
    display.note("a\x1b[2Jb")
    display.close()
    assert "\x1b[2F\x1b[J" in screen.getvalue()
    assert "\x1b[2J" not in screen.getvalue()
    assert screen.getvalue().endswith(("\x1b[J", "b\n"))
    assert results.getvalue() == "ready     a.jpg\n"


def test_lines() -> None:
    failed = item(Phase.FAILED)
    failed.id, failed.reason = "ID", "No."
    twin = item(Phase.DUPLICATE)
    twin.id, twin.url, twin.reason = "ID", "http://x/i", "is in the library already"
    assert line_of(failed) == "failed    a.jpg: No."
    assert line_of(twin) == "duplicate a.jpg is in the library already ID http://x/i"
    assert summary([failed, twin, failed]) == "1 duplicate, 2 failed"
    assert summary([]) == "no files"


def test_text_is_harmless_and_fits() -> None:
    assert (
        printable("a\n\x9b\udce9\N{RIGHT-TO-LEFT OVERRIDE}é") == "a" + "\N{REPLACEMENT CHARACTER}" * 4 + "é"
    )
    assert shorten("日本語", 5) == "日本"
    assert shorten("e\N{COMBINING ACUTE ACCENT}x", 1) == "e\N{COMBINING ACUTE ACCENT}"


def test_figures() -> None:
    assert [size(value) for value in (0, 999, 1500, 2_500_000, 3.21e9)] == [
        "0 B",
        "999 B",
        "2 kB",
        "2.5 MB",
        "3.21 GB",
    ]
    assert [clock(value) for value in (5, 65, 3700)] == ["0:05", "1:05", "1:01:40"]
    assert bar(0, 0) == "[####################] 100 %"
