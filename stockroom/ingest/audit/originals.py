"""The uploads bucket and the table, compared in the order of picture ids."""

from stockroom.images import ids
from stockroom.images.repository.inventory import InventoryRow, find_rows
from stockroom.images.repository.pictures import find_row
from stockroom.images.states import State
from stockroom.images.storage import ListedObject, original_key, parse_original_key
from stockroom.ingest.audit.comparison import LAST_ID, PAGE, Comparison
from stockroom.ingest.audit.report import Kind

_MISSING_ORIGINAL: dict[State, Kind] = {
    "ready": "picture-without-original",
    "hidden": "picture-without-original",
    "failed": "failure-without-original",
}
"""Of a row in another state there may be no original."""


def compare_originals(run: Comparison, position: str) -> str | None:
    """Compare originals and rows above the id at `position`; the position after them, None at the end.

    The run says with which id it ends. A repair deletes old originals that have no row.
    """
    after = int(position or "0")
    # Copies of originals, which S3 deletes by itself, and what jobs write come before these in the order of
    # keys.
    listed = run.storage.list_originals(original_key(after), PAGE)
    by_id: dict[int, ListedObject] = {}
    unknown: list[str] = []
    for each in listed:
        image_id = parse_original_key(each.key)
        if image_id is not None:
            by_id[image_id] = each
        else:
            unknown.append(each.key)
    end = LAST_ID if len(listed) < PAGE else max(by_id, default=LAST_ID)
    end = min(end, run.last_id)
    rows = find_rows(run.db, after, end, PAGE)
    if len(rows) == PAGE:
        end = rows[-1].image_id
    ids_of_rows = {row.image_id for row in rows}
    for image_id, stored in by_id.items():
        if image_id <= end:
            run.report.originals.count += not run.is_repairing
            if image_id not in ids_of_rows:
                _handle_original_without_row(run, image_id, stored)
    run.report_unknown(unknown, None if end == LAST_ID else original_key(end))
    if not run.is_repairing:
        run.report.rows += len(rows)
        for row in rows:
            if row.image_id not in by_id:
                _report_missing_original(run, row)
            if row.is_long_overdue:
                run.report.add("overdue-row", ids.encode(row.image_id))
    return None if end == run.last_id else str(end)


def _handle_original_without_row(run: Comparison, image_id: int, stored: ListedObject) -> None:
    # The row, and its object after it, may have gone since the listing.
    if find_row(run.db, image_id) is not None or run.storage.head_original(image_id) is None:
        return
    if not run.is_repairing:
        run.report.add("original-without-row", stored.key)
        run.count_unused(run.report.originals, stored)
    elif run.may_delete(stored):
        run.count_deletion(run.report.originals)
        run.storage.delete_original(image_id)
        run.report.add_repair("original-without-row")


def _report_missing_original(run: Comparison, row: InventoryRow) -> None:
    kind = _MISSING_ORIGINAL.get(row.state)
    if kind is not None and run.storage.head_original(row.image_id) is None:
        run.report.add(kind, original_key(row.image_id))
