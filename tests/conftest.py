"""Fixtures that every test may use: one MariaDB a session, an empty schema a test."""

from collections.abc import Iterator

import pytest

from stockroom.database import Database
from stockroom.schema import migrate
from stockroom.settings import Settings
from tests.mariadb import MariaDb, running


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDb]:
    """A private server with the migrated schema, for the whole session."""
    with running(tmp_path_factory.mktemp("mariadb")) as server:
        admin = Database(server.settings(), admin=True)
        migrate(admin, server.name)
        admin.close()
        yield server


@pytest.fixture
def settings(mariadb: MariaDb) -> Settings:
    """Settings of a function on the test server."""
    return mariadb.settings()


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """A connection to an empty schema."""
    db = Database(settings)
    for (table,) in db.query("SHOW TABLES"):
        # Most tests touch few tables, and asking is much cheaper than truncating.
        if table != "migration" and db.query(f"SELECT 1 FROM `{table}` LIMIT 1"):  # noqa: S608
            db.execute(f"TRUNCATE TABLE `{table}`")
    yield db
    db.close()
