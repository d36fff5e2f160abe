"""Exports a library: every original, what is said about it, and checksums (docs/archive.md).

The table is read in pages first, into a draft on disk, so that a changed library never leaves half of a list.
Then the originals come, each verified by the hash in its row. An interrupted export goes on when it is called
again: a file that is there with the right content is not fetched. Until every original is there, nothing that
an earlier export into the same folder has written is changed: it may be all that is left of a library.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

import msgspec
from botocore.exceptions import ClientError

from jobs.progress import describe_bytes
from operations.archive import bag
from operations.archive.library import Bar, Library, Say
from operations.archive.xmp import make_sidecar
from operations.stack import explained
from stockroom.images import ids
from stockroom.images.record import SCHEMA, PictureRecord
from stockroom.images.storage import original_key
from stockroom.ingest.questions import RECORDS
from stockroom.renditions import SOURCE_FORMATS
from stockroom.runtime.s3 import is_absent
from tooling.errors import ToolError

PICTURES = f"{bag.PAYLOAD}/pictures.jsonl"
ORIGINALS = f"{bag.PAYLOAD}/originals"
DRAFTS = "pictures.jsonl.part", "pictures.new.part", "manifest.part"
SIDECAR = ".xmp"
CHUNK_BYTES = 1024 * 1024
# Originals that are fetched at once, and records that are held in memory for that.
FETCHERS, BATCH = 8, 64
MAX_NAMED = 20
EXTENSIONS = {source.media_type: source.extensions[0] for source in SOURCE_FORMATS}

Result = Literal["kept", "fetched", "absent", "damaged", "none"]


@dataclass
class Summary:
    """What an export has done. `absent` and `damaged` are ids of pictures without a good original."""

    pictures: int = 0
    kept: int = 0
    fetched: int = 0
    fetched_bytes: int = 0
    size: int = 0
    files: int = 0
    removed: int = 0
    absent: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


def export(library: Library, folder: Path, say: Say, *, prune: bool = False) -> Summary:
    """Write the library into `folder`; `say` gets a line at the end.

    Raises ToolError where originals are missing, after everything else was written; for a folder that holds
    something else; and for one that holds pictures which the library no longer has, unless `prune`.
    """
    try:
        with explained():
            summary = _export(library, folder, say, prune=prune)
    except OSError as error:
        raise ToolError(f"{error.filename or folder}: {error.strerror}; run the command again") from error
    say(
        f"{summary.pictures} pictures in {folder}: {summary.fetched} originals fetched "
        f"({describe_bytes(summary.fetched_bytes)}), {summary.kept} were there"
    )
    problems = [
        f"the originals of {len(found)} pictures are {what}: {', '.join(found[:MAX_NAMED])}"
        + (" …" if len(found) > MAX_NAMED else "")
        for what, found in (
            ("missing in storage", summary.absent),
            ("not what was uploaded", summary.damaged),
        )
        if found
    ]
    if problems:
        raise ToolError("\n".join(["the export is not whole:", *problems]))
    return summary


def _export(library: Library, folder: Path, say: Say, *, prune: bool) -> Summary:
    listed, draft, manifest = (folder / name for name in DRAFTS)
    summary = Summary()
    with Bar(sys.stderr) as bar:
        task = bar.add_task("listing", total=None)
        bag.claim(folder)
        bag.resolve(folder, ORIGINALS)
        total = _list(library, listed, summary)
        if not prune:
            _refuse_strays(folder, listed)
        bar.update(task, description=f"{summary.pictures} pictures", total=total)
        with (
            listed.open("rb") as lines,
            bag.create(draft) as pictures,
            ThreadPoolExecutor(FETCHERS) as pool,
        ):
            records = map(_decode, lines)
            while batch := list(islice(records, BATCH)):
                results = pool.map(lambda record: _fetch(library, folder, record), batch)
                for record, result in zip(batch, results, strict=True):
                    _count(record, result, summary)
                    file = original_path(record) if result in ("kept", "fetched") else None
                    line = msgspec.structs.replace(record, file=file)
                    pictures.write(msgspec.json.encode(line) + b"\n")
                    bar.advance(task, record.size)
        bag.begin(folder)
        _remove_strays(folder, listed, summary)
        with draft.open("rb") as lines, bag.create(manifest) as hashes:
            payload = _Payload(folder, hashes, summary)
            for record in map(_decode, lines):
                payload.add(record)
            (folder / bag.PAYLOAD).mkdir(exist_ok=True)
            target = draft.replace(folder / PICTURES)
            payload.add_hash(PICTURES, bag.hash_file(target), target.stat().st_size)
    bag.end(
        folder,
        manifest,
        size=summary.size,
        files=summary.files,
        information={"Stockroom-Schema": str(SCHEMA), "Stockroom-Pictures": str(summary.pictures)},
    )
    listed.unlink()
    if summary.removed:
        say(f"removed {summary.removed} files of pictures that the library no longer has")
    return summary


def _list(library: Library, listed: Path, summary: Summary) -> int:
    """Write a line for each picture, in the order of the ids; the bytes of all originals."""
    total, after = 0, None
    with bag.create(listed) as lines:
        while True:
            page = library.ask({"ask": RECORDS, **({"after": after} if after else {})})
            for record in page["records"]:
                lines.write(msgspec.json.encode(record) + b"\n")
                total += record["size"]
            summary.pictures += len(page["records"])
            after = page["next"]
            if after is None:
                return total


def _decode(line: bytes) -> PictureRecord:
    return msgspec.json.decode(line, type=PictureRecord)


def original_path(record: PictureRecord) -> str:
    """Where the original of a picture lies: by month, so that no folder has too many files.

    The name is the id alone: what contributors call their files may be no name on another system.
    """
    month = record.created[:7].replace("-", "/")
    return f"{ORIGINALS}/{month}/{record.id}.{EXTENSIONS.get(record.type, 'bin')}"


def _fetch(library: Library, folder: Path, record: PictureRecord) -> Result:
    """Have the original of a picture in its place, with the content that was uploaded."""
    if record.sha256 is None:
        return "none"
    path = bag.resolve(folder, original_path(record))
    if path.is_file() and path.stat().st_size == record.size and bag.hash_file(path) == record.sha256:
        return "kept"
    image_id = ids.decode(record.id)
    assert image_id is not None  # noqa: S101  the library itself has encoded it
    try:
        answer = library.s3.get_object(Bucket=library.uploads_bucket, Key=original_key(image_id))
    except ClientError as error:
        if is_absent(error):
            return "absent"
        raise
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.part")
    digest = hashlib.sha256()
    with closing(answer["Body"]) as body, bag.create(draft) as file:
        for chunk in body.iter_chunks(CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
    if digest.hexdigest() != record.sha256:
        draft.unlink()
        return "damaged"
    draft.replace(path)
    return "fetched"


def _count(record: PictureRecord, result: Result, summary: Summary) -> None:
    """Count what has become of a picture's original."""
    if result == "kept":
        summary.kept += 1
    elif result == "fetched":
        summary.fetched += 1
        summary.fetched_bytes += record.size
    elif result == "damaged":
        summary.damaged.append(record.id)
    elif result == "absent" and record.state != "pending":
        # The original of a pending upload may be still on its way.
        summary.absent.append(record.id)


