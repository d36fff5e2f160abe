"""A real proxy breaks each statement of each step; the step is repeated; everything is as it should be."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pymysql
import pytest

from stockroom.ingest import reaper
from stockroom.ingest.process import OriginalProcessor
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import Unavailable
from stockroom.runtime.timestamps import now
from stockroom.search.service import SearchIndex
from stockroom.uploads import cancel, create
from stockroom.uploads.requests import UploadRequest
from tests.factories import ALICE, file, make_overdue, owner_of, pending, state, stored_renditions, uploaded
from tests.proxy import DatabaseProxy
from tests.renditions.images import photo_of

FAULTS: dict[str, dict[str, Any]] = {
    "cut before": {"drop": True},
    "answer lost": {"lose_answer": True},
    "1213 deadlock": {"error": 1213},
    "1205 lock wait": {"error": 1205},
    "1053 shutting down": {"error": 1053},
    "1040 too many connections": {"error": 1040},
}
faults = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
KINDS = ("cut before", "answer lost", "1213 deadlock", "1053 shutting down")
few_faults = pytest.mark.parametrize("fault", [FAULTS[kind] for kind in KINDS], ids=KINDS)
"""One of each kind, for the step that takes longest."""


def run_with_fault(
    resources: Resources, fragment: str, fault: dict[str, Any], step: Callable[[Database], object]
) -> None:
    """Run a step during which one statement goes wrong, and then once more, as a queue or a schedule does."""
    with DatabaseProxy(resources.settings, fragment, **fault) as proxy:
        for _ in range(2):
            db = Database(proxy.settings)
            with suppress(Unavailable, pymysql.MySQLError):
                step(db)
            db.close()


@few_faults
@pytest.mark.parametrize(
    "fragment",
    [
        "LEFT JOIN owner",
        "attempts = attempts + 1",
        "INSERT INTO term",
        "START TRANSACTION",
        "SET state = 'ready'",
        "INSERT INTO posting",
        "SET df",
        "\x03COMMIT",
        "SET formats",
        "deadline = NULL, attempts = 0",
    ],
)
def test_a_picture_is_published_once_and_completely(
    resources: Resources, fragment: str, fault: dict[str, Any]
) -> None:
    image_id = uploaded(resources, photo_of("jpeg"), tags=["sea"])

    def process(db: Database) -> None:
        OriginalProcessor(
            db=db,
            storage=resources.storage,
            search_index=SearchIndex(db),
            decoder=resources.decoder,
            settings=resources.settings,
        ).process(image_id)

    run_with_fault(resources, fragment, fault, process)
    assert resources.db.query("SELECT state, formats, deadline, attempts FROM image") == (
        ("ready", "webp", None, 0),
    )
    assert len(stored_renditions(resources, image_id)) == 4
    assert resources.db.query("SELECT MAX(df), MIN(df) FROM term") == ((1, 1),)
    page = resources.search_index.audit()
    while page.next:
        assert page.problems == {}
        page = resources.search_index.audit(page.next)
    assert page.problems == {}


@faults
@pytest.mark.parametrize(
    "fragment", ["FROM image WHERE sha256 IN", "INSERT INTO image", "INSERT INTO upload_usage", "\x03COMMIT"]
)
def test_a_batch_makes_each_row_once(resources: Resources, fragment: str, fault: dict[str, Any]) -> None:
    owner_id = owner_of(resources, ALICE)
    request = UploadRequest(files=[file(b"1"), file(b"2")])

    def accept(db: Database) -> None:
        create.accept(db, resources.storage, resources.settings, request, owner_id=owner_id, now=now())

    run_with_fault(resources, fragment, fault, accept)
    assert resources.db.query("SELECT COUNT(*) FROM image WHERE state = 'pending'") == ((2,),)
    assert resources.db.query("SELECT bytes FROM upload_usage") == ((2,), (2,))


@faults
@pytest.mark.parametrize("fragment", ["SET state = 'deleting'", "deadline = uploads_until"])
def test_a_cancelled_upload_leaves_no_object(
    resources: Resources, fragment: str, fault: dict[str, Any]
) -> None:
    image_id, owner_id = uploaded(resources, b"1"), owner_of(resources, ALICE)

    def take_back(db: Database) -> None:
        with suppress(LookupError):
            cancel.cancel_upload(db, resources.storage, resources.settings, owner_id, image_id)

    with suppress(Exception):
        run_with_fault(resources, fragment, fault, take_back)
    make_overdue(resources.db)
    reaper.reap(resources.db, resources.storage, upload_seconds=60, failed_days=30, seconds=60)
    assert state(resources.db, image_id) is None
    assert resources.storage.head_original(image_id) is None


@faults
@pytest.mark.parametrize(
    "fragment", ["SKIP LOCKED", "UPDATE image SET deadline", "SET state = 'deleting'", "\x03COMMIT"]
)
def test_the_reaper_purges_once(resources: Resources, fragment: str, fault: dict[str, Any]) -> None:
    image_id = pending(resources, b"1")
    make_overdue(resources.db)

    def reap(db: Database) -> None:
        reaper.reap(db, resources.storage, upload_seconds=60, failed_days=30, seconds=60)

    run_with_fault(resources, fragment, fault, reap)
    for _ in range(2):
        make_overdue(resources.db)
        reaper.reap(resources.db, resources.storage, upload_seconds=60, failed_days=30, seconds=60)
    assert state(resources.db, image_id) is None
