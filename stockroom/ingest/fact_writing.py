"""Pictures get the facts that were derived once more from their files, and are found by them at once.

A picture is read again first, without a lock, and its terms are resolved. The transaction then writes its row
under the condition that its metadata are still those that were read, with the difference of its postings and
its bands. So whoever edits, hides or deletes a picture meanwhile is faster, and the picture is read again.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from msgspec import structs
from pymysql.cursors import Cursor

from stockroom.images import change_log
from stockroom.images.picture import Metadata, Picture, Position
from stockroom.images.repository import facts
from stockroom.images.repository.facts import NewFacts, StoredFacts
from stockroom.images.repository.near_duplicates import delete_bands, insert_bands
from stockroom.images.repository.pictures import find_in_states
from stockroom.ingest.fact_reading import FactResult
from stockroom.ingest.filling import fill_again
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database
from stockroom.search.index.document import Document, build_document
from stockroom.search.index.resolver import Entries
from stockroom.search.index.writer import IndexWriter, StaleEntries

PICTURES_A_TRANSACTION = 50
"""Their rows, and those of all terms that they gain or lose, are locked until its end."""
MAX_ROUNDS = 4
"""How often a picture is read again because somebody else was faster."""

Written = Literal["changed", "same", "left"]
"""What became of a picture. "same": its row has these facts already. "left": it is ready no more, or somebody
changes it at this moment."""


class _Work(NamedTuple):
    """A picture as it was read, what its row gets, and its entries where those change."""

    picture: Picture
    before: StoredFacts
    new: NewFacts
    documents: tuple[Document, Document]
    former: Entries | None = None
    entries: Entries | None = None

    @property
    def has_new_looks(self) -> bool:
        """Whether the bands of the picture change, or may."""
        return self.before.looks != self.new.looks


def write_facts(db: Database, index: IndexWriter, results: Sequence[FactResult]) -> dict[int, Written]:
    """What became of the pictures whose facts were read, by id. Safe to repeat."""
    read = {each.image_id: each for each in results if each.outcome == "read"}
    outcomes: dict[int, Written] = {}
    for some in split_into_chunks(sorted(read), PICTURES_A_TRANSACTION):
        waiting: Collection[int] = some
        for _ in range(MAX_ROUNDS):
            work = _plan(db, index, [read[image_id] for image_id in waiting], outcomes)
            with suppress(StaleEntries):
                outcomes |= dict.fromkeys(_write(db, index, work), "changed")
            waiting = [image_id for image_id in work if image_id not in outcomes]
            if not waiting:
                break
        outcomes |= dict.fromkeys(waiting, "left")
    return outcomes


def _plan(
    db: Database, index: IndexWriter, results: Sequence[FactResult], outcomes: dict[int, Written]
) -> dict[int, _Work]:
    """What is to be written for those pictures that change, by id; the others get their outcome."""
    image_ids = [result.image_id for result in results]
    found, stored = find_in_states(db, image_ids, ("ready",)), facts.find_facts(db, image_ids)
    work: dict[int, _Work] = {}
    for result in results:
        image_id = result.image_id
        if image_id not in found or image_id not in stored:
            outcomes[image_id] = "left"
            continue
        each = _compare(found[image_id].picture, stored[image_id], result)
        if each is None:
            outcomes[image_id] = "same"
        else:
            work[image_id] = each
    return _resolve(index, work)


def _compare(picture: Picture, before: StoredFacts, result: FactResult) -> _Work | None:
    """What is to be written for a picture; None where its row says the same already."""
    filled = fill_again(picture, before.embedded, result.read_embedded())
    looks = result.read_looks() or before.looks
    new = NewFacts(looks, result.read_taken(), filled, filled.metadata != picture.metadata)
    changed = _change(picture, new)
    if changed == picture and looks == before.looks and filled.embedded == before.embedded:
        return None
    return _Work(picture, before, new, (build_document(picture), build_document(changed)))


def _change(picture: Picture, new: NewFacts) -> Picture:
    """The picture as it is found afterwards."""
    filled = new.filled
    gps = filled.embedded.gps
    return structs.replace(
        picture,
        metadata=filled.metadata,
        title=filled.embedded.title,
        camera=filled.embedded.camera,
        lens=filled.embedded.lens,
        gps=None if gps is None else Position(gps.latitude, gps.longitude),
        filled=filled.fields,
        taken=new.taken,
        color=new.looks.color,
        thumbhash=new.looks.thumbhash,
    )


def _resolve(index: IndexWriter, work: Mapping[int, _Work]) -> dict[int, _Work]:
    """The same with the entries, before and after, of those pictures that are found by other terms."""
    documents = {
        (image_id, place): document
        for image_id, each in work.items()
        if each.documents[0] != each.documents[1]
        for place, document in enumerate(each.documents)
    }
    entries = index.resolve_all(documents) if documents else {}
    return {
        image_id: each._replace(former=entries.get((image_id, 0)), entries=entries.get((image_id, 1)))
        for image_id, each in work.items()
    }


def _write(db: Database, index: IndexWriter, work: Mapping[int, _Work]) -> set[int]:
    """Write all of it in one transaction; the ids of the pictures that were still as they were read."""

    def write(cursor: Cursor) -> set[int]:
        unchanged = facts.lock_unchanged(
            cursor,
            [(image_id, each.picture.revision, each.picture.link_key) for image_id, each in work.items()],
        )
        now = {image_id: each for image_id, each in work.items() if image_id in unchanged}
        new_looks = [image_id for image_id, each in now.items() if each.has_new_looks]
        # The bands of before are those of the hash that is still in the row.
        delete_bands(cursor, new_looks)
        for image_id, each in sorted(now.items()):
            facts.renew(
                cursor, image_id, each.new, revision=each.picture.revision, link_key=each.picture.link_key
            )
        insert_bands(cursor, new_looks)
        entries = {image_id: each.entries for image_id, each in now.items() if each.entries is not None}
        former = {image_id: each.former for image_id, each in now.items() if each.former is not None}
        if entries:
            index.add_all(cursor, entries, former)
        details = {
            image_id: _describe_edit(each.picture, each.new.filled.metadata)
            for image_id, each in now.items()
            if each.new.has_new_metadata
        }
        if details:
            change_log.append(cursor, change_log.LIBRARY, "edit", details)
        return set(now)

    return db.run_transaction(write) if work else set()


def _describe_edit(picture: Picture, metadata: Metadata) -> dict[str, object]:
    """What the change log says, in the form of an edit by a person. Only texts and tags can be others."""
    fields = [
        field
        for field in Metadata.__struct_fields__
        if field != "hashtags" and getattr(picture.metadata, field) != getattr(metadata, field)
    ]
    return {
        "revision": picture.revision + 1,
        "before": {field: getattr(picture.metadata, field) for field in fields},
        "after": {field: getattr(metadata, field) for field in fields},
    }
