import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pymysql
import pytest
from pymysql.cursors import Cursor

from stockroom.runtime.database import IDLE_SECONDS, Database, error_code, placeholders
from stockroom.runtime.errors import Unavailable
from stockroom.runtime.migrations import create_users, migrate, migrations, statements
from stockroom.runtime.settings import Settings
from tests.servers import Server


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


def test_a_lost_connection_is_made_again_silently(database: Database, other: Database) -> None:
    kill(database, other)
    assert database.query("SELECT 1") == ((1,),)
    kill(database, other)
    assert database.transact(lambda cursor: cursor.execute("SELECT 1")) == 1


def test_a_connection_idle_for_long_is_replaced_before_it_is_used(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((first,),) = database.query("SELECT CONNECTION_ID()")
    import time

    later = time.monotonic() + IDLE_SECONDS + 1
    monkeypatch.setattr("stockroom.runtime.database.time.monotonic", lambda: later)
    ((second,),) = database.query("SELECT CONNECTION_ID()")
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

    database.transact(work)
    assert len(runs) == 2
    assert database.query("SELECT COUNT(*) FROM owner") == ((1,),)


def test_an_exception_rolls_back(database: Database) -> None:
    def work(cursor: Cursor) -> None:
        cursor.execute("INSERT INTO owner (issuer, subject, name) VALUES ('i', 's', 'n')")
        raise KeyError("enough")

    with pytest.raises(KeyError):
        database.transact(work)
    assert database.query("SELECT COUNT(*) FROM owner") == ((0,),)


def test_deadlocks_are_run_again(database: Database, other: Database) -> None:
    for subject in "ab":
        database.execute("INSERT INTO owner (issuer, subject, name) VALUES ('i', %s, '')", (subject,))
    barrier = threading.Barrier(2, timeout=10)
    runs: list[str] = []

    def both(cursor: Cursor, first: str, second: str) -> None:
        runs.append(first)
        update = "UPDATE owner SET name = CONCAT(name, 'x') WHERE issuer = 'i' AND subject = %s"
        cursor.execute(update, (first,))
        if len(runs) <= 2:
            barrier.wait()
        cursor.execute(update, (second,))

    thread = threading.Thread(target=lambda: other.transact(lambda cursor: both(cursor, "b", "a")))
    thread.start()
    database.transact(lambda cursor: both(cursor, "a", "b"))
    thread.join()
    assert len(runs) == 3
    assert database.query("SELECT name FROM owner") == (("xx",), ("xx",))


@pytest.mark.parametrize("admin", [False, True])
def test_a_server_that_is_away_is_503_with_retry_after(admin: bool) -> None:
    database = Database(Settings(db_port=1, db_password="x", db_admin_password="x"), admin=admin)
    with pytest.raises(Unavailable) as caught:
        database.query("SELECT 1")
    assert caught.value.headers == {"Retry-After": "5"}


def test_a_server_that_hangs_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
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
    asked: dict[str, Any] = {}

    def connect(**arguments: Any) -> None:
        asked.update(arguments)
        raise pymysql.OperationalError(2003, "not here")

    monkeypatch.setattr(pymysql, "connect", connect)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    database = Database(Settings(db_host="db.example", db_user="stockroom_reader"))
    with pytest.raises(Unavailable):
        database.query("SELECT 1")
    token = asked["password"]
    assert token.startswith("db.example:3306/?Action=connect&DBUser=stockroom_reader&X-Amz-Algorithm=")
    assert "eu-central-1%2Frds-db%2Faws4_request" in token
    assert "X-Amz-Expires=900" in token
    assert "X-Amz-Signature=" in token


def test_migrations_apply_once(mariadb: Server) -> None:
    admin = Database(mariadb.settings(), admin=True)
    admin.execute("DROP DATABASE IF EXISTS fresh")
    assert migrate(admin, "fresh") == [number for number, _ in migrations()]
    assert migrate(admin, "fresh") == []
    admin.execute("DROP DATABASE fresh")
    admin.close()


def test_a_migration_cut_short_goes_on(mariadb: Server) -> None:
    admin = Database(mariadb.settings(), admin=True)
    migrate(admin, "halfway")
    # As if the deployment had ended after the last file's statements and before it was noted down.
    last = migrations()[-1][0]
    admin.execute("DELETE FROM halfway.migration WHERE number = %s", (last,))
    assert migrate(admin, "halfway") == [last]
    admin.execute("DROP DATABASE halfway")
    admin.close()


def test_migrations_are_numbered_from_one_without_gaps() -> None:
    numbers = [number for number, _ in migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_statements_of_a_script() -> None:
    script = "-- a comment; with a semicolon\nCREATE TABLE a (\n  b INT\n);\n\nDROP TABLE a;\n"
    assert statements(script) == ["CREATE TABLE a (\n  b INT\n)", "DROP TABLE a"]


def test_accounts_may_do_what_they_need_and_no_more(mariadb: Server, database: Database) -> None:
    del database
    admin = Database(mariadb.settings(), admin=True)
    for password in ("first-password", "second-password"):
        create_users(admin, mariadb.name, {"reader_x": "SELECT"}, password)
    reader = Database(mariadb.settings(db_user="reader_x", db_password="second-password"))
    assert reader.query("SELECT COUNT(*) FROM image") == ((0,),)
    with pytest.raises(pymysql.OperationalError, match="denied"):
        reader.execute("DELETE FROM image")
    reader.close()
    admin.close()


def test_a_database_name_is_an_identifier(mariadb: Server) -> None:
    admin = Database(mariadb.settings(), admin=True)
    with pytest.raises(ValueError, match="not a name"):
        migrate(admin, "a`; DROP DATABASE b; --")
    admin.close()
