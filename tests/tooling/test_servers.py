import sys
from pathlib import Path

import pytest

from stockroom.runtime.settings import Settings
from tooling import servers
from tooling.errors import ToolError
from tooling.ports import choose_free, is_open
from tooling.servers import Server, run_server

# Greets like a server, once it has started; the arguments are the port and the first packet's fifth byte.
GREETER = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listening", flush=True)
while True:
    connection, _ = server.accept()
    connection.sendall(bytes([4, 0, 0, 0, int(sys.argv[2])]))
    connection.close()
"""


def test_a_server_runs_from_its_first_greeting_to_the_end_of_the_block(tmp_path: Path) -> None:
    port, log = choose_free(), tmp_path / "log"
    with run_server([sys.executable, "-c", GREETER, str(port), "10"], port, log) as server:
        assert server == Server(port)
        assert is_open(port)
    assert not is_open(port)
    assert log.read_text() == "listening\n"


def test_a_server_that_ends_is_an_error_with_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such option')"]
    with (
        pytest.raises(ToolError, match="ended with status 1") as raised,
        run_server(command, choose_free(), tmp_path / "log"),
    ):
        pass
    assert "no such option" in raised.value.report()


def test_a_server_that_answers_with_errors_is_not_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "START_SECONDS", 1)
    port = choose_free()
    command = [sys.executable, "-c", GREETER, str(port), "255"]
    with (
        pytest.raises(ToolError, match="not ready after 1 s"),
        run_server(command, port, tmp_path / "log"),
    ):
        pass
    assert not is_open(port)


def test_a_function_finds_the_server_by_its_environment() -> None:
    settings = Settings.from_environment(Server(3311).environment("some"))
    assert (settings.db_host, settings.db_port, settings.db_name) == ("127.0.0.1", 3311, "some")
    assert (settings.db_user, settings.db_password) == (settings.db_admin_user, settings.db_admin_password)
