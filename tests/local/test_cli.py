import json
import sys
from pathlib import Path
from typing import Any

import jwt
import pytest

from local import cli, emulator, lambdas, seed, stack
from local.errors import StackError
from local.layout import Layout, write_json


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path.resolve(), 8000)


def run(layout: Layout, *arguments: str) -> int:
    return cli.main([*arguments, "--data", str(layout.data), "--port", str(layout.port)])


def test_a_token_is_all_there_is_on_standard_output(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(layout, "token", "--sub", "alice", "--scopes", "upload admin", "--days", "30") == 0
    (token,) = capsys.readouterr().out.splitlines()
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["sub"], claims["scope"]) == ("alice", "upload admin")


def test_what_went_wrong_is_said_without_a_trace(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(layout, "token", "--sub", "") == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.strip() == "who is it for? Give SUB="


def test_a_key_can_be_rotated(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(layout, "rotate") == 0
    assert "new signing key" in capsys.readouterr().err
    assert len(list((layout.data / "keys").glob("*.pem"))) == 1


def test_stopping_what_does_not_run_is_no_error(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(layout, "down") == 0
    assert "nothing was running" in capsys.readouterr().err


def test_reaping_needs_a_deployed_stack(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(layout, "reap") == 1
    assert "make up" in capsys.readouterr().err


def test_a_function_that_fails_is_an_error(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    class Payload:
        def read(self) -> bytes:
            return b'{"errorMessage": "no"}'

    class Client:
        def invoke(self, **_arguments: Any) -> dict[str, Any]:
            return {"Payload": Payload(), "FunctionError": "Unhandled"}

    write_json(layout.data / "outputs.json", {"Stockroom": {"ReaperFunction": "reaper"}})
    monkeypatch.setattr(emulator, "client", lambda *_: Client())
    with pytest.raises(StackError, match=r"reaper failed.*no"):
        lambdas.invoke(layout, "ReaperFunction")


def test_running_follows_the_logs_and_stops_everything_at_an_interrupt(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []

    def interrupted(_layout: Layout) -> Any:
        yield "edge       a line"
        raise KeyboardInterrupt

    def fails(*_: object) -> int:
        raise StackError("the samples could not be uploaded")

    monkeypatch.setattr(stack, "up", lambda *_: done.append("up"))
    monkeypatch.setattr(stack, "down", lambda *_: done.append("down"))
    monkeypatch.setattr(seed, "seed", fails)
    monkeypatch.setattr("local.logs.follow", interrupted)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert run(layout, "run") == 0
    told = capsys.readouterr()
    assert done == ["up", "down"]
    assert f"{layout.url}/#token=" in told.out
    assert "edge       a line" in told.out
    assert "could not be uploaded" in told.err


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    folder = tmp_path / "samples"
    folder.mkdir()
    (folder / "photos.json").write_text(json.dumps([{"file": "a.jpg"}, {"file": "b.jpg"}]))
    return folder


def client(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(seed, "CLIENT", (sys.executable, "-c", code))


def test_samples_are_sent_once(layout: Layout, samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client(
        monkeypatch,
        "import json, os, sys; print(json.dumps([sys.argv[1:], os.environ['STOCKROOM_URL'], os.getcwd()]))",
    )
    said: list[str] = []
    assert seed.seed(layout, said.append, samples) == 2
    arguments, url, folder = json.loads(layout.log("seed").read_text())
    assert arguments == ["upload", "--no-cache", "--captions", "photos.json", "a.jpg", "b.jpg"]
    assert (url, Path(folder)) == (layout.url, samples)
    assert len(said) == 1
    assert seed.seed(layout, said.append, samples) == 0


def test_samples_that_failed_are_sent_again(
    layout: Layout, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client(monkeypatch, "raise SystemExit('refused')")
    with pytest.raises(StackError) as raised:
        seed.seed(layout, lambda _: None, samples)
    assert "refused" in raised.value.report()
    client(monkeypatch, "")
    assert seed.seed(layout, lambda _: None, samples) == 2


def test_a_port_that_is_none_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["up", "--data", str(tmp_path), "--port", "80000"]) == 2
    assert "PORT=80000" in capsys.readouterr().err


def test_a_wrong_setting_is_named_before_anything_starts(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKROOM_MAX_FILES", "501")
    assert cli.main(["up", "--data", str(tmp_path), "--port", "8123"]) == 1
    assert "STOCKROOM_MAX_FILES=501" in capsys.readouterr().err
