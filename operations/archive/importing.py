"""Imports an export into a library, through the upload protocol as every contributor (docs/archive.md).

The library's command line (client/) uploads: it asks for tickets in batches, recognises by its content what
the library has, and waits until each picture is ready. So an import that was interrupted goes on when it is
called again.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from operations.archive import bag
from operations.archive.export import ORIGINALS, read_records
from operations.archive.library import Bar, Library, Say
from stockroom.api.key_objects import can_be_claimed
from stockroom.images.contributor_names import NAME_CHARACTERS, looks_like_pseudonym
from stockroom.images.record import PictureRecord
from stockroom.runtime.settings import OPERATOR_ISSUER
from stockroom.runtime.timestamps import now
from tooling import ROOT
from tooling.errors import ToolError
from tooling.terminal import show

IMPORTER = "import"
"""Whose the pictures are whose owners the operator signs no tokens for, unless another subject is given."""
BATCH = 500
MAX_NAMED = 10
DONE = ("ready", "duplicate", "hidden")
SHARED = "its file is that of another line, too"

Outcome = dict[str, Any]


def import_export(
    library: Library,
    folder: Path,
    say: Say,
    *,
    map_file: str = "",
    subject: str = "",
    is_partial: bool = False,
    tell: Callable[[str], None] = print,
) -> Counter[str]:
    """Upload every picture of an export; how many ended in which state.

    `tell` gets a line for each picture, and `map_file` the ids: that of the export, and the new one. Without
    another name it lies beside the export: what is in the export has been checked, and stays as it is. With a
    `subject`, everything becomes this contributor's. Raises ToolError for an export that is damaged, before
    anything is uploaded, and where a picture that was ready is not ready in the end. With `is_partial`, only
    the pictures are left out whose originals are missing or damaged.
    """
    damaged = check(folder, say, is_partial=is_partial)
    ids = Path(map_file).expanduser() if map_file else folder.with_name(f"{folder.name}-ids.csv")
    if not map_file and ids.is_symlink():
        # What comes with an export could have it lead to any file of the operator's.
        raise ToolError(f"{ids} is a link: remove it, or give MAP=")
    # The table of an earlier run stays until this one has ended: the library may not even answer.
    draft = ids.with_name(f"{ids.name}.part")
    counts: Counter[str] = Counter()
    lost = 0
    try:
        draft.unlink(missing_ok=True)  # a link, perhaps, which is not to be followed
        with draft.open("x", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(["old_id", "new_id", "state"])
            for record, outcome in _upload(library, folder, read_records(folder), subject, damaged):
                state, new_id = str(outcome["state"]), outcome.get("id") or ""
                counts[state] += 1
                lost += record.state == "ready" and state not in DONE
                if new_id:
                    table.writerow([record.id, new_id, state])
                    file.flush()
                words = (f"{state:9}", record.id, new_id, show(outcome.get("detail") or ""))
                tell(" ".join(filter(None, words)))
        draft.replace(ids)
    except OSError as error:
        raise ToolError(f"{error.filename or ids}: {error.strerror}") from error
    summary = ", ".join(f"{count} {state}" for state, count in counts.most_common()) or "no pictures"
    say(f"{summary}; the old and the new ids are in {ids}")
    if lost:
        raise ToolError(
            f"{lost} pictures are not in the library: see above. The same command tries them again"
        )
    return counts


def check(folder: Path, say: Say, *, is_partial: bool = False) -> frozenset[str]:
    """Compare an export with its checksums; the originals that are not what was written, if `is_partial`.

    Raises ToolError where anything is not what was written; if `is_partial`, where the lines are not.
    """
    with Bar(sys.stderr) as bar:
        task = bar.add_task("checking", total=bag.count_payload(folder) or None)
        problems = list(bag.check(folder, lambda size: bar.advance(task, size)))
    if not problems:
        say("every file is what was exported")
        return frozenset()
    is_salvageable = all(problem.name.startswith(f"{ORIGINALS}/") for problem in problems)
    shown = [
        f"{folder} is not what was exported:",
        *(" ".join(problem) for problem in problems[:MAX_NAMED]),
        *([f"… and {len(problems) - MAX_NAMED} more"] if len(problems) > MAX_NAMED else []),
    ]
    if is_partial and is_salvageable:
        say("\n".join([*shown, "the pictures of originals among them are left out"]))
        return frozenset(problem.name for problem in problems)
    if is_salvageable:
        shown.append(
            "Bring these files from another copy, or export again; PARTIAL=1 imports the others alone"
        )
    else:
        shown.append("Bring these files from another copy, or export again")
    raise ToolError("\n".join(shown))


def _upload(
    library: Library,
    folder: Path,
    records: Iterator[PictureRecord],
    subject: str,
    damaged: frozenset[str],
) -> Iterator[tuple[PictureRecord, Outcome]]:
    """What has become of each picture; those of one owner are uploaded together."""
    while batch := list(islice(records, BATCH)):
        present: list[tuple[PictureRecord, Path]] = []
        for record in batch:
            file = bag.resolve(folder, record.file) if record.file else None
            if record.file in damaged:
                yield record, {"state": "failed", "detail": "its original in the export is damaged"}
            elif record.expires is not None and datetime.fromisoformat(record.expires) <= now():
                # The library takes no picture that would have expired already, and it must not become public.
                yield record, {"state": "expired", "detail": f"it has expired at {record.expires}"}
            elif file is not None and file.is_file():
                present.append((record, file))
            else:
                detail = f"the export has no original; the upload was {record.state}"
                yield record, {"state": "absent", "detail": detail}

        def find_owner(each: tuple[PictureRecord, Path]) -> tuple[str, str]:
            return _owner(each[0], subject)

        for owner, group in groupby(sorted(present, key=find_owner), find_owner):
            theirs = list(group)
            files = [file for _, file in theirs]
            captions = [_caption(file, record) for record, file in theirs]
            outcomes = upload(library, files, captions, *owner)
            for record, file in theirs:
                # Two paths of one file are one file to the command line.
                outcome = outcomes.get(str(file), {"state": "failed", "detail": SHARED})
                if outcome.get("sha256") not in (None, record.sha256):
                    outcome = {"state": "failed", "detail": "the file is not the one that the line describes"}
                yield record, outcome


def _owner(record: PictureRecord, subject: str) -> tuple[str, str]:
    """Whose the picture becomes: subject and name of the token by which it is uploaded."""
    if subject:
        return subject, ""
    owner = record.owner
    if owner is None or owner.issuer != OPERATOR_ISSUER or not can_be_claimed(owner.subject):
        return IMPORTER, ""
    # The library makes a pseudonym itself, of another number.
    return owner.subject, "" if looks_like_pseudonym(owner.name) else owner.name[:NAME_CHARACTERS]


def _caption(file: Path, record: PictureRecord) -> dict[str, Any]:
    return {
        "file": file.name,
        "name": record.name,
        # Files of an export are called by their ids, which is no name to find a picture by.
        "file_name": record.file_name or record.name,
        "description": record.description,
        "tags": record.tags,
        "license": record.license,
        "credit": record.credit,
        "creator": record.creator,
        "copyright": record.copyright,
        "usage_terms": record.usage_terms,
        "license_url": record.license_url,
        "place": record.place,
        "embargo": record.embargo,
        "expires": record.expires,
    }


def upload(
    library: Library, files: Sequence[Path], captions: Sequence[dict[str, Any]], subject: str, name: str
) -> dict[str, Outcome]:
    """What has become of each file, by its path, as the library's command line says it.

    It shows its bars at the terminal. Raises ToolError where it does not even begin.
    """
    with TemporaryDirectory() as folder:
        table = Path(folder) / "captions.json"
        table.write_text(json.dumps(captions))
        arguments = ["--json", "--no-cache", "--captions", str(table), "--", *map(str, files)]
        done = run_client(library, "upload", arguments, subject, name, stdout=subprocess.PIPE)
    try:
        return {entry["file"]: entry for entry in json.loads(done.stdout)["files"]}
    except ValueError:
        raise ToolError("`stockroom upload` failed: what is above says why") from None


def run_client(
    library: Library, command: str, arguments: Collection[str], subject: str, name: str, **options: Any
) -> subprocess.CompletedProcess[bytes]:
    """Run a command of the library's command line, as the holder of a new token."""
    return subprocess.run(
        [sys.executable, "-m", "stockroom_client", command, *arguments],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "client"),
            "STOCKROOM_URL": library.site,
            "STOCKROOM_TOKEN": library.make_token(subject, name),
        },
        stdin=subprocess.DEVNULL,
        check=False,
        **options,
    )
