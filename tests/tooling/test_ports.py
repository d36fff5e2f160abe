import socket
import subprocess
import sys

import pytest

from tooling import ROOT, ports


def test_a_chosen_port_is_free_and_outside_the_ephemeral_range() -> None:
    port = ports.choose_free()
    assert port in ports.CHOICE
    assert ports.is_free(port)
    assert not ports.is_open(port)


def test_a_port_with_a_listener_is_open_and_not_free() -> None:
    with socket.create_server((ports.HOST, 0)) as server:
        port = server.getsockname()[1]
        assert ports.is_open(port)
        assert not ports.is_free(port)


CHOOSE_ONE_OF = "from tooling import ports; ports.CHOICE = {}; print(ports.choose_free())"


def test_a_port_is_kept_for_who_has_chosen_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server listens some time after its port is chosen."""
    first = ports.choose_free()
    # Nearly always the same one is drawn.
    choice = [*[first] * 10_000, *ports.CHOICE[:100]]
    elsewhere = subprocess.run(
        [sys.executable, "-c", CHOOSE_ONE_OF.format(choice)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert int(elsewhere.stdout) != first
    monkeypatch.setattr(ports, "CHOICE", choice)
    assert ports.choose_free() != first
