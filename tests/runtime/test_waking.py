"""A database that is paused: who can wait for it does. tests/functions/test_search.py has who cannot."""

import time
from dataclasses import replace

import pytest

from stockroom.runtime import database as database_module
from stockroom.runtime.database import Database
from stockroom.runtime.errors import DatabaseUnavailable
from stockroom.runtime.settings import Settings
from tests.paused import Held, PausedServer

# The kernel repeats a connection request that nobody answers after a second, and then ever later.
KERNEL_SECONDS = 1.0
HELD: tuple[Held, ...] = ("syn", "greeting")
PAUSE_SECONDS = 0.4


@pytest.fixture(autouse=True)
def scaled_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "SYN_SECONDS", 0.15)
    monkeypatch.setattr(database_module, "RECONNECT_SECONDS", 0.05)


def wait_for(settings: Settings, *, connect: int, retry: int = 1) -> float:
    """The seconds until a statement has run; raises what the function would."""
    waiting = Database(replace(settings, db_connect_seconds=connect, db_retry_seconds=retry))
    started_at = time.monotonic()
    try:
        assert waiting.query("SELECT 1") == ((1,),)
    finally:
        waiting.close()
    return time.monotonic() - started_at


@pytest.mark.parametrize("held", HELD)
def test_a_function_waits_until_a_paused_database_has_resumed(settings: Settings, held: Held) -> None:
    with PausedServer(settings, held, PAUSE_SECONDS) as paused:
        assert PAUSE_SECONDS / 2 <= wait_for(paused.settings, connect=10) < KERNEL_SECONDS
        assert paused.accepted == 1


@pytest.mark.parametrize("held", ["refused", "full"])
def test_a_function_that_can_wait_tries_again_when_it_is_refused(settings: Settings, held: Held) -> None:
    with PausedServer(settings, held, PAUSE_SECONDS) as restarting:
        assert wait_for(restarting.settings, connect=10, retry=10) >= PAUSE_SECONDS / 2


def test_a_statement_that_hangs_is_given_up_long_before_a_connection(settings: Settings) -> None:
    hanging = Database(replace(settings, db_connect_seconds=90, db_retry_seconds=1, db_statement_seconds=1))
    started_at = time.monotonic()
    with pytest.raises(DatabaseUnavailable) as raised:
        hanging.query("SELECT SLEEP(5)")
    assert raised.value.code == "database-unavailable"
    assert time.monotonic() - started_at < 2
