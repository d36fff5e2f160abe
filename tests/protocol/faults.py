"""A process that may die between any two of its effects, or be overtaken by another process there: a database
and a storage with named points."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from pymysql.cursors import Cursor

from stockroom.images.storage import Download, RenditionKey, Storage, StoredObject
from stockroom.renditions import Rendition
from stockroom.runtime.database import Database, Row
from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.settings import Settings

T = TypeVar("T")


class Crash(BaseException):
    """The process is gone: nothing that follows runs, no `except Exception` sees it."""


class CrashPoints:
    """Counts the points that a process passes; from the chosen one on, the process is dead.

    Or something else happens at the chosen point, once, and the process goes on after it: to its end, or
    until it dies at a later point.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: int | None = None
        self._meanwhile: Callable[[], None] | None = None
        self._then: int | None = None
        self.died_at = ""

    def arm(
        self, points: int | None, meanwhile: Callable[[], None] | None = None, then: int | None = None
    ) -> None:
        """Die at the point of this number from now on, or run `meanwhile` there.

        Points are counted from 0; None: nothing happens. After `meanwhile` the process goes on for `then`
        points, and dies; None: to its end.
        """
        self._left = points
        self._meanwhile = meanwhile
        self._then = then
        self.died_at = ""

    def reach(self, name: str, *, holds_locks: bool = False) -> None:
        """Pass the point `name`, or raise Crash.

        Where the process holds locks of the database, no other process can do what waits for them.
        """
        with self._lock:
            if self._left is None or (holds_locks and self._meanwhile):
                return
            if self._left > 0:
                self._left -= 1
                return
            if self._meanwhile is None:
                self.died_at = self.died_at or name
                raise Crash(name)
            meanwhile, self._left, self._meanwhile = self._meanwhile, None, None
        meanwhile()
        with self._lock:
            self._left = self._then


class CrashingDatabase(Database):
    """A database of which each statement and each commit has a crash point before and after it.

    `now` is the time of the server for every statement, in seconds.
    """

    def __init__(self, settings: Settings, points: CrashPoints, now: Callable[[], float]) -> None:
        super().__init__(settings)
        self._points = points
        self._now = now

    def query(self, sql: str, args: Sequence[object] = ()) -> tuple[Row, ...]:
        self._points.reach(f"before {sql[:60]}")
        return self.run_once(lambda cursor: self._at(cursor, lambda: _fetch(cursor, sql, args)))

    def execute(self, sql: str, args: Sequence[object] = ()) -> int:
        self._points.reach(f"before {sql[:60]}")
        changed = self.run_once(lambda cursor: self._at(cursor, lambda: cursor.execute(sql, tuple(args))))
        self._points.reach(f"after {sql[:60]}")
        return changed

    def run_transaction(self, work: Callable[[Cursor], T]) -> T:
        def work_and_reach(cursor: Cursor) -> T:
            result = self._at(cursor, lambda: work(cursor))
            self._points.reach("before COMMIT", holds_locks=True)
            return result

        self._points.reach("before START TRANSACTION")
        result = super().run_transaction(work_and_reach)
        self._points.reach("after COMMIT")
        return result

    def _at(self, cursor: Cursor, work: Callable[[], T]) -> T:
        cursor.execute("SET SESSION timestamp = %s", (self._now(),))
        return work()


def _fetch(cursor: Cursor, sql: str, args: Sequence[object]) -> tuple[Row, ...]:
    cursor.execute(sql, tuple(args))
    return tuple(cursor.fetchall())


class CrashingStorage(Storage):
    """A storage of which each request that changes something has a crash point before and after it.

    A copy of an original onto itself announces it: `announce` gets its id. What storage refuses to do with a
    picture is StorageUnavailable.
    """

    def __init__(self, settings: Settings, points: CrashPoints, announce: Callable[[int], None]) -> None:
        super().__init__(settings)
        self._points = points
        self._announce = announce
        self._refused: int | None = None

    @contextmanager
    def refusing(self, image_id: int) -> Iterator[None]:
        """Within the block, storage refuses whatever is to be done with one picture."""
        self._refused = image_id
        try:
            yield
        finally:
            self._refused = None

    def _refuse(self, image_id: int) -> None:
        if image_id == self._refused:
            raise StorageUnavailable("refused")

    def head_original(self, image_id: int) -> StoredObject | None:
        self._refuse(image_id)
        stored = super().head_original(image_id)
        self._points.reach("after HEAD original")
        return stored

    @contextmanager
    def open_original(self, image_id: int) -> Iterator[Download | None]:
        self._points.reach("before GET original")
        with super().open_original(image_id) as download:
            yield download
        self._points.reach("after GET original")

    def touch_original(self, image_id: int, stored: StoredObject) -> None:
        self._refuse(image_id)
        self._effect("COPY original", super().touch_original, image_id, stored)
        self._announce(image_id)

    def write_rendition(self, key: str, rendition: Rendition) -> None:
        self._effect("PUT rendition", super().write_rendition, key, rendition)

    def delete_rendition(self, key: str) -> None:
        self._effect("DELETE rendition", super().delete_rendition, key)

    def delete_original(self, image_id: int) -> None:
        self._refuse(image_id)
        self._effect("DELETE original", super().delete_original, image_id)

    def delete_renditions(self, image_id: int, link_key: str) -> None:
        self._refuse(image_id)
        self._effect("DELETE renditions", super().delete_renditions, image_id, link_key)

    def delete_version(self, image_id: int, link_key: str, version: int) -> None:
        self._refuse(image_id)
        self._effect("DELETE version", super().delete_version, image_id, link_key, version)

    def delete_old_versions(self, pictures: Sequence[RenditionKey]) -> None:
        self._effect("DELETE old versions", super().delete_old_versions, pictures)

    def _effect(self, name: str, work: Callable[..., None], *arguments: Any) -> None:
        self._points.reach(f"before {name}")
        work(*arguments)
        self._points.reach(f"after {name}")
