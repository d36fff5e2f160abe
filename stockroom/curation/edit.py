"""Published pictures get other metadata, and are found by them at once.

A picture is read first, without a lock, and its terms are resolved. The transaction then writes the metadata
under the condition that the revision is still the one that was read, and the difference of the postings with
it. Where somebody else was faster, the picture is read again. Dates that an edit changes hide a picture in
the same transaction, or have it shown again right after it.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import datetime
from itertools import count

from msgspec import Struct
from pymysql.cursors import Cursor

from stockroom.curation.actor import Actor
from stockroom.curation.changes import Edit
from stockroom.images import change_log, visibility
from stockroom.images.picture import Metadata, Picture
from stockroom.images.repository import edits
from stockroom.images.repository.edits import NewMetadata
from stockroom.images.repository.pictures import find_in_states, read_metadata
from stockroom.images.states import EDIT, STATES
from stockroom.images.storage import Storage
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database
from stockroom.runtime.errors import EditRejectionCode, InvalidField, Unavailable
from stockroom.runtime.timestamps import rfc3339
from stockroom.search.index.document import Document, build_document
from stockroom.search.index.resolver import Entries
from stockroom.search.index.writer import IndexWriter, StaleEntries

PICTURES_A_TRANSACTION = 50
"""Their rows, and those of all terms that they gain or lose, are locked until its end."""
SECONDS = 10.0
"""Time of a request after which no further transaction is begun. Fifty texts of 2,000 Chinese characters take
about two seconds of a processor; the function has half a processor, and 27 seconds (infra/functions.py)."""
EDITABLE = tuple(state for state in STATES if state in EDIT.sources)
MAX_ROUNDS = 4
"""How often a picture is read again because somebody else was faster."""


class Edited(Struct, frozen=True):
    """The picture as it is now. `is_changed`: it had other metadata before."""

    picture: Picture
    is_changed: bool


class Gone(Struct, frozen=True):
    """There is no such picture, or it is somebody else's."""


class Stale(Struct, frozen=True):
    """The picture is not at a revision that was asked for, but at that of `picture`.

    `is_as_asked`: its metadata are nevertheless those that the edit would give it, as after an edit whose
    answer was lost, and which is sent again.
    """

    picture: Picture
    is_as_asked: bool


class Refused(Struct, frozen=True):
    """The picture cannot be edited like this: a code for programs and a sentence for people."""

    code: EditRejectionCode
    detail: str


Outcome = Edited | Gone | Stale | Refused
"""What becomes of one picture of an edit."""


class _Work(Struct, frozen=True):
    """A picture as it was read, what its metadata become, and its entries where those change."""

    picture: Picture
    metadata: Metadata
    former: Entries | None
    entries: Entries | None

    @property
    def changed_fields(self) -> list[str]:
        """The fields that become others; the hashtags follow from the description."""
        old, new = self.picture.metadata, self.metadata
        return [
            field
            for field in Metadata.__struct_fields__
            if field != "hashtags" and getattr(old, field) != getattr(new, field)
        ]

    @property
    def new_metadata(self) -> NewMetadata:
        """What the row gets. What a person has edited no longer counts as filled from the file."""
        filled = tuple(field for field in self.picture.filled if field not in self.changed_fields)
        return NewMetadata(self.picture.revision, self.metadata, filled)

    @property
    def log_detail(self) -> dict[str, object]:
        """What the change log says of the edit."""
        fields = self.changed_fields
        return {
            "revision": self.picture.revision + 1,
            "before": {field: _write_plainly(getattr(self.picture.metadata, field)) for field in fields},
            "after": {field: _write_plainly(getattr(self.metadata, field)) for field in fields},
        }


