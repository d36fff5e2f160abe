"""The caller's side: files go to the worker, renditions and rejections come back.

A worker that crashes, runs for too long or takes too much memory is replaced. Only a second attempt at the
same file, by the caller, makes that a verdict about the file.
"""

import atexit
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import IO

import msgspec

from stockroom.renditions.options import Options
from stockroom.renditions.outputs import JPEG, LARGER
from stockroom.renditions.rejection import ImageRejected, too_slow, undecodable
from stockroom.renditions.rendered import Rendered, Rendition
from stockroom.renditions.sandbox.answers import check_answer
from stockroom.renditions.sandbox.failures import DecoderFailed, DecoderFault
from stockroom.renditions.sandbox.process import PROGRAM, WorkerProcess
from stockroom.renditions.sandbox.protocol import (
    ANSWERS,
    NEXT_FORMAT,
    PROGRESS_BYTES,
    Answer,
    Decoded,
    Described,
    DescribeRequest,
    Encoded,
    Fault,
    LeftOut,
    LeftOutReason,
    Missing,
    Rejected,
    RenderRequest,
    receive,
)
from stockroom.renditions.sandbox.shared_file import SharedFile

CPU_SECONDS = 5.0
"""Processor time for one decode. The slowest honest one within the default limits, a
progressive JPEG of 40 million pixels in CMYK, has taken 4.1 seconds; a slower processor may end it."""
MEMORY_BYTES = 1024 * 1024 * 1024
"""Private memory of the worker. The largest picture within the default limits takes 0.8 GB."""
START_SECONDS = 10.0
"""How long the decoder waits for a worker that is starting, which takes 0.1 seconds."""
ANSWER_SECONDS = 20.0
"""How long the decoder waits for an answer. Only a worker that neither computes nor ends takes as long."""
IDLE_MEMORY_BYTES = 384 * 1024 * 1024
"""Memory that a worker may hold after a picture. Libraries and the allocator's reserve take 100 to 200 MB."""
IDLE_DESCRIPTORS = 12
"""Descriptors that a worker may hold after a picture: three, and those of a picture that it puts away."""

READ_BYTES = 64 * 1024
"""How much of a file is read at least where bytes are missing, doubled each time."""
MAX_READS = 16
"""How often a file may ask for more. A sound one does so three times; by then, the largest has been read."""

# What these forbid is forbidden by the filter of system calls, too.
_SECOND_LAYERS = ("landlock",)
_MAX_TRACEBACK = 4000
_log = logging.getLogger(__name__)


class FurtherFormat(msgspec.Struct, frozen=True):
    """One output format beside JPEG: its renditions, or why the picture has none in it.

    A `fault` is a mistake of ours, and another attempt may end better. `left_out` is a fact about the file.
    """

    name: str
    renditions: dict[str, Rendition] = {}
    fault: str = ""
    left_out: LeftOutReason | None = None


class SandboxedPicture:
    """A picture that the worker has rendered. `rendered` holds its facts and its JPEG renditions."""

    def __init__(
        self,
        rendered: Rendered,
        formats: Sequence[str],
        picture_socket: socket.socket,
        worker: WorkerProcess,
        answer_seconds: float,
    ) -> None:
        self.rendered = rendered
        self._formats = iter(formats)
        self._socket = picture_socket
        self._worker = worker
        self._answer_seconds = answer_seconds

    def further_formats(self) -> Iterator[FurtherFormat]:
        """The formats beside JPEG that `decode` was asked for, in their order.

        Each is encoded when the iteration asks for it, so that the JPEG renditions can be published first. To
        leave the iteration early costs nothing.
        """
        for name in self._formats:
            try:
                self._socket.sendall(NEXT_FORMAT)
                answer = _receive_answer(self._socket, self._worker, self._answer_seconds, name)
            except (DecoderFailed, OSError) as error:
                if name == LARGER.name and isinstance(error, DecoderFailed) and error.is_cpu_limit_reached:
                    # The first decode was within the limit, and this second one is not any more.
                    yield FurtherFormat(name, left_out="too-slow")
                else:
                    yield FurtherFormat(name, fault=f"no answer from the decoder: {error}")
                continue
            if isinstance(answer, Encoded):
                yield FurtherFormat(name, answer.renditions)
            elif isinstance(answer, LeftOut) and answer.reason == "too-much-memory" and self._worker.is_used:
                # Earlier files may have left less memory to this one, which a fresh worker is to judge.
                self._worker.end()
                yield FurtherFormat(name, fault="the decoder's process has not had enough memory left")
            elif isinstance(answer, LeftOut) and name == LARGER.name:
                yield FurtherFormat(name, left_out=answer.reason)
            else:
                yield FurtherFormat(name, fault=_fault_in(answer))


