"""Moving rows to the new version while executors render: a thread of the driver, at a bounded rate.

Executors never ask the database. What they have recorded is read here, part by part, and the row of each
complete picture is moved by a conditional update (`stockroom.ingest.rerendering.commit`). The rate is
bounded, so that searches and uploads notice nothing.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

import msgspec

from jobs import progress
from jobs.pace import Pace
from jobs.rendering import PARTS
from jobs.results import ResultStore
from jobs.summary import Summary
from stockroom.images.storage import Storage
from stockroom.ingest.rerendering import MOVES_A_TRANSACTION, Result, commit
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.database import Database
from stockroom.runtime.errors import StorageUnavailable, Unavailable
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings

COMMITTED = "committed/"
"""An object for each wave all of whose parts are committed, with the pictures whose rows refused."""
POLL_SECONDS = 1.0
PROGRESS_SECONDS = 2.0
PATIENCE_SECONDS = 5.0
"""The pause after storage or database did not answer. The lease of the run limits how many there are."""
READERS = 16
"""Parts that are read and committed at a time."""
TOO_LATE = "too-late"
UNTRIED = "Its turn came too late each time, behind pictures that take long: give the command again."
TRANSIENT_CODES = frozenset({"storage-unavailable", "decoder-unavailable", TOO_LATE})
"""Reasons that say nothing about a picture: it is tried again."""
CHANGED = "changed-meanwhile"
"""The code of a picture that was deleted, hidden, or completed between its reading and its commit."""


@dataclass
class _Wave:
    name: str
    is_earlier: bool = False
    """Whether another process has recorded it."""
    ended: threading.Event = field(default_factory=threading.Event)
    """Set when no more parts come."""
    read: set[str] = field(default_factory=set)
    """Parts that are committed."""
    refused: list[int] = field(default_factory=list)


class Committer:
    """Commits the parts of waves. The driver's thread feeds it, and its own thread does the rest.

    `settled` are the ids of pictures that have failed for good. `unsettled` are results, by id, that are not
    the last word about their pictures. Both are to be read while it is idle.
    """

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        store: ResultStore,
        meter: progress.Meter,
        summary: Summary,
        *,
        version: int,
        rate: int,
    ) -> None:
        self.settled: set[int] = set()
        self.unsettled: dict[int, Result] = {}
        self._settings = settings
        self._storage = storage
        self._store = store
        self._meter = meter
        self._summary = summary
        self._version = version
        self._pace = Pace(rate)
        self._chunk = min(rate, MOVES_A_TRANSACTION)
        self._waves: list[_Wave] = []
        self._changed = threading.Condition()
        self._is_closed = self._is_abandoned = False
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
        self._readers = ThreadPoolExecutor(READERS, "reader")
        self._written_at = 0.0

    def take_up(self, check: Callable[[], None]) -> None:
        """Count what earlier processes of this run have committed, and have the rest of theirs committed.

        All parts are read, which takes an hour after 10⁸ pictures. The progress is written meanwhile, and
        `check` may raise.
        """
        refused: dict[str, set[int]] = {}
        for name in self._store.list_names(COMMITTED):
            content = self._store.read(name)
            refused[name.removeprefix(COMMITTED)] = set(msgspec.json.decode(content or b"[]", type=list[int]))
        others = []
        for name, rows in self._read_parts(list(self._store.list_names(PARTS))):
            check()
            self._write_progress()
            wave = name.removeprefix(PARTS).partition("/")[0]
            if wave in refused:
                self._count(rows, refused[wave], is_earlier=True)
            elif wave not in others:
                others.append(wave)
        for wave in others:
            watched = _Wave(wave, is_earlier=True)
            watched.ended.set()
            self._waves.append(watched)

    def start(self) -> None:
        # From here on the time that is left is the longer one of rendering and moving.
        self._meter.commit(0)
        self._thread.start()

    def watch(self, wave: str) -> Callable[[], None]:
        """Commit the parts of a wave as they come, until the answer is called: then no more of them come."""
        watched = _Wave(wave)
        with self._changed:
            self._waves.append(watched)

        def end() -> None:
            watched.ended.set()
            self._wake()

        return end

    def is_idle(self) -> bool:
        """Whether all that is watched is committed."""
        return not self._waves

    def check(self) -> None:
        """Raise what its thread has failed with."""
        if self._failure is not None:
            raise self._failure

    def settle(self) -> None:
        """Let what is still unsettled be the last word. While it is idle."""
        for row in self.unsettled.values():
            # Nobody has changed what came too late: it has still to be rendered.
            untried = {"outcome": "failed", "detail": UNTRIED} if row.code == TOO_LATE else {}
            self._settle(msgspec.structs.replace(row, **untried), is_earlier=False)
        self.unsettled.clear()

    def close(self, *, is_abandoned: bool = False) -> None:
        """End once it is idle, or after the transaction that is under way."""
        self._is_closed, self._is_abandoned = True, is_abandoned
        self._wake()
        if self._thread.is_alive():
            self._thread.join()
        self._readers.shutdown(cancel_futures=True)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify()

    def _run(self) -> None:
        try:
            with closing(Database(self._settings)) as db:
                while not self._is_abandoned:
                    try:
                        self._commit_new_parts(db)
                        self._write_progress()
                        pause = POLL_SECONDS
                    except Unavailable:
                        logger.warning("commit put off", exc_info=True)
                        pause = PATIENCE_SECONDS
                    if self._is_closed and not self._waves:
                        return
                    with self._changed:
                        self._changed.wait(pause)
        except Exception as error:  # noqa: BLE001  the driver's thread raises it
            self._failure = error

    def _commit_new_parts(self, db: Database) -> None:
        for wave in list(self._waves):
            # What a wave has recorded before its end is in the listing that follows.
            has_ended = wave.ended.is_set()
            listed = self._store.list_names(f"{PARTS}{wave.name}/")
            names = [name for name in listed if name not in wave.read]
            for some in split_into_chunks(names, READERS):
                self._commit_parts(db, wave, some)
                if self._is_abandoned:
                    return
            if has_ended:
                self._store.write(
                    COMMITTED + wave.name, msgspec.json.encode(wave.refused), "application/json"
                )
                with self._changed:
                    self._waves.remove(wave)

    def _commit_parts(self, db: Database, wave: _Wave, names: Sequence[str]) -> None:
        """Commit some parts together: those of large pictures have only a few rows each."""
        rows = [row for _, part in self._read_parts(names) for row in part]
        refused: set[int] = set()
        for some in split_into_chunks(rows, self._chunk):
            self._wait(self._pace.take(sum(row.is_complete for row in some)))
            if self._is_abandoned:
                return
            refused |= commit(db, self._storage, some, self._version).refused
            self._write_progress()
        wave.read.update(names)
        wave.refused += refused
        self._count(rows, refused, is_earlier=wave.is_earlier)

    def _wait(self, seconds: float) -> None:
        """Wait, but not for longer than until it is abandoned."""
        until = time.monotonic() + seconds
        while not self._is_abandoned and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, POLL_SECONDS))

    def _count(self, rows: Sequence[Result], refused: set[int], *, is_earlier: bool) -> None:
        for row in rows:
            if row.image_id in refused:
                skipped = msgspec.structs.replace(row, outcome="skipped", code=CHANGED)
                self.unsettled[row.image_id] = skipped
            elif row.code in TRANSIENT_CODES:
                self.unsettled[row.image_id] = row
            else:
                self.unsettled.pop(row.image_id, None)
                self._settle(row, is_earlier=is_earlier)

    def _settle(self, row: Result, *, is_earlier: bool) -> None:
        count = self._meter.add_earlier if is_earlier else self._meter.add
        if row.is_complete:
            count(done=1, size=row.bytes_in)
            self._meter.commit(1, is_earlier=is_earlier)
        else:
            self.settled.add(row.image_id)
            is_failure = row.outcome == "failed"
            count(failed=int(is_failure), skipped=int(not is_failure), size=row.bytes_in)
        self._summary.add(row)

    def _write_progress(self) -> None:
        if time.monotonic() - self._written_at >= PROGRESS_SECONDS:
            self._written_at = time.monotonic()
            try:
                self._store.write(progress.NAME, progress.encode(self._meter.read()), progress.MEDIA_TYPE)
            except StorageUnavailable:
                logger.warning("progress not written", exc_info=True)

    def _read_parts(self, names: Sequence[str]) -> Iterator[tuple[str, list[Result]]]:
        """The parts in their order, some of them at a time."""
        for some in split_into_chunks(names, READERS):
            parts = self._readers.map(lambda name: self._store.read_part(name, Result), some)
            yield from zip(some, parts, strict=True)
