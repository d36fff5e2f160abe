import pytest

from functions.migrate.app import USERS, handler
from stockroom.runtime import settings
from stockroom.runtime.database import Database
from tests.events import Context
from tests.servers import Server


def test_it_makes_the_schema_and_the_accounts(mariadb: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    at = mariadb.settings(db_name="migrated", db_password="account-password")
    monkeypatch.setattr(settings, "current", lambda: at)
    assert handler({}, Context())["applied"]
    assert handler({}, Context()) == {"applied": []}
    for user in USERS:
        account = Database(mariadb.settings(db_name="migrated", db_user=user, db_password="account-password"))
        assert account.query("SELECT COUNT(*) FROM image") == ((0,),)
        account.close()
    admin = Database(at, admin=True)
    admin.execute("DROP DATABASE migrated")
    admin.close()
