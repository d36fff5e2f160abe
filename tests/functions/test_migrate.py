import pymysql
import pytest

from functions.migrate.app import handler
from stockroom.runtime import settings
from stockroom.runtime.accounts import ACCOUNTS
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
    admin = Database(current, admin=True)
    admin.execute("DROP DATABASE migrated")
    admin.close()
