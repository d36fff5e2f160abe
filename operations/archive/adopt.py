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
from botocore.exceptions import ClientError

from operations.archive.importing import DONE, run_client
from operations.archive.library import Library, Say
from operations.stack import explained
from stockroom.ingest.questions import ROW
from stockroom.runtime.s3 import is_absent
from tooling.errors import ToolError
from tooling.terminal import show

ADOPTER = "adopted"
"""Whose the pictures are, unless another subject is given."""
LOT_FILES, LOT_BYTES = 100, 1_000_000_000
HOPELESS = 10
"""So many files of one lot, all refused for the same reason, are no accident: a daily limit, for example."""
MAX_NAME_BYTES = 255
WRONG_USAGE = 2
"""The exit status of the library's command line for arguments that it does not take."""
ASKED = "Give FROM=<folder> or FROM=s3://<bucket>/<prefix>"
NO_PATH = "its key is no path of a file: copy the object to another key"
ARCHIVED = "it is archived (S3 Glacier): restore it in S3 first"
GONE = "it is no longer there"
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
        if not source:
            raise ToolError(f"what is to be adopted? {ASKED}")
        if not folder.exists():
            raise ToolError(f"{folder} is not there. {ASKED}")
        _adopt_folder(library, folder, captions, subject)
        return
    address = urlsplit(source)
    if not address.netloc:
        raise ToolError(f"which bucket? {ASKED}")
    file = Path(journal).expanduser() if journal else _choose_journal(library.site, source)
    try:
        with explained(), closing(_Journal(file, subject)) as known:
            _check_journal(library, known, file)
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


def _adopt_folder(library: Library, folder: Path, captions: str, subject: str) -> None:
    options = ["--captions", captions] if captions else []
    status = run_client(library, "upload", [*options, "--", str(folder)], subject, "").returncode
    if status == WRONG_USAGE:
        raise ToolError("nothing was uploaded: what is above says why")
    if status:
        raise ToolError("not everything was uploaded: see above. The same command again does the rest")


def _choose_journal(site: str, source: str) -> Path:
    """One for each library and each place that something is adopted from."""
    digest = hashlib.sha256(f"{site} {source}".encode()).hexdigest()[:12]
    return platformdirs.user_state_path("stockroom") / f"adopted-{digest}.sqlite"


def _check_journal(library: Library, journal: _Journal, file: Path) -> None:
    """Raise ToolError for a journal of pictures that the library does not have.

    The newest one stands for all: another library has none, and one that was restored lacks the newest first.
    """
    picture = journal.find_newest()
    if picture and not library.ask({"ask": ROW, "id": picture})["rows"]:
        raise ToolError(
            f"the library does not have the picture {picture}, which was adopted as {file} says: was the "
            "library restored or made anew? Give JOURNAL=<a new file>; what the library has is not doubled"
        )


class _Journal:
    """What has become of each object as a contributor's; an object that was replaced since is a new one."""

    def __init__(self, file: Path, subject: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None)
        self._subject = subject
        columns = "subject TEXT, key TEXT, etag TEXT, state TEXT, id TEXT, PRIMARY KEY (subject, key)"
        try:
            self._db.execute(f"CREATE TABLE IF NOT EXISTS taken ({columns})")
        except sqlite3.Error:
            self.close()
            raise

    def close(self) -> None:
        self._db.close()

    def is_settled(self, found: Found) -> bool:
        rows = self._db.execute(
            "SELECT state FROM taken WHERE subject = ? AND key = ? AND etag = ?",
            (self._subject, found.key, found.etag),
        ).fetchall()
        return bool(rows) and rows[0][0] in SETTLED

    def find_newest(self) -> str:
        """The id of the newest picture, whoever's; empty where there is none. Ids are in order of time."""
        query = f"SELECT COALESCE(MAX(id), '') FROM taken WHERE state IN ({', '.join('?' * len(DONE))})"
        return str(self._db.execute(query, DONE).fetchone()[0])

    def record(self, found: Found, state: str, picture: str) -> None:
        values = (self._subject, found.key, found.etag, state, picture)
        self._db.execute("REPLACE INTO taken VALUES (?, ?, ?, ?, ?)", values)


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

    def fetch(self, found: Found, folder: Path) -> str:
        """Write an object to its place below a folder; why it is not there, if it is not.

        The keys `a` and `a/b` can both be there, which no folder can have; nor can many have `a` and `A`.
        """
        path = folder / found.name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("xb")
        except (FileExistsError, NotADirectoryError):
            return NO_PATH
        # Not `download_file`, whose name for the meantime may be longer than a file's can be.
        try:
            with file:
                self.s3.download_fileobj(self.name, found.key, file)
        except ClientError as error:
            path.unlink()
            if error.response["Error"]["Code"] == "InvalidObjectState":
                return ARCHIVED
            if is_absent(error):
                return GONE
            raise
        return ""


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
            with TemporaryDirectory() as folder:
                files = Path(folder)
                reasons = {found.name: self.bucket.fetch(found, files) for found in lot}
                described = [
                    {"file": name, **msgspec.to_builtins(captions.find(base / name))}
                    for name, reason in reasons.items()
                    if not reason
                ]
                uploaded = self._upload(files, described) if described else {}
            absent = {
                name: {"state": "failed", "detail": reason} for name, reason in reasons.items() if reason
            }
            outcomes = uploaded | absent
            for found in lot:
                self._end(found, outcomes.get(found.name, {"state": "passed-over"}), counts)
            _check_lot(list(uploaded.values()))
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
