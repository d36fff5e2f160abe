import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from local import cli, emulator, keys, lambdas, logs, seed, stack
from local.layout import Layout, write_json
from tooling.errors import ToolError


def run(layout: Layout, *arguments: str) -> int:
    return cli.main(["--data", str(layout.data), "--port", str(layout.port), *arguments])


def test_a_token_is_all_there_is_on_standard_output(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(layout, "token", "--sub", "alice", "--scopes", "upload admin", "--days", "30") == 0
    (token,) = capsys.readouterr().out.splitlines()
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["sub"], claims["scope"]) == ("alice", "upload admin")


def test_a_failure_is_told_without_a_stack_trace(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(layout, "token", "--sub", "") == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.strip() == "who is it for? Give SUB="


def test_a_key_can_be_rotated(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(layout, "rotate") == 0
    assert "new signing key" in capsys.readouterr().err
    assert len(list((layout.data / "keys").glob("*.pem"))) == 1


def test_the_keys_are_shown(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(layout, "rotate") == run(layout, "keys") == 0
    told = capsys.readouterr().err
    assert f"the key {keys.ensure(layout).kid} signs" in told
    assert "`make up` publishes" in told


def test_what_was_withdrawn_is_told(
    layout: Layout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "withdraw", lambda _, kid: f"not-{kid}")
    monkeypatch.setattr(keys, "revoke", lambda _, **options: json.dumps(options))
    assert run(layout, "withdraw", "--kid", "-k") == 0
    assert (
        "the key -k is withdrawn within ten minutes; new tokens are signed by not--k"
        in capsys.readouterr().err
    )
    assert run(layout, "revoke", "--jti", "", "--sub", "alice", "--issuer", "") == 0
    assert '{"jti": "", "named_issuer": "", "subject": "alice"}' in capsys.readouterr().err


def test_stopping_what_does_not_run_is_no_error(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(layout, "down") == 0
    assert "nothing was running" in capsys.readouterr().err


def test_reaping_prints_what_the_reaper_did(
    layout: Layout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lambdas, "invoke", lambda _, output: {"invoked": output})
    assert run(layout, "reap") == 0
    assert json.loads(capsys.readouterr().out) == {"invoked": "ReaperFunction"}


def test_the_audit_goes_on_until_it_has_finished(
    layout: Layout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[dict[str, bool]] = []

    def invoke(_layout: Layout, output: str, event: dict[str, bool]) -> dict[str, object]:
        assert output == "AuditFunction"
        events.append(event)
        refused = "Too many." if event["repair"] else ""
        return {"finished": len(events) == 2, "refused": refused, "rows": 3, "findings": {}, "repaired": {}}

    monkeypatch.setattr(lambdas, "invoke", invoke)
    assert run(layout, "audit") == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["finished"]
    assert "compared 3 rows; found nothing" in told.err
    assert events == [{"repair": False}] * 2
    events[:] = [{"repair": False}]
    assert run(layout, "audit", "--repair") == 1
    assert "Too many." in capsys.readouterr().err


def test_retrying_prints_what_became_of_the_uploads(
    layout: Layout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def retry(site: str, token: str, **options: Any) -> dict[str, int]:
        asked.append((site, jwt.decode(token, options={"verify_signature": False})["scope"], options))
        return {"pending": 2} if options["ids"] else {}

    monkeypatch.setattr(cli, "retry", retry)
    monkeypatch.setattr(emulator, "is_running", lambda _: True)
    assert run(layout, "retry", "--ids", "A,B", "--code", "") == 0
    assert json.loads(capsys.readouterr().out) == {"pending": 2}
    assert run(layout, "retry", "--code", "undecodable") == 0
    assert "no upload has failed with the code undecodable" in capsys.readouterr().err
    assert asked[:1] == [(f"http://127.0.0.1:{layout.port}", "admin", {"ids": ["A", "B"], "code": ""})]


@pytest.mark.parametrize("command", ["redrive", "logs", "retry", "takedown", "log", "smoke"])
@pytest.mark.parametrize("outputs", [{}, {"QueueUrl": "q", "DeadLetterQueueUrl": "d"}])
def test_what_needs_a_stack_that_runs_says_so(
    layout: Layout, capsys: pytest.CaptureFixture[str], command: str, outputs: dict[str, str]
) -> None:
    write_json(layout.data / "outputs.json", {"Stockroom": outputs})
    assert run(layout, command) == 1
    assert f"no stack runs in {layout.data}: run `make up`" in capsys.readouterr().err


def test_reaping_needs_a_deployed_stack(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(layout, "reap") == 1
    assert "make up" in capsys.readouterr().err


def test_running_follows_the_logs_and_stops_everything_at_an_interrupt(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []

    def interrupted(_layout: Layout) -> Iterator[str]:
        yield "cdn        a line"
        raise KeyboardInterrupt

    def fails(*_: object) -> int:
        raise ToolError("the samples could not be uploaded")

    monkeypatch.setattr(stack, "up", lambda *_: done.append("up"))
    monkeypatch.setattr(stack, "down", lambda *_: done.append("down"))
    monkeypatch.setattr(seed, "seed", fails)
    monkeypatch.setattr(logs, "follow", interrupted)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert run(layout, "run") == 0
    told = capsys.readouterr()
    assert done == ["up", "down"]
    assert f"{layout.url}/#token=" in told.out
    assert "cdn        a line" in told.out
    assert "could not be uploaded" in told.err


def test_an_interrupt_of_another_command_ends_it_quietly(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_layout: Layout) -> Iterator[str]:
        yield "mariadb    a line"
        raise KeyboardInterrupt

    monkeypatch.setattr(emulator, "is_running", lambda _: True)
    monkeypatch.setattr(logs, "follow", interrupted)
    assert run(layout, "logs") == 130
    assert capsys.readouterr().out == "mariadb    a line\n"


def test_a_port_that_is_none_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["--data", str(tmp_path), "--port", "80000", "up"]) == 2
    told = capsys.readouterr().err
    assert "PORT" in told
    assert "80000 is not in the range" in told


def test_a_wrong_setting_is_named_before_anything_starts(
    capsys: pytest.CaptureFixture[str], layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOCKROOM_MAX_FILES", "501")
    assert run(layout, "up") == 1
    assert "STOCKROOM_MAX_FILES=501" in capsys.readouterr().err
    assert not (layout.data / "run").exists()


@pytest.fixture
def elsewhere(layout: Layout) -> Layout:
    """A stack that was deployed at another port than the default."""
    write_json(layout.data / "outputs.json", {"Stockroom": {"SiteUrl": "http://localhost:8123"}})
    return layout


def test_without_a_port_a_command_is_about_the_port_of_its_stack(
    elsewhere: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PORT", raising=False)
    ports: list[int] = []
    monkeypatch.setattr(stack, "up", lambda layout, _: ports.append(layout.port))
    for data in (elsewhere.data, elsewhere.data / "new"):
        assert cli.main(["--data", str(data), "up"]) == 0
    assert ports == [8123, 8000]


def test_another_port_than_that_of_the_stack_is_refused_but_for_moving_it(
    elsewhere: Layout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ports: list[int] = []
    monkeypatch.setattr(stack, "up", lambda layout, _: ports.append(layout.port))
    assert run(elsewhere, "reap") == 1
    assert f"the stack in {elsewhere.data} is at port 8123, not 8000" in capsys.readouterr().err
    assert run(elsewhere, "up") == 0
    assert ports == [8000]
