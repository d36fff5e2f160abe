import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from local import keys
from local.layout import Layout, read_json, write_json, write_text
from tooling.errors import ToolError
from tooling.ports import HOST, choose_free


def test_a_file_that_is_not_whole_reads_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    assert read_json(path) == {}
    path.write_text("{")
    assert read_json(path) == {}
    path.write_text("[1]")
    assert read_json(path) == {}
    write_json(path, {"a": 1})
    assert read_json(path) == {"a": 1}


def test_secrets_are_written_unreadable_for_others(tmp_path: Path) -> None:
    write_text(tmp_path / "secret", "x", mode=0o600)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_outputs_are_empty_before_the_first_deployment(layout: Layout) -> None:
    assert layout.outputs() == {}
    write_json(layout.data / "outputs.json", {"Stockroom": {"ApiId": "a"}})
    assert layout.outputs() == {"ApiId": "a"}


def test_an_internal_port_is_remembered_while_it_is_free(layout: Layout) -> None:
    assert layout.port_of("mariadb") == 0
    port = layout.ensure_port("mariadb")
    assert layout.ensure_port("mariadb") == port == layout.port_of("mariadb")


def test_a_port_that_another_program_took_is_chosen_anew_and_the_others_stay(layout: Layout) -> None:
    other = layout.ensure_port("emulator")
    port = layout.ensure_port("mariadb")
    with socket.create_server((HOST, port)):
        assert layout.ensure_port("mariadb") not in {port, 0}
    assert layout.port_of("emulator") == other


def test_the_port_of_a_server_that_is_down_is_left_to_it(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = layout.ensure_port("emulator")
    free = choose_free()
    monkeypatch.setattr("local.layout.choose_free", iter([other, free]).__next__)
    assert layout.ensure_port("mariadb") == free


@pytest.mark.parametrize("make", [Layout.folder, lambda layout: layout.secret("some"), keys.ensure])
def test_a_new_data_folder_is_closed_to_other_users(tmp_path: Path, make: Callable[[Layout], object]) -> None:
    layout = Layout(tmp_path / "new" / "data", 8000)
    make(layout)
    assert stat.S_IMODE(layout.data.stat().st_mode) == 0o700


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for data in (tmp_path / "file", tmp_path / "file" / "data"):
        with pytest.raises(ToolError, match=r"file.* cannot be made: .* Choose another DATA="):
            Layout(data, 8000).folder("run")


def test_a_secret_is_drawn_once_and_for_one_data_folder(layout: Layout, tmp_path: Path) -> None:
    assert layout.secret("some") == layout.secret("some")
    assert layout.secret("some") != layout.secret("other")
    assert layout.secret("some") != Layout(tmp_path / "second", 8000).secret("some")
    assert stat.S_IMODE((layout.data / "keys" / "some").stat().st_mode) == 0o600
