import threading

import pytest

from jobs import run
from stockroom.runtime import job_runs
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.runtime.timestamps import now


def test_a_run_whose_lease_cannot_be_renewed_is_lost_whatever_the_reason(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as credentials that a machine's own address does not give out just now."""
    answers: list[Exception | None] = [OSError("no credentials"), None, ValueError("no credentials")]

    def renew(_db: Database, _run: job_runs.Run) -> None:
        answer = answers.pop(0)
        if answer is not None:
            raise answer
        # The next failure is one too many.
        monkeypatch.setattr(job_runs, "LEASE_SECONDS", 0)

    monkeypatch.setattr(job_runs, "renew", renew)
    monkeypatch.setattr(run, "RENEW_SECONDS", 0.001)
    lost, ended = threading.Event(), threading.Event()
    run._renew(job_runs.Run("r", "sample", {}, now(), 1, is_resumed=False), settings, lost, ended)
    assert lost.is_set()
    assert answers == []
