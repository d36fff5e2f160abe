"""The worker: it renders one file after the other, without credentials or connections, within hard limits.

A `decoder.Decoder` starts it with a socket as its standard input. It ends when that socket is closed. Once it
is ready it can open no file, not even to import a module: everything that it needs is imported here.
"""

import mmap
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import NamedTuple

from stockroom.renditions.header import read_description
from stockroom.renditions.options import Options
from stockroom.renditions.original import BytesMissing, Original, PartialOriginal, StreamedOriginal
from stockroom.renditions.outputs import JPEG, LARGER, OUTPUT_FORMATS
from stockroom.renditions.rejection import ImageRejected, too_much_memory
from stockroom.renditions.rendering import Picture, decode, encode_larger, has_larger
from stockroom.renditions.sandbox.confinement import confine, set_limits
from stockroom.renditions.sandbox.protocol import (
    NEXT_FORMAT,
    PROGRESS_BYTES,
    REQUESTS,
    Answer,
    Decoded,
    Described,
    DescribeRequest,
    Encoded,
    Fault,
    LeftOut,
    Missing,
    Ready,
    Rejected,
    RenderRequest,
    receive,
    send,
)
from stockroom.renditions.sandbox.samples import check_decoder
from stockroom.renditions.sniffing import SNIFFED_BYTES, sniff

Decode = Callable[[Original, Options], Picture]

_JUDGED_BY_LIBRARIES = frozenset({"corrupt", "truncated"})
"""Codes of rejections for which a library could not read the file."""


class _Kept(NamedTuple):
    """A decoded picture, from which its further formats are made.

    `original` is the whole file where it is to be decoded once more, and `seconds` the processor time that
    its first decode took.
    """

    picture: Picture
    original: Original | None
    seconds: float


class _Withdrawn(Exception):
    """The rest of the file will not arrive: the decoder has closed its end of the pipe."""


def main(decode: Decode = decode) -> None:
    """The program `worker CPU_SECONDS MEMORY_BYTES`: the limits for one picture.

    Only tests decode otherwise.
    """
    cpu_seconds, memory_bytes = float(sys.argv[1]), int(sys.argv[2])
    set_limits(memory_bytes)
    _read_ahead()
    with socket.socket(fileno=0) as decoder:
        send(decoder, Ready(confine()))
        serve(decoder, cpu_seconds, decode)


def _read_ahead() -> None:
    """Make Python read the files that it opens at the first use of some functions."""
    time.localtime()
    datetime.strptime("2000", "%Y")  # noqa: DTZ007  only for the modules that this imports
    try:
        raise ValueError
    except ValueError:
        traceback.format_exc()


def serve(decoder: socket.socket, cpu_seconds: float, decode: Decode = decode) -> None:
    """Answer requests until the other end closes."""
    while True:
        try:
            request, (memory, progress, channel) = receive(decoder, REQUESTS, max_descriptors=3)
        except EOFError:
            return
        with socket.socket(fileno=channel) as picture_socket, _cpu_limit(cpu_seconds):
            try:
                if isinstance(request, DescribeRequest):
                    os.close(progress)
                    _send(picture_socket, _describe(request, memory))
                else:
                    _answer(request, memory, progress, picture_socket, decode)
            except ConnectionError:
                # The decoder has closed the picture's socket: it wants no more of this picture.
                continue
            except Exception as error:  # noqa: BLE001  without an answer, the file would be to blame
                with suppress(ConnectionError):
                    send(picture_socket, Fault(repr(error)))


