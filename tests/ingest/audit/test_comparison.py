from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from stockroom.images.storage import ListedObject
from stockroom.ingest.audit.comparison import (
    MAX_DELETIONS,
    Comparison,
    RepairStopped,
    max_deleted_originals,
    max_deletions,
)
from stockroom.ingest.audit.report import Objects, Report
from stockroom.resources import Resources

OLD_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


def comparison(
    resources: Resources, report: Report, save_counts: Callable[[], bool] = lambda: True
) -> Comparison:
    return Comparison(
        resources.db,
        resources.storage,
        resources.search_index,
        report,
        is_repairing=True,
        old_before=OLD_BEFORE,
        save_counts=save_counts,
    )


@pytest.mark.parametrize(
    ("count", "objects", "originals"),
    [(0, 10, 10), (1099, 10, 10), (1100, 11, 11), (100_000, 1000, 1000), (200_000, 2000, 1000)],
)
def test_a_repair_deletes_a_few_objects_or_a_small_share(count: int, objects: int, originals: int) -> None:
    assert (max_deletions(count), max_deleted_originals(count)) == (objects, originals)


def test_what_is_older_than_the_limit_may_be_deleted(resources: Resources) -> None:
    run = comparison(resources, Report())
    assert run.may_delete(ListedObject("key", OLD_BEFORE - timedelta(seconds=1)))
    assert not run.may_delete(ListedObject("key", OLD_BEFORE))


@pytest.mark.parametrize("bucket", ["originals", "renditions"])
def test_each_deletion_is_counted_before_it_happens_up_to_the_limit(
    resources: Resources, bucket: str
) -> None:
    report = Report(originals=Objects(count=600), renditions=Objects(count=400))
    saved: list[int] = []

    def save_counts() -> bool:
        saved.append(report.deleted)
        return True

    run, objects = comparison(resources, report, save_counts), getattr(report, bucket)
    for _ in range(MAX_DELETIONS):
        run.count_deletion(objects)
    assert saved == list(range(1, MAX_DELETIONS + 1))
    with pytest.raises(RepairStopped) as stopped:
        run.count_deletion(objects)
    assert str(stopped.value) == (
        f"The repair stopped after {MAX_DELETIONS} deletions: more objects belong to no row now than it had "
        "found before. Find out why, then run the audit again."
    )


def test_originals_have_a_limit_of_their_own(resources: Resources) -> None:
    report = Report(originals=Objects(count=20, deleted=9), renditions=Objects(count=10_000, deleted=50))
    run = comparison(resources, report)
    run.count_deletion(report.originals)
    run.count_deletion(report.renditions)
    with pytest.raises(RepairStopped, match="after 61 deletions"):
        run.count_deletion(report.originals)


def test_a_repair_with_which_another_process_has_gone_on_stops(resources: Resources) -> None:
    report = Report(originals=Objects(count=20))
    with pytest.raises(RepairStopped, match=r"^Another process has gone on with this repair\.$"):
        comparison(resources, report, lambda: False).count_deletion(report.originals)


@pytest.mark.parametrize(
    ("up_to", "reported"), [(None, ["a", "b", "c"]), ("b", ["a", "b"]), ("0", [])], ids=["last", "b", "0"]
)
def test_unknown_keys_are_reported_by_the_page_after_which_none_lists_them(
    resources: Resources, up_to: str | None, reported: list[str]
) -> None:
    run = comparison(resources, Report())
    run.report_unknown(["a", "b", "c"], up_to)
    assert run.report.findings["unknown-object"].count == 0, "a repair has reported them"
    run._replace(is_repairing=False).report_unknown(["a", "b", "c"], up_to)
    assert run.report.findings["unknown-object"].examples == reported
