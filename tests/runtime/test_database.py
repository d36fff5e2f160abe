import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pymysql
import pytest
from msgspec.structs import replace
from pymysql.cursors import Cursor

from stockroom.runtime.database import MAX_IDLE_SECONDS, Database, error_code, placeholders
from stockroom.runtime.errors import DatabaseBusy, DatabaseUnavailable, StatementTimeout, Unavailable
from stockroom.runtime.settings import Settings
from tests.proxy import DatabaseProxy


@pytest.fixture
def other(settings: Settings) -> Iterator[Database]:
    database = Database(settings)
    yield database
    database.close()


def kill(database: Database, other: Database) -> None:
    """End `database`'s connection from the server's side, as a wait_timeout does."""
    ((connection,),) = database.query("SELECT CONNECTION_ID()")
    other.execute(f"KILL {connection}")


def test_placeholders() -> None:
    assert placeholders([1, 2]) == "%s, %s"
    assert placeholders([1, 2], "(%s, %s)") == "(%s, %s), (%s, %s)"


def test_the_session_is_strict_utc_and_read_committed(database: Database) -> None:
    assert database.query("SELECT @@session.time_zone, @@transaction_isolation") == (
        ("+00:00", "READ-COMMITTED"),
    )
    with pytest.raises(pymysql.DataError):
        database.execute("INSERT INTO owner (issuer, subject, name) VALUES (%s, '', '')", ("x" * 256,))


def test_a_row_that_has_the_new_values_already_counts_as_updated(database: Database) -> None:
    """A reaper would otherwise take a lease for lost that ends in the same millisecond as its successor."""
    add_owner(database)
    assert database.execute("UPDATE owner SET name = name") == 1
    assert database.execute("UPDATE owner SET name = name WHERE FALSE") == 0


def test_a_lost_connection_is_made_again_silently(database: Database, other: Database) -> None:
    kill(database, other)
    assert database.query("SELECT 1") == ((1,),)
    kill(database, other)
    assert database.run_transaction(lambda cursor: cursor.execute("SELECT 1")) == 1


def test_a_statement_on_a_connection_that_the_server_closed_runs_once(database: Database) -> None:
    """As for a function that was frozen for longer than it knows."""
    add_owner(database)
    database.execute("SET SESSION wait_timeout=1")
    time.sleep(1.2)
    assert database.execute("UPDATE owner SET name = CONCAT(name, 'x')") == 1
    assert database.query("SELECT name FROM owner") == (("nx",),)


def test_the_server_closes_idle_connections_later_than_they_are_replaced(database: Database) -> None:
    """A connection that stayed open would keep a database from pausing."""
    ((seconds,),) = database.query("SELECT @@session.wait_timeout")
    assert MAX_IDLE_SECONDS < seconds <= 60


def test_a_connection_idle_for_long_is_replaced_before_it_is_used(settings: Settings) -> None:
    seconds = [0.0]
    # The monotonic clock may stand still while a function is frozen.
    database = Database(settings, clock=lambda: 0.0, wall_clock=lambda: seconds[0])
    ((first,),) = database.query("SELECT CONNECTION_ID()")
    seconds[0] += MAX_IDLE_SECONDS
    assert database.query("SELECT CONNECTION_ID()") == ((first,),)
    seconds[0] += MAX_IDLE_SECONDS + 1
    ((second,),) = database.query("SELECT CONNECTION_ID()")
    database.close()
    assert first != second


def test_whoever_remembers_something_is_told_of_each_connection(database: Database, other: Database) -> None:
    """Before the first statement on it, also when it was made in the middle of one."""
    told: list[int] = []
    database.on_connect(lambda: told.append(1))
    database.query("SELECT 1")
    database.connect()
    assert told == []
    kill(database, other)
    assert database.query("SELECT 1") == ((1,),)
    database.close()
    database.connect()
    assert told == [1, 1]


def test_connecting_when_the_server_is_away_says_so(settings: Settings) -> None:
    with pytest.raises(Unavailable):
        Database(replace(settings, db_port=1)).connect()


def test_a_transaction_whose_connection_is_lost_runs_again_whole(database: Database, other: Database) -> None:
    runs = []

    def work(cursor: Cursor) -> None:
        runs.append(1)
        cursor.execute("INSERT INTO owner (issuer, subject, name) VALUES ('i', 's', 'n')")
        if len(runs) == 1:
            cursor.execute("SELECT CONNECTION_ID()")
            other.execute(f"KILL {cursor.fetchall()[0][0]}")
            cursor.execute("SELECT 1")

    database.run_transaction(work)
    assert len(runs) == 2
    assert database.query("SELECT COUNT(*) FROM owner") == ((1,),)


