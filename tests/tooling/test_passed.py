"""A check that has passed runs again when a file that it depends on has changed, and only then."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tooling import ROOT
from tooling.passed import DOCUMENT, PAGE, VERSIONS, list_files, run_unless_passed


@pytest.fixture(autouse=True)
def page(tmp_path: Path) -> None:
    """A small page."""
    (tmp_path / PAGE / "src").mkdir(parents=True)
    (tmp_path / PAGE / "src" / "app.ts").write_text("first")
    (tmp_path / VERSIONS).write_text("node==1")
    (tmp_path / DOCUMENT).parent.mkdir(parents=True)
    (tmp_path / DOCUMENT).write_text("{}")


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., tuple[int, bool]]:
    """Runs a check of the page; its status, and whether it was run."""
    runs = tmp_path / "runs"
    program = "import sys; open('runs', 'a').write('x'); sys.exit(int(sys.argv[1]))"

    def run(status: int = 0) -> tuple[int, bool]:
        before = runs.stat().st_size if runs.exists() else 0
        result = run_unless_passed("types", [sys.executable, "-c", program, str(status)], tmp_path)
        return result, (runs.stat().st_size if runs.exists() else 0) > before

    return run


def test_what_has_passed_is_not_checked_again_and_that_is_said(
    check: Callable[..., tuple[int, bool]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert [check(), check()] == [(0, True), (0, False)]
    assert capsys.readouterr().out == "types: has passed for the same files\n"


def test_what_has_failed_is_checked_again(check: Callable[..., tuple[int, bool]]) -> None:
    assert [check(3), check(3)] == [(3, True), (3, True)]


@pytest.mark.parametrize(
    "changed", [f"{PAGE}/src/app.ts", f"{PAGE}/src/new.ts", str(VERSIONS), str(DOCUMENT)]
)
def test_a_change_is_checked(check: Callable[..., tuple[int, bool]], tmp_path: Path, changed: str) -> None:
    check()
    (tmp_path / changed).write_text("second")
    assert [check(), check()] == [(0, True), (0, False)]


def test_another_command_is_another_check(check: Callable[..., tuple[int, bool]]) -> None:
    check()
    assert check(1) == (1, True)


@pytest.mark.parametrize("folder", ["node_modules", "dist", ".svelte-check"])
def test_what_the_checks_write_is_no_change(
    check: Callable[..., tuple[int, bool]], tmp_path: Path, folder: str
) -> None:
    check()
    (tmp_path / PAGE / folder).mkdir()
    (tmp_path / PAGE / folder / "written").touch()
    assert check() == (0, False)


def test_a_file_that_changes_during_a_check_is_checked_the_next_time(tmp_path: Path) -> None:
    file = tmp_path / PAGE / "src" / "app.ts"
    change = [sys.executable, "-c", f"open({str(file)!r}, 'a').write('!')"]
    for length in (6, 7):
        assert run_unless_passed("format", change, tmp_path) == 0
        assert len(file.read_text()) == length


def test_the_pages_own_files_are_found() -> None:
    found = {str(path.relative_to(ROOT)) for path in list_files(ROOT)}
    assert {"requirements-dev.txt", "frontend/package-lock.json", "frontend/tsconfig.json"} <= found
    assert {"frontend/src/app/token.ts", "frontend/locales/de.json"} <= found


def test_a_source_may_lie_in_a_folder_of_such_a_name(
    check: Callable[..., tuple[int, bool]], tmp_path: Path
) -> None:
    check()
    (tmp_path / PAGE / "src" / "dist").mkdir()
    (tmp_path / PAGE / "src" / "dist" / "app.ts").write_text("wrong")
    assert check() == (0, True)
