import os
import signal
from collections.abc import Iterator

import pytest

from stockroom.renditions import Options
from stockroom.renditions.sandbox.process import WorkerDied, WorkerProcess
from stockroom.renditions.sandbox.protocol import Request


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    started = WorkerProcess(20.0, 1 << 30)
    yield started
    started.end()


def test_it_runs_until_it_is_ended(worker: WorkerProcess) -> None:
    assert worker.is_running()
    assert worker.end() == signal.SIGKILL
    assert not worker.is_running()
    assert worker.end() == signal.SIGKILL, "it is known how it ended"
    with pytest.raises(ProcessLookupError):
        os.kill(worker.pid, 0)


def test_it_is_known_by_which_signal_it_died(worker: WorkerProcess) -> None:
    os.kill(worker.pid, signal.SIGSEGV)
    os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)
    assert not worker.is_running()
    assert worker.end() == signal.SIGSEGV


def test_nothing_can_be_sent_to_one_that_has_died(worker: WorkerProcess) -> None:
    os.kill(worker.pid, signal.SIGKILL)
    os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(WorkerDied, match="SIGKILL"):
        worker.send(Request(1, 0, Options(), ()), ())


def test_a_message_that_makes_no_sense_ends_it(worker: WorkerProcess) -> None:
    # Without its three descriptors a request cannot be served.
    worker.send(Request(1, 0, Options(), ()), ())
    os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)
    assert worker.end() == 0
    assert str(WorkerDied(0)) == "exit"
