"""Fixtures that every test may use: one MariaDB a process, an empty schema a test."""

import gc
import io
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import cache

import botocore.session
import hypothesis
import pytest
from moto import core, mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT_ID
from moto.s3.models import s3_backends
from pymysql.connections import Connection

from stockroom.images.storage import Storage
from stockroom.renditions.sandbox.decoder import Decoder
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.migrations import migrate
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings
from tests.distribution import pytest_collection_modifyitems, pytest_xdist_make_scheduler  # noqa: F401
from tests.factories import keep_clients
from tests.measuring import keep_to_this_process
from tests.servers import Server, chosen

# A test asserts no time: on a busy machine any example may take longer than Hypothesis allows by default.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# A client needs its service's description, 1 MB of JSON, which every session would parse anew.
botocore.session.create_loader = cache(botocore.session.create_loader)

# moto intercepts botocore by itself. For requests, by which nobody here speaks to AWS, it would make 1,300
# objects for each test: most of what its start costs.
core.models.RESPONSES_METHODS.clear()

# Where no authority is set, a connection would read all those of the machine, and then use none of them.
# That takes ten times what the rest of the connection does.
_prepare_tls = Connection._create_ssl_ctx  # type: ignore[attr-defined]
_prepare_without_authority = cache(lambda: _prepare_tls(None, {}))
Connection._create_ssl_ctx = (  # type: ignore[attr-defined]
    lambda self, options: _prepare_tls(self, options) if options else _prepare_without_authority()
)

# In Lambda a worker has a processor of its own. On a busy machine one that starts or computes takes longer.
assert Decoder.__init__.__kwdefaults__ is not None
Decoder.__init__.__kwdefaults__ |= {"start_seconds": 120.0, "answer_seconds": 120.0}

# TRUNCATE makes the files of a table anew, which costs what the deletion of so many rows does.
MANY_ROWS = 1000


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """All that is made while tests are collected stays. To look for garbage in it takes a third longer."""
    keep_to_this_process()
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


class _Stdout(io.TextIOBase):
    """Whatever stdout is just now: the logger keeps the one it was made with, pytest replaces it."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)


@pytest.fixture
def logs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Reads what was logged and measured since the last call."""
    monkeypatch.setattr(logger.registered_handler, "stream", _Stdout())
    return lambda: capsys.readouterr().out


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the migrated schema, for all tests of this process."""
    with chosen(tmp_path_factory.mktemp("database")) as server:
        admin = Database(server.settings(), admin=True)
        migrate(admin, server.name)
        admin.close()
        yield server


@pytest.fixture
def settings(mariadb: Server) -> Settings:
    """Settings of a function on the test server."""
    return mariadb.settings()


@pytest.fixture(scope="session")
def tables(mariadb: Server) -> list[str]:
    """The tables that a test begins without rows in."""
    with closing(Database(mariadb.settings())) as db:
        return [table for (table,) in db.query("SHOW TABLES") if table != "migration"]


@pytest.fixture(scope="session")
def numbered_tables(mariadb: Server) -> set[str]:
    """The tables whose rows the server numbers."""
    db = Database(mariadb.settings())
    rows = db.query(
        "SELECT table_name FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND extra = 'auto_increment'"
    )
    db.close()
    return {table for (table,) in rows}


@pytest.fixture
def database(settings: Settings, tables: list[str], numbered_tables: set[str]) -> Iterator[Database]:
    """A connection to an empty schema, whose numbers begin at 1."""
    db = Database(settings)
    # One statement for all of them: most tables are empty.
    counts = (
        f"SELECT '{table}', COUNT(*) FROM (SELECT 1 FROM `{table}` LIMIT {MANY_ROWS}) AS `some_{table}`"
        for table in tables
    )
    for table, rows in db.query(" UNION ALL ".join(counts)):
        if rows == MANY_ROWS:
            db.execute(f"TRUNCATE TABLE `{table}`")
        elif rows:
            db.execute(f"DELETE FROM `{table}`")
            if table in numbered_tables:
                db.execute(f"ALTER TABLE `{table}` AUTO_INCREMENT = 1")
    yield db
    db.close()


@pytest.fixture(scope="session")
def decoder_of_this_process() -> Iterator[Decoder]:
    """A decoder for one test after the other, as a function has it for one original after the other."""
    with closing(Decoder()) as decoder:
        yield decoder


@pytest.fixture
def resources(
    settings: Settings,
    database: Database,
    decoder_of_this_process: Decoder,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Resources]:
    """A function's resources on the test server and on buckets in memory.

    moto checks no signature and no header; whatever depends on those is tested in tests/integration.
    """
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    keep_clients(monkeypatch)
    with mock_aws():
        # Without a client: a request takes moto 3 ms.
        backend = s3_backends[ACCOUNT_ID]["aws"]
        for bucket in (
            settings.uploads_bucket,
            settings.images_bucket,
            settings.keys_bucket,
            settings.site_bucket,
        ):
            backend.create_bucket(bucket, "us-east-1")
        resources = Resources(settings=settings, db=database, storage=Storage(settings))
        vars(resources)["decoder"] = decoder_of_this_process
        yield resources
