"""The images bucket and the table, compared in the order of picture ids."""

import re
from collections import defaultdict

from stockroom.images.repository import lifecycle
from stockroom.images.repository.inventory import InventoryRow, find_rows
from stockroom.images.repository.pictures import find_row
from stockroom.images.storage import (
    ListedObject,
    RenditionKey,
    key_after_renditions,
    list_rendition_keys,
    parse_rendition_key,
    renditions_folder,
)
from stockroom.ingest.audit.comparison import LAST_ID, PAGE, Comparison
from stockroom.renditions.outputs import JPEG, find_formats

MAX_CHECKS = 1000
"""Renditions without a picture that are looked up one by one."""
_VERSION = re.compile(r"v([1-9][0-9]{0,2})/")


def compare_renditions(run: Comparison, position: str) -> str | None:
    """Compare renditions and pictures above the id at `position`; the position after them, None at the end.

    The run says with which id it ends. A repair deletes old renditions that no picture links to, and has
    missing ones made again.
    """
    after = int(position or "0")
    listed = run.storage.list_renditions(after, PAGE)
    by_id: defaultdict[int, list[ListedObject]] = defaultdict(list)
    unknown: list[str] = []
    for each in listed:
        image_id = parse_rendition_key(each.key)
        if image_id is not None:
            by_id[image_id].append(each)
        else:
            unknown.append(each.key)
    is_last = len(listed) < PAGE
    end = LAST_ID if is_last else max(by_id, default=LAST_ID)
    if not is_last and len(by_id) > 1:
        # The page may end within the renditions of its last picture.
        del by_id[end]
        end = max(by_id)
    if end >= run.last_id:
        end, is_last = run.last_id, True
    rows = {row.image_id: row for row in find_rows(run.db, after, end, PAGE)}
    if len(rows) == PAGE:
        end, is_last = max(rows), False
    run.report_unknown(unknown, None if end == LAST_ID else key_after_renditions(end))
    for image_id in sorted(by_id.keys() | rows.keys()):
        if image_id <= end:
            run.report.renditions.count += 0 if run.is_repairing else len(by_id[image_id])
            _compare(run, image_id, rows.get(image_id), by_id[image_id])
    return None if is_last or end == run.last_id else str(end)


def _compare(run: Comparison, image_id: int, row: InventoryRow | None, stored: list[ListedObject]) -> None:
    """Report, or repair, what is wrong with the renditions of one picture."""
    if row is not None and (row.state not in ("ready", "hidden") or row.has_changing_renditions):
        # The renditions of this row are still being written or deleted, or its objects are the reaper's.
        return
    expected = _expected_keys(row) if row is not None and row.state == "ready" else set()
    others = [each for each in stored if each.key not in expected]
    if row is not None and row.state == "ready":
        others = _pass_over_other_versions(run, row, _pass_over_unknown_formats(row, others))
    unlinked = [each for each in others if _is_still_there(run, each)]
    if unlinked and (row is not None or find_row(run.db, image_id) is None):
        for each in unlinked:
            _handle_unlinked(run, each)
    # A rendition may have been written after the listing, and its row may have changed since.
    missing = sorted(expected - {each.key for each in stored})
    missing = [key for key in missing if not run.storage.has_rendition(key)]
    if missing and _is_ready(run, image_id):
        _handle_missing(run, image_id, missing)


def _pass_over_unknown_formats(row: InventoryRow, stored: list[ListedObject]) -> list[ListedObject]:
    """Those of a ready picture's renditions that are none of a format which only a later release knows.

    Its files have names that are not known here. When that release is back, the picture links to them again.
    """
    if len(find_formats(row.formats)) == len(row.formats):
        return stored
    folder = renditions_folder(row.image_id, row.link_key)
    return [each for each in stored if _read_version(each.key.removeprefix(folder)) != row.version]


def _pass_over_other_versions(
    run: Comparison, row: InventoryRow, stored: list[ListedObject]
) -> list[ListedObject]:
    """Those of a ready picture's renditions that are not of a version which the picture had or may get.

    Answers that are cached still link to older versions, and `delete_old_versions` deletes them in time. A
    job may have written a newer version, to which the picture moves at any moment.
    """
    folder = renditions_folder(row.image_id, row.link_key)
    unlinked = []
    for each in stored:
        version = _read_version(each.key.removeprefix(folder))
        if version > row.version or (0 < version < row.version and row.has_old_versions):
            if not run.is_repairing:
                run.report.add("other-version", each.key)
        else:
            unlinked.append(each)
    return unlinked


def _read_version(path: str) -> int:
    """The version that a path below a picture's folder names; 0 for a path that does not."""
    match = _VERSION.match(path)
    return int(match[1]) if match else 0


def _is_still_there(run: Comparison, stored: ListedObject) -> bool:
    """Whether a rendition is still stored: it may have been deleted, and its row with it, since the listing.

    Where very many belong to nothing, a few that have just gone make no difference.
    """
    return run.report.renditions.deletable > MAX_CHECKS or run.storage.has_rendition(stored.key)


def _handle_unlinked(run: Comparison, stored: ListedObject) -> None:
    if not run.is_repairing:
        run.report.add("rendition-without-picture", stored.key)
        run.count_unused(run.report.renditions, stored)
    elif run.may_delete(stored):
        run.count_deletion(run.report.renditions)
        run.storage.delete_rendition(stored.key)
        run.report.add_repair("rendition-without-picture")


def _handle_missing(run: Comparison, image_id: int, keys: list[str]) -> None:
    if not run.is_repairing:
        for key in keys:
            run.report.add("picture-without-rendition", key)
    elif run.storage.head_original(image_id) is None:
        # Nothing can be rendered: the picture without its original is a finding of its own.
        return
    elif lifecycle.request_renditions(run.db, image_id):
        run.report.add_repair("picture-without-rendition")


def _is_ready(run: Comparison, image_id: int) -> bool:
    row = find_row(run.db, image_id)
    return row is not None and row.state == "ready"


def _expected_keys(row: InventoryRow) -> set[str]:
    key = RenditionKey(row.image_id, row.link_key, row.version)
    return set(list_rendition_keys(key, (JPEG.name, *row.formats)))
