import subprocess
from pathlib import Path
from typing import IO

import pytest

from local import packages, provision
from local.errors import StackError
from local.layout import ROOT

INDEX = "https://packages.example/simple"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(provision, "ROOT", tmp_path)
    monkeypatch.setattr(provision, "LOGS", tmp_path / "build" / "setup")
    return tmp_path


class Counted:
    """A step's work that counts how often it is done, and may fail."""

    def __init__(self, *, fails: bool = False) -> None:
        self.times = 0
        self.fails = fails

    def __call__(self, log: IO[bytes]) -> None:
        self.times += 1
        log.write(b"what the tool said\n")
        if self.fails:
            raise subprocess.CalledProcessError(1, ["tool"])


def step(checkout: Path, work: Counted, *, also: str = "") -> provision.Step:
    return provision.Step(
        "Some step", "a second", checkout / "made" / ".stamp", lambda: [checkout / "source"], work, also
    )


def test_a_step_is_done_once_and_again_when_its_sources_change(checkout: Path) -> None:
    (checkout / "source").write_text("1")
    work = Counted()
    for _ in range(3):
        step(checkout, work).ensure()
    assert work.times == 1
    (checkout / "source").write_text("2")
    step(checkout, work).ensure()
    assert work.times == 2
    step(checkout, work, also="3.13").ensure()
    assert work.times == 3


def test_a_failed_step_names_its_log_and_is_tried_again(checkout: Path) -> None:
    (checkout / "source").write_text("1")
    work = Counted(fails=True)
    with pytest.raises(StackError, match="Some step failed") as raised:
        step(checkout, work).ensure()
    assert "what the tool said" in raised.value.report()
    work.fails = False
    step(checkout, work).ensure()
    assert work.times == 2


def test_progress_is_said(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / "source").write_text("1")
    step(checkout, Counted()).ensure()
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == ["» Some step: a second", "» Some step: done in 0 s"]


def test_one_package_of_a_requirements_file(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(
        "a==1 \\\n    --hash=sha256:1\nuv==2 \\\n    --hash=sha256:2 \\\n    --hash=sha256:3\nz==4\n"
    )
    assert provision._requirement(file, "uv").splitlines() == [
        "uv==2 \\",
        "    --hash=sha256:2 \\",
        "    --hash=sha256:3",
    ]
    with pytest.raises(StackError, match="does not pin pip"):
        provision._requirement(file, "pip")


def test_where_packages_come_from_is_handed_from_pip_to_uv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE", "PIP_FIND_LINKS", "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)
    settings = tmp_path / "pip.conf"
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    settings.write_text(f"[global]\nindex-url = {INDEX}\nfind-links = /nowhere {tmp_path}\n")
    handed = provision._index()
    assert handed["UV_DEFAULT_INDEX"] == INDEX
    assert handed["UV_FIND_LINKS"] == str(tmp_path)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://other.example/simple")
    assert provision._index()["UV_DEFAULT_INDEX"] == "https://other.example/simple"


def test_the_page_is_rebuilt_for_its_sources_and_the_schema_alone() -> None:
    sources = {path.relative_to(ROOT).as_posix() for path in provision._page_sources()}
    assert {"stockroom/api/openapi.json", "frontend/index.html", "frontend/package-lock.json"} <= sources
    assert not any("node_modules" in source or source.startswith("frontend/dist/") for source in sources)
    assert "frontend/src/api/schema.d.ts" not in sources


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of its own, whose apt-get notes what it is asked and makes a program on `install`."""
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
    monkeypatch.setattr(packages, "SEARCH", str(folder))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return folder


THING = packages.Package("Thing", lambda: packages.find("thing") is not None, ("thing-core",), "thing")


def install(folder: Path, absent: list[packages.Package]) -> None:
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
    with pytest.raises(StackError) as raised:
        install(tools, [THING, packages.EDGE])
    assert "apt-get install thing-core nginx-light" in str(raised.value)
    assert "brew install thing; brew install nginx" in str(raised.value)


def test_a_package_that_does_not_bring_its_program_is_reported(tools: Path) -> None:
    (tools.parent / "lists").touch()
    other = packages.Package("Other", lambda: False, ("other",), "other")
    with pytest.raises(StackError, match="Other is not found"):
        install(tools, [other])


def test_a_server_that_apt_started_is_stopped(tools: Path) -> None:
    (tools.parent / "lists").touch()
    for name in ("systemctl", "invoke-rc.d", "update-rc.d"):
        (tools / name).write_text(f'#!/bin/sh\necho {name} "$@" >> {tools.parent}/services\n')
        (tools / name).chmod(0o755)
    (tools / "nginx").touch(mode=0o755)
    install(tools, [packages.EDGE])
    stopped = (tools.parent / "services").read_text()
    assert stopped in {
        "systemctl disable --now nginx\n",
        "invoke-rc.d nginx stop\nupdate-rc.d nginx disable\n",
    }


def test_a_python_that_can_make_environments_is_recognised() -> None:
    assert packages.can_make_environments()
