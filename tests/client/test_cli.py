"""The commands, their exit statuses, and the program as people start it."""

import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from stockroom_client import __version__
from tests.client.conftest import Picture, Run
from tests.client.library import TOKEN, Handler, Library, image, reset

ROOT = Path(__file__).parents[2]


def test_metadata_of_all_files(library: Library, run: Run, picture: Picture, tmp_path: Path) -> None:
    picture("sea.jpg")
    captions = tmp_path / "captions.csv"
    captions.write_text("file,name,tags\nsea.jpg,The sea,blue\ntypo.jpg,,\n")
    arguments = ["--tag", "#a", "--tag", "b", "--description", "d", "--license", "CC0-1.0", "--credit", "c"]
    ran = run("upload", tmp_path / "pictures", "--captions", captions, *arguments)
    assert ran.status == 0
    (request,) = library.calls("POST", "/api/uploads")
    assert request["shared"] == {"tags": ["a", "b"], "description": "d", "license": "CC0-1.0", "credit": "c"}
    (file,) = request["files"]
    assert (file["name"], file["tags"], file["type"]) == ("The sea", ["blue"], "image/jpeg")
    assert "No file for the caption of typo.jpg" in ran.err


def test_nothing_is_sent_for_what_is_not_said(library: Library, run: Run, picture: Picture) -> None:
    assert run("upload", picture()).status == 0
    (request,) = library.calls("POST", "/api/uploads")
    assert request["shared"] == {}
    assert set(request["files"][0]) == {"name", "type", "size", "sha256"}


def test_arguments_that_are_not_text(library: Library, run: Run, picture: Picture) -> None:
    assert run("upload", picture(), "--description", os.fsdecode(b"caf\xe9")).status == 0
    (request,) = library.calls("POST", "/api/uploads")
    assert request["shared"] == {"description": "caf\udce9"}


def test_report(library: Library, run: Run, picture: Picture) -> None:
    library.failing["bad.jpg"] = {"code": "truncated", "detail": "The file is cut short."}
    good, bad = picture("good.jpg"), picture("bad.jpg")
    ran = run("upload", "--json", good, bad, good.parent / "missing.jpg")
    assert ran.status == 1
    files = {Path(file["file"]).name: file for file in ran.json["files"]}
    assert [set(file) for file in ran.json["files"]] == [
        {"file", "state", "id", "url", "sha256", "code", "detail"}
    ] * 3
    assert [file["id"] for file in ran.json["files"]] == ["ID00000000000", "ID00000000001", None]
    assert files["good.jpg"]["url"] == f"{library.url}/i/{files['good.jpg']['id']}/v1/720p.jpg"
    assert files["bad.jpg"]["code"] == "truncated"
    assert files["missing.jpg"] == {
        "file": str(good.parent / "missing.jpg"),
        "state": "failed",
        "id": None,
        "url": None,
        "sha256": None,
        "code": "unreadable",
        "detail": "cannot be read: No such file or directory",
    }
    assert ran.json["counts"] == {"ready": 1, "failed": 2}
    assert ran.json["passed_over"] == 0


def test_no_cache_writes_nothing(run: Run, picture: Picture, tmp_path: Path) -> None:
    assert run("upload", "--no-cache", picture()).status == 0
    assert not (tmp_path / "cache").exists()


