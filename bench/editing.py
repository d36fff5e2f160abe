"""What edits and deletions of pictures cost: `python -m bench.editing --rows 100000`.

The corpus is made when it is missing.

Statements, milliseconds and processor time of one edit, and of 500 pictures that are edited alike, as the
functions do it: the metadata, the difference of the postings and the change log, in transactions. The
baseline takes all postings of each picture away and writes the new ones. Both edit pictures of the same kind
in turns, so that a busy machine slows both alike, and leave the corpus as it was: what is edited is edited
back.

A second table is about deleting and restoring. Its baseline deletes and restores the same number of pictures
by a request for each.
"""

import argparse
import random
import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import psutil
from pymysql.cursors import Cursor

from bench.corpus import ensure
from bench.measuring import describe_server, time_call
from bench.servers import SERVERS, benchmark_server
from stockroom.curation.actor import Actor
from stockroom.curation.changes import Edit
from stockroom.curation.deletion import delete_pictures
from stockroom.curation.edit import Edited, edit_images
from stockroom.curation.restoring import restore_pictures
from stockroom.images import change_log
from stockroom.images.picture import Picture
from stockroom.images.repository import edits
from stockroom.images.repository.edits import NewMetadata
from stockroom.images.repository.pictures import find_ready
from stockroom.images.storage import Storage
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.index.document import build_document
from stockroom.search.index.writer import IndexWriter

MANY = 500
ACTOR = Actor(owner_id=1, is_admin=True)
LONG_TEXT = " ".join(f"word{number}" for number in range(230))
"""A description of nearly as many characters as one may have, all of them different words."""

Editor = Callable[[Sequence[int], Edit], None]


@dataclass
class Measured:
    """What one way of editing took."""

    statements: int = 0
    times: list[float] = field(default_factory=list)
    processor_times: list[float] = field(default_factory=list)
    """Seconds of the function and of the server together, which other programs do not make longer."""

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def processor_median(self) -> float:
        return statistics.median(self.processor_times)


