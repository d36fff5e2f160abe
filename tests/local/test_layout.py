import stat
from pathlib import Path

from local.layout import Layout, read_json, write_json, write_text


def test_what_is_not_whole_reads_as_nothing(tmp_path: Path) -> None:
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


def test_outputs_are_empty_before_the_first_deployment(tmp_path: Path) -> None:
    layout = Layout(tmp_path, 8001)
    assert layout.outputs() == {}
    write_json(tmp_path / "outputs.json", {"Stockroom": {"ApiId": "a"}})
    assert layout.outputs() == {"ApiId": "a"}


def test_the_front_door(tmp_path: Path) -> None:
    layout = Layout(tmp_path, 8001)
    assert layout.url == "http://localhost:8001"
    assert layout.loopback == "http://127.0.0.1:8001"
