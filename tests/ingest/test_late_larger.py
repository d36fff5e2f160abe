"""What happens to a picture while its larger rendition, the last and slowest one, is still being written."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from msgspec.structs import replace

from stockroom.images import visibility
from stockroom.images.repository import deletion
from stockroom.images.storage import Storage
from stockroom.ingest import reaper
from stockroom.ingest.process import OriginalProcessor
from stockroom.renditions import Rendition
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.search.index.posting_writer import delete_postings
from tests.factories import make_overdue, state, stored_renditions, uploaded
from tests.renditions.images import photo_bytes

FORMATS = ("jpeg", "webp", "1440p")
FURTHER = FORMATS[1:]
COMPLETE = {"v1/240p.jpg", "v1/720p.jpg", "v1/240p.webp", "v1/720p.webp", "v1/1440p.webp"}
Change = Callable[[Database, Storage, int], object]


class Killed(BaseException):
    """The end of a process."""


class Late(Storage):
    """Before the larger rendition is written, `change` is made; the process may end when it is written."""

    def __init__(self, resources: Resources, change: Change, *, dies: bool) -> None:
        super().__init__(resources.settings)
        self._change, self._dies, self._resources = change, dies, resources

    def write_rendition(self, key: str, rendition: Rendition) -> None:
        is_larger = key.endswith("1440p.webp")
        if is_larger:
            # Renditions are written in threads, and a connection is for one thread.
            with closing(Database(self._resources.settings)) as db:
                ((image_id,),) = db.query("SELECT id FROM image")
                self._change(db, Storage(self._resources.settings), image_id)
        super().write_rendition(key, rendition)
        if is_larger and self._dies:
            raise Killed


def process(resources: Resources, image_id: int, storage: Storage | None = None) -> str:
    return OriginalProcessor(
        db=resources.db,
        storage=storage or resources.storage,
        search_index=resources.search_index,
        decoder=resources.decoder,
        settings=replace(resources.settings, formats=FORMATS),
    ).process(image_id)


def reap(db: Database, storage: Storage) -> None:
    reaper.reap(db, storage, upload_seconds=60, failed_days=30, seconds=60)


def delete(db: Database, _storage: Storage, image_id: int) -> None:
    assert db.run_transaction(lambda cursor: deletion.delete(cursor, [image_id], seconds=600)) == 1


def restore(db: Database, _storage: Storage, image_id: int) -> None:
    db.run_transaction(lambda cursor: deletion.restore(cursor, [image_id], formats=FURTHER))


def delete_and_restore(db: Database, storage: Storage, image_id: int) -> None:
    delete(db, storage, image_id)
    restore(db, storage, image_id)


def purge(db: Database, storage: Storage, image_id: int) -> None:
    """The time of restoring is over, and the reaper has deleted what there is by now."""
    delete(db, storage, image_id)
    db.execute("UPDATE image SET deadline = '2020-01-01'")
    reap(db, storage)
    assert state(db, image_id) == "deleting"


def take_down(db: Database, storage: Storage, image_id: int) -> None:
    db.run_transaction(lambda cursor: deletion.take_down(cursor, image_id, upload_seconds=60))
    db.execute("UPDATE image SET deadline = '2020-01-01'")
    reap(db, storage)
    assert state(db, image_id) == "deleting"


def hide(db: Database, storage: Storage, image_id: int) -> None:
    db.execute("UPDATE image SET expires = '2020-01-01'")
    hidden = db.run_transaction(
        lambda cursor: visibility.hide_pictures(cursor, [image_id], actor=1, remove_postings=delete_postings)
    )
    visibility.settle_all(db, storage, hidden, actor=1)


def hide_and_show(db: Database, storage: Storage, image_id: int) -> None:
    db.execute("UPDATE image SET expires = '2020-01-01'")
    hidden = db.run_transaction(
        lambda cursor: visibility.hide_pictures(cursor, [image_id], actor=1, remove_postings=delete_postings)
    )
    db.execute("UPDATE image SET expires = NULL")
    visibility.settle_all(db, storage, hidden, actor=1)


def attempt(resources: Resources, change: Change, *, dies: bool) -> int:
    image_id = uploaded(resources, photo_bytes())
    storage = Late(resources, change, dies=dies)
    if not dies:
        process(resources, image_id, storage)
        return image_id
    with pytest.raises(Killed):
        process(resources, image_id, storage)
    return image_id


def read_row(resources: Resources) -> tuple[Any, ...]:
    return tuple(resources.db.query("SELECT state, formats, deadline IS NULL FROM image"))


@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize("change", [delete, delete_and_restore, hide_and_show])
def test_a_picture_that_comes_back_has_it_in_the_end(
    resources: Resources, change: Change, dies: bool
) -> None:
    image_id = attempt(resources, change, dies=dies)
    if change is delete:
        restore(resources.db, resources.storage, image_id)
    # Nothing is written any more under the links of before.
    resources.db.execute("UPDATE ended_link SET written_until = '2020-01-01'")
    if read_row(resources) != (("ready", "webp,1440p", 1),):
        make_overdue(resources.db)
        reap(resources.db, resources.storage)
        process(resources, image_id)
    else:
        reap(resources.db, resources.storage)
    assert read_row(resources) == (("ready", "webp,1440p", 1),)
    assert sorted(stored_renditions(resources, image_id)) == sorted(COMPLETE)


@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize("change", [purge, take_down, hide])
def test_of_a_picture_that_goes_it_is_not_left(resources: Resources, change: Change, dies: bool) -> None:
    image_id = attempt(resources, change, dies=dies)
    assert resources.db.query("SELECT 1 FROM image")
    # Nobody can write any more.
    resources.db.execute("UPDATE ended_link SET written_until = '2020-01-01'")
    if change is not hide:
        make_overdue(resources.db)
    reap(resources.db, resources.storage)
    assert stored_renditions(resources, image_id) == {}
    assert bool(resources.db.query("SELECT 1 FROM image")) is (change is hide)
