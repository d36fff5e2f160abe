"""A library that has lived since the first migration, with what every release wrote, up to the present.

Each release's rows are plain SQL in the form of their time (releases/). They are written twice: before the
next migration, and after it, as the functions of before still run then.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from stockroom.curation.actor import Actor
from stockroom.curation.changes import make_edit
from stockroom.curation.deletion import delete_pictures
from stockroom.curation.edit import Edited, edit_images
from stockroom.curation.requests import Changes
from stockroom.curation.restoring import restore_pictures
from stockroom.images.repository.pictures import find_ready
from stockroom.ingest import reaper
from stockroom.ingest.process import OriginalProcessor
from stockroom.ingest.retry import retry_failed
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.migrations import migrate
from stockroom.runtime.settings import Settings
from stockroom.search.query.parse import parse
from stockroom.uploads import create, status
from stockroom.uploads.cancel import cancel_upload
from stockroom.uploads.requests import UploadRequest
from tests.factories import file, make_overdue, s3_client, state
from tests.ingest.audit.library import found, run
from tests.releases import ALL, RELEASES, Rows, present_at
from tests.servers import Server

pytestmark = pytest.mark.thorough

NAME = "stockroom_upgraded"
RETRY_SINCE = 6
INDEXED_BY_ID_SINCE = 7
EVERY = [Rows(release, is_late) for release in ALL for is_late in (False, True)]
"""Late rows of the newest release are rows of the present."""


@pytest.fixture
def settings(mariadb: Server) -> Settings:
    return replace(mariadb.settings(), db_name=NAME)


@pytest.fixture
def database(mariadb: Server, settings: Settings) -> Iterator[Database]:
    """The database that has lived through all migrations, in place of an empty one."""
    with closing(Database(mariadb.settings(), admin=True)) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {NAME}")
        with closing(Database(settings)) as db:
            for before_it, release in zip((0, *ALL), ALL, strict=False):
                with present_at(release):
                    assert migrate(admin, NAME) == [release]
                    before = _checksums(db)
                    # As if the deployment had been cut short before it noted the migration down.
                    db.execute("DELETE FROM migration WHERE number = %s", (release,))
                    assert migrate(admin, NAME) == [release]
                assert _checksums(db) == before
                if before_it:
                    Rows(before_it, is_late=True).write(db)
                Rows(release, is_late=False).write(db)
            Rows(ALL[-1], is_late=True).write(db)
            yield db
        admin.execute(f"DROP DATABASE {NAME}")


@pytest.fixture
def library(resources: Resources) -> Resources:
    """The upgraded database with all objects that belong to it."""
    buckets = resources.settings.uploads_bucket, resources.settings.images_bucket
    for rows in EVERY:
        rows.store(resources.db, s3_client(), *buckets)
    return resources


def _checksums(db: Database) -> Mapping[str, int]:
    """A checksum of each table's rows; the times at which migrations were applied may differ."""
    tables = [table for (table,) in db.query("SHOW TABLES") if table != "migration"]
    return dict(db.query(f"CHECKSUM TABLE {', '.join(tables)}"))


def _search(resources: Resources, q: str = "", **filters: str) -> set[int]:
    page = resources.search_index.find_images(parse(q, filters=filters), limit=100)
    assert not page.is_relaxed
    return {picture.image_id for picture in page.pictures}


def test_every_release_has_its_rows() -> None:
    """Whoever writes a migration also writes the rows of the release that it begins."""
    assert sorted(int(path.stem) for path in RELEASES.glob("*.sql")) == list(ALL)


def test_the_pictures_of_every_release_are_found_and_the_index_can_be_put_right(library: Resources) -> None:
    pictures = {rows.picture for rows in EVERY}
    # A picture that was published between the migration and the functions waits for the audit here.
    by_name = pictures - {Rows(INDEXED_BY_ID_SINCE - 1, is_late=True).picture}

    def find_all() -> list[set[int]]:
        return [
            _search(library),
            _search(library, "berlin wall"),
            _search(library, "#history #concrete"),
            _search(library, '"berlin wall" date:*-*-2025'),
            _search(library, license="CC0-1.0", color="blue", orientation="landscape"),
        ]

    assert find_all() == [pictures] * 5
    assert _search(library, owner="alice a.") == by_name
    shown = find_ready(library.db, sorted(pictures))
    assert {picture.metadata.all_tags for picture in shown} == {("concrete", "history")}
    assert {len(picture.formats) for picture in shown} == {0, 1}
    report = run(library, repair=True)
    assert report.finished
    assert not report.refused
    # The reaper has not been there yet.
    assert found(run(library)) == {"overdue-row": 4 * len(EVERY)}
    assert find_all() == [pictures] * 5
    assert _search(library, owner="alice a.") == pictures


