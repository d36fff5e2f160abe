"""Rendering in a process of its own, so that no file can take the function down with it.

A decoder that crashes, runs for too long or takes too much memory costs its picture and nothing else: the
process is replaced, the picture is refused with a reason. It is started once and kept, as starting takes
longer than rendering. It inherits no environment, so it holds no credentials.

A file is handed over as shared memory, while it is still being downloaded; nothing is copied.
"""

import atexit
import mmap
import os
import signal
import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from stockroom.renditions.limits import too_slow
from stockroom.renditions.model import Options, Rendered, Rendition
from stockroom.renditions.protocol import ANSWERS, PROGRESS_BYTES, Answer, Encode, Open, receive, send
from stockroom.renditions.refused import Refused

SECONDS = 20.0
"""Processor time for one file. The slowest within the default limits takes 3."""
MEMORY = 1024 * 1024 * 1024
"""Private memory of the decoder, in bytes. The largest within the default limits takes 0.7 GB."""
ENVIRONMENT = {
    "VIPS_WARNING": "0",
    # Given back after each picture and taken again, memory costs 5 % of the time in page faults.
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}
"""How the decoder's process is tuned."""
_START = "from stockroom.renditions.worker import main; main()"


class DecoderFault(RuntimeError):
    """A mistake of our own while rendering, with the decoder's traceback: no verdict about the file."""


class _Died(Exception):
    """The process ended before it answered, by this signal (0: it exited)."""

    def __init__(self, by: int) -> None:
        super().__init__(signal.Signals(by).name if by else "exit")
        self.by = by


class Decoder:
    """One decoder process, started when it is first needed. For one thread at a time."""

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._socket: socket.socket | None = None
        self.pid: int | None = None

    def start(self) -> None:
        """Start the process unless it runs; returns at once, while it is still loading."""
        if self.pid is not None and os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            return
        self._forget()
        ours, theirs = socket.socketpair()
        # What it needs to find Python, its packages and their libraries, and nothing else.
        environment = {
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", ""),
            **ENVIRONMENT,
        }
        with theirs:
            self.pid = os.posix_spawn(
                sys.executable,
                [sys.executable, "-S", "-c", _START, str(self._seconds), str(self._memory)],
                environment,
                file_actions=[(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0), (os.POSIX_SPAWN_DUP2, 2, 1)],
            )
        # Only if it neither works nor ends: its own limit is on processor time.
        ours.settimeout(2 * self._seconds + 5)
        self._socket = ours
        atexit.register(self.close)

    def render(self, size: int, chunks: Iterable[bytes], options: Options | None = None) -> Rendered:
        """What `renditions.render` makes of a file of `size` bytes that arrives in chunks.

        Decoding begins with the first of them, and a file that is refused is not read to its end. Raises
        `Refused`, `DecoderFault`, and whatever reading the chunks raises.
        """
        with _handed_over(size, chunks) as file:
            try:
                answer = self._attempt(file, options or Options())
            except _Died:
                # Once more, in a fresh process: it may have been killed for no fault of this file.
                try:
                    answer = self._attempt(file, options or Options())
                except _Died as death:
                    raise Refused(
                        "undecodable",
                        "The decoder gave up on this file, twice. Open it in an image editor, save it anew "
                        "as JPEG or PNG, and upload that.",
                    ) from death
        if answer.rendered is None:
            raise DecoderFault(answer.fault or "an answer without a picture")
        return answer.rendered

    def encode(self, format_: str, options: Options | None = None) -> dict[str, Rendition]:
        """The picture rendered last in a further format: "720p" and "240p". Raises `DecoderFault`."""
        try:
            answer = self._ask(Encode(format_, options or Options()))
        except _Died as death:
            raise DecoderFault(f"encoding {format_}: {death}") from death
        if answer.renditions is None:
            raise DecoderFault(answer.fault or "an answer without renditions")
        return answer.renditions

    def close(self) -> None:
        """End the process, whatever it is doing."""
        atexit.unregister(self.close)
        if self.pid is not None:
            self._end()

    def _attempt(self, file: "_File", options: Options) -> Answer:
        self.start()
        progress, report = os.pipe()
        try:
            request = Open(file.size, file.filled, options)
            try:
                self._send(request, (file.descriptor, progress))
            finally:
                os.close(progress)
            try:
                for filled in file.fill():
                    os.write(report, filled.to_bytes(PROGRESS_BYTES, "little"))
            except BrokenPipeError:
                # It has its answer already, or has died: the rest does not matter to it.
                pass
            except BaseException:
                # The chunks ended early: its answer would be for another file than the next one's.
                self._end()
                raise
        finally:
            os.close(report)
        return self._answer()

    def _ask(self, request: Encode) -> Answer:
        self.start()
        self._send(request)
        return self._answer()

    def _send(self, request: Open | Encode, descriptors: tuple[int, ...] = ()) -> None:
        assert self._socket is not None  # noqa: S101
        try:
            send(self._socket, request, descriptors)
        except OSError as error:
            raise _Died(self._end()) from error

    def _answer(self) -> Answer:
        assert self._socket is not None  # noqa: S101
        try:
            answer, _ = receive(self._socket, ANSWERS)
        except TimeoutError as error:
            self._end()
            raise too_slow() from error
        except (EOFError, OSError, ValueError) as error:
            by = self._end()
            if by == signal.SIGPROF:
                raise too_slow() from error
            raise _Died(by) from error
        if answer.refused is not None:
            raise Refused(*answer.refused)
        return answer

    def _end(self) -> int:
        """Kill the process if it still lives; the signal that it died by."""
        assert self.pid is not None  # noqa: S101
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid == 0:
            # It may be on its way out: closing a socket precedes the end of a process.
            status = self._wait_or_kill(self.pid)
        self._forget()
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    @staticmethod
    def _wait_or_kill(pid: int) -> int:
        os.kill(pid, signal.SIGKILL)
        return os.waitpid(pid, 0)[1]

    def _forget(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = self.pid = None


class _File:
    """Shared memory that a file fills as it arrives."""

    def __init__(self, size: int, chunks: Iterable[bytes]) -> None:
        self.size = size
        self.filled = 0
        self._chunks = iter(chunks)
        self.descriptor = os.memfd_create("original")
        os.ftruncate(self.descriptor, size)
        self._view = mmap.mmap(self.descriptor, size) if size else None

    def fill(self) -> Iterator[int]:
        """How much is there, after each chunk. Raises EOFError when the chunks end too soon."""
        for chunk in self._chunks:
            part = chunk[: self.size - self.filled]
            if self._view is not None:
                self._view[self.filled : self.filled + len(part)] = part
            self.filled += len(part)
            yield self.filled
        if self.filled < self.size:
            raise EOFError(f"{self.filled} of {self.size} bytes arrived")

    def close(self) -> None:
        if self._view is not None:
            self._view.close()
        os.close(self.descriptor)


@contextmanager
def _handed_over(size: int, chunks: Iterable[bytes]) -> Iterator[_File]:
    file = _File(size, chunks)
    try:
        yield file
    finally:
        file.close()
