import re
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path

import pymysql
import pytest

from stockroom.runtime import migrations as module
from stockroom.runtime.accounts import Account
from stockroom.runtime.database import Database, error_code
from stockroom.runtime.migrations import LOCK, MigrationBusy, create_accounts, migrate, migrations, statements
from tests.servers import Server

SEED = (
    "INSERT INTO owner VALUES (1, 'i', 'alice', 'alice@mail.example'), (2, 'i', 'bob', 'Bob')",
    "INSERT INTO image (id, owner_id, state, size, type, name, description, tags, license, credit) "
    "VALUES (%s, 1, 'ready', 1, 'image/jpeg', 'a', '', '', 'CC0-1.0', ''), "
    "(7, 2, 'pending', 1, 'image/jpeg', 'b', '', '', 'CC0-1.0', '')",
    "INSERT INTO term VALUES (1, '*', 1), (2, 'owner:2', 1)",
    # The second posting is that of a name that is a number, which a migration takes away.
    "INSERT INTO posting (term_id, image_id) VALUES (1, %s), (2, %s)",
    "INSERT INTO lexicon (surface, term_id) VALUES ('word', 1)",
)
"""Rows of the schema after SEEDED migrations."""
SEEDED = 2
SAMPLED = next(number for number in count(100) if zlib.crc32(str(number).encode()) % 64 == 0)
"""The id of a picture that the skip pointers sample."""


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


@pytest.fixture
def admin(mariadb: Server) -> Iterator[Database]:
    """The administrator; the databases `cut` and `whole` go afterwards."""
    with closing(Database(mariadb.settings(), admin=True)) as admin:
        yield admin
        for name in ("cut", "whole"):
            admin.execute(f"DROP DATABASE IF EXISTS {name}")


def test_a_migration_that_dies_anywhere_ends_as_if_it_had_not(
    admin: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = migrations()
    for number, path in every:
        monkeypatch.setattr(module, "migrations", partial(every.__getitem__, slice(number)))
        for length in range(len(statements(path.read_text()))):
            with monkeypatch.context() as patch:
                patch.setattr(module, "statements", _cut(path, length))
                with pytest.raises(pymysql.ProgrammingError, match="DIED"):
                    migrate(admin, "cut")
        for name in ("cut", "whole"):
            assert migrate(admin, name) == [number]
            if number == SEEDED:
                admin.query(f"USE {name}")
                for statement in SEED:
                    admin.execute(statement, [SAMPLED] * statement.count("%s"))
    assert _read_all(admin, "cut") == _read_all(admin, "whole")


def _cut(path: Path, length: int) -> Callable[[str], list[str]]:
    """`statements` of a migration that dies after so many."""
    script = path.read_text()
    return lambda text: [*statements(text)[:length], "DIED"] if text == script else statements(text)


def _read_all(admin: Database, name: str) -> dict[str, object]:
    """The tables of a database, with their rows."""
    found: dict[str, object] = {}
    for (table,) in admin.query(f"SHOW TABLES FROM {name}"):
        ((_, created),) = admin.query(f"SHOW CREATE TABLE {name}.{table}")
        columns = "number" if table == "migration" else "*"
        rows = sorted(admin.query(f"SELECT {columns} FROM {name}.{table}"), key=repr)
        found[table] = re.sub(r" AUTO_INCREMENT=\d+", "", created), rows
    return found


def test_a_migration_whose_connection_dies_tells_so_and_holds_no_lock(
    admin: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    script = tmp_path / "0001_first.sql"
    script.write_text("CREATE TABLE a (b INT);\nKILL CONNECTION_ID();\n")
    with pytest.raises(pymysql.MySQLError) as died:
        migrate(admin, "cut")
    assert error_code(died.value)
    script.write_text("CREATE TABLE a (b INT);\n")
    assert migrate(admin, "cut") == [1]


@pytest.mark.usefixtures("admin")
def test_of_two_migrations_at_once_the_second_waits_and_applies_nothing(mariadb: Server) -> None:
    results: list[list[int]] = []

    def run() -> None:
        with closing(Database(mariadb.settings(), admin=True)) as another:
            results.append(migrate(another, "cut"))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [[], [number for number, _ in migrations()]]


def test_a_migration_that_another_one_keeps_waiting_says_so(
    mariadb: Server, admin: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Database(mariadb.settings(), admin=True)) as holder:
        holder.query("SELECT GET_LOCK(%s, 0)", (LOCK,))
        monkeypatch.setattr(module, "LOCK_SECONDS", 0)
        with pytest.raises(MigrationBusy):
            migrate(admin, "cut")


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
        create_accounts(admin, mariadb.name, [Account("reader_x", "SELECT", 5)], password)
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


def test_names_that_told_too_much_become_pseudonyms(database: Database) -> None:
    names = ["Alice", "alice@mail.example", "contributor-0a1b2c3d", "contributor-17"]
    for name in names:
        database.execute("INSERT INTO owner (issuer, subject, name) VALUES ('i', %s, %s)", (name, name))
    (file,) = [path for number, path in migrations() if number == 8]
    database.execute(statements(file.read_text())[-1])
    shown: dict[int, str] = dict(database.query("SELECT owner_id, name FROM owner ORDER BY owner_id"))
    _, second, third, _ = shown
    assert list(shown.values()) == [
        "Alice",
        f"contributor-{second}",
        f"contributor-{third}",
        "contributor-17",
    ]
