"""The command line: arguments, search, status, exit statuses, and the program as it is started."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stockroom_client import __version__
from stockroom_client.arguments import parse
from stockroom_client.cli import main
from stockroom_client.cli import run as run_script
from tests.client.conftest import Picture, Run
from tests.client.library import TOKEN, Handler, Library, image, reset

ROOT = Path(__file__).parents[2]


def test_search(library: Library, run: Run) -> None:
    library.images = [image(f"ID{number}", f"Sea {number}") for number in range(3)]
    ran = run("search", "berlin", '"the wall"', "--tag", "#cute", "--limit", "2", token="")
    assert ran.status == 0
    assert ran.out.splitlines() == [f"ID{n}  Sea {n}  {library.url}/i/ID{n}/v1/720p.jpg" for n in (0, 1)]
    assert library.requests[0][1] == "/api/images?limit=2&q=berlin+%22the+wall%22&tag=cute"


def test_search_to_the_end(library: Library, run: Run) -> None:
    library.images = [image("ID1")]
    library.relaxed = True
    ran = run("search", "sea")
    assert "ID1" in ran.out
    assert "these have some of it" in ran.err
    assert run("search", "--json").json == {"images": [image("ID1")], "relaxed": True}


def test_status(library: Library, run: Run, picture: Picture) -> None:
    library.failing["bad.jpg"] = {"code": "truncated", "detail": "The file is cut short."}
    run("upload", picture("good.jpg"), picture("bad.jpg"))
    ran = run("status")
    assert ran.status == 0
    assert "bad.jpg: The file is cut short." in ran.out
    assert "720p.jpg" in ran.out
    assert [upload["id"] for upload in run("status", "--json", "ID00000000001").json["uploads"]] == [
        "ID00000000001"
    ]


def test_failure_in_words(run: Run) -> None:
    ran = run("status", token="bad")
    assert (ran.status, ran.err) == (1, "stockroom: The token is not valid: sign in again.\n")


def test_captions_are_usage(run: Run, picture: Picture, tmp_path: Path) -> None:
    ran = run("upload", picture(), "--captions", tmp_path / "missing.json")
    assert ran.status == 2
    assert "No such file" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["upload"],
        ["upload", "x"],
        ["status"],
        ["search", "--url", "localhost:8000"],
        ["search", "--limit", "0"],
        ["upload", "x", "--token", "t", "--jobs", "0"],
        ["upload", "x", "--token", "t", "--jobs", "many"],
        ["upload", "x", "--token", "t", "--patience", "0"],
    ],
)
def test_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_sign_in_link_is_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKROOM_TOKEN", " http://localhost:8000/#token=abc\n")
    assert parse(["status"]).token == "abc"


def test_plain_http_is_pointed_out(run: Run, picture: Picture) -> None:
    ran = run("upload", picture(), "--url", "http://library.invalid")
    assert ran.status == 1
    assert "not https" in ran.err
    assert "library.invalid cannot be reached" in ran.err


def test_console_script(
    library: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library.images = [image("ID1")]
    monkeypatch.setattr(sys, "argv", ["stockroom", "search", "--url", library.url])
    with pytest.raises(SystemExit) as left:
        run_script()
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith("ID1")


def command(library: Library, *arguments: object, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """The program in its own process."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "client"), "STOCKROOM_URL": library.url}
    return subprocess.Popen(
        [sys.executable, "-m", "stockroom_client", *map(str, arguments)],
        env=environment | {"STOCKROOM_TOKEN": TOKEN},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_program(library: Library, picture: Picture) -> None:
    process = command(library, "upload", picture())
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("ready")


def test_version(library: Library) -> None:
    assert command(library, "--version").communicate(timeout=30)[0] == f"stockroom {__version__}\n"


def test_ctrl_c(library: Library, picture: Picture) -> None:
    held, released = threading.Event(), threading.Event()

    def hold(handler: Handler) -> bool:
        handler.read()
        held.set()
        released.wait(30)
        return reset(handler)

    library.fault("PUT /bucket", hold)
    process = command(library, "upload", picture())
    assert held.wait(20)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    released.set()
    assert process.returncode == 130
    assert "The same command again does the rest." in err
    assert "Traceback" not in err


def test_closed_output(library: Library) -> None:
    library.images = [image("ID1")]
    reader, writer = os.pipe()
    os.close(reader)
    process = command(library, "search", stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (1, "")
