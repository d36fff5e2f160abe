from pathlib import Path

import pytest

from tooling import programs
from tooling.errors import ToolError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(programs, "SEARCH_PATH", str(tmp_path))
    return tmp_path


def test_the_first_name_that_is_installed_is_found(folder: Path) -> None:
    assert programs.find("new-name", "old-name") is None
    (folder / "old-name").touch(mode=0o755)
    assert programs.find("new-name", "old-name") == str(folder / "old-name")
    (folder / "new-name").touch(mode=0o755)
    assert programs.require("new-name", "old-name") == str(folder / "new-name")


def test_a_program_that_is_required_and_absent_is_an_error_that_says_what_to_do(folder: Path) -> None:
    with pytest.raises(ToolError, match=r"nginx is not installed: run `make setup`"):
        programs.require("nginx", str(folder / "nginx"))


def test_any_browser_that_tests_can_drive_will_do(folder: Path) -> None:
    assert programs.find_browser() is None
    (folder / "google-chrome").touch(mode=0o755)
    assert programs.find_browser() == str(folder / "google-chrome")


def test_servers_of_debian_are_found_with_a_users_path() -> None:
    assert "/usr/sbin" in programs.SEARCH_PATH.split(":")
