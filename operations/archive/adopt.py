"""Adopts a folder or a bucket of pictures: uploads what is there, through the upload protocol.

A folder is what the library's command line uploads anyway. A bucket is listed in pages, and its objects pass
through this machine in small lots, so that neither the list nor the bucket has to fit anywhere. What has been
adopted is written down in a journal: another run fetches only the others.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx2
import msgspec
import platformdirs

from operations.archive.importing import DONE, run_client
from operations.archive.library import Library, Say
from operations.stack import explained
from tooling.errors import ToolError
from tooling.terminal import show

ADOPTER = "adopted"
"""Whose the pictures are, unless another subject is given."""
LOT_FILES, LOT_BYTES = 100, 1_000_000_000
HOPELESS = 10
"""So many files of one lot, all refused for the same reason, are no accident: a daily limit, for example."""
MAX_NAME_BYTES = 255
NO_PATH = "its key is no path of a file: copy the object to another key"
SETTLED = (*DONE, "skipped", "passed-over")
"""What another run need not look at again."""


@dataclass(frozen=True)
class Found:
    """An object of the bucket; `name` is its key below the folder that the prefix begins with."""

    key: str
    name: str
    etag: str
    size: int


def adopt(
    library: Library,
    source: str,
    say: Say,
    *,
    captions: str = "",
    subject: str = "",
    journal: str = "",
    tell: Callable[[str], None] = print,
) -> None:
    """Upload a folder, or the objects of `s3://bucket/prefix`, as those of `subject`.

    `captions` is a file of metadata as the command line takes it (client/README.md). The bucket is read by
    the credentials of the shell, whichever library the pictures go to. Raises ToolError where a picture was
    not taken.
    """
    subject = subject or ADOPTER
    if not source.startswith("s3://"):
        folder = Path(source).expanduser().resolve()
        if not source or not folder.exists():
            raise ToolError("what is to be adopted? Give FROM=<folder> or FROM=s3://<bucket>/<prefix>")
        options = ["--captions", captions] if captions else []
        if run_client(library, "upload", [*options, "--", str(folder)], subject, "").returncode:
            raise ToolError("not everything was uploaded: see above. The same command again does the rest")
        return
    address = urlsplit(source)
    file = Path(journal).expanduser() if journal else _choose_journal(library.site, source)
    try:
        with explained(), closing(_Journal(file)) as known:
            bucket = _Bucket(boto3.Session().client("s3"), address.netloc, address.path.lstrip("/"))
            counts = _Adoption(library, bucket, known, subject, captions, say, tell).run()
    except (OSError, sqlite3.Error) as error:
        raise ToolError(f"{error} (journal: {file}); run the command again") from error
    summary = ", ".join(f"{count} {state}" for state, count in counts.most_common()) or "nothing there"
    say(f"{summary}; what has been adopted is written down in {file}")
    if counts["failed"]:
        raise ToolError(
            f"{counts['failed']} objects were not taken: see above. The same command tries them again"
        )


def _choose_journal(site: str, source: str) -> Path:
    """One for each library and each place that something is adopted from."""
    digest = hashlib.sha256(f"{site} {source}".encode()).hexdigest()[:12]
    return platformdirs.user_state_path("stockroom") / f"adopted-{digest}.sqlite"


class _Journal:
    """What has become of each object; an object that was replaced since is a new one."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None)
        columns = "key TEXT PRIMARY KEY, etag TEXT, state TEXT, id TEXT"
        try:
            self._db.execute(f"CREATE TABLE IF NOT EXISTS adopted ({columns})")
        except sqlite3.Error:
            self.close()
            raise

    def close(self) -> None:
        self._db.close()

    def is_settled(self, found: Found) -> bool:
        rows = self._db.execute(
            "SELECT state FROM adopted WHERE key = ? AND etag = ?", (found.key, found.etag)
        ).fetchall()
        return bool(rows) and rows[0][0] in SETTLED

    def record(self, found: Found, state: str, picture: str) -> None:
        self._db.execute("REPLACE INTO adopted VALUES (?, ?, ?, ?)", (found.key, found.etag, state, picture))


@dataclass(frozen=True)
class _Bucket:
    """Objects that begin with a prefix."""

    s3: Any
    name: str
    prefix: str

    def list_objects(self) -> Iterator[Found]:
        """All objects, in the order of their keys; in pages of a thousand."""
        folder = self.prefix[: self.prefix.rfind("/") + 1]
        pages = self.s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.name, Prefix=self.prefix):
            for item in page.get("Contents", ()):
                key = item["Key"]
                yield Found(key, key.removeprefix(folder), item["ETag"], item["Size"])

    def fetch(self, found: Found, folder: Path) -> bool:
        """Write an object to its place below a folder; False where another object has that place.

        The keys `a` and `a/b` can both be there, which no folder can have; nor can many have `a` and `A`.
        """
        path = folder / found.name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("xb")
        except (FileExistsError, NotADirectoryError):
            return False
        # Not `download_file`, whose name for the meantime may be longer than a file's can be.
        with file:
            self.s3.download_fileobj(self.name, found.key, file)
        return True


