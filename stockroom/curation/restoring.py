"""Restoring pictures that were deleted: they are found again, under the same links."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import pymysql
from msgspec import Struct
from pymysql.cursors import Cursor

from stockroom.curation.actor import Actor
from stockroom.curation.requests import RestoredState
from stockroom.images import change_log, visibility
from stockroom.images.repository import deletion, pictures
from stockroom.images.repository.deletion import DeletionRow
from stockroom.images.repository.near_duplicates import insert_bands
from stockroom.images.storage import Storage
from stockroom.runtime.database import DUPLICATE_KEY, Database, error_code
from stockroom.runtime.errors import Unavailable
from stockroom.search.index.document import build_document
from stockroom.search.index.writer import StaleEntries

if TYPE_CHECKING:
    from stockroom.search.index.resolver import Entries
    from stockroom.search.index.writer import IndexWriter

MAX_TRIES = 5
"""Attempts at a transaction in the way of which something has come."""


def restore_pictures(
    db: Database,
    storage: Storage,
    index: "IndexWriter",
    image_ids: Collection[int],
    *,
    actor: Actor,
    formats: Sequence[str],
) -> dict[int, RestoredState]:
    """What each picture is now, by id.

    A picture that is not deleted stays as it is: the same request again gets the same answer. A picture that
    was hidden is hidden again, and announced at once where its dates allow it to be seen: it is published as
    an upload is. `formats` are the further formats that a picture is to have.
    """
    if not image_ids:
        return {}
    request = _Request(index, image_ids, actor, formats)
    for _ in range(MAX_TRIES):
        deleted = pictures.find_in_states(db, sorted(image_ids), ("deleted",))
        # The words of somebody else's picture are not to come into the index by a request that fails.
        documents = {
            image_id: build_document(found.picture)
            for image_id, found in deleted.items()
            if actor.may_change(found.picture)
        }
        entries = index.resolve_all(documents) if documents else {}
        read = {image_id: (deleted[image_id].picture.revision, entry) for image_id, entry in entries.items()}
        try:
            states, unsettled = db.run_transaction(partial(_restore, request, read))
        except StaleEntries:
            continue
        except pymysql.IntegrityError as error:
            # The contributor has posted the same content at this very moment.
            if error_code(error) != DUPLICATE_KEY:
                raise
        else:
            visibility.settle_all(db, storage, unsettled, actor=actor.owner_id)
            return states
    raise Unavailable("Too much happens to these pictures at this very moment.")


class _Request(Struct, frozen=True):
    """What is to be restored, for whom, by whom."""

    index: "IndexWriter"
    image_ids: Collection[int]
    actor: Actor
    formats: Sequence[str]


def _restore(
    request: _Request, read: Mapping[int, tuple[int, "Entries"]], cursor: Cursor
) -> tuple[dict[int, RestoredState], dict[int, str]]:
    """Restore what can be, and see what each picture is. Also the link keys of those that are to be settled.

    `read` are the deleted pictures as they were read: the revision of each, and its entries.
    """
    after = before = deletion.lock(cursor, request.image_ids, request.actor.only_owner)
    deleted = [row for row in before.values() if row.state == "deleted"]
    if any(row.image_id not in read or row.revision != read[row.image_id][0] for row in deleted):
        # It was deleted since then, perhaps for a second time, after an edit.
        raise StaleEntries
    entries = {image_id: each for image_id, (_, each) in read.items()}
    posted_again = _find_posted_again(cursor, deleted)
    restorable = [row.image_id for row in deleted if row.image_id not in posted_again]
    if restorable:
        deletion.restore(cursor, restorable, formats=request.formats)
        deletion.restore_hidden(cursor, restorable)
        after = deletion.lock(cursor, request.image_ids, request.actor.only_owner)
        restored = [image_id for image_id in restorable if after[image_id].state != "deleted"]
        shown = {image_id: entries[image_id] for image_id in restored if after[image_id].state == "ready"}
        request.index.add_all(cursor, shown)
        insert_bands(cursor, shown)
        change_log.append(cursor, request.actor.owner_id, "restore", {image_id: {} for image_id in restored})
    states: dict[int, RestoredState] = dict.fromkeys(request.image_ids, "gone")
    states |= dict.fromkeys(posted_again, "posted-again")
    for row in after.values():
        if row.state in ("ready", "hidden"):
            states[row.image_id] = row.state
        elif row.state == "pending" and row.was_picture:
            states[row.image_id] = "hidden"
    deleted_ids = {row.image_id for row in deleted}
    unsettled = {
        row.image_id: row.link_key
        for row in after.values()
        if row.state == "hidden" and row.image_id in deleted_ids
    }
    return states, unsettled


def _find_posted_again(cursor: Cursor, rows: Sequence[DeletionRow]) -> set[int]:
    """Those of some deleted rows whose owners have another row of their content.

    Of several deleted rows of one content, the newest is as good as posted again, too.
    """
    if not rows:
        return set()
    # Nobody can have posted again what nobody knows the content of.
    known = [row for row in sorted(rows) if row.sha256 is not None]
    newest = {(row.owner_id, row.sha256): row.image_id for row in known}
    older = {row.image_id for row in known} - set(newest.values())
    return older | deletion.find_posted_again(cursor, [row.image_id for row in rows])
