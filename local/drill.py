"""A rehearsal of a recovery, on a copy of the library: never on the library itself.

The copy has a MariaDB and an emulator of its own, in a folder of the data folder that is removed in the end.
Its backup is what docs/operate.md calls one: the server's folder, copied while the server is down. Objects
come back from the library, which stands for an export.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pymysql.cursors import Cursor, SSCursor

from local import emulator, mariadb
from local.layout import Layout
from operations.audit_summary import summarise
from stockroom.images.storage import Storage, original_key
from stockroom.ingest.audit.audit import audit
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.search.service import SearchIndex
from tooling.errors import ToolError
from tooling.ports import HOST

Say = Callable[[str], None]
Objects = dict[tuple[str, str], str]
"""The ETags of objects, by bucket and key."""

BUCKETS = {"UploadsBucket": "drill-uploads", "ImagesBucket": "drill-images"}
LOST_PICTURES = 5
ROWS = 500
COPIERS = 8
AUDIT_SECONDS = 3600.0
# Where audits keep how far they are: the copy has audits of its own.
OWN_TABLES = {"audit_run"}


def drill(layout: Layout, say: Say) -> None:
    """Copy the library, lose some of the copy, bring it back, and compare; `say` gets each step and its time.

    Raises ToolError where the copy is not what it was in the end.
    """
    emulator.check_running(layout)
    copy = Layout(layout.data / "drill", layout.port)
    _remove(copy)
    try:
        with _timed(say) as tell:
            Drill(layout, copy, tell).run()
    finally:
        _remove(copy)


@dataclass(frozen=True)
class Drill:
    """The library, and its copy."""

    library: Layout
    copy: Layout
    tell: Say

    def run(self) -> None:
        mariadb.ensure(self.copy)
        emulator.ensure(self.copy)
        self.tell("started an empty database and an empty storage for the copy")
        rows = self._copy_rows()
        self.tell(f"copied {rows} rows, as they were at one moment")
        objects = self._copy_objects()
        self.tell(f"copied {len(objects)} objects")
        pictures = self._find_pictures()
        if not pictures:
            raise ToolError("the library has no picture that could be lost: upload some")
        tables = self._checksum_tables()
        sound = self._audit()
        self.tell(f"the audit before: {sound}")
        self._back_up()
        self.tell("backed the database up: stopped it, copied its folder, started it")

        lost = self._lose(pictures, objects)
        self.tell(f"lost the rows of {len(pictures)} pictures, and {len(lost)} objects of others")
        damage = self._audit()
        self.tell(f"the audit finds the loss: {damage}")
        if damage == sound:
            raise ToolError("the audit has noticed nothing")

        self._restore()
        self.tell("restored the database from the backup")
        for bucket, key in lost:
            self._copy_object(bucket, key)
        self.tell(f"brought {len(lost)} objects back")
        self.tell(f"the audit after: {self._audit()}")

        if self._audit() != sound or self._checksum_tables() != tables or self._list_copies() != objects:
            raise ToolError("the copy is not what it was before: the steps above do not recover a library")
        self.tell(f"every table has its checksum of before, and all {len(objects)} objects are there")

    @cached_property
    def _s3(self) -> Any:
        return emulator.client(self.library, "s3")

    @cached_property
    def _copied_s3(self) -> Any:
        return emulator.client(self.copy, "s3")

    def _copy_rows(self) -> int:
        """Copy every table as it is at one moment; the number of rows."""
        count = 0
        with mariadb.connect(self.library) as source, mariadb.connect(self.copy) as target:
            reading, writing = source.cursor(SSCursor), target.cursor()
            reading.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            reading.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
            reading.execute("SHOW TABLES")
            for (table,) in reading.fetchall():
                reading.execute(f"SHOW CREATE TABLE `{table}`")
                ((_, statement),) = reading.fetchall()
                writing.execute(statement)
                if table in OWN_TABLES:
                    continue
                reading.execute(f"SELECT * FROM `{table}`")
                while rows := reading.fetchmany(ROWS):
                    _insert(writing, table, rows)
                    count += len(rows)
            reading.close()
        return count

    def _copy_objects(self) -> Objects:
        """Copy the objects of both buckets; the copies."""
        with ThreadPoolExecutor(COPIERS) as pool:
            for output, bucket in BUCKETS.items():
                self._copied_s3.create_bucket(Bucket=bucket)
                pages = self._s3.get_paginator("list_objects_v2")
                for page in pages.paginate(Bucket=self.library.outputs()[output]):
                    keys = [item["Key"] for item in page.get("Contents", ())]
                    # Reading the results raises what has gone wrong.
                    list(pool.map(lambda key, bucket=bucket: self._copy_object(bucket, key), keys))
        return self._list_copies()

    def _copy_object(self, bucket: str, key: str) -> None:
        """Copy one object of the library into a bucket of the copy, unless it was deleted meanwhile."""
        (output,) = (output for output, name in BUCKETS.items() if name == bucket)
        try:
            answer = self._s3.get_object(Bucket=self.library.outputs()[output], Key=key)
        except self._s3.exceptions.NoSuchKey:
            return
        with closing(answer["Body"]) as body:
            self._copied_s3.put_object(
                Bucket=bucket, Key=key, Body=body.read(), ContentType=answer["ContentType"]
            )

    def _list_copies(self) -> Objects:
        pages = self._copied_s3.get_paginator("list_objects_v2")
        return {
            (bucket, item["Key"]): item["ETag"]
            for bucket in BUCKETS.values()
            for page in pages.paginate(Bucket=bucket)
            for item in page.get("Contents", ())
        }

    def _find_pictures(self) -> list[int]:
        """The newest pictures, of which the rows are to be lost: half of those that there are, or fewer."""
        newest = self._query_ids("ORDER BY id DESC")
        return newest[: (len(newest) + 1) // 2]

    def _query_ids(self, order: str) -> list[int]:
        with mariadb.connect(self.copy) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM image WHERE state = 'ready' {order} LIMIT {LOST_PICTURES}")
            return [image_id for (image_id,) in cursor.fetchall()]

    def _lose(self, pictures: list[int], objects: Objects) -> list[tuple[str, str]]:
        """Delete the rows of pictures, and objects of others; the objects."""
        with mariadb.connect(self.copy) as connection, connection.cursor() as cursor:
            cursor.executemany("DELETE FROM image WHERE id = %s", [(each,) for each in pictures])
        kept = [original_key(image_id) for image_id in self._query_ids("ORDER BY id")]
        originals = [("drill-uploads", key) for key in kept if ("drill-uploads", key) in objects]
        ids = tuple(f"i/{key.partition('/')[2]}" for key in kept)
        lost = originals + [each for each in objects if each[0] == "drill-images" and each[1].startswith(ids)]
        for bucket, key in lost:
            self._copied_s3.delete_object(Bucket=bucket, Key=key)
        return lost

    def _audit(self) -> str:
        """What the audit says about the copy, in one line."""
        settings = Settings(
            db_host=HOST,
            db_port=self.copy.port_of(mariadb.NAME),
            db_name=mariadb.DATABASE,
            db_user=mariadb.ADMIN,
            db_password=mariadb.password(self.copy),
            uploads_bucket=BUCKETS["UploadsBucket"],
            images_bucket=BUCKETS["ImagesBucket"],
        )
        with closing(Database(settings)) as db:
            storage = _CopiedStorage(settings, self._copied_s3)
            report = audit(db, storage, SearchIndex(db), repair=False, seconds=AUDIT_SECONDS)
        found = {kind: {"count": finding.count} for kind, finding in report.findings.items()}
        summary = summarise({"rows": report.rows, "findings": found, "repaired": {}})
        return summary.partition(" (docs/")[0]

    def _checksum_tables(self) -> Mapping[str, int]:
        with mariadb.connect(self.copy) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW TABLES")
            tables = [table for (table,) in cursor.fetchall() if table not in OWN_TABLES]
            cursor.execute(f"CHECKSUM TABLE {', '.join(f'`{table}`' for table in tables)}")
            return dict(cursor.fetchall())

    def _back_up(self) -> None:
        mariadb.stop(self.copy)
        shutil.copytree(self.copy.data / "mariadb", self.copy.data / "backup")
        mariadb.ensure(self.copy)

    def _restore(self) -> None:
        mariadb.stop(self.copy)
        shutil.rmtree(self.copy.data / "mariadb")
        (self.copy.data / "backup").rename(self.copy.data / "mariadb")
        mariadb.ensure(self.copy)


class _CopiedStorage(Storage):
    """The buckets of the copy, by a client that is given."""

    def __init__(self, settings: Settings, client: Any) -> None:
        super().__init__(settings)
        self._client = client


def _insert(cursor: Cursor, table: str, rows: Any) -> None:
    placeholders = ", ".join(["%s"] * len(rows[0]))
    cursor.executemany(f"INSERT INTO `{table}` VALUES ({placeholders})", rows)


def _remove(copy: Layout) -> None:
    """End the processes of a copy, and remove its folder: also that of a drill which was killed."""
    if copy.data.exists():
        emulator.stop(copy)
        mariadb.stop(copy)
        shutil.rmtree(copy.data)


@contextmanager
def _timed(say: Say) -> Iterator[Say]:
    """Within the block, what is told has the seconds before it that the step took; then their sum."""
    began = last = time.monotonic()

    def tell(text: str) -> None:
        nonlocal last
        now = time.monotonic()
        say(f"{now - last:6.1f} s  {text}")
        last = now

    yield tell
    say(f"{time.monotonic() - began:6.1f} s  in all; your library was only read")
