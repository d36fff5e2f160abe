import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stockroom.renditions import Options
from stockroom.renditions.sandbox import kernel
from stockroom.renditions.sandbox.failures import DecoderUnavailable
from stockroom.renditions.sandbox.process import PROGRAM, WorkerProcess
from stockroom.renditions.sandbox.protocol import RenderRequest

Start = Callable[..., WorkerProcess]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a worker, with a program of its own if one is given."""
    started: list[WorkerProcess] = []

    def start_worker(program: str = PROGRAM) -> WorkerProcess:
        started.append(WorkerProcess(20.0, 1 << 30, program))
        return started[-1]

    yield start_worker
    for worker in started:
        worker.end()


def wait_for_end(worker: WorkerProcess) -> None:
    """Wait until a worker has ended, without taking its status from who started it."""
    os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)


def test_it_runs_until_it_is_ended(start: Start) -> None:
    worker = start()
    assert worker.is_running()
    assert worker.end() == signal.SIGKILL
    assert not worker.is_running()
    assert worker.end() == signal.SIGKILL, "it is known how it ended"
    with pytest.raises(ProcessLookupError):
        os.kill(worker.pid, 0)


def test_it_is_known_by_which_signal_it_died(start: Start) -> None:
    worker = start()
    os.kill(worker.pid, signal.SIGSEGV)
    wait_for_end(worker)
    assert not worker.is_running()
    assert worker.end() == signal.SIGSEGV
    assert worker.describe_end() == "SIGSEGV"


def test_nothing_can_be_sent_to_one_that_has_died(start: Start) -> None:
    worker = start()
    os.kill(worker.pid, signal.SIGKILL)
    wait_for_end(worker)
    with pytest.raises(BrokenPipeError):
        worker.send(RenderRequest(1, 0, Options(), ()), ())


def test_a_message_that_makes_no_sense_ends_it(start: Start) -> None:
    worker = start()
    worker.wait_until_ready(60)
    # Without its three descriptors a request cannot be served.
    worker.send(RenderRequest(1, 0, Options(), ()), ())
    wait_for_end(worker)
    assert worker.end() == 0
    assert worker.describe_end().startswith("exit 1; Traceback")


def test_it_is_ready_once_it_has_loaded(start: Start) -> None:
    worker = start()
    worker.wait_until_ready(60)
    worker.wait_until_ready(0)
    assert worker.is_running()


def test_it_imports_nothing_from_the_current_directory(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "msgspec.py").write_text("raise RuntimeError('a module of a stranger')")
    monkeypatch.chdir(tmp_path)
    start().wait_until_ready(60)


def test_one_that_ends_before_it_is_ready_says_why(start: Start) -> None:
    worker = start("raise OSError('libvips.so.42: cannot open shared object file')")
    with pytest.raises(DecoderUnavailable, match=r"exit 1; Traceback[^\0]*libvips\.so\.42"):
        worker.wait_until_ready(60)


def test_one_that_is_killed_before_it_is_ready(start: Start) -> None:
    worker = start("import time; time.sleep(1000)")
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(DecoderUnavailable, match="SIGKILL"):
        worker.wait_until_ready(60)


def test_one_that_does_not_become_ready_is_ended(start: Start) -> None:
    worker = start("import time; time.sleep(1000)")
    with pytest.raises(DecoderUnavailable, match=r"not ready after 0\.1 s"):
        worker.wait_until_ready(0.1)
    assert not worker.is_running()


def test_one_that_talks_nonsense_is_ended(start: Start) -> None:
    worker = start("import os; os.write(0, b'nonsense' * 10); import time; time.sleep(1000)")
    with pytest.raises(DecoderUnavailable, match="SIGKILL"):
        worker.wait_until_ready(60)


def test_a_process_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    descriptors = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(DecoderUnavailable, match="No such file"):
        WorkerProcess(1.0, 1 << 30)
    assert len(os.listdir("/proc/self/fd")) == descriptors


def test_a_kernel_that_hides_no_memory_is_named_and_costs_no_picture(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda refuses prctl(2), which its own filter of system calls forbids."""

    def refuse(option: int, argument: int = 0) -> None:
        raise PermissionError(errno.EPERM, f"{option} {argument}")

    monkeypatch.setattr(kernel, "prctl", refuse)
    worker = start(PROGRAM)
    worker.wait_until_ready(60)
    assert worker.refused[0] == "hidden memory"


def test_a_worker_that_says_too_much_is_not_stopped(start: Start) -> None:
    """More than a pipe holds, which nobody reads while the worker lives."""
    worker = start(f"import os; os.write(2, b'x' * (1 << 20)); {PROGRAM}")
    worker.wait_until_ready(60)
    worker.end()
    assert len(worker.describe_end()) < 3000


HOLDING = """
import os, socket, time
from stockroom.renditions.sandbox.protocol import Ready, send
data, copy, parent = b"x" * (50 << 20), os.dup(0), socket.socket(fileno=0)
send(parent, Ready(("seccomp",)))
time.sleep(1000)
"""


def test_its_usage_is_that_of_the_process(start: Start) -> None:
    worker = start(HOLDING)
    worker.wait_until_ready(60)
    assert worker.refused == ("seccomp",)
    usage = worker.read_usage()
    assert usage is not None
    assert usage.memory_bytes > 50 << 20
    assert usage.descriptors == 4
    worker.end()
    assert worker.read_usage() is None


def test_no_descriptor_stays_behind(start: Start) -> None:
    descriptors = set(os.listdir("/proc/self/fd"))
    start().end()
    assert set(os.listdir("/proc/self/fd")) == descriptors
