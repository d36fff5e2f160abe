import shutil
import sys
from pathlib import Path

import pytest

from local import environments
from tooling.errors import ToolError

INDEX = "https://packages.example/simple"


def test_one_package_of_a_requirements_file(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(
        "a==1 \\\n    --hash=sha256:1\nuv==2 \\\n    --hash=sha256:2 \\\n    --hash=sha256:3\nz==4\n"
    )
    assert environments.pinned(file, "uv").splitlines() == [
        "uv==2 \\",
        "    --hash=sha256:2 \\",
        "    --hash=sha256:3",
    ]
    with pytest.raises(ToolError, match="does not pin pip"):
        environments.pinned(file, "pip")


def test_where_packages_come_from_is_handed_from_pip_to_uv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE", "PIP_FIND_LINKS", "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)
    settings = tmp_path / "pip.conf"
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    settings.write_text(f"[global]\nindex-url = {INDEX}\nfind-links = /nowhere {tmp_path}\n")
    handed = environments.uv_environment()
    assert handed["UV_DEFAULT_INDEX"] == INDEX
    assert handed["UV_FIND_LINKS"] == str(tmp_path)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://other.example/simple")
    assert environments.uv_environment()["UV_DEFAULT_INDEX"] == "https://other.example/simple"


@pytest.fixture
def main(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A main environment whose Python and uv only note what they are asked to install."""
    main = tmp_path / "main"
    (main / "bin").mkdir(parents=True)
    for name in ("python", "uv"):
        program = main / "bin" / name
        program.write_text(f'#!/bin/sh\n[ "$3" = config ] || echo "{name} $*" >> {tmp_path}/calls\n')
        program.chmod(0o755)
    monkeypatch.setattr(environments, "VENV", main)
    return main


def make(tmp_path: Path) -> list[str]:
    """Make an environment; returns what the main one was asked to do for it."""
    (tmp_path / "calls").unlink(missing_ok=True)
    (tmp_path / "requirements.txt").touch()
    with (tmp_path / "log").open("wb") as log:
        environments.make(log, tmp_path / "other", tmp_path / "requirements.txt")
    return (tmp_path / "calls").read_text().splitlines()


@pytest.mark.usefixtures("main")
def test_an_environment_gets_exactly_the_required_packages(tmp_path: Path) -> None:
    python = tmp_path / "other" / "bin" / "python"
    requirements = tmp_path / "requirements.txt"
    assert make(tmp_path) == [f"uv pip sync -q --require-hashes --python {python} {requirements}"]
    assert python.exists()


def test_where_uv_fails_pip_installs_the_same(main: Path, tmp_path: Path) -> None:
    (main / "bin" / "uv").write_text("#!/bin/sh\nexit 1\n")
    python = tmp_path / "other" / "bin" / "python"
    (pip,) = make(tmp_path)
    assert pip.startswith(f"python -m pip --python {python} install")
    assert "--require-hashes" in pip


@pytest.mark.usefixtures("main")
def test_an_environment_is_made_anew_for_another_python_alone(tmp_path: Path) -> None:
    make(tmp_path)
    kept = tmp_path / "other" / "kept"
    kept.touch()
    make(tmp_path)
    assert kept.exists()
    python = tmp_path / "other" / "bin" / "python"
    python.unlink()
    python.write_text("#!/bin/sh\necho 3.9\n")
    python.chmod(0o755)
    make(tmp_path)
    assert not kept.exists()
    assert python.resolve() == Path(shutil.which(sys.executable) or "").resolve()
