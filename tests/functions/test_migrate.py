from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pymysql
import pytest

from functions.migrate.app import handler
from stockroom.runtime import settings
from stockroom.runtime.accounts import ACCOUNTS, READER
from stockroom.runtime.database import Database
from stockroom.runtime.migrations import migrations
from stockroom.runtime.settings import Settings
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
    admin = Database(current, admin=True)
    admin.execute("DROP DATABASE migrated")
    admin.close()


@pytest.fixture
def replaced_password(mariadb: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """What a version of `migrate` knows after its deployment has replaced the administrator's password."""
    current = mariadb.settings(
        db_name="migrated", db_user=READER.name, db_password="account-password", db_retry_seconds=0
    )
    monkeypatch.setattr(settings, "current", lambda: current)
    handler({}, Context())
    older = replace(current, db_admin_password="the-one-before")
    monkeypatch.setattr(settings, "current", lambda: older)
    yield current
    with closing(Database(current, admin=True)) as admin:
        admin.execute("DROP DATABASE migrated")


@pytest.mark.usefixtures("replaced_password")
def test_the_version_of_before_needs_no_administrator() -> None:
    # CloudFormation takes a failed deployment back by calling the version of before.
    assert handler({}, Context()) == {"applied": []}


def test_who_has_something_to_migrate_needs_the_administrator(replaced_password: Settings) -> None:
    with closing(Database(replaced_password, admin=True)) as admin:
        last = migrations()[-1][0]
        admin.execute("DELETE FROM migrated.migration WHERE number = %s", (last,))
    with pytest.raises(pymysql.OperationalError, match="denied"):
        handler({}, Context())
