"""The job that builds the index anew, by the account that it has on a stage."""

from collections.abc import Iterator
from contextlib import closing

import pymysql
import pytest
from msgspec.structs import replace

from jobs import reindex, run
from jobs.errors import JobError
from jobs.run import Parameters, run_job
from stockroom.resources import Resources
from stockroom.runtime import job_runs
from stockroom.runtime.accounts import INGEST, JOBS
from stockroom.runtime.database import Database
from stockroom.runtime.migrations import create_accounts
from stockroom.runtime.settings import Settings
from stockroom.search.index.rebuild import tables
from stockroom.search.service import SearchIndex, parse
from tests.search.pictures import Picture, at, image_ids, stock
from tests.servers import Server

PICTURES = [Picture(id=at(2016, number=n), description="red boat") for n in range(3)]


@pytest.fixture(autouse=True)
def accounts(mariadb: Server, resources: Resources, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(run, "resources", lambda: resources)
    with closing(Database(mariadb.settings(), admin=True)) as admin:
        create_accounts(admin, mariadb.name, [INGEST, JOBS], resources.settings.db_password)
        yield
        for account in (INGEST, JOBS):
            admin.execute("DROP USER %s@'%%'", (account.name,))


def reindex_all(*, may_differ: bool = False) -> tuple[str, list[str]]:
    """The last line, and what was told before."""
    said: list[str] = []
    return run_job(reindex.JOB, Parameters(may_differ=may_differ), "", said.append), said


def find_boats(db: Database) -> list[int]:
    return image_ids(SearchIndex(db).find_images(parse("boat"), None, 24).pictures)


def test_a_whole_run(resources: Resources, settings: Settings) -> None:
    ids = stock(resources.db, PICTURES)
    resources.db.execute("DELETE FROM posting WHERE image_id = %s", (ids[0],))
    line, said = reindex_all(may_differ=True)
    assert line.startswith("3 pictures indexed anew: ")
    assert said[0].endswith(" begins")
    assert said[1] == "index: 1 of 1"
    assert find_boats(resources.db) == ids[::-1]
    (record,) = job_runs.find_newest(resources.db, "reindex", 2)
    assert record.finished is not None
    # The tables have their names, so the functions may do with the new ones what they may.
    with closing(Database(replace(settings, db_user=INGEST.name))) as db:
        assert db.execute("UPDATE posting SET weight = weight") > 0
        assert db.execute("DELETE FROM posting_skip WHERE term_id = 0") == 0
        with pytest.raises(pymysql.OperationalError, match="denied"):
            db.execute("DROP TABLE posting")


def test_the_account_makes_and_drops_the_tables_of_an_index_alone(
    resources: Resources, settings: Settings
) -> None:
    del resources
    with closing(Database(replace(settings, db_user=JOBS.name))) as db:
        for statement in (
            "DROP TABLE image",
            "CREATE TABLE other (id INT)",
            "RENAME TABLE term TO posting_rebuilt",
        ):
            with pytest.raises(pymysql.OperationalError, match="denied"):
                db.execute(statement)
        tables.drop(db, tables.create(db))
        tables.create(db)
        tables.drop(db, tables.take_over(db))


def test_an_index_that_finds_something_else_is_refused_with_what_to_do(resources: Resources) -> None:
    ids = stock(resources.db, PICTURES)
    resources.db.execute("DELETE FROM posting WHERE image_id = %s", (ids[0],))
    with pytest.raises(JobError, match=r"nothing was changed: .*boat.*MAY_DIFFER=1"):
        reindex_all()
    assert find_boats(resources.db) == ids[:0:-1]
    assert reindex_all(may_differ=True)


def test_two_at_once_are_refused(resources: Resources) -> None:
    taken = job_runs.take(resources.db, "reindex", None, {})
    with pytest.raises(JobError, match=f"{taken.run_id} of the job reindex is under way"):
        reindex_all()
    job_runs.release(resources.db, taken)
    assert reindex_all()[0].startswith("0 pictures")


def test_a_swap_that_does_not_come_about_is_told(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(resources.db, PICTURES)
    monkeypatch.setattr(tables, "SWAP_ATTEMPTS", 0)
    with pytest.raises(JobError, match="try again when less is going on"):
        reindex_all()


def test_what_is_told_is_told_seldom() -> None:
    said: list[str] = []
    now = 0.0
    job_run = run.JobRun("reindex", "r", False, Parameters(), None, said.append)  # type: ignore[arg-type]
    teller = reindex._Teller(job_run, clock=lambda: now)
    for done in range(1, 5):
        now = float(done * 2)
        teller.tell("load", done, 4)
    assert said == ["load: 1 of 4", "load: 4 of 4"]