@dataclass(frozen=True)
class _Adoption:
    library: Library
    bucket: _Bucket
    journal: _Journal
    subject: str
    captions: str
    say: Say
    tell: Callable[[str], None]

    def run(self) -> Counter[str]:
        """Take every object of the bucket; how many ended in which state."""
        # The command line has a path of its own, which make adds.
        from stockroom_client.captions import Captions, read_captions
        from stockroom_client.failures import Failure

        try:
            captions = (
                read_captions(Path(self.captions).expanduser()) if self.captions else Captions([], Path())
            )
        except Failure as failure:
            raise ToolError(str(failure)) from failure
        base = Path(self.captions).expanduser().resolve().parent
        counts: Counter[str] = Counter()
        for lot in self._make_lots(counts):
            described = [
                {"file": found.name, **msgspec.to_builtins(captions.find(base / found.name))} for found in lot
            ]
            with TemporaryDirectory() as folder:
                files = Path(folder)
                unplaced = [found for found in lot if not self.bucket.fetch(found, files)]
                outcomes = self._upload(files, described)
            outcomes |= {found.name: {"state": "failed", "detail": NO_PATH} for found in unplaced}
            for found in lot:
                self._end(found, outcomes.get(found.name, {"state": "passed-over"}), counts)
            _check_lot(list(outcomes.values()))
        for name in captions.unused():
            self.say(f"no object for the caption of {show(name)}")
        return counts

    def _make_lots(self, counts: Counter[str]) -> Iterator[list[Found]]:
        """The objects that are worth fetching, in lots that fit on a disk."""
        limit = _read_max_bytes(self.library.site)
        lot: list[Found] = []
        for found in self.bucket.list_objects():
            if self.journal.is_settled(found):
                counts["there already"] += 1
                continue
            if reason := _refuse(found, limit):
                self._end(found, reason, counts)
                continue
            if lot and (len(lot) == LOT_FILES or sum(each.size for each in lot) + found.size > LOT_BYTES):
                yield lot
                lot = []
            lot.append(found)
        if lot:
            yield lot

    def _upload(self, files: Path, described: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """What has become of each file, by its name in the lot; without those that are no pictures."""
        # Captions name files relative to their own place. The command line passes over hidden files.
        table = files / ".captions.json"
        table.write_text(json.dumps([each for each in described if len(each) > 1]))
        arguments = ["--json", "--no-cache", "--captions", str(table), "--", str(files)]
        done = run_client(self.library, "upload", arguments, self.subject, "", stdout=subprocess.PIPE)
        try:
            entries = json.loads(done.stdout)["files"]
        except ValueError:
            raise ToolError("`stockroom upload` failed: what is above says why") from None
        return {Path(entry["file"]).relative_to(files).as_posix(): entry for entry in entries}

    def _end(self, found: Found, outcome: dict[str, Any], counts: Counter[str]) -> None:
        state, picture = str(outcome["state"]), outcome.get("id") or ""
        self.journal.record(found, state, picture)
        counts[state] += 1
        if state != "passed-over":
            words = (f"{state:9}", show(found.key), picture, show(outcome.get("detail") or ""))
            self.tell(" ".join(filter(None, words)))


def _check_lot(outcomes: list[dict[str, Any]]) -> None:
    """Raise ToolError where the library takes nothing: another lot would be fetched in vain."""
    reasons = {outcome.get("code") for outcome in outcomes if outcome["state"] == "failed"}
    is_over = len(outcomes) >= HOPELESS and all(outcome["state"] == "failed" for outcome in outcomes)
    if is_over and len(reasons) == 1:
        raise ToolError(f"the library takes nothing any more: {outcomes[0].get('detail')}; go on later")


def _refuse(found: Found, limit: int) -> dict[str, Any] | None:
    """What becomes of an object that is not fetched; None for one that is."""
    parts = found.name.split("/")
    media_type = mimetypes.guess_type(found.name)[0] or "image/"
    if found.size == 0 or not media_type.startswith("image/"):
        return {"state": "passed-over"}
    if any(part in ("", ".", "..") or len(part.encode()) > MAX_NAME_BYTES or "\0" in part for part in parts):
        return {"state": "failed", "detail": NO_PATH}
    if any(part.startswith(".") for part in parts):
        return {"state": "passed-over"}
    if found.size > limit:
        return {"state": "failed", "detail": f"has {found.size} bytes; the library takes at most {limit}"}
    return None


def _read_max_bytes(site: str) -> int:
    from stockroom_client.transport import open_client

    try:
        with open_client() as http:
            return int(http.get(f"{site.rstrip('/')}/api/config").raise_for_status().json()["max_bytes"])
    except (httpx2.HTTPError, ValueError, KeyError) as error:
        raise ToolError(f"{site} does not answer as a library: {error}") from error
