from collections.abc import Callable

import pytest

from functions.reaper import app as module
from functions.reaper.app import handler
from stockroom.resources import Resources
from tests.events import Context
from tests.factories import overdue, pending, state


def test_a_run_reports_what_it_did(
    at: Resources, monkeypatch: pytest.MonkeyPatch, logs: Callable[[], str]
) -> None:
    monkeypatch.setattr(module, "resources", lambda: at)
    number = pending(at)
    overdue(at.db, number)
    report = handler({}, Context())
    assert report == {
        "purged": 1,
        "redriven": 0,
        "failed": 0,
        "deleted": 0,
        "skipped": 0,
        "finished": True,
    }
    assert state(at.db, number) is None
    assert '"ReaperPurged"' in logs()