class Decoder:
    """Has files decoded by a worker, which it starts and replaces. For one picture at a time.

    `program` is what the worker executes; only tests need another one.
    """

    def __init__(
        self,
        *,
        cpu_seconds: float = CPU_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
        start_seconds: float = START_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        idle_memory_bytes: int = IDLE_MEMORY_BYTES,
        idle_descriptors: int = IDLE_DESCRIPTORS,
        program: str = PROGRAM,
    ) -> None:
        self._cpu_seconds = cpu_seconds
        self._memory_bytes = memory_bytes
        self._start_seconds = start_seconds
        self._answer_seconds = answer_seconds
        self._idle_memory_bytes = idle_memory_bytes
        self._idle_descriptors = idle_descriptors
        self._program = program
        self._worker: WorkerProcess | None = None
        self._refused: tuple[str, ...] = ()
        self._is_busy = False

    @property
    def pid(self) -> int | None:
        """The process id of the worker, or None while none is running."""
        return self._worker.pid if self._worker is not None and self._worker.is_running() else None

    @property
    def refused(self) -> tuple[str, ...]:
        """The protections that the kernel refuses to workers; known once one of them was ready."""
        return self._refused

    def start(self) -> None:
        """Start a worker unless one is running. Returns at once, while the worker is still loading.

        Raises DecoderUnavailable when no process can be started.
        """
        self._running_worker()

    def wait_until_ready(self) -> None:
        """Start a worker unless one is running, and wait until it has loaded. Raises DecoderUnavailable."""
        self._wait_for(self._running_worker())

    @contextmanager
    def decode(
        self,
        size: int,
        chunks: Iterable[bytes],
        options: Options | None = None,
        formats: Sequence[str] = (),
    ) -> Iterator[SandboxedPicture]:
        """The picture of a file of `size` bytes that arrives in chunks, for as long as the context lasts.

        `formats` names output formats; JPEG is always made, and made first. `LARGER` should be the last one:
        the limit of processor time may end the worker within it. Decoding begins with the first chunk, and a
        file that is rejected is not read to its end. Raises `ImageRejected`, what `failures`
        lists, and what reading the chunks raises; EOFError when they end too early.
        """
        if self._is_busy:
            # The worker would read the second request only after the conversation about the first picture.
            raise RuntimeError("another picture of this decoder is still open")
        self._is_busy = True
        try:
            further = tuple(name for name in formats if name != JPEG.name)
            with closing(SharedFile(size, chunks)) as file:
                answer, picture_socket, worker = self._attempt(file, options or Options(), further)
            with picture_socket:
                if isinstance(answer, Rejected):
                    raise ImageRejected(answer.code, answer.sentence)
                if not isinstance(answer, Decoded):
                    raise DecoderFault(_fault_in(answer))
                yield SandboxedPicture(answer.rendered, further, picture_socket, worker, self._answer_seconds)
        finally:
            self._is_busy = False
            self._end_worker_that_has_grown()

    def describe(
        self, size: int, read: Callable[[int, int], bytes], head: bytes, options: Options | None = None
    ) -> Described:
        """What a file of `size` bytes says about its picture, by its `head` and what is read beside it.

        `read(start, end)` gives the bytes from `start` to `end`. Only what is needed is read, rounded up; the
        pixels are not looked at. Raises `ImageRejected`, what `failures` lists, and what `read` raises.
        """
        if self._is_busy:
            raise RuntimeError("another picture of this decoder is still open")
        self._is_busy = True
        try:
            with closing(SharedFile(size, ())) as file:
                file.put(0, head)
                ranges = [(0, min(len(head), size))]
                for number in range(MAX_READS):
                    request = DescribeRequest(size, tuple(ranges), options or Options())
                    answer, picture_socket, _ = self._ask(file.descriptor, request)
                    picture_socket.close()
                    if not isinstance(answer, Missing):
                        break
                    # What a header needs comes together, or the file is read to its end soon.
                    start = answer.start
                    end = min(max(answer.end, start + READ_BYTES * 2**number), size)
                    if not 0 <= start < end:
                        raise DecoderFault(f"bytes from {start} to {answer.end} of {size} are asked for")
                    file.put(start, read(start, end))
                    ranges.append((start, end))
            if isinstance(answer, Rejected):
                raise ImageRejected(answer.code, answer.sentence)
            if not isinstance(answer, Described):
                raise DecoderFault(_fault_in(answer))
            return answer
        finally:
            self._is_busy = False
            self._end_worker_that_has_grown()

    def close(self) -> None:
        """End the worker, whatever it is doing."""
        atexit.unregister(self.close)
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def _running_worker(self) -> WorkerProcess:
        if self._worker is None or not self._worker.is_running():
            worker = WorkerProcess(self._cpu_seconds, self._memory_bytes, self._program)
            if self._worker is None:
                atexit.register(self.close)
            self._worker = worker
        return self._worker

    def _wait_for(self, worker: WorkerProcess) -> None:
        worker.wait_until_ready(self._start_seconds)
        if worker.refused != self._refused:
            # Every worker on this kernel says the same: it is logged once.
            self._refused = worker.refused
            level = logging.INFO if worker.refused == _SECOND_LAYERS else logging.WARNING
            names = ", ".join(worker.refused)
            _log.log(level, "the decoder's isolation is incomplete: this kernel refuses %s", names)

    def _end_worker_that_has_grown(self) -> None:
        """End the worker if it holds more than an idle one needs: it keeps what files leave behind."""
        usage = self._worker.read_usage() if self._worker is not None else None
        if self._worker is None or usage is None:
            return
        if usage.memory_bytes > self._idle_memory_bytes or usage.descriptors > self._idle_descriptors:
            _log.warning("the decoder has grown and is replaced: %s", usage)
            self._worker.end()

    def _attempt(
        self, file: SharedFile, options: Options, formats: tuple[str, ...]
    ) -> tuple[Answer, socket.socket, WorkerProcess]:
        """The worker's first answer to a file that arrives meanwhile, as `_ask` returns it."""
        request = RenderRequest(file.size, file.filled, options, formats)
        return self._ask(file.descriptor, request, lambda reports, worker: _download(file, reports, worker))

    def _ask(
        self,
        file: int,
        request: RenderRequest | DescribeRequest,
        download: Callable[[IO[bytes], WorkerProcess], None] | None = None,
    ) -> tuple[Answer, socket.socket, WorkerProcess]:
        """The worker's first answer, and the socket and the worker to ask for more.

        `file` is the descriptor of the shared memory, which `download` fills meanwhile.
        """
        worker = self._running_worker()
        picture_socket, workers_end = socket.socketpair()
        try:
            progress, report = os.pipe()
            with open(report, "wb", buffering=0) as reports:
                try:
                    worker.send(request, (file, progress, workers_end.fileno()))
                except OSError:
                    # The worker has ended. The wait below tells whether it was ready before that.
                    pass
                finally:
                    os.close(progress)
                    workers_end.close()
                if download is not None:
                    download(reports, worker)
            self._wait_for(worker)
            answer = _receive_answer(picture_socket, worker, self._answer_seconds)
            if isinstance(answer, Rejected) and answer.code == "too-much-memory":
                # Earlier files may have left less memory to this one.
                worker.end()
                raise DecoderFailed(ImageRejected(answer.code, answer.sentence), answer.code)
            return answer, picture_socket, worker
        except BaseException:
            picture_socket.close()
            raise


