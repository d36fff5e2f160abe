"""One worker process, as the process that has started it sees it."""

import os
import signal
import socket
import sys
from pathlib import Path
from typing import NamedTuple

import msgspec

from stockroom.renditions.sandbox.failures import DecoderUnavailable
from stockroom.renditions.sandbox.protocol import READY, receive, send

ENVIRONMENT = {
    "VIPS_WARNING": "0",
    # Memory that is given back after each picture and taken again costs 5 % of the time, in page faults.
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}
"""Environment variables that tune libvips and the allocator in the worker."""
PROGRAM = "from stockroom.renditions.sandbox.worker import main; main()"
"""What the worker executes."""
_PREPARATION = (
    # A process inherits what its parent has opened without the flag that prevents this. `closerange` ignores
    # what is closed already; the range of all possible descriptors may have a billion of them.
    "import os, sys; fds = map(int, os.listdir('/proc/self/fd')); "
    "[os.closerange(fd, fd + 1) for fd in fds if fd > 2]; "
    # msgspec can do without this module, whose import takes a fifth of the time that a worker takes to start.
    "sys.modules['typing_extensions'] = None; "
)
_LAST_WORDS = 2000


class Usage(NamedTuple):
    """Memory that a process has touched, shared memory included, in bytes; and its open descriptors."""

    memory_bytes: int
    descriptors: int


class WorkerProcess:
    """A worker that has been started. It is still loading libvips when the constructor returns.

    Its environment tells it where to find packages and libraries, and nothing else: it holds no credentials.
    From here on no other process of this user can read the memory or the environment of the calling process.
    Raises DecoderUnavailable when no process can be started.
    """

    def __init__(self, cpu_seconds: float, memory_bytes: int, program: str = PROGRAM) -> None:
        ours, theirs = socket.socketpair()
        stderr, theirs_too = os.pipe()
        # The worker never waits for somebody to read its messages, and this process never waits for any.
        os.set_blocking(stderr, False)
        os.set_blocking(theirs_too, False)
        environment = {
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", ""),
            **ENVIRONMENT,
        }
        # -P: no module is imported from the current directory, which would come before the packages.
        arguments = ["-P", "-S", "-c", _PREPARATION + program, str(cpu_seconds), str(memory_bytes)]
        try:
            self.pid = os.posix_spawn(
                sys.executable,
                [sys.executable, *arguments],
                environment,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, theirs.fileno(), 0),
                    (os.POSIX_SPAWN_DUP2, theirs_too, 1),
                    (os.POSIX_SPAWN_DUP2, theirs_too, 2),
                ],
            )
        except OSError as error:
            ours.close()
            os.close(stderr)
            raise DecoderUnavailable(f"the decoder's process cannot be started: {error}") from error
        finally:
            theirs.close()
            os.close(theirs_too)
        self.refused: tuple[str, ...] = ()
        self._is_ready = False
        self._requests = 0
        self._socket = ours
        self._stderr = stderr
        self._status: int | None = None
        self._last_words = ""
        # This takes milliseconds, while the worker is loading.
        from stockroom.renditions.sandbox.kernel import hide_memory

        # Lambda allows no prctl(2) at all, as its users report.
        self._refused_here: tuple[str, ...] = ()
        try:
            hide_memory()
        except OSError:
            self._refused_here = ("hidden memory",)

    def is_running(self) -> bool:
        """Whether the process has not ended."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._ended(status)
        return self._status is None

    def wait_until_ready(self, seconds: float) -> None:
        """Wait until the worker may judge files; `refused` then names the protections that it runs without.

        Raises DecoderUnavailable when the worker ends before, or takes longer than this: it is ended then.
        """
        if self._is_ready:
            return
        try:
            ready, _ = receive(self._socket, READY, seconds=seconds)
        except TimeoutError as error:
            self.end()
            reason = f"the decoder's process is not ready after {seconds:g} s"
            raise DecoderUnavailable(f"{reason}{self._last_words}") from error
        except (EOFError, OSError, ValueError) as error:
            self.end()
            reason = "the decoder's process ended before it was ready"
            raise DecoderUnavailable(f"{reason}: {self.describe_end()}") from error
        self._socket.settimeout(None)
        self._is_ready = True
        self.refused = (*self._refused_here, *ready.refused)

    def send(self, request: msgspec.Struct, descriptors: tuple[int, ...]) -> None:
        """Send a request with its descriptors. Raises OSError when the worker has ended."""
        self._requests += 1
        send(self._socket, request, descriptors)

    @property
    def is_used(self) -> bool:
        """Whether the present request is not the first one."""
        return self._requests > 1

    def read_usage(self) -> Usage | None:
        """What the worker holds just now; None once it has ended."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
            return Usage(pages * os.sysconf("SC_PAGE_SIZE"), len(os.listdir(f"/proc/{self.pid}/fd")))
        except OSError:
            return None

    def end(self) -> int:
        """Kill the process unless it has ended; the number of the signal that ended it, 0 if none did."""
        if self.is_running():
            # The process may be dying already, as it closes its sockets before it ends. Then the signal that
            # it dies of stays the same.
            os.kill(self.pid, signal.SIGKILL)
            self._ended(os.waitpid(self.pid, 0)[1])
        assert self._status is not None  # noqa: S101
        return os.WTERMSIG(self._status) if os.WIFSIGNALED(self._status) else 0

    def describe_end(self) -> str:
        """How the process ended, and the end of what it wrote to its standard error: one line or more."""
        number = self.end()
        assert self._status is not None  # noqa: S101
        ending = signal.Signals(number).name if number else f"exit {os.WEXITSTATUS(self._status)}"
        return f"{ending}{self._last_words}"

    def _ended(self, status: int) -> None:
        self._status = status
        self._socket.close()
        with open(self._stderr, "rb") as stderr:
            written = stderr.read() or b""
        text = written[-_LAST_WORDS:].decode(errors="replace").strip()
        self._last_words = f"; {text}" if text else ""