@dataclass
class _Payload:
    """The payload as it is completed, with the lines of its manifest."""

    folder: Path
    hashes: IO[bytes]
    summary: Summary

    def add(self, record: PictureRecord) -> None:
        """Write a picture's sidecar, and a line for each of its files; without an original it has none."""
        name = original_path(record)
        if record.file:
            packet = make_sidecar(record)
            with bag.create(self.folder / f"{name}{SIDECAR}") as sidecar:
                sidecar.write(packet)
            self.add_hash(name, record.sha256 or "", record.size)
            self.add_hash(f"{name}{SIDECAR}", hashlib.sha256(packet).hexdigest(), len(packet))
        else:
            for stale in (name, f"{name}{SIDECAR}"):
                (self.folder / stale).unlink(missing_ok=True)

    def add_hash(self, name: str, digest: str, size: int) -> None:
        """Write a line of the manifest."""
        self.hashes.write(f"{digest}  {name}\n".encode())
        self.summary.size += size
        self.summary.files += 1


def _refuse_strays(folder: Path, listed: Path) -> None:
    """Raise ToolError for files of an earlier export whose pictures the library no longer has.

    A library that was emptied must not empty its archive.
    """
    with listed.open("rb") as lines:
        gone = (path for path, is_draft in _find_strays(folder, map(_decode, lines)) if not is_draft)
        example = next(gone, None)
        count = sum(1 for _ in gone) + 1
    if example is not None:
        listed.unlink()
        raise ToolError(
            f"{folder} has {count} files of pictures that the library no longer has, for example "
            f"{example.relative_to(folder)}. Export into another folder, or let them go with PRUNE=1"
        )


def _remove_strays(folder: Path, listed: Path, summary: Summary) -> None:
    """Remove files of an earlier export whose pictures the library no longer has, and drafts."""
    with listed.open("rb") as lines:
        for path, is_draft in _find_strays(folder, map(_decode, lines)):
            path.unlink()
            summary.removed += not is_draft


def _find_strays(folder: Path, records: Iterable[PictureRecord]) -> Iterator[tuple[Path, bool]]:
    """Files below the originals that no picture has, and whether each is but a draft or has another type now.

    Both sides come in the order of the ids, so neither is held in memory.
    """
    remaining = iter(records)
    record = next(remaining, None)
    for path in _walk(folder / ORIGINALS):
        image_id = path.name.partition(".")[0]
        while record is not None and record.id < image_id:
            record = next(remaining, None)
        is_known = record is not None and record.id == image_id
        expected = folder / original_path(record) if record is not None else path
        if not is_known or path not in (expected, expected.with_name(f"{expected.name}{SIDECAR}")):
            yield path, is_known or path.suffix == ".part"


def _walk(folder: Path) -> Iterator[Path]:
    """The files below a folder, in the order of their ids: folders are months."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(names))


def read_records(folder: Path) -> Iterator[PictureRecord]:
    """The pictures of an export. Raises ToolError for a line that this version does not understand."""
    path = bag.resolve(folder, PICTURES)
    if not path.is_file():
        raise ToolError(f"{folder} is no complete export: it has no {PICTURES}. Run the export again")
    for number, line in enumerate(bag.read_lines(path), 1):
        try:
            record: Any = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ToolError(f"{PICTURES}, line {number}: {error}") from None
        if record.schema != SCHEMA:
            raise ToolError(
                f"{PICTURES}, line {number}: its schema is {record.schema}; this version reads {SCHEMA}"
            )
        # An id comes into a table and to the terminal.
        if ids.decode(record.id) is None:
            raise ToolError(f"{PICTURES}, line {number}: {record.id[:50]!r} is no picture's id")
        yield record
