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


def java(home: Path, version: str) -> Path:
    """A folder with a Java that only tells its version, on standard error as Java does."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026-01-20' >&2\n")
    program.chmod(0o755)
    return home


def test_the_java_of_the_environment_comes_first_and_one_that_is_too_old_or_too_new_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "SEARCH_PATH", str(tmp_path / "old" / "bin"))
    monkeypatch.setattr(programs, "JAVA_FOLDERS", (f"{tmp_path}/jvm/*",))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert programs.find_java() is None
    java(tmp_path / "old", "11.0.2")
    java(tmp_path / "jvm" / "java-25", "25.0.1")
    assert programs.find_java() is None
    found = java(tmp_path / "jvm" / "java-8-and-later", "21.0.2")
    assert programs.find_java() == found
    chosen = java(tmp_path / "chosen", "17.0.21")
    monkeypatch.setenv("JAVA_HOME", str(chosen))
    assert programs.find_java() == chosen