def edit_images(
    db: Database,
    storage: Storage,
    index: IndexWriter,
    image_ids: Iterable[int],
    edit: Edit,
    *,
    actor: Actor,
    revisions: Mapping[int, AbstractSet[int]] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> dict[int, Outcome]:
    """What became of each picture, by id.

    A picture that is at none of its `revisions` stays as it is. One that has no entry there is edited at any
    revision.

    Raises Unavailable where the time of a request is not enough for all. Those that were edited stay so, and
    the same request again goes on with the others.

    Pictures that are ready or hidden can be edited by their owner and by administrators. A picture that may
    be seen again by its new dates is announced at once, and published as an upload is.
    """
    outcomes: dict[int, Outcome] = {}
    unique_ids = sorted(set(image_ids))
    ends_at = clock() + SECONDS
    for some in split_into_chunks(unique_ids, PICTURES_A_TRANSACTION):
        if outcomes and clock() > ends_at:
            raise Unavailable(
                f"{len(outcomes)} of {len(unique_ids)} pictures are done, and the time is up. Send the same "
                "request again for the others, or fewer pictures at once."
            )
        editing = _Editing(db, index, edit, actor, revisions or {})
        outcomes |= editing.run(some)
        visibility.settle_all(db, storage, editing.unsettled, actor=actor.owner_id)
    return outcomes


def _write_plainly(value: object) -> object:
    """A field as the log writes it."""
    return rfc3339(value) if isinstance(value, datetime) else value


class _Editing:
    """The edit of as many pictures as fit into one transaction."""

    def __init__(
        self,
        db: Database,
        index: IndexWriter,
        edit: Edit,
        actor: Actor,
        revisions: Mapping[int, AbstractSet[int]],
    ) -> None:
        self._db = db
        self._index = index
        self._edit = edit
        self._actor = actor
        self._revisions = revisions
        self._outcomes: dict[int, Outcome] = {}
        self.unsettled: dict[int, str] = {}
        """The link keys of hidden pictures whose new dates are to be looked at after the commit."""

    def run(self, image_ids: Sequence[int]) -> dict[int, Outcome]:
        """What became of each picture, by id."""
        waiting: AbstractSet[int] = set(image_ids)
        written: set[int] = set()
        for _ in range(MAX_ROUNDS):
            work = self._plan(waiting)
            with suppress(StaleEntries):
                written |= self._write(work)
            waiting = work.keys() - written
            if not waiting:
                break
        detail = "Others are editing this picture at this very moment; try again."
        self._outcomes |= dict.fromkeys(waiting, Refused("edited-meanwhile", detail))
        now = find_in_states(self._db, written, EDITABLE)
        for image_id in written:
            # Whoever deletes a picture right after the edit was faster than this answer.
            self._outcomes[image_id] = (
                Edited(now[image_id].picture, is_changed=True) if image_id in now else Gone()
            )
        return self._outcomes

    def _plan(self, image_ids: AbstractSet[int]) -> dict[int, _Work]:
        """What is to be written for those pictures that the edit changes; the others have their outcome."""
        found = find_in_states(self._db, image_ids, EDITABLE)
        changed: dict[int, tuple[Picture, Metadata]] = {}
        for image_id in image_ids:
            if image_id not in found or not self._actor.may_change(found[image_id].picture):
                self._outcomes[image_id] = Gone()
                continue
            picture = found[image_id].picture
            asked = self._revisions.get(image_id)
            is_stale = asked is not None and picture.revision not in asked
            try:
                metadata = self._edit.apply(picture.metadata)
            except InvalidField as error:
                self._outcomes[image_id] = (
                    Stale(picture, is_as_asked=False) if is_stale else Refused(error.code, error.detail)
                )
                continue
            if is_stale:
                self._outcomes[image_id] = Stale(picture, is_as_asked=metadata == picture.metadata)
                continue
            if metadata == picture.metadata:
                self._outcomes[image_id] = Edited(picture, is_changed=False)
            else:
                changed[image_id] = (picture, metadata)
        entries = self._resolve(changed)
        return {
            image_id: _Work(
                picture, metadata, entries.get(("before", image_id)), entries.get(("after", image_id))
            )
            for image_id, (picture, metadata) in changed.items()
        }

    def _resolve(self, changed: Mapping[int, tuple[Picture, Metadata]]) -> dict[tuple[str, int], Entries]:
        """The entries "before" and "after" of those pictures that are to be found by others.

        Those of a hidden picture, too: it may be shown before the edit is written.
        """
        documents: dict[tuple[str, int], Document] = {}
        for image_id, (picture, metadata) in changed.items():
            before, after = build_document(picture), build_document(picture.with_metadata(metadata))
            if before != after:
                documents["before", image_id] = before
                documents["after", image_id] = after
        return self._index.resolve_all(documents) if documents else {}

    def _write(self, work: Mapping[int, _Work]) -> set[int]:
        """The pictures whose metadata were written; the others are at another revision by now, or gone."""
        if not work:
            return set()
        attempts = count()

        def write(cursor: Cursor) -> tuple[set[int], dict[int, str]]:
            is_repeated = next(attempts) > 0
            revisions = edits.lock_revisions(cursor, work)
            unwritten = {
                image_id: each
                for image_id, each in sorted(work.items())
                if revisions.get(image_id) == each.picture.revision
            }
            if unwritten:
                edits.replace_metadata(
                    cursor, {image_id: each.new_metadata for image_id, each in unwritten.items()}
                )
                entries = {
                    image_id: each.entries for image_id, each in unwritten.items() if each.entries is not None
                }
                former = {
                    image_id: each.former for image_id, each in unwritten.items() if each.former is not None
                }
                self._index.add_all(cursor, entries, former)
                details = {image_id: each.log_detail for image_id, each in unwritten.items()}
                change_log.append(cursor, self._actor.owner_id, "edit", details)
            written = set(unwritten)
            if is_repeated:
                written |= _find_written(cursor, work, revisions)
            # What an attempt before has found does not count: it may have been rolled back.
            unsettled = self._apply_dates(cursor, written)
            return written, unsettled

        written, unsettled = self._db.run_transaction(write)
        self.unsettled |= unsettled
        return written

    def _apply_dates(self, cursor: Cursor, written: AbstractSet[int]) -> dict[int, str]:
        """The link keys of those pictures that are hidden, after an edit of their dates."""
        if not (written and self._edit.changes_dates):
            return {}
        return visibility.apply_dates(
            cursor, written, actor=self._actor.owner_id, remove_postings=self._index.remove_all
        )


def _find_written(cursor: Cursor, work: Mapping[int, _Work], revisions: Mapping[int, int]) -> set[int]:
    """The pictures that an attempt before has edited: its COMMIT happened, and the answer to it was lost."""
    next_ids = [
        image_id for image_id, each in work.items() if revisions.get(image_id) == each.picture.revision + 1
    ]
    metadata = read_metadata(cursor, next_ids)
    return {image_id for image_id in next_ids if metadata.get(image_id) == work[image_id].metadata}
