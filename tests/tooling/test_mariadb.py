from pathlib import Path

import pytest

from tooling import mariadb, programs
from tooling.errors import ToolError


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a MariaDB whose programs note their arguments and their standard input in `calls`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("mariadbd", "mariadb-install-db"):
        program = folder / name
        program.write_text(
            f'#!/bin/sh\necho "{name} $* TMPDIR=$TMPDIR" >> {tmp_path}/calls\n/bin/cat >> {tmp_path}/calls\n'
        )
        program.chmod(0o755)
    monkeypatch.setattr(programs, "SEARCH_PATH", str(folder))
    return folder


def make(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    statements = ["CREATE DATABASE a;", "CREATE DATABASE b;"]
    mariadb.ensure_data_folder(folder, statements, tmp=tmp_path / "scratch", log=tmp_path / "log")
    return folder


def test_a_data_folder_is_made_once_with_the_callers_statements(tools: Path, tmp_path: Path) -> None:
    folder = make(tmp_path)
    assert make(tmp_path) == folder
    install, server, *statements = (tools.parent / "calls").read_text().split("\n")
    assert install.startswith(f"mariadb-install-db --no-defaults --datadir={folder}")
    assert server.startswith("mariadbd --no-defaults --bootstrap")
    assert install.endswith(f"TMPDIR={tmp_path / 'scratch'}")
    assert server.endswith(f"TMPDIR={tmp_path / 'scratch'}")
    assert "CREATE DATABASE a;" in statements
    assert statements.index("CREATE DATABASE a;") < statements.index("CREATE DATABASE b;")


@pytest.mark.usefixtures("tools")
def test_what_an_interrupted_attempt_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "half").touch()
    folder = make(tmp_path)
    assert [path.name for path in folder.iterdir()] == [mariadb.MARKER]


@pytest.mark.usefixtures("tools")
def test_two_data_folders_at_one_place_are_told_apart(tmp_path: Path) -> None:
    marker = make(tmp_path) / mariadb.MARKER
    first = marker.read_text()
    marker.unlink()
    assert (make(tmp_path) / mariadb.MARKER).read_text() != first


def test_a_failure_names_the_log_and_is_tried_again(tools: Path, tmp_path: Path) -> None:
    program = tools / "mariadbd"
    good = program.read_text()
    program.write_text("#!/bin/sh\necho no space left\nexit 1\n")
    with pytest.raises(ToolError, match="data folder could not be made") as raised:
        make(tmp_path)
    assert "no space left" in raised.value.report()
    program.write_text(good)
    assert (make(tmp_path) / mariadb.MARKER).exists()


def test_a_command_has_the_option_that_lets_root_start_the_server_for_root_alone(
    tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    command = mariadb.command(tmp_path, 3311, "--max-connections=9", tmp=tmp_path / "scratch")
    assert f"--tmpdir={tmp_path / 'scratch'}" in command
    assert command[0] == str(tools / "mariadbd")
    assert {"--user=root", "--port=3311", "--bind-address=127.0.0.1", "--max-connections=9"} <= set(command)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "--user=root" not in mariadb.command(tmp_path, 3311, tmp=tmp_path)
