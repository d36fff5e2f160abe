import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local import processes
from local.errors import StackError
from local.layout import Layout, read_json, write_json

# Says when it is ready, and saves when it is asked to end.
POLITE = """
import pathlib, signal, sys, time
def end(*_): pathlib.Path('saved').touch(); sys.exit(0)
signal.signal(signal.SIGTERM, end); pathlib.Path('ready').touch()
time.sleep(60)
"""
STUBBORN = """
import pathlib, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN); pathlib.Path('ready').touch()
time.sleep(60)
"""
# A leader with a worker in its group that would outlive it.
LEADER = """
import pathlib, subprocess, sys, time
worker = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])
pathlib.Path('worker').write_text(str(worker.pid)); pathlib.Path('ready').touch()
time.sleep(60)
"""


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path.resolve(), 8000)


def start(layout: Layout, code: str) -> int:
    child = processes.start(
        layout, "part", [sys.executable, "-c", code], env=dict(os.environ), cwd=layout.data
    )
    # Python complains about children that are forgotten; these are ended by their id.
    child.returncode = 0
    _until((layout.data / "ready").exists)
    return child.pid


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_started_process_is_recorded_and_leads_a_group(layout: Layout) -> None:
    pid = start(layout, POLITE)
    try:
        assert processes.running(layout, "part") == pid
        assert os.getpgid(pid) == pid
    finally:
        assert processes.stop(layout, "part")


def test_stopping_lets_it_save_and_forgets_it(layout: Layout) -> None:
    start(layout, POLITE)
    assert processes.stop(layout, "part")
    assert (layout.data / "saved").exists()
    assert processes.running(layout, "part") == 0
    assert not processes.stop(layout, "part")


def test_whoever_does_not_listen_is_killed(layout: Layout) -> None:
    pid = start(layout, STUBBORN)
    assert processes.stop(layout, "part", patience=0.2)
    assert processes.identity(pid) is None


def test_workers_of_a_killed_leader_are_ended(layout: Layout) -> None:
    pid = start(layout, LEADER)
    worker = int((layout.data / "worker").read_text())
    os.kill(pid, signal.SIGKILL)
    _until(lambda: processes.running(layout, "part") == 0)
    assert processes.identity(worker) is not None
    assert processes.stop(layout, "part")
    _until(lambda: processes.identity(worker) is None)


def test_a_process_with_a_recycled_id_is_left_alone(
    layout: Layout, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"], cwd=elsewhere, start_new_session=True
    ) as stranger:
        try:
            write_json(layout.run / "part.json", {"pid": stranger.pid, "identity": "an earlier start"})
            assert processes.running(layout, "part") == 0
            assert not processes.stop(layout, "part")
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_record_that_was_cut_off_names_nobody(layout: Layout) -> None:
    (layout.run / "part.json").write_text('{"pid": 12')
    assert processes.running(layout, "part") == 0
    assert not processes.stop(layout, "part")


def test_identity_tells_processes_apart() -> None:
    assert processes.identity(os.getpid()) == processes.identity(os.getpid())
    time.sleep(0.05)
    with subprocess.Popen(["sleep", "60"]) as later:
        assert processes.identity(later.pid) not in {None, processes.identity(os.getpid())}
        later.kill()
    assert processes.identity(later.pid) is None


def test_the_same_is_told_by_ps_where_there_is_no_proc(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as child:
        try:
            monkeypatch.setattr(processes, "PROC", tmp_path)
            identity = processes.identity(child.pid)
            assert identity
            assert identity == processes.identity(child.pid)
            assert processes.group_members(child.pid) == [child.pid]
        finally:
            child.kill()


def test_a_process_that_ends_at_once_is_reported_with_its_log(layout: Layout) -> None:
    child = processes.start(
        layout,
        "part",
        [sys.executable, "-c", "raise SystemExit('no such luck')"],
        env=dict(os.environ),
        cwd=layout.data,
    )
    with pytest.raises(StackError, match="part ended with status 1") as raised:
        processes.wait_ready(layout, "part", child, lambda: False, patience=10)
    assert "no such luck" in raised.value.report()
    assert str(layout.log("part")) in raised.value.report()


def test_waiting_ends(layout: Layout) -> None:
    child = processes.start(
        layout, "part", [sys.executable, "-c", POLITE], env=dict(os.environ), cwd=layout.data
    )
    try:
        with pytest.raises(StackError, match="not ready after"):
            processes.wait_ready(layout, "part", child, lambda: False, patience=0.2)
    finally:
        child.kill()
        child.wait()
    assert read_json(layout.run / "part.json")["pid"] == child.pid
