"""TCP ports on the loopback interface.

No library: portpicker replaces the four lines of `choose_free`, draws from a range that includes the
ephemeral ports, and does not tell whether a server listens.
"""

import random
import socket

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
    """A port outside the ephemeral range on which nobody listens."""
    while not is_free(port := random.choice(CHOICE)):
        pass
    return port