def test_a_commit_whose_answer_is_lost_runs_the_transaction_again(
    database: Database, settings: Settings
) -> None:
    found = []

    def work(cursor: Cursor) -> None:
        found.append(cursor.execute("SELECT 1 FROM owner"))
        cursor.execute(
            "INSERT INTO owner (issuer, subject, name) VALUES ('i', 's', 'n') "
            "ON DUPLICATE KEY UPDATE name = owner.name"
        )

    with DatabaseProxy(settings, "\x03COMMIT", lose_answer=True) as proxy:
        proxied = Database(proxy.settings)
        proxied.query("SELECT 1")
        proxied.run_transaction(work)
        proxied.close()
    assert found == [0, 1], "the first run was committed"
    assert database.query("SELECT COUNT(*) FROM owner") == ((1,),)


def test_a_connection_lost_after_a_while_is_503(settings: Settings, other: Database) -> None:
    """Another attempt could make the caller wait for longer than the function has."""
    seconds = [0.0]
    slow = Database(settings, clock=lambda: seconds[0])
    slow.query("SELECT 1")

    def work(cursor: Cursor) -> None:
        cursor.execute("SELECT CONNECTION_ID()")
        other.execute(f"KILL {cursor.fetchall()[0][0]}")
        seconds[0] += settings.db_retry_seconds + 0.1
        cursor.execute("SELECT 1")

    with pytest.raises(Unavailable):
        slow.run_transaction(work)
    slow.close()


def test_a_statement_that_must_not_run_twice_is_not_repeated(database: Database, other: Database) -> None:
    assert database.run_once(lambda cursor: cursor.execute("SELECT 1")) == 1
    kill(database, other)
    with pytest.raises(pymysql.OperationalError):
        database.run_once(lambda cursor: cursor.execute("SELECT 1"))


def test_an_exception_rolls_back(database: Database) -> None:
    def work(cursor: Cursor) -> None:
        cursor.execute("INSERT INTO owner (issuer, subject, name) VALUES ('i', 's', 'n')")
        raise KeyError("enough")

    with pytest.raises(KeyError):
        database.run_transaction(work)
    assert database.query("SELECT COUNT(*) FROM owner") == ((0,),)


def test_deadlocks_are_run_again(database: Database, other: Database) -> None:
    for subject in "ab":
        database.execute("INSERT INTO owner (issuer, subject, name) VALUES ('i', %s, '')", (subject,))
    barrier = threading.Barrier(2, timeout=60)
    runs: list[str] = []

    def both(cursor: Cursor, first: str, second: str) -> None:
        runs.append(first)
        update = "UPDATE owner SET name = CONCAT(name, 'x') WHERE issuer = 'i' AND subject = %s"
        cursor.execute(update, (first,))
        if len(runs) <= 2:
            barrier.wait()
        cursor.execute(update, (second,))

    thread = threading.Thread(target=lambda: other.run_transaction(lambda cursor: both(cursor, "b", "a")))
    thread.start()
    database.run_transaction(lambda cursor: both(cursor, "a", "b"))
    thread.join()
    assert len(runs) == 3
    assert database.query("SELECT name FROM owner") == (("xx",), ("xx",))


@pytest.mark.parametrize(("retry_seconds", "attempts"), [(0, 1), (60, 4)])
def test_a_lock_is_waited_for_again_only_where_there_is_time(
    settings: Settings, database: Database, retry_seconds: int, attempts: int
) -> None:
    database.execute("INSERT INTO owner (issuer, subject, name) VALUES ('i', 'a', '')")
    waiting = Database(replace(settings, db_retry_seconds=retry_seconds))
    waiting.execute("SET SESSION innodb_lock_wait_timeout = 1")
    runs: list[int] = []

    def rename(cursor: Cursor) -> None:
        runs.append(1)
        cursor.execute("UPDATE owner SET name = 'x' WHERE issuer = 'i'")

    def wait_for_holder(holder: Cursor) -> None:
        holder.execute("SELECT * FROM owner WHERE issuer = 'i' FOR UPDATE")
        with pytest.raises(DatabaseBusy) as caught:
            waiting.run_transaction(rename)
        assert caught.value.headers == {"Retry-After": "2"}

    database.run_transaction(wait_for_holder)
    assert len(runs) == attempts
    waiting.run_transaction(rename)
    assert database.query("SELECT name FROM owner") == (("x",),)
    waiting.close()


