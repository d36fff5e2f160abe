import socket

from tooling import ports


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
