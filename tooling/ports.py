"""TCP ports on the loopback interface.

No library: portpicker needs a server to keep a port for somebody, draws from a range that includes the
ephemeral ports, and does not tell whether a server listens.
"""

import fcntl
import os
import random
import socket
import threading
from functools import cache

from tooling import ROOT

HOST = "127.0.0.1"
# Below the ephemeral range (Linux: from 32768), from which systems draw the ports of outgoing connections:
# otherwise an outgoing connection could take the port of a server that is stopped for a moment.
CHOICE = range(20000, 32000)


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def is_open(port: int) -> bool:
    """Whether a server listens on this port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def choose_free() -> int:
    """A port outside the ephemeral range on which nobody listens.

    No process of this checkout chooses the same one before this process has ended: a server may need a while
    until it listens.
    """
    with _CHOOSING:
        while not (_reserve(port := random.choice(CHOICE)) and is_free(port)):
            pass
    return port


_CHOOSING = threading.Lock()
_RESERVED: set[int] = set()


def _reserve(port: int) -> bool:
    """Lock the byte of this number in a file, which stays empty, unless it is locked already."""
    if port in _RESERVED:
        return False
    try:
        fcntl.lockf(_locks(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    _RESERVED.add(port)
    return True


@cache
def _locks() -> int:
    """The file of the locks. The system gives a process's locks up when it ends, or closes the file."""
    (ROOT / "build").mkdir(exist_ok=True)
    return os.open(ROOT / "build" / "ports.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