@pytest.mark.parametrize("admin", [False, True])
def test_a_server_that_is_away_is_503_with_retry_after(admin: bool) -> None:
    database = Database(Settings(db_port=1, db_password="x", db_admin_password="x"), admin=admin)
    with pytest.raises(DatabaseUnavailable) as caught:
        database.query("SELECT 1")
    assert caught.value.headers == {"Retry-After": "5"}


def test_a_server_that_refuses_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = []

    def connect(**_: Any) -> None:
        attempts.append(1)
        raise pymysql.OperationalError(2003, "timed out")

    monkeypatch.setattr(pymysql, "connect", connect)
    with pytest.raises(Unavailable):
        Database(Settings(db_password="x")).query("SELECT 1")
    assert attempts == [1]


def test_a_wrong_statement_is_not_repeated(database: Database) -> None:
    with pytest.raises(pymysql.ProgrammingError):
        database.query("SELECT * FROM nowhere")


def test_error_codes() -> None:
    assert error_code(pymysql.InterfaceError(0, "")) == 0
    assert error_code(pymysql.OperationalError(2013, "lost")) == 2013
    assert error_code(pymysql.OperationalError()) == 0


def test_without_a_password_an_iam_token_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: dict[str, Any] = {}

    def connect(**arguments: Any) -> None:
        sent.update(arguments)
        raise pymysql.OperationalError(2003, "not here")

    monkeypatch.setattr(pymysql, "connect", connect)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    database = Database(Settings(db_host="db.example", db_user="stockroom_reader"))
    with pytest.raises(Unavailable):
        database.query("SELECT 1")
    token = sent["password"]
    assert token.startswith("db.example:3306/?Action=connect&DBUser=stockroom_reader&X-Amz-Algorithm=")
    assert "eu-central-1%2Frds-db%2Faws4_request" in token
    assert "X-Amz-Expires=900" in token
    assert "X-Amz-Signature=" in token


class _ContainerCredentials(BaseHTTPRequestHandler):
    """Credentials of a role, as a container of AWS has them: from an address of its own."""

    def do_GET(self) -> None:
        content = {
            "AccessKeyId": "ASIACONTAINER",
            "SecretAccessKey": "secret",
            "Token": "session",
            "Expiration": "2999-01-01T00:00:00Z",
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_: object) -> None:
        """Nothing into the test's output."""


def test_credentials_that_are_not_in_the_environment_sign_in_too(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens: list[str] = []

    def connect(**arguments: Any) -> None:
        tokens.append(arguments["password"])
        raise pymysql.OperationalError(2003, "not here")

    monkeypatch.setattr(pymysql, "connect", connect)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    with HTTPServer(("127.0.0.1", 0), _ContainerCredentials) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", address)
        with pytest.raises(Unavailable):
            Database(Settings(db_host="db.example", db_user="stockroom_jobs")).query("SELECT 1")
        server.shutdown()
    (token,) = set(tokens)
    assert "DBUser=stockroom_jobs" in token
    assert "ASIACONTAINER%2F" in token


SLOW = "SELECT name FROM owner WHERE SLEEP(20) = 0"


def add_owner(database: Database) -> None:
    database.execute("INSERT INTO owner (issuer, subject, name) VALUES ('i', 's', 'n')")


@pytest.mark.parametrize("sql", [SLOW, f"({SLOW}) UNION ({SLOW}) ORDER BY name LIMIT 1"])
def test_the_server_ends_a_query_that_reaches_its_time_limit(database: Database, sql: str) -> None:
    add_owner(database)
    ((connection,),) = database.query("SELECT CONNECTION_ID()")
    with pytest.raises(StatementTimeout) as raised, database.limit_queries(0.05):
        database.query(sql)
    assert (raised.value.status, raised.value.headers["Retry-After"]) == (503, "5")
    assert database.query("SELECT CONNECTION_ID()") == ((connection,),), "the connection is still good"


def test_queries_share_one_time_limit(settings: Settings) -> None:
    seconds = [0.0]
    database = Database(settings, clock=lambda: seconds[0])
    with database.limit_queries(2):
        assert database.query("SELECT 1") == ((1,),)
        seconds[0] = 2.0
        with pytest.raises(StatementTimeout):
            database.query("SELECT 1")
    assert database.query("SELECT 1") == ((1,),)
    database.close()


def test_queries_behind_the_block_have_no_time_limit(database: Database) -> None:
    add_owner(database)
    with database.limit_queries(0.05):
        pass
    assert database.query("SELECT name FROM owner WHERE SLEEP(0.1) = 0") == (("n",),)
