"""One library as the state machine uses it: its processes, its clock, its queue of events, its snapshots."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from pymysql.cursors import Cursor

from stockroom.images.repository.renditions import Source
from stockroom.images.storage import parse_original_key
from stockroom.ingest import reaper
from stockroom.ingest.audit.audit import audit
from stockroom.ingest.audit.report import Report
from stockroom.ingest.process import OriginalProcessor
from stockroom.ingest.rerendering import Rerenderer, Result
from stockroom.renditions.sandbox.decoder import Decoder
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.service import SearchIndex
from stockroom.uploads.tickets import Ticket
from tests.protocol.faults import Crash, CrashingDatabase, CrashingStorage, CrashPoints

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Library:
    """The parts of one process, which is replaced when it dies; whatever else is left is the world's."""

    settings: Settings
    s3: Any
    now: datetime = EPOCH
    events: list[int] = field(default_factory=list)
    """Ids of originals that S3 has announced, and that nobody has handled to the end."""
    points: CrashPoints = field(default_factory=CrashPoints)
    _others: "list[Library]" = field(default_factory=list)

    def __post_init__(self) -> None:
        self.decoder = Decoder()
        self.observer = Database(self.settings)
        """A connection that nothing crashes, for what a test wants to know."""
        self._start()

    def _start(self) -> None:
        self.db = CrashingDatabase(self.settings, self.points, lambda: self.now.timestamp())  # noqa: PLW0108  the clock moves
        self.storage = CrashingStorage(self.settings, self.points, self.events.append)
        self.search_index = SearchIndex(self.db)

    def close(self) -> None:
        """End every process."""
        for each in (self, *self._others):
            each.db.close()
            each.observer.close()
            each.decoder.close()

    def make_another(self) -> "Library":
        """Another process of the same library, at which nothing ever happens."""
        another = Library(self.settings, self.s3, self.now, self.events)
        self._others.append(another)
        return another

    @contextmanager
    def dying(
        self, points: int | None, meanwhile: Callable[[], None] | None = None, then: int | None = None
    ) -> Iterator[None]:
        """Runs the `with` block in a process that dies at one of its points, or not at all (None).

        With `meanwhile` the process is not dead at that point: that happens there, and the process goes on,
        for `then` points or to its end.
        """
        self.points.arm(points, meanwhile, then)
        try:
            yield
        except Crash:
            # The server rolls back what a process that is gone had begun.
            self.db.close()
            self.decoder.close()
            self.decoder = Decoder()
            self._start()
        finally:
            self.points.arm(None)

    def advance(self, duration: timedelta) -> None:
        """Let time pass, for the database and for whoever draws ids."""
        for each in (self, *self._others):
            each.now += duration

    def put(self, ticket: Ticket, content: bytes) -> int:
        """Send the bytes as a browser does; the status."""
        url = urlsplit(ticket.url)
        connection = http.client.HTTPConnection(url.netloc, timeout=30)
        try:
            connection.request("PUT", f"{url.path}?{url.query}", content, ticket.headers)
            status = connection.getresponse().status
        finally:
            connection.close()
        image_id = parse_original_key(url.path.partition("/")[2].partition("/")[2])
        assert image_id is not None, url.path
        if status == http.client.OK:
            self.events.append(image_id)
        return status

    def process(self, image_id: int) -> str:
        """Handle one announcement."""
        return OriginalProcessor(
            db=self.db,
            storage=self.storage,
            search_index=self.search_index,
            decoder=self.decoder,
            settings=self.settings,
        ).process(image_id)

    def rerender(self, source: Source, version: int) -> Result:
        """Write the renditions of a new version, as an executor of a job does."""
        return Rerenderer(
            storage=self.storage,
            decoder=self.decoder,
            settings=self.settings,
            clock=lambda: self.now.timestamp(),  # noqa: PLW0108  the clock moves
            pauses=(),
        ).rerender(source, version, may_be_present=True)

    def reap(self) -> reaper.Report:
        return reaper.reap(
            self.db,
            self.storage,
            upload_seconds=self.settings.upload_seconds,
            failed_days=self.settings.failed_days,
            seconds=3600,
        )

    def audit(self, *, repair: bool) -> Report:
        # The objects carry the real time, in which the whole test lasts less than the least age.
        return audit(
            self.db,
            self.storage,
            self.search_index,
            repair=repair,
            seconds=3600,
            min_age=timedelta(seconds=-60),
        )

    def snapshot(self) -> "Snapshot":
        """Everything that the database holds."""
        tables = [name for (name,) in self.observer.query("SHOW TABLES") if name != "migration"]
        return Snapshot({table: self.observer.query(f"SELECT * FROM `{table}`") for table in tables})

    def restore(self, snapshot: "Snapshot") -> None:
        """Replace the database; every connection breaks.

        Ids are given out again from where the snapshot was.
        """
        for each in (self, *self._others):
            each.db.close()

        def write(cursor: Cursor) -> None:
            for table, rows in snapshot.tables.items():
                cursor.execute(f"DELETE FROM `{table}`")
                if rows:
                    marks = ", ".join(["%s"] * len(rows[0]))
                    cursor.executemany(f"INSERT INTO `{table}` VALUES ({marks})", rows)

        self.observer.run_transaction(write)

    def objects(self, bucket: str) -> set[str]:
        """The keys of a bucket."""
        keys: set[str] = set()
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            keys |= {item["Key"] for item in page.get("Contents", ())}
        return keys

    def empty(self) -> None:
        """Make it a library without anything."""
        for bucket in (self.settings.uploads_bucket, self.settings.images_bucket):
            for key in self.objects(bucket):
                self.s3.delete_object(Bucket=bucket, Key=key)
        for (table,) in self.observer.query("SHOW TABLES"):
            if table != "migration":
                self.observer.execute(f"DELETE FROM `{table}`")


@dataclass(frozen=True)
class Snapshot:
    """The rows of every table."""

    tables: dict[str, tuple[tuple[Any, ...], ...]]
