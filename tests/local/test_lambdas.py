import io
import json
from typing import Any

import pytest

from local import emulator, lambdas, mariadb, processes
from local.layout import Layout, write_json
from tooling.errors import ToolError


class Lambda:
    """The emulator's Lambda with one function; `error` is what a function that raises adds to its answer."""

    def __init__(self, answer: Any, **error: str) -> None:
        self.answer, self.error = answer, error
        self.invoked: list[tuple[str, Any]] = []

    # The names are boto3's.
    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        self.invoked.append((FunctionName, json.loads(Payload)))
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode()), **self.error}


@pytest.fixture
def deployed(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setattr(processes, "running", lambda *_: 1)
    write_json(layout.data / "outputs.json", {"Stockroom": {"ReaperFunction": "reaper-1"}})
    return layout


def test_the_function_of_an_output_gets_the_event(deployed: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    function = Lambda({"purged": 1})
    monkeypatch.setattr(emulator, "client", lambda *_: function)
    assert lambdas.invoke(deployed, "ReaperFunction", {"now": True}) == {"purged": 1}
    assert lambdas.invoke(deployed, "ReaperFunction") == {"purged": 1}
    assert function.invoked == [("reaper-1", {"now": True}), ("reaper-1", {})]


def test_a_function_that_fails_is_an_error_with_its_answer(
    deployed: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        emulator, "client", lambda *_: Lambda({"errorMessage": "no"}, FunctionError="Unhandled")
    )
    with pytest.raises(ToolError, match=r'reaper-1 failed: {"errorMessage": "no"}'):
        lambdas.invoke(deployed, "ReaperFunction")


def test_a_function_that_is_not_deployed_is_an_error_that_says_what_to_do(layout: Layout) -> None:
    with pytest.raises(ToolError, match=r"no ReaperFunction is deployed in .*: run `make up`"):
        lambdas.invoke(layout, "ReaperFunction")


def test_a_stack_that_was_stopped_is_an_error_that_says_what_to_do(
    deployed: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "running", lambda *_: 0)
    with pytest.raises(ToolError, match=r"no stack runs in .*: run `make up`"):
        lambdas.invoke(deployed, "ReaperFunction")


def test_a_database_that_has_ended_is_an_error_at_once(
    deployed: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function would wait for it, as it waits for a database that wakes up."""
    monkeypatch.setattr(processes, "running", lambda _, name: int(name != mariadb.NAME))
    monkeypatch.setattr(emulator, "client", lambda *_: pytest.fail("the function was invoked"))
    with pytest.raises(ToolError, match="MariaDB has ended: `make up` starts it again"):
        lambdas.invoke(deployed, "ReaperFunction")
