import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from local import logs, processes, rotation
from local.layout import Layout

START = processes.start


def write(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


def test_a_large_log_is_put_aside_and_its_writer_goes_on(layout: Layout) -> None:
    log, small = layout.log("emulator"), layout.log("cdn")
    small.write_text("short\n")
    with log.open("ab", buffering=0) as writer:
        writer.write(b"a long line of an earlier time\n")
        rotation.rotate_all(layout.logs, limit=10)
        writer.write(b"later\n")
        assert log.read_text() == "later\n"
        assert rotation.find_aside(log).read_text() == "a long line of an earlier time\n"
        writer.write(b"more than ten\n")
        rotation.rotate_all(layout.logs, limit=10)
    assert small.read_text() == "short\n"
    # The copy is replaced, and never rotated itself.
    assert rotation.find_aside(log).read_text() == "later\nmore than ten\n"
    assert sorted(path.name for path in layout.logs.iterdir()) == [
        "cdn.log",
        "emulator.1.log",
        "emulator.log",
    ]


def test_followers_miss_nothing_of_a_log_that_is_rotated(layout: Layout) -> None:
    log = layout.log("cdn")
    write(log, "one\ntwo\n")
    lines, offset = logs.new_lines(log, 0)
    assert lines == ["one", "two"]
    write(log, "three\n")
    rotation.rotate(log)
    write(log, "four\n")
    lines, offset = logs.new_lines(log, offset)
    assert lines == ["three", "four"]
    write(log, "five\n")
    assert logs.new_lines(log, offset) == (["five"], offset + 5)


def test_a_line_that_is_being_written_during_the_rotation_is_read_whole(layout: Layout) -> None:
    log = layout.log("cdn")
    write(log, "a line\nha")
    _, offset = logs.new_lines(log, 0)
    rotation.rotate(log)
    write(log, "lf\nne")
    lines, offset = logs.new_lines(log, offset)
    assert lines == ["half"]
    write(log, "xt\n")
    assert logs.new_lines(log, offset)[0] == ["next"]


def test_it_looks_after_the_logs_until_the_folder_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Layout(tmp_path / "data", 8000).logs.parent
    commands = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    options = {"seconds": 0.05, "runs_between_function_logs": 2}
    thread = threading.Thread(target=rotation.main, args=[data], kwargs=options)
    thread.start()
    assert processes.wait_until(lambda: len(commands) > 1, 60)
    data.rename(tmp_path / "elsewhere")
    thread.join(60)
    assert not thread.is_alive()
    assert commands[0][1:] == ["-m", "local.function_logs", str(data)]


def test_a_stack_has_one_rotation(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    children = []

    def start(*arguments: Any, **options: Any) -> "subprocess.Popen[bytes]":
        children.append(START(*arguments, **options))
        return children[-1]

    monkeypatch.setattr(processes, "start", start)
    log = layout.log("access")
    write(log, "x" * (rotation.MAX_LOG_BYTES + 1))
    try:
        assert rotation.ensure(layout)
        assert not rotation.ensure(layout)
        assert processes.wait_until(lambda: log.stat().st_size == 0, 60)
        assert rotation.find_aside(log).stat().st_size == rotation.MAX_LOG_BYTES + 1
    finally:
        assert rotation.stop(layout)
        children[0].wait()
    assert not rotation.stop(layout)