def test_the_uploads_of_every_release_come_to_their_end(library: Resources) -> None:
    db, settings = library.db, library.settings
    alice = db.query("SELECT owner_id FROM owner")[0][0]
    assert {each.image_id for each in status.find_page(db, library.storage, alice, None, 1000)[0]} == {
        image_id
        for rows in EVERY
        for image_id in (rows.picture, rows.landed, rows.never_came, rows.old_failure, rows.failure)
    }
    # The contributor posts what has landed once more, with other words.
    words = {"description": "Painted over #art", "tags": ["new"]}
    request = UploadRequest(files=[file(rows.original, type="image/png", **words) for rows in EVERY])
    outcomes = create.accept(
        db, library.storage, settings, request, owner_id=alice, now=datetime.now(UTC).replace(tzinfo=None)
    )
    assert [outcome.image_id for outcome in outcomes if isinstance(outcome, create.Pending)] == [
        rows.landed for rows in EVERY
    ]
    make_overdue(db, *(rows.landed for rows in EVERY))
    _reap(library)
    processor = OriginalProcessor(
        db=db,
        storage=library.storage,
        search_index=library.search_index,
        decoder=library.decoder,
        settings=settings,
    )
    for rows in EVERY:
        assert processor.process(rows.landed) == "ready"
        assert state(db, rows.never_came) in (None, "deleting")
        assert state(db, rows.old_failure) in (None, "deleting")
        assert state(db, rows.failure) == "failed"
    assert _search(library, "painted #art tag:new") == {rows.landed for rows in EVERY}
    # Of a failure whose content nobody has written down, the file is sent again.
    retried = {
        each.image_id: each.state for each in retry_failed(db, library.storage, [r.failure for r in EVERY])
    }
    assert retried == {rows.failure: "pending" if rows.release >= RETRY_SINCE else "gone" for rows in EVERY}
    for rows in EVERY:
        cancel_upload(db, library.storage, settings, alice, rows.failure)
    make_overdue(db, *(image_id for (image_id,) in db.query("SELECT id FROM image WHERE state = 'deleting'")))
    _reap(library)
    assert set(db.query("SELECT DISTINCT state FROM image")) == {("ready",)}
    run(library, repair=True)
    assert found(run(library)) == {}


def test_the_pictures_of_every_release_are_edited_restored_and_deleted(library: Resources) -> None:
    db, index = library.db, library.index_writer
    ((alice,),) = db.query("SELECT owner_id FROM owner")
    actor = Actor(alice, is_admin=False)
    pictures = {rows.picture for rows in EVERY}
    run(library, repair=True)
    others = _found_in_pictures(library)

    edit = make_edit(Changes(description="Painted over #art", creator="A. Artist"))
    outcomes = edit_images(db, library.storage, index, pictures, edit, actor=actor)
    assert all(isinstance(each, Edited) and each.is_changed for each in outcomes.values())
    assert _search(library, "painted #art") == pictures
    # Nothing has the former words any more, so fewer of them are searched for.
    assert library.search_index.find_images(parse("berlin wall")).is_relaxed
    assert _found_in_pictures(library) == others

    assert delete_pictures(db, index, pictures, actor=actor, seconds=600).keys() == pictures
    assert _search(library) == set()
    restored = restore_pictures(db, library.storage, index, pictures, actor=actor, formats=())
    assert restored == dict.fromkeys(pictures, "ready")
    assert _search(library, "painted #art") == pictures
    assert _found_in_pictures(library) == others

    delete_pictures(db, index, pictures, actor=actor, seconds=600)
    make_overdue(db, *pictures)
    _reap(library)
    assert {state(db, image_id) for image_id in pictures} == {None}
    left = s3_client().list_objects_v2(Bucket=library.settings.images_bucket)
    assert "Contents" not in left


def _found_in_pictures(resources: Resources) -> dict[str, int]:
    """What the audit finds, but for words that no picture has any more: these wait for a repair."""
    return {kind: count for kind, count in found(run(resources)).items() if kind != "unused-term"}


def _reap(resources: Resources) -> None:
    report = reaper.reap(resources.db, resources.storage, upload_seconds=60, failed_days=30, seconds=60)
    assert report.finished
    assert not report.skipped
