import sys
from collections.abc import Callable
from functools import partial
from types import ModuleType

import pytest

from jobs import command_line
from jobs.errors import JobError
from jobs.printing import END
from jobs.run import Job, JobRun
from stockroom.runtime.errors import DatabaseUnavailable

Outcome = str | BaseException


@pytest.fixture
def outcome(monkeypatch: pytest.MonkeyPatch) -> list[Outcome]:
    """What the job `sample` answers or raises; it takes WHERE alone."""
    outcome: list[Outcome] = ["done"]

    def work(run: JobRun) -> str:
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return f"{outcome[0]}: {run.parameters.where}"

    module = ModuleType("jobs.sample")
    vars(module)["JOB"] = Job("sample", work, frozenset({"where"}), is_exclusive=False)
    monkeypatch.setitem(sys.modules, "jobs.sample", module)
    monkeypatch.setattr(command_line, "JOBS", ("sample",))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    return outcome


@pytest.mark.usefixtures("outcome")
def test_the_last_line_is_all_of_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["sample", "--where", "owner=7"]) == 0
    assert capsys.readouterr().out == "done: owner=7\n"


@pytest.mark.usefixtures("outcome")
@pytest.mark.parametrize("is_by_spark", [False, True])
def test_a_driver_that_spark_has_started_says_when_that_is_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_by_spark: bool
) -> None:
    monkeypatch.delenv("PYSPARK_GATEWAY_PORT", raising=False)
    if is_by_spark:
        monkeypatch.setenv("PYSPARK_GATEWAY_PORT", "40000")
    at_exit: list[Callable[[], object]] = []
    monkeypatch.setattr(
        "atexit.register", lambda call, *args, **named: at_exit.append(partial(call, *args, **named))
    )
    assert command_line.main(["sample"]) == 0
    for call in at_exit:
        call()
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == (END if is_by_spark else "done: ")


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (JobError("no such run"), "sample: no such run"),
        (DatabaseUnavailable("The database is away."), "sample: The database is away."),
        (KeyboardInterrupt(), "sample: stopped; the same command goes on with the run"),
    ],
)
def test_a_failure_is_a_sentence_and_a_status(
    outcome: list[Outcome], failure: BaseException, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome[0] = failure
    assert command_line.main(["sample"]) == 1
    assert capsys.readouterr().err == f"{words}\n"


@pytest.mark.usefixtures("outcome")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["other"], "invalid choice: 'other'"),
        (["sample", "--repair"], "sample takes no --repair"),
        (["sample", "--dry-run"], "sample takes no --dry-run"),
        (["sample", "--rate", "0"], "sample takes no --rate"),
        (["sample", "--wher", "owner=1"], "unrecognized arguments"),
    ],
)
def test_wrong_arguments_are_refused(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as raised:
        command_line.main(arguments)
    assert raised.value.code == 2
    assert words in capsys.readouterr().err


def test_every_job_is_a_module_with_a_job_of_its_name() -> None:
    for name in command_line.JOBS:
        module = __import__(f"jobs.{name}", fromlist=["JOB"])
        assert module.JOB.name == name
