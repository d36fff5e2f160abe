"""The decoder's own process: a loop over files, with no credentials, no network and a limit on everything.

It is started by `decoder.Decoder` with a socket as its standard input, and ends when that closes.
"""

import mmap
import os
import resource
import signal
import socket
import sys
import traceback

from stockroom.renditions.limits import too_much_memory
from stockroom.renditions.model import Options
from stockroom.renditions.original import Arriving
from stockroom.renditions.pipeline import Picture, decode
from stockroom.renditions.protocol import PROGRESS_BYTES, REQUESTS, Answer, Open, receive, send
from stockroom.renditions.refused import Refused


class _Withdrawn(Exception):
    """The file will not arrive: whoever sent it has gone on to something else."""


def main() -> None:
    """`worker SECONDS BYTES`: processor time for one file, and memory."""
    seconds, limit = float(sys.argv[1]), int(sys.argv[2])
    # Private memory that can be written to; the file itself is shared and not counted.
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=0) as parent:
        serve(parent, seconds)


def serve(parent: socket.socket, seconds: float) -> None:
    """Answer until the other end closes."""
    picture: Picture | None = None
    while True:
        try:
            request, descriptors = receive(parent, REQUESTS, descriptors=2)
        except EOFError:
            return
        # Processor time, so that neither a slow line nor a busy machine counts. Its signal ends the process.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            if isinstance(request, Open):
                picture = None
                picture, answer = _open(request, *descriptors)
            elif picture is None:
                answer = Answer(fault="nothing has been rendered")
            else:
                answer = Answer(renditions=picture.encoded(request.format, request.options))
        except Refused as refused:
            answer = _refusal(refused)
        except MemoryError:
            answer = _refusal(too_much_memory())
        except Exception:  # noqa: BLE001  whatever it is, the other side has to hear of it
            answer = Answer(fault=traceback.format_exc())
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            for descriptor in descriptors:
                os.close(descriptor)
        try:
            send(parent, answer)
        except (OverflowError, ValueError):
            # What cannot be said must not end the process either.
            send(parent, Answer(fault=traceback.format_exc()))


def _open(request: Open, memory: int, progress: int) -> tuple[Picture, Answer]:
    options: Options = request.options

    def wait(available: int) -> int:
        report = os.read(progress, PROGRESS_BYTES)
        if not report:
            raise _Withdrawn(f"{available} of {request.size} bytes")
        return int.from_bytes(report, "little")

    data = mmap.mmap(memory, request.size, access=mmap.ACCESS_READ) if request.size else b""
    picture = decode(Arriving(data, request.size, request.available, wait), options)
    return picture, Answer(rendered=picture.described(picture.encoded("jpeg", options)))


def _refusal(refused: Refused) -> Answer:
    return Answer(refused=(refused.code, refused.sentence))