def test_folder_with_nothing(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    (folder / "notes.txt").write_text("hello")
    ran = run("upload", folder)
    assert (ran.status, ran.out) == (0, "no files; 1 other files passed over\n")


def test_bad_token_is_found_first(library: Library, run: Run, picture: Picture) -> None:
    ran = run("upload", picture(), token="bad")
    assert ran.status == 1
    assert ran.err.startswith("stockroom: The token is not valid: sign in again. Put a new token")
    assert not library.calls("POST", "/api/uploads")


def test_search(library: Library, run: Run) -> None:
    library.images = [image(f"ID{number}", f"Sea {number}") for number in range(3)]
    ran = run("search", "berlin", '"the wall"', "-fence", "--tag", "#cute", "--limit", "2", token="")
    assert ran.status == 0
    assert ran.out.splitlines() == [f"ID{n}  Sea {n}  {library.url}/i/ID{n}/v1/720p.jpg" for n in (0, 1)]
    assert library.requests[0][1] == "/api/images?limit=2&q=berlin+%22the+wall%22+-fence&tag=cute"


def test_search_to_the_end(library: Library, run: Run) -> None:
    library.images = [image("ID1"), image("ID2")]
    library.relaxed = True
    ran = run("search", "sea")
    assert "ID1" in ran.out
    assert "these have some of it" in ran.err
    assert "Nothing has “sea”; it was taken for lake." in ran.err
    found = {"images": library.images, "relaxed": True, "related": {"sea": ["lake"]}}
    assert run("search", "--json").json == found


@pytest.mark.parametrize("command", ["search", "status"])
def test_nothing_found_is_said(run: Run, command: str) -> None:
    ran = run(command)
    assert (ran.status, ran.out, ran.err) == (0, "", "Nothing found.\n")


def test_status(library: Library, run: Run, picture: Picture) -> None:
    library.failing["bad.jpg"] = {"code": "truncated", "detail": "The file is cut short."}
    for name in ("good.jpg", "bad.jpg"):
        run("upload", picture(name))
    ran = run("status")
    assert ran.status == 0
    assert ran.out.splitlines() == [
        f"ID00000000000  ready    good.jpg  {library.url}/i/ID00000000000/v1/720p.jpg",
        "ID00000000001  failed   bad.jpg: The file is cut short.",
    ]
    one = run("status", "--json", "ID00000000001").json["uploads"]
    assert [upload["id"] for upload in one] == ["ID00000000001"]
    assert one[0]["created"]  # fields that the client does not know are passed on


def test_status_names_the_file_beside_a_title(run: Run, picture: Picture, tmp_path: Path) -> None:
    captions = tmp_path / "captions.csv"
    captions.write_text("file,name\nDSC_0012.jpg,The sea\n")
    assert run("upload", picture("DSC_0012.jpg"), "--captions", captions).status == 0
    assert "  The sea (DSC_0012.jpg)  " in run("status").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("frobnicate", "No such command"),
        ("upload", "Missing argument"),
        ("upload x --jobs 0", "1<=x<=32"),
        ("upload x --jobs many", "not a valid integer"),
        ("upload x --patience 0", "x>0"),
        ("upload x --captions missing.json", "missing.json: No such file"),
        ("search --limit 0", "x>=1"),
        ("search --limt 5", "No such option"),
        ("status --tag x", "No such option"),
    ],
)
def test_usage(run: Run, arguments: str, words: str) -> None:
    ran = run(*arguments.split())
    assert ran.status == 2
    assert "Usage:" in ran.err
    assert words in ran.err


@pytest.mark.parametrize("command", ["upload", "search", "status"])
def test_help(run: Run, command: str) -> None:
    ran = run(command, "--help")
    assert ran.status == 0
    assert {"--url", "--token", "--json", "--help"} <= set(ran.out.split())
    assert command in run("--help").out


def environment(library: Library, **more: str) -> dict[str, str]:
    """The environment of the program."""
    settings = {"STOCKROOM_URL": library.url, "STOCKROOM_TOKEN": TOKEN, "PYTHONPATH": str(ROOT / "client")}
    return {**os.environ, **settings, **more}


def start(library: Library, *arguments: object, stdout: int = subprocess.PIPE) -> "subprocess.Popen[str]":
    """The program in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "stockroom_client", *map(str, arguments)],
        env=environment(library),
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_program(library: Library, picture: Picture) -> None:
    process = start(library, "upload", picture())
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("ready")
    assert "\x1b" not in out


def test_version(library: Library) -> None:
    assert start(library, "--version").communicate(timeout=60)[0] == f"stockroom {__version__}\n"


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("where", ["PUT /bucket", "GET /api/config"])
def test_ctrl_c(library: Library, picture: Picture, where: str) -> None:
    held, released = threading.Event(), threading.Event()

    def hold(handler: Handler) -> bool:
        handler.read()
        held.set()
        released.wait(90)
        return reset(handler)

    library.fault(where, hold)
    process = start(library, "upload", picture())
    assert held.wait(60)
    process.send_signal(signal.SIGINT)
    # It ends while its request is held.
    out, err = process.communicate(timeout=60)
    released.set()
    assert (process.returncode, out) == (130, "")
    assert err.endswith("Stopped.\n")
    assert ("0 of 1 done. The same command again does the rest." in err) == where.startswith("PUT")
    assert "Traceback" not in err
    again = start(library, "upload", picture())
    assert again.communicate(timeout=60)[0].startswith("ready")


@pytest.mark.parametrize("arguments", ["search", "search --json", "upload {}"])
def test_closed_output(library: Library, picture: Picture, arguments: str) -> None:
    library.images = [image("ID1")]
    reader, writer = os.pipe()
    os.close(reader)
    process = start(library, *arguments.format(picture()).split(), stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (1, "")


def on_terminal(library: Library, *arguments: object, **more: str) -> str:
    """What the program writes to a terminal."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "stockroom_client", *map(str, arguments)],
        env=environment(library, TERM="xterm-256color", COLUMNS="100", **more),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    written = b""
    try:
        while block := os.read(controller, 4096):
            written += block
    except OSError:  # Linux says so when the last process has closed the terminal.
        pass
    os.close(controller)
    assert process.wait(timeout=60) == 0
    return written.decode()


def test_terminals_get_colours_and_bars(library: Library, picture: Picture) -> None:
    library.polls_until_ready = 5
    shown = on_terminal(library, "upload", picture())
    assert "\x1b[32mready" in shown
    assert "of 1 files" in shown
    assert shown.rstrip().endswith("1 ready")


def test_no_color(library: Library, picture: Picture) -> None:
    shown = on_terminal(library, "upload", picture(), NO_COLOR="1")
    assert "ready" in shown
    assert "\x1b[3" not in shown
