from pathlib import Path

import pytest

from local import packages
from local.packages import Package
from tooling import programs
from tooling.errors import ToolError


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of its own, whose apt-get notes its arguments and makes a program on `install`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    calls = tmp_path / "calls"
    for name, body in {
        "apt-get": f'echo "$@" >> {calls}; case "$*" in *\\ install\\ *) [ -e {tmp_path}/lists ] || exit 9; '
        f"touch {folder}/thing; chmod +x {folder}/thing;; *\\ update) touch {tmp_path}/lists;; esac",
        "env": 'while [ "${1#*=}" != "$1" ]; do shift; done; exec "$@"',
        "touch": '/usr/bin/touch "$@"',
        "chmod": '/usr/bin/chmod "$@"',
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(programs, "SEARCH_PATH", str(folder))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return folder


THING = Package("Thing", lambda: programs.find("thing") is not None, ("thing-core",), "thing")


def install(folder: Path, absent: list[Package]) -> None:
    with (folder / "log").open("wb") as log:
        packages.install(absent, log)


def test_missing_packages_come_from_apt_with_fresh_lists(tools: Path) -> None:
    assert packages.missing([THING]) == [THING]
    install(tools, [THING])
    assert packages.missing([THING]) == []
    calls = (tools.parent / "calls").read_text().splitlines()
    assert [call.partition("DPkg::Lock::Timeout=120 ")[2] for call in calls] == [
        "install thing-core",
        "update",
        "install thing-core",
    ]
    assert all("--no-install-recommends" in call for call in calls)


@pytest.mark.parametrize("lacks", ["apt", "root"])
def test_without_apt_or_root_it_says_what_to_install(
    tools: Path, monkeypatch: pytest.MonkeyPatch, lacks: str
) -> None:
    if lacks == "apt":
        (tools / "apt-get").unlink()
    else:
        monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(ToolError) as raised:
        install(tools, [THING, packages.NGINX])
    assert "apt-get install thing-core nginx-light" in str(raised.value)
    assert "brew install thing; brew install nginx" in str(raised.value)


def test_a_package_that_does_not_bring_its_program_is_reported(tools: Path) -> None:
    (tools.parent / "lists").touch()
    other = Package("Other", lambda: False, ("other",), "other")
    with pytest.raises(ToolError, match="Other is not found"):
        install(tools, [other])


def test_a_server_that_apt_started_is_stopped(tools: Path) -> None:
    (tools.parent / "lists").touch()
    for name in ("systemctl", "invoke-rc.d", "update-rc.d"):
        (tools / name).write_text(f'#!/bin/sh\necho {name} "$@" >> {tools.parent}/services\n')
        (tools / name).chmod(0o755)
    (tools / "nginx").touch(mode=0o755)
    install(tools, [packages.NGINX])
    stopped = (tools.parent / "services").read_text()
    assert stopped in {
        "systemctl disable --now nginx\n",
        "invoke-rc.d nginx stop\nupdate-rc.d nginx disable\n",
    }


def test_a_python_that_can_make_environments_is_recognised() -> None:
    assert packages.can_make_environments()
