"""A worker that a file has taken over: instead of being decoded, a file says what the worker tries to do.

The worker starts, is confined and serves as always. The content of a file is the name of a function of this
module, with its arguments. What the function returns or raises comes back as the worker's fault.
"""

import ctypes
import errno
import fcntl
import mmap
import os
import platform
import socket
import threading
from collections.abc import Callable

from stockroom.renditions.options import Options
from stockroom.renditions.original import Original
from stockroom.renditions.outputs import OutputFormat
from stockroom.renditions.rendered import Rendition
from stockroom.renditions.rendering import Picture, decode
from stockroom.renditions.sandbox import worker
from stockroom.renditions.sandbox.decoder import Decoder
from stockroom.renditions.sandbox.failures import DecoderFault

PROGRAM = "from tests.renditions.sandbox.probes import main; main()"
LEAKING = "from tests.renditions.sandbox.probes import leak; leak(memory={memory}, descriptors={descriptors})"
FORGING = "from tests.renditions.sandbox.probes import forge; forge()"
MARK = "probe: "

_libc = ctypes.CDLL(None, use_errno=True)
_leaked: list[object] = []


def main() -> None:
    """The worker's program."""
    worker.main(_obey)


def leak(*, memory: int, descriptors: int) -> None:
    """The program of a worker that renders, and keeps so many bytes and descriptors of each picture."""

    def decode_and_keep(original: Original, options: Options) -> Picture:
        _leaked.append(b"x" * memory)
        _leaked.extend(os.dup(0) for _ in range(descriptors))
        return decode(original, options)

    worker.main(decode_and_keep)


class _Forgery(Picture, frozen=True):
    """A picture that would be published as a page with a script."""

    def encode(self, format_: OutputFormat, options: Options) -> dict[str, Rendition]:
        page = Rendition(b"<script>alert(1)</script>", "text/html", 1, 1)
        return dict.fromkeys(super().encode(format_, options), page)


def forge() -> None:
    """The program of a worker whose answers are not those of its program."""

    def decode_and_forge(original: Original, options: Options) -> Picture:
        picture = decode(original, options)
        return _Forgery(picture.header, picture.large, picture.small)

    worker.main(decode_and_forge)


def ask(decoder: Decoder, function: Callable[..., object], *arguments: object) -> str:
    """What a function of this module gives in the worker: its result, or the name of its error."""
    order = " ".join(map(str, (function.__name__, *arguments))).encode()
    try:
        with decoder.decode(len(order), [order]):
            raise AssertionError("a probe is no picture")
    except DecoderFault as fault:
        return str(fault).rpartition(MARK)[2].strip()


def _obey(original: Original, _options: Options) -> Picture:
    name, *arguments = bytes(original.whole()).decode().split()
    try:
        outcome = globals()[name](*arguments)
    except OSError as error:
        outcome = errno.errorcode[error.errno or 0]
    raise RuntimeError(f"{MARK}{outcome}")


def read_file(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def write_file(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)


def remove_file(path: str) -> None:
    os.unlink(path)


def read_environment() -> bytes:
    return read_file(f"/proc/{os.getppid()}/environ")


def read_memory() -> bytes:
    return read_file(f"/proc/{os.getppid()}/mem")


def own_environment() -> str:
    return ",".join(sorted(os.environ))


def open_socket(family: str) -> socket.socket:
    return socket.socket(socket.AddressFamily[family])


def open_socket_in_thread() -> str:
    outcome = "no error"

    def run() -> None:
        nonlocal outcome
        try:
            socket.socket()
        except OSError as error:
            outcome = errno.errorcode[error.errno or 0]

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return outcome


def execute() -> None:
    os.execv("/bin/true", ["true"])  # noqa: S606  it must fail


def fork() -> int:
    return os.fork()


def signal_parent() -> None:
    os.kill(os.getppid(), 0)


def signal_parent_by_file_owner() -> None:
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())


def map_code() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)


def write_to_original() -> str:
    """Write to every descriptor of the picture in hand; what refuses, other than sockets."""
    return _try_on_original(lambda descriptor: os.write(descriptor, b"!"))


def shorten_original() -> str:
    return _try_on_original(lambda descriptor: os.ftruncate(descriptor, 0))


def _try_on_original(attempt: Callable[[int], object]) -> str:
    for descriptor in range(3, 32):
        try:
            is_file = os.fstat(descriptor).st_size > 0
        except OSError:
            continue
        if is_file:
            attempt(descriptor)
            return "no error"
    return "no file"


def is_open(descriptor: str) -> bool:
    try:
        os.fstat(int(descriptor))
    except OSError:
        return False
    return True


def call(x86_64: str, aarch64: str) -> int:
    """Make a system call by its number on this processor, with arguments that are all 0."""
    number = int({"x86_64": x86_64, "aarch64": aarch64}[platform.machine()])
    result = int(_libc.syscall(ctypes.c_long(number), *[ctypes.c_ulong(0)] * 6))
    if result < 0:
        raise OSError(ctypes.get_errno(), "")
    return result