@contextmanager
def _cpu_limit(seconds: float) -> Iterator[None]:
    """End this process by SIGPROF after so many seconds of processor time.

    Time in which a slow download or another process keeps this one waiting does not count.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _answer(
    request: RenderRequest, memory: int, progress: int, picture_socket: socket.socket, decode: Decode
) -> None:
    """Render one picture and answer everything about it. Raises ConnectionError once nobody listens.

    `memory` is the descriptor of the memory into which the decoder writes the file, and `progress` that of
    the pipe by which the decoder tells how many bytes have arrived.
    """
    try:
        kept, answer = _render(request, memory, progress, decode)
    finally:
        # Closing the pipe tells the decoder that the rest of the file need not be read.
        os.close(memory)
        os.close(progress)
    _send(picture_socket, answer)
    if kept is None:
        return
    for name in request.formats:
        if picture_socket.recv(1) != NEXT_FORMAT:
            return
        _send(picture_socket, _encode(kept, name, request.options))


def _render(
    request: RenderRequest, memory: int, progress: int, decode: Decode
) -> tuple[_Kept | None, Answer]:
    def wait(available: int) -> int:
        report = os.read(progress, PROGRESS_BYTES)
        if not report:
            raise _Withdrawn(f"{available} of {request.size} bytes")
        return int.from_bytes(report, "little")

    try:
        # An empty file cannot be mapped.
        data = mmap.mmap(memory, request.size, access=mmap.ACCESS_READ) if request.size else b""
        original = StreamedOriginal(data, request.available, wait)
        began = time.process_time()
        try:
            picture = decode(original, request.options)
        except ImageRejected as rejected:
            if rejected.code in _JUDGED_BY_LIBRARIES:
                check_decoder(sniff(original.slice(0, SNIFFED_BYTES)))
            raise
        seconds = time.process_time() - began
        answer = Decoded(picture.derive_facts(picture.encode(JPEG, request.options)))
        is_decoded_again = LARGER.name in request.formats and has_larger(picture.header)
        if is_decoded_again:
            # Nothing arrives any more once the first answer has been given.
            original.whole()
        return _Kept(picture, original if is_decoded_again else None, seconds), answer
    except ImageRejected as rejected:
        return None, _rejection(rejected)
    except MemoryError:
        return None, _rejection(too_much_memory())
    except Exception:  # noqa: BLE001  whatever happened, the decoder waits for an answer
        return None, Fault(traceback.format_exc())


def _describe(request: DescribeRequest, memory: int) -> Answer:
    try:
        try:
            data = mmap.mmap(memory, request.size, access=mmap.ACCESS_READ) if request.size else b""
        finally:
            os.close(memory)
        embedded, capture_time = read_description(PartialOriginal(data, request.ranges), request.options)
        return Described(embedded, capture_time)
    except BytesMissing as missing:
        return Missing(missing.start, missing.end)
    except ImageRejected as rejected:
        return _rejection(rejected)
    except MemoryError:
        return _rejection(too_much_memory())
    except Exception:  # noqa: BLE001  whatever happened, the decoder waits for an answer
        return Fault(traceback.format_exc())


def _rejection(rejected: ImageRejected) -> Rejected:
    return Rejected(rejected.code, rejected.sentence)


def _encode(kept: _Kept, name: str, options: Options) -> Answer:
    try:
        if name == LARGER.name:
            return _encode_larger(kept, options)
        return Encoded(kept.picture.encode(OUTPUT_FORMATS[name], options))
    except Exception:  # noqa: BLE001  whatever happened, the decoder waits for an answer
        return Fault(traceback.format_exc())


def _encode_larger(kept: _Kept, options: Options) -> Answer:
    if kept.original is None:
        return LeftOut("no-larger")
    remaining, _ = signal.getitimer(signal.ITIMER_PROF)
    if remaining < kept.seconds:
        # Another decode to a larger size takes no less time than the first one.
        return LeftOut("too-slow")
    try:
        return Encoded(encode_larger(kept.original, kept.picture.header, options))
    except ImageRejected as rejected:
        return LeftOut(rejected.code)
    except MemoryError:
        return LeftOut("too-much-memory")


def _send(picture_socket: socket.socket, answer: Answer) -> None:
    try:
        send(picture_socket, answer)
    except (OverflowError, ValueError):
        # An answer that cannot be encoded must not end the process.
        send(picture_socket, Fault(traceback.format_exc()))
