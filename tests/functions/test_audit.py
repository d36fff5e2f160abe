import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing

import pymysql
import pytest

from functions.audit import app as module
from functions.audit.app import RESERVE_SECONDS, handler
from stockroom.resources import Resources
from stockroom.runtime.accounts import READER
from stockroom.runtime.database import Database
from stockroom.runtime.migrations import create_accounts
from tests.events import Context
from tests.factories import put_original, ready
from tests.servers import Server


@pytest.fixture(autouse=True)
def wired(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "resources", lambda: resources)


def test_a_run_reports_and_measures_what_it_found(resources: Resources, logs: Callable[[], str]) -> None:
    put_original(resources, 77, b"no row")
    report = handler({}, Context())
    assert report["finished"]
    assert report["findings"]["original-without-row"]["count"] == 1
    logged = [json.loads(line) for line in logs().splitlines()]
    (entry,) = (line for line in logged if line.get("message") == "audited")
    assert entry["report"] == report
    (measured,) = (line for line in logged if "_aws" in line)
    assert (measured["AuditFindings"], measured["AuditRefused"]) == ([1.0], [0.0])


def test_it_repairs_only_on_request_and_only_what_is_old(resources: Resources) -> None:
    put_original(resources, 77, b"no row")
    assert handler(None, Context())["repaired"] == {}
    assert handler({"repair": True}, Context())["repaired"] == {}, "stored just now"
    assert resources.storage.head_original(77) is not None


def test_it_stops_before_its_time_is_up_and_goes_on_next_time(resources: Resources) -> None:
    assert not handler({}, Context(seconds=RESERVE_SECONDS))["finished"]
    assert handler({}, Context())["finished"]
    assert resources.db.query("SELECT COUNT(*) FROM audit_run") == ((1,),)


def test_it_stops_after_the_time_for_which_somebody_waits(resources: Resources) -> None:
    assert not handler({"seconds": 0}, Context())["finished"]
    assert handler({"seconds": 10_000}, Context(seconds=RESERVE_SECONDS))["finished"] is False, "its own end"
    assert handler({}, Context())["finished"]
    assert resources.db.query("SELECT COUNT(*) FROM audit_run") == ((1,),)


def test_it_imports_nothing_that_its_package_lacks() -> None:
    program = "import sys, functions.audit.app; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = set(result.stdout.split())
    assert "stockroom.ingest.audit.audit" in imported
    assert imported.isdisjoint({"pyvips", "jwt", "chalice"})


@pytest.fixture
def reader(resources: Resources, mariadb: Server) -> Iterator[None]:
    """The account that can only read, with the password of the test server's own."""
    with closing(Database(resources.settings, admin=True)) as admin:
        create_accounts(admin, mariadb.name, [READER], resources.settings.db_password)
        yield
        admin.execute("DROP USER %s@'%%'", (READER.name,))


@pytest.mark.usefixtures("reader")
def test_a_question_is_answered_without_an_audit(resources: Resources) -> None:
    ready(resources)
    assert handler({"ask": "states"}, Context()) == {"rows": [{"state": "ready", "rows": 1}]}
    assert resources.db.query("SELECT COUNT(*) FROM audit_run") == ((0,),)


@pytest.mark.usefixtures("reader")
def test_questions_are_asked_by_an_account_that_cannot_write(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(db: Database, _event: object) -> int:
        return db.execute("DELETE FROM image")

    monkeypatch.setattr(module, "answer", write)
    with pytest.raises(pymysql.OperationalError, match="denied"):
        handler({"ask": "states"}, Context())
