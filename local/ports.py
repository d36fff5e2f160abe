"""Internal ports: chosen free once, remembered, chosen again when somebody else took one."""

import random
import socket

from local.layout import Layout, read_json, write_json

# Below the range from which systems draw ports for outgoing connections, so that none of those takes ours.
CHOICE = range(20000, 32000)
HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def is_open(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def choose() -> int:
    while not is_free(port := random.choice(CHOICE)):
        pass
    return port


def remembered(layout: Layout, name: str) -> int:
    """The port `name` has, 0 before it has one."""
    return int(read_json(layout.data / "ports.json").get(name, 0))


def ensure_free(layout: Layout, name: str) -> int:
    """The remembered port of `name`, or a new one when there is none or it is taken."""
    known = read_json(layout.data / "ports.json")
    port = int(known.get(name, 0))
    if not port or not is_free(port):
        port = choose()
        write_json(layout.data / "ports.json", {**known, name: port})
    return port
