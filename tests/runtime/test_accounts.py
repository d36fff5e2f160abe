"""The limits of the accounts, on a real server: whatever one account takes, the others have their part."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest
from msgspec.structs import replace

from stockroom.runtime import database as database_module
from stockroom.runtime.accounts import (
    ACCOUNTS,
    MAX_CONNECTIONS,
    MIGRATOR,
    SPARE_CONNECTIONS,
    TRANSIENT,
    Account,
)
from stockroom.runtime.database import Database, Row
from stockroom.runtime.errors import DatabaseBusy
from stockroom.runtime.migrations import create_accounts
from stockroom.runtime.settings import Settings
from tests.paused import PausedServer
from tests.servers import Server

SEARCHES = Account("searches_x", "SELECT", 2)
UPLOADS = Account("uploads_x", "SELECT", 1)
PASSWORD = "account-password"


@pytest.fixture
def accounts(mariadb: Server) -> Iterator[None]:
    with closing(Database(mariadb.settings(), admin=True)) as admin:
        create_accounts(admin, mariadb.name, [replace(SEARCHES, connections=50), UPLOADS], PASSWORD)
        create_accounts(admin, mariadb.name, [SEARCHES, UPLOADS], PASSWORD)
        yield
        for account in (SEARCHES, UPLOADS):
            admin.execute("DROP USER %s@'%%'", (account.name,))


def sign_in(settings: Settings, account: Account, *, retry: int = 1) -> Database:
    return Database(replace(settings, db_user=account.name, db_password=PASSWORD, db_retry_seconds=retry))


@pytest.mark.usefixtures("accounts", "database")
def test_a_burst_of_searches_takes_no_connection_from_uploads(settings: Settings) -> None:
    searches = [sign_in(settings, SEARCHES) for _ in range(SEARCHES.connections)]
    for search in searches:
        search.connect()
    with closing(sign_in(settings, SEARCHES)) as one_more, pytest.raises(DatabaseBusy) as raised:
        one_more.connect()
    assert (raised.value.status, raised.value.code) == (503, "database-busy")
    assert raised.value.headers == {"Retry-After": "2"}
    with closing(sign_in(settings, UPLOADS)) as upload:
        assert upload.query("SELECT 1") == ((1,),)
    for search in searches:
        search.close()


@pytest.mark.usefixtures("accounts", "database")
def test_what_can_wait_waits_for_a_connection_of_its_account(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "RECONNECT_SECONDS", 0.05)
    first = sign_in(settings, UPLOADS)
    first.connect()
    threading.Timer(0.2, first.close).start()
    with closing(sign_in(settings, UPLOADS, retry=60)) as second:
        assert second.query("SELECT 1") == ((1,),)


def test_a_server_without_a_connection_left_is_a_503_of_its_own(settings: Settings) -> None:
    with PausedServer(settings, "full", seconds=60) as full, closing(Database(full.settings)) as database:
        with pytest.raises(DatabaseBusy):
            database.query("SELECT 1")
        assert full.accepted == 1, "the client comes again, not the function"


@pytest.mark.usefixtures("database")
def test_an_index_that_is_being_built_disturbs_no_deployment(mariadb: Server) -> None:
    """Its tables go at any moment, such as after they were listed."""

    class Listing(Database):
        def query(self, sql: str, args: Sequence[object] = ()) -> tuple[Row, ...]:
            going = tuple((table,) for table in sorted(TRANSIENT)) if sql.startswith("SHOW TABLES") else ()
            return (*super().query(sql, args), *going)

    with closing(Listing(mariadb.settings(), admin=True)) as admin:
        create_accounts(admin, mariadb.name, [replace(UPLOADS, changes="UPDATE, DELETE")], PASSWORD)
        granted = str(admin.query("SHOW GRANTS FOR %s@'%%'", (UPLOADS.name,)))
        admin.execute("DROP USER %s@'%%'", (UPLOADS.name,))
    assert "`posting`" in granted
    assert "rebuilt" not in granted


def test_the_accounts_share_the_connections() -> None:
    assert sum(account.connections for account in ACCOUNTS) + SPARE_CONNECTIONS == MAX_CONNECTIONS
    assert MIGRATOR.connections < SPARE_CONNECTIONS
