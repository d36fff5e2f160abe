import pymysql
import pytest

from stockroom.runtime.accounts import Account
from stockroom.runtime.database import Database
from stockroom.runtime.migrations import create_accounts, migrate, migrations, statements
from tests.servers import Server


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