def _download(file: SharedFile, reports: IO[bytes], worker: WorkerProcess) -> None:
    """Fill the shared memory, and tell the worker how far it is filled."""
    try:
        for filled in file.fill():
            reports.write(filled.to_bytes(PROGRESS_BYTES, "little"))
    except BrokenPipeError:
        # The worker has answered already, or has died. It reads no more of this file.
        pass
    except BaseException:
        # The worker may wait for the rest of the file for as long as its picture takes.
        worker.end()
        raise


def _receive_answer(
    picture_socket: socket.socket, worker: WorkerProcess, seconds: float, format_name: str = JPEG.name
) -> Answer:
    """The next answer, which has to come within so many seconds and to be possible."""
    try:
        answer, _ = receive(picture_socket, ANSWERS, seconds=seconds)
        check_answer(answer, format_name)
    except TimeoutError as error:
        worker.end()
        raise DecoderFailed(too_slow(), "the decoder's process does not answer") from error
    except (EOFError, OSError, ValueError) as error:
        is_cpu_limit_reached = worker.end() == signal.SIGPROF
        verdict = too_slow() if is_cpu_limit_reached else undecodable()
        reason = f"the decoder's process died: {worker.describe_end()} ({error or type(error).__name__})"
        raise DecoderFailed(verdict, reason, is_cpu_limit_reached=is_cpu_limit_reached) from error
    return answer


def _fault_in(answer: Answer) -> str:
    if isinstance(answer, Fault):
        # The end of a traceback says the most.
        return answer.traceback[-_MAX_TRACEBACK:]
    return f"an unexpected answer: {type(answer).__name__}"
