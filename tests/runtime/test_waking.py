"""A database that is paused: who can wait for it does. tests/functions/test_search.py has who cannot."""

import socket
from typing import Any

import pytest
from msgspec.structs import replace

from stockroom.runtime import database as database_module
from stockroom.runtime.database import Database
from stockroom.runtime.errors import DatabaseUnavailable, DatabaseWaking
from stockroom.runtime.settings import Settings
from tests.paused import Held, PausedServer

HELD: tuple[Held, ...] = ("syn", "greeting")
PAUSE_SECONDS = 0.4
# Longer than any test takes, and than a busy machine stands still.
PATIENCE = 60


@pytest.fixture(autouse=True)
def scaled_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "SYN_SECONDS", 0.15)
    monkeypatch.setattr(database_module, "RECONNECT_SECONDS", 0.05)


def run_statement(settings: Settings, *, retry: int = 1) -> None:
    """Run a statement as a function that can wait for the server; raises what the function would."""
    waiting = Database(replace(settings, db_connect_seconds=PATIENCE, db_retry_seconds=retry))
    try:
        assert waiting.query("SELECT 1") == ((1,),)
    finally:
        waiting.close()


@pytest.mark.parametrize("held", HELD)
def test_a_function_waits_until_a_paused_database_has_resumed(settings: Settings, held: Held) -> None:
    with PausedServer(settings, held, PAUSE_SECONDS) as paused:
        run_statement(paused.settings)
        # What has been accepted is waited for. What has not is sent anew, and two may arrive.
        assert paused.accepted == 1 or held == "syn"


def test_who_cannot_wait_long_says_so_and_the_next_one_may_wait_again(settings: Settings) -> None:
    with PausedServer(settings, "greeting", seconds=10 * PATIENCE) as paused:
        database = Database(replace(paused.settings, db_connect_seconds=PATIENCE))
        with pytest.raises(DatabaseWaking), database.limit_waiting(0.05):
            database.query("SELECT 1")
        paused.resume()
        assert database.query("SELECT 1") == ((1,),)
        database.close()


def test_a_connection_request_that_nobody_answers_is_sent_anew_before_the_kernel_does(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = 0

    def connect(*arguments: Any, **options: Any) -> socket.socket:
        nonlocal requests
        requests += 1
        if requests == 3:
            paused.resume()
        return create_connection(*arguments, **options)

    create_connection = socket.create_connection
    with PausedServer(settings, "syn", seconds=10 * PATIENCE) as paused:
        monkeypatch.setattr(socket, "create_connection", connect)
        run_statement(paused.settings)
    assert requests >= 3


@pytest.mark.parametrize("held", ["refused", "full"])
def test_a_function_that_can_wait_tries_again_when_it_is_refused(settings: Settings, held: Held) -> None:
    with PausedServer(settings, held, PAUSE_SECONDS) as restarting:
        run_statement(restarting.settings, retry=PATIENCE)


def test_a_statement_that_hangs_is_given_up_long_before_a_connection(settings: Settings) -> None:
    hanging = Database(replace(settings, db_connect_seconds=90, db_retry_seconds=1, db_statement_seconds=1))
    # It would be answered in the end.
    with pytest.raises(DatabaseUnavailable) as raised:
        hanging.query("SELECT SLEEP(30)")
    assert raised.value.code == "database-unavailable"
