import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from local import processes
from local.layout import Layout, read_json, write_json
from tests.unprivileged import run_unprivileged
from tooling.errors import ToolError

# Says when it is ready, and saves its work when it gets SIGTERM.
POLITE = """
import pathlib, signal, sys, time
def end(*_): pathlib.Path('saved').touch(); sys.exit(0)
signal.signal(signal.SIGTERM, end); pathlib.Path('ready').touch()
time.sleep(600)
"""
STUBBORN = """
import pathlib, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN); pathlib.Path('ready').touch()
time.sleep(600)
"""
SLEEPER = "import time; time.sleep(600)"
# A leader with a worker in its group that would outlive it.
LEADER = """
import pathlib, subprocess, sys, time
worker = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
pathlib.Path('worker').write_text(str(worker.pid)); pathlib.Path('ready').touch()
time.sleep(600)
"""


def start(layout: Layout, code: str) -> int:
    child = processes.start(
        layout, "part", [sys.executable, "-c", code], env=dict(os.environ), cwd=layout.data
    )
    # Python complains about children that are forgotten; these are ended by their id.
    child.returncode = 0
    assert processes.wait_until((layout.data / "ready").exists, 60)
    return child.pid


def is_alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_started_process_is_recorded_and_leads_a_group(layout: Layout) -> None:
    pid = start(layout, POLITE)
    try:
        assert processes.running(layout, "part") == pid
        assert os.getpgid(pid) == pid
    finally:
        assert processes.stop(layout, "part")


def test_a_stopped_process_has_saved_its_work_and_is_forgotten(layout: Layout) -> None:
    start(layout, POLITE)
    assert processes.stop(layout, "part")
    assert (layout.data / "saved").exists()
    assert processes.running(layout, "part") == 0
    assert not processes.stop(layout, "part")


def test_a_process_that_ignores_the_signal_is_killed(layout: Layout) -> None:
    pid = start(layout, STUBBORN)
    assert processes.stop(layout, "part", patience=0.2)
    assert not is_alive(pid)


def test_workers_of_a_killed_leader_are_ended(layout: Layout) -> None:
    pid = start(layout, LEADER)
    worker = int((layout.data / "worker").read_text())
    os.kill(pid, signal.SIGKILL)
    assert processes.wait_until(lambda: processes.running(layout, "part") == 0, 60)
    assert is_alive(worker)
    assert processes.stop(layout, "part")
    assert not is_alive(worker)


@contextmanager
def stranger(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that leads a group, works in `folder`, and was not started by this module."""
    with subprocess.Popen([sys.executable, "-c", SLEEPER], cwd=folder, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_process_with_a_recycled_id_is_left_alone(
    layout: Layout, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with stranger(tmp_path_factory.mktemp("elsewhere")) as process:
        write_json(layout.run / "part.json", {"pid": process.pid, "started": time.time()})
        assert processes.running(layout, "part") == 0
        assert not processes.stop(layout, "part")
        assert process.poll() is None


def test_a_later_process_is_not_the_recorded_one_even_in_the_same_folder(layout: Layout) -> None:
    with stranger(layout.data) as process:
        write_json(layout.run / "part.json", {"pid": process.pid, "started": time.time() - 3600})
        assert processes.running(layout, "part") == 0


def test_every_recorded_process_is_listed(layout: Layout) -> None:
    assert processes.recorded(layout) == []
    write_json(layout.run / "b.json", {})
    write_json(layout.run / "a.json", {})
    assert processes.recorded(layout) == ["a", "b"]


def test_a_record_that_was_cut_off_names_nobody(layout: Layout) -> None:
    (layout.run / "part.json").write_text('{"pid": 12')
    assert processes.running(layout, "part") == 0
    assert not processes.stop(layout, "part")


def test_the_members_of_a_group_are_its_living_processes(layout: Layout) -> None:
    pid = start(layout, LEADER)
    worker = int((layout.data / "worker").read_text())
    assert {process.pid for process in processes.group_members(pid)} == {pid, worker}
    os.kill(worker, signal.SIGKILL)
    # Its parent does not wait for it, so it stays as a zombie.
    assert processes.wait_until(lambda: not is_alive(worker), 60)
    assert psutil.pid_exists(worker)
    assert {process.pid for process in processes.group_members(pid)} == {pid}
    assert processes.stop(layout, "part")


def test_a_process_that_ends_at_once_is_reported_with_its_log(layout: Layout) -> None:
    child = processes.start(
        layout,
        "part",
        [sys.executable, "-c", "raise SystemExit('no such luck')"],
        env=dict(os.environ),
        cwd=layout.data,
    )
    with pytest.raises(ToolError, match="part ended with status 1") as raised:
        processes.wait_ready(layout, "part", child, lambda: False, patience=10)
    assert "no such luck" in raised.value.report()
    assert str(layout.log("part")) in raised.value.report()


def test_waiting_ends(layout: Layout) -> None:
    child = processes.start(
        layout, "part", [sys.executable, "-c", POLITE], env=dict(os.environ), cwd=layout.data
    )
    try:
        with pytest.raises(ToolError, match="not ready after"):
            processes.wait_ready(layout, "part", child, lambda: False, patience=0.2)
    finally:
        child.kill()
        child.wait()
    assert read_json(layout.run / "part.json")["pid"] == child.pid


# A process that hides its memory from others of its user, and one that looks for it.
HIDDEN = """
import ctypes, time
ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); print(flush=True); time.sleep(600)
"""
SEEKER = """
import pathlib, subprocess, sys, psutil
from local import processes
from local.layout import Layout
with subprocess.Popen([sys.executable, "-c", sys.argv[2], sys.argv[1]], stdout=subprocess.PIPE) as hidden:
    try:
        hidden.stdout.readline()
        print(processes._works_for(Layout(pathlib.Path(sys.argv[1]), 1), psutil.Process(hidden.pid)))
    finally:
        hidden.kill()
"""


def test_a_process_that_hides_its_folder_is_known_by_its_arguments(tmp_path: Path) -> None:
    # Root sees what other users do not.
    ran = run_unprivileged(SEEKER, str(tmp_path), HIDDEN)
    assert ran.stdout == "True\n", ran.stderr
