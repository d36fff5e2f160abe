from collections.abc import Iterator
from contextlib import closing

import pymysql
import pytest
from msgspec.structs import replace

from functions.migrate.app import handler
from stockroom.runtime import settings
from stockroom.runtime.accounts import ACCOUNTS, INGEST, JOBS, MIGRATOR, READER, WRITER
from stockroom.runtime.database import Database
from stockroom.runtime.migrations import migrations
from tests.events import Context
from tests.servers import Server


def test_it_makes_the_schema_and_the_accounts(mariadb: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    current = mariadb.settings(db_name="migrated", db_password="account-password")
    monkeypatch.setattr(settings, "current", lambda: current)
    assert handler({}, Context()) == {"applied": [number for number, _ in migrations()]}
    assert handler({}, Context()) == {"applied": []}
    for made in ACCOUNTS:
        account = Database(
            mariadb.settings(db_name="migrated", db_user=made.name, db_password="account-password")
        )
        assert account.query("SELECT COUNT(*) FROM image") == ((0,),)
        with pytest.raises(pymysql.OperationalError, match="denied"):
            account.execute("DROP TABLE image")
        account.close()
    for made in (WRITER, INGEST, JOBS):
        with closing(Database(replace(current, db_user=made.name))) as account:
            account.execute("UPDATE image SET size = 1")
            account.execute("DELETE FROM posting")
            account.execute("INSERT INTO change_log VALUES (NULL, UTC_TIMESTAMP(3), 1, 1, 'edit', '{}')")
            for change in (
                "UPDATE change_log SET actor = 2",
                "DELETE FROM change_log",
                "TRUNCATE change_log",
            ):
                with pytest.raises(pymysql.OperationalError, match="denied"):
                    account.execute(change)
    admin = Database(current, admin=True)
    admin.execute("DROP DATABASE migrated")
    admin.close()


@pytest.fixture
def replaced_password(mariadb: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """`migrate` has run, and its password was replaced since; the administrator."""
    current = mariadb.settings(db_name="migrated", db_user=MIGRATOR.name, db_password="account-password")
    monkeypatch.setattr(settings, "current", lambda: current)
    handler({}, Context())
    older = replace(current, db_admin_password="the-one-before")
    monkeypatch.setattr(settings, "current", lambda: older)
    with closing(Database(current, admin=True)) as admin:
        yield admin
        admin.execute("DROP DATABASE migrated")
        admin.execute("DROP USER %s@'%%'", (MIGRATOR.name,))


@pytest.mark.usefixtures("replaced_password")
def test_the_version_of_before_can_be_called_again() -> None:
    # So CloudFormation takes a failed deployment back.
    assert handler({}, Context()) == {"applied": []}


def test_later_migrations_need_no_administrator(replaced_password: Database) -> None:
    replaced_password.execute("DROP DATABASE migrated")
    replaced_password.execute("DROP USER %s@'%%'", (READER.name,))
    replaced_password.execute("CREATE DATABASE migrated")
    assert handler({}, Context()) == {"applied": [number for number, _ in migrations()]}
    grants = replaced_password.query("SHOW GRANTS FOR %s@'%%'", (READER.name,))
    assert any("SELECT ON `migrated`" in grant for (grant,) in grants)


def test_who_migrates_reaches_no_other_database(replaced_password: Database) -> None:
    replaced_password.execute("CREATE DATABASE IF NOT EXISTS somebody_elses")
    account = settings.current()
    with closing(Database(account)) as migrator, pytest.raises(pymysql.MySQLError, match="denied"):
        migrator.execute("CREATE TABLE somebody_elses.t (i INT)")
    replaced_password.execute("DROP DATABASE somebody_elses")


def test_without_the_migrators_account_the_administrator_is_needed(replaced_password: Database) -> None:
    replaced_password.execute("DROP USER %s@'%%'", (MIGRATOR.name,))
    with pytest.raises(pymysql.OperationalError, match="stockroom_admin"):
        handler({}, Context())
    replaced_password.execute("CREATE USER %s@'%%'", (MIGRATOR.name,))


def test_what_earlier_versions_allowed_is_taken_back(replaced_password: Database) -> None:
    replaced_password.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON migrated.* TO %s@'%%'", (WRITER.name,))
    handler({}, Context())
    with closing(Database(replace(settings.current(), db_user=WRITER.name))) as account:
        account.execute("UPDATE image SET size = 1")
        with pytest.raises(pymysql.OperationalError, match="denied"):
            account.execute("DELETE FROM change_log")