class Candidates:
    """The two ways of editing, on one connection."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.index = IndexWriter(db)
        # No dates are edited, so storage is asked for nothing.
        self.storage = Storage(Settings())

    def edit_by_difference(self, image_ids: Sequence[int], edit: Edit) -> None:
        """As the functions do."""
        outcomes = edit_images(self.db, self.storage, self.index, image_ids, edit, actor=ACTOR)
        if not all(isinstance(outcome, Edited) for outcome in outcomes.values()):
            raise RuntimeError("an edit failed")

    def index_anew(self, image_ids: Sequence[int], edit: Edit) -> None:
        """The baseline: picture by picture, all postings are deleted and the new ones inserted."""
        for picture in find_ready(self.db, image_ids):
            metadata = edit.apply(picture.metadata)
            entries = self.index.resolve(build_document(picture.with_metadata(metadata)))
            new = {picture.image_id: NewMetadata(picture.revision, metadata, picture.filled)}

            def write(cursor: Cursor, new: dict[int, NewMetadata] = new, entries: object = entries) -> None:
                for image_id in new:
                    edits.lock_revisions(cursor, new)
                    edits.replace_metadata(cursor, new)
                    self.index.remove(cursor, image_id)
                    self.index.add(cursor, image_id, entries)  # type: ignore[arg-type]
                    change_log.append(cursor, ACTOR.owner_id, "edit", {image_id: {}})

            self.db.run_transaction(write)
        find_ready(self.db, image_ids)

    def restore(self, originals: Sequence[Picture]) -> None:
        """Give pictures the metadata again that they had."""
        revisions = {
            picture.image_id: picture.revision
            for picture in find_ready(self.db, [picture.image_id for picture in originals])
        }
        new = {
            picture.image_id: NewMetadata(revisions[picture.image_id], picture.metadata, picture.filled)
            for picture in originals
        }
        entries = self.index.resolve_all({picture.image_id: build_document(picture) for picture in originals})

        def write(cursor: Cursor) -> None:
            edits.replace_metadata(cursor, new)
            self.index.add_all(cursor, entries)

        self.db.run_transaction(write)

    def delete(self, image_ids: Sequence[int]) -> None:
        """Delete pictures as the functions do, by one request."""
        deleted = delete_pictures(self.db, self.index, image_ids, actor=ACTOR, seconds=600)
        if len(deleted) != len(image_ids):
            raise RuntimeError("a deletion failed")

    def undelete(self, image_ids: Sequence[int]) -> None:
        """Restore deleted pictures as the functions do, by one request."""
        states = restore_pictures(self.db, self.storage, self.index, image_ids, actor=ACTOR, formats=())
        if set(states.values()) != {"ready"}:
            raise RuntimeError("a picture was not restored")


def count_statements(db: Database) -> int:
    ((_, value),) = db.query("SHOW SESSION STATUS LIKE 'Questions'")
    return int(value)


def list_edits() -> list[tuple[str, int, Edit]]:
    """What is measured: a name, how many pictures at once, and the edit."""
    tag = Edit(fields={}, added_tags=("benchmark",))
    credit = Edit(fields={"credit": "A. Artist"})
    sentence = Edit(fields={"description": "A red boat in the harbour of a small island"})
    text = Edit(fields={"description": LONG_TEXT})
    return [
        ("a tag more", 1, tag),
        ("another description", 1, sentence),
        ("another credit, which is not indexed", 1, credit),
        (f"a tag more for {MANY}", MANY, tag),
        (f"another description for {MANY}", MANY, sentence),
        (f"a description of 230 new words for {MANY}", MANY, text),
        (f"another credit for {MANY}", MANY, credit),
    ]


def find_server(port: int) -> psutil.Process:
    """The process that listens at a port of this machine."""
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,):
            return psutil.Process(connection.pid)
    raise RuntimeError(f"nothing listens at port {port}")


def count_processor_time(server: psutil.Process) -> float:
    """Seconds so far of this process and of the server."""
    times = [process.cpu_times() for process in (psutil.Process(), server)]
    return sum(each.user + each.system for each in times)


def measure(db: Database, server: psutil.Process, rounds: int) -> Iterator[tuple[str, Measured, Measured]]:
    """For each edit: what the product's way took, and the baseline's."""
    rng = random.Random(1)
    all_ids = [image_id for (image_id,) in db.query("SELECT id FROM image WHERE state = 'ready'")]
    candidates = Candidates(db)
    for name, number, edit in list_edits():
        product, baseline = Measured(), Measured()
        for _ in range(rounds if number == 1 else max(rounds // 10, 1)):
            for measured, editor in (
                (product, candidates.edit_by_difference),
                (baseline, candidates.index_anew),
            ):
                some = sorted(rng.sample(all_ids, number))
                originals = find_ready(db, some)
                # The corpus does not record the terms of its pictures; what is published does.
                candidates.restore(originals)
                before, processor = count_statements(db), count_processor_time(server)
                measured.times.append(time_call(lambda e=editor, s=some, c=edit: e(s, c)))  # type: ignore[misc]
                measured.processor_times.append(count_processor_time(server) - processor)
                # The question itself is one of the statements.
                measured.statements = count_statements(db) - before - 1
                candidates.restore(originals)
        yield name, product, baseline


def measure_deletions(
    db: Database, server: psutil.Process, rounds: int
) -> Iterator[tuple[str, Measured, Measured]]:
    """For deleting and restoring one and many: what one request took, and a request for each picture."""
    rng = random.Random(2)
    all_ids = [image_id for (image_id,) in db.query("SELECT id FROM image WHERE state = 'ready'")]
    candidates = Candidates(db)
    for number in (1, MANY):
        results = {name: (Measured(), Measured()) for name in ("delete", "restore")}
        for _ in range(rounds if number == 1 else max(rounds // 10, 1)):
            for column in (0, 1):
                some = sorted(rng.sample(all_ids, number))
                # The corpus does not record the terms of its pictures; what is published does.
                candidates.restore(find_ready(db, some))
                requests = [[image_id] for image_id in some] if column else [some]
                for name, act in (("delete", candidates.delete), ("restore", candidates.undelete)):
                    before, processor = count_statements(db), count_processor_time(server)
                    measured = results[name][column]
                    measured.times.append(
                        time_call(lambda r=requests, a=act: [a(ids) for ids in r])  # type: ignore[misc]
                    )
                    measured.processor_times.append(count_processor_time(server) - processor)
                    measured.statements = count_statements(db) - before - 1
        for name, (product, baseline) in results.items():
            yield f"{name} {number}", product, baseline


def print_table(title: str, results: Iterable[tuple[str, Measured, Measured]]) -> None:
    """A line for each edit or deletion, as soon as it is measured."""
    heads = (
        title,
        "statements",
        "ms",
        "processor, s",
        "baseline: statements",
        "ms",
        "processor, s",
        "ratio",
    )
    print(f"| {' | '.join(heads)} |")
    print("|---" * len(heads) + "|")
    for name, product, baseline in results:
        figures = [
            figure
            for each in (product, baseline)
            for figure in (f"{each.statements:,}", f"{each.median:,.1f}", f"{each.processor_median:.2f}")
        ]
        ratio = product.median / baseline.median
        print(f"| {' | '.join([name, *figures, f'{ratio:.2f}'])} |", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--db", choices=sorted(SERVERS), default="mariadb")
    given = options.parse_args()
    with benchmark_server(given.db) as server:
        db = Database(ensure(server, given.rows))
        print(describe_server(db, given.db, given.rows), end="\n\n")
        process = find_server(server.port)
        print_table("Edit", measure(db, process, given.rounds))
        print()
        print_table("Deletion", measure_deletions(db, process, given.rounds))
        db.close()


if __name__ == "__main__":
    main()
