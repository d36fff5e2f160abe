"""What a batch job does to one picture, tried again or failed. The jobs' own tests have every fault."""

import pytest

from stockroom.ingest.picture_tries import MAX_DETAIL, get_last_line, try_repeatedly
from stockroom.runtime.errors import StorageUnavailable
from tests.ingest.attempts import FAULTS, TRIES


def fail(code: str, detail: str) -> tuple[str, str]:
    return code, detail


@FAULTS
def test_a_failure_has_a_code_and_a_sentence(error: Exception, said: tuple[str, str], tries: int) -> None:
    count = 0

    def work() -> tuple[str, str]:
        nonlocal count
        count += 1
        raise error

    assert try_repeatedly(work, fail, (0,) * (TRIES - 1)) == said
    assert count == tries


def test_the_last_try_counts_as_the_first(caplog: pytest.LogCaptureFixture) -> None:
    results: list[tuple[str, str] | Exception] = [StorageUnavailable("away"), EOFError(), ("done", "")]

    def work() -> tuple[str, str]:
        result = results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    assert try_repeatedly(work, fail, (0, 0)) == ("done", "")
    told = [(record.levelname, record.getMessage(), record.exc_info) for record in caplog.records]
    assert [(*words, info and info[0]) for *words, info in told] == [
        ("WARNING", "another try", StorageUnavailable),
        ("WARNING", "another try", EOFError),
    ]


def test_details_are_cut_and_the_log_has_them_whole(caplog: pytest.LogCaptureFixture) -> None:
    def work() -> tuple[str, str]:
        raise ValueError("x" * MAX_DETAIL)

    _, detail = try_repeatedly(work, fail)
    assert len(detail) == MAX_DETAIL
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("ERROR", "picture failed")
    assert record.exc_info is not None


@pytest.mark.parametrize(("text", "line"), [("a\nb\n", "b"), ("one", "one"), ("", "")])
def test_the_last_line(text: str, line: str) -> None:
    assert get_last_line(text) == line
