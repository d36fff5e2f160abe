import socket
from pathlib import Path

from local import ports
from local.layout import Layout, read_json


def _listener() -> socket.socket:
    server = socket.socket()
    server.bind((ports.HOST, 0))
    server.listen()
    return server


def test_a_chosen_port_is_free_and_outside_the_range_for_outgoing_connections() -> None:
    port = ports.choose()
    assert port in ports.CHOICE
    assert ports.is_free(port)
    assert not ports.is_open(port)


def test_a_port_with_a_listener_is_open_and_not_free() -> None:
    with _listener() as server:
        port = server.getsockname()[1]
        assert ports.is_open(port)
        assert not ports.is_free(port)


def test_a_port_is_remembered_while_it_is_free(tmp_path: Path) -> None:
    layout = Layout(tmp_path, 8000)
    assert ports.remembered(layout, "mariadb") == 0
    port = ports.ensure_free(layout, "mariadb")
    assert ports.ensure_free(layout, "mariadb") == port == ports.remembered(layout, "mariadb")


def test_a_taken_port_is_chosen_anew_and_others_stay(tmp_path: Path) -> None:
    layout = Layout(tmp_path, 8000)
    other = ports.ensure_free(layout, "emulator")
    with socket.socket() as server:
        port = ports.ensure_free(layout, "mariadb")
        server.bind((ports.HOST, port))
        server.listen()
        assert ports.ensure_free(layout, "mariadb") not in {port, 0}
    assert read_json(tmp_path / "ports.json")["emulator"] == other
