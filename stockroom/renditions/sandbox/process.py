"""One worker process, as the process that has started it sees it."""

import os
import signal
import socket
import sys

import msgspec

from stockroom.renditions.sandbox.protocol import send

ENVIRONMENT = {
    "VIPS_WARNING": "0",
    # Memory that is given back after each picture and taken again costs 5 % of the time, in page faults.
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}
"""Environment variables that tune libvips and the allocator in the worker."""
_PROGRAM = "from stockroom.renditions.sandbox.worker import main; main()"


class WorkerDied(Exception):
    """The worker ended before it answered: by this signal, or with 0, by itself."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal.Signals(signal_number).name if signal_number else "exit")
        self.signal_number = signal_number


class WorkerProcess:
    """A worker that has been started. It is still loading libvips when the constructor returns.

    Its environment tells it where to find packages and libraries, and nothing else: it holds no credentials.
    """

    def __init__(self, cpu_seconds: float, memory_bytes: int) -> None:
        ours, theirs = socket.socketpair()
        environment = {
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", ""),
            **ENVIRONMENT,
        }
        with theirs:
            self.pid = os.posix_spawn(
                sys.executable,
                [sys.executable, "-S", "-c", _PROGRAM, str(cpu_seconds), str(memory_bytes)],
                environment,
                file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0), (os.POSIX_SPAWN_DUP2, 2, 1)],
            )
        self._socket = ours
        self._signal_number: int | None = None

    def is_running(self) -> bool:
        """Whether the process has not ended."""
        if self._signal_number is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._ended(status)
        return self._signal_number is None

    def send(self, request: msgspec.Struct, descriptors: tuple[int, ...]) -> None:
        """Send a request with its descriptors. Raises `WorkerDied`."""
        try:
            send(self._socket, request, descriptors)
        except OSError as error:
            raise WorkerDied(self.end()) from error

    def end(self) -> int:
        """Kill the process unless it has ended; the number of the signal that ended it, 0 if none did."""
        if self.is_running():
            # The process may be dying already, as it closes its sockets before it ends. Then the signal that
            # it dies of stays the same.
            os.kill(self.pid, signal.SIGKILL)
            self._ended(os.waitpid(self.pid, 0)[1])
        assert self._signal_number is not None  # noqa: S101
        return self._signal_number

    def _ended(self, status: int) -> None:
        self._socket.close()
        self._signal_number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
