from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from stockroom.images import ids
from stockroom.images.storage import key_after_renditions, original_key, rendition_key
from stockroom.ingest.audit import runs
from stockroom.ingest.audit.comparison import MAX_DELETIONS
from stockroom.ingest.audit.report import MAX_EXAMPLES, Objects
from stockroom.resources import Resources
from stockroom.runtime.timestamps import now
from tests.factories import make_overdue, pending, put_original, row_in, s3_client, state
from tests.ingest.audit.library import (
    MAX_STEPS,
    RENDITION,
    complete,
    found,
    key_of,
    run,
    run_until,
    stray,
)

UNKNOWN = {"uploads_bucket": "originals/zz-notes.txt", "images_bucket": "i/zz/notes.txt"}
"""A key that Stockroom never writes, behind those of all pictures, by the setting that names its bucket."""


def test_a_library_without_faults(resources: Resources) -> None:
    complete(resources, b"1")
    pending(resources, b"2")
    report = run(resources)
    assert (found(report), report.finished, report.refused) == ({}, True, "")
    assert (report.originals, report.renditions, report.rows) == (Objects(1), Objects(2), 2)


def test_an_original_without_a_row_is_reported_and_deleted_only_on_request(resources: Resources) -> None:
    (image_id,) = stray(resources)
    pending(resources)
    for _ in range(2):
        report = run(resources)
        assert found(report) == {"original-without-row": 1}
        assert report.findings["original-without-row"].examples == [f"originals/{ids.encode(image_id)}"]
        assert report.repaired == {}
    assert resources.storage.head_original(image_id) is not None
    report = run(resources, repair=True)
    assert report.repaired == {"original-without-row": 1}
    assert (report.originals, report.rows) == (Objects(count=1, deletable=1, deleted=1), 1)
    assert resources.storage.head_original(image_id) is None
    assert found(run(resources)) == {}


def test_an_empty_table_costs_not_even_a_few(resources: Resources) -> None:
    (image_id,) = stray(resources)
    assert "none while there is no row" in run(resources, repair=True).refused
    assert resources.storage.head_original(image_id) is not None


def test_a_repair_whose_database_changes_stops_at_the_limit(resources: Resources) -> None:
    """The table is emptied between the comparison and the repair: a restore, for example."""
    image_ids = [complete(resources, bytes([n])) for n in range(MAX_DELETIONS + 5)]
    run_until(resources, "repair-originals")
    resources.db.execute("DELETE FROM image")
    report = run(resources, repair=True)
    assert report.refused == (
        f"The repair stopped after {MAX_DELETIONS} deletions: more objects belong to no row now than it had "
        "found before. Find out why, then run the audit again."
    )
    assert report.finished
    assert report.originals == Objects(count=len(image_ids), deleted=MAX_DELETIONS + 1)
    kept = [image_id for image_id in image_ids if resources.storage.head_original(image_id)]
    assert len(kept) == 5


def test_a_crash_hides_no_deletion(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(MAX_DELETIONS + 5):
        complete(resources, bytes([n]))
    run_until(resources, "repair-originals")
    resources.db.execute("DELETE FROM image")
    delete = resources.storage.delete_original
    for _ in range(MAX_DELETIONS + 2):

        def crash(image_id: int) -> None:
            delete(image_id)
            raise ConnectionAbortedError

        with monkeypatch.context() as patch:
            patch.setattr(resources.storage, "delete_original", crash)
            with suppress(ConnectionAbortedError):
                run(resources, repair=True)
    (left,) = {len(page.get("Contents", ())) for page in _pages(resources.settings.uploads_bucket)}
    assert left == 5


def _pages(bucket: str) -> list[dict[str, Any]]:
    return list(s3_client().get_paginator("list_objects_v2").paginate(Bucket=bucket))


def test_a_repair_that_was_left_for_long_begins_anew(resources: Resources) -> None:
    """The database may have been restored to a moment at which a repair was under way."""
    image_ids = [complete(resources, bytes([n])) for n in range(4)]
    run_until(resources, "repair-originals")
    resources.db.execute("UPDATE audit_run SET saved = saved - INTERVAL 61 MINUTE")
    resources.db.execute("DELETE FROM image")
    assert "12 of 12 objects belong to no row" in run(resources, repair=True).refused
    assert all(resources.storage.head_original(image_id) for image_id in image_ids)
    assert resources.db.query("SELECT COUNT(*), COUNT(finished) FROM audit_run") == ((2, 2),)


def test_of_two_processes_with_one_run_one_stops(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    (image_id,) = stray(resources)
    pending(resources)
    run_until(resources, "repair-originals")
    mine = runs.resume_or_start(resources.db, repair=True)
    with monkeypatch.context() as patch:
        # The other process ends the run while this one is comparing.
        patch.setattr(resources.storage, "delete_original", lambda _: None)
        assert run(resources, repair=True).finished
    monkeypatch.setattr(runs, "resume_or_start", lambda _db, **_kind: mine)
    assert run(resources, repair=True).refused == "Another process has gone on with this repair."
    assert resources.storage.head_original(image_id) is not None


def test_two_repairs_at_once_delete_no_more_than_one(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one begins within a step of the first one, and dies; the first one goes on."""
    for n in range(MAX_DELETIONS + 5):
        complete(resources, bytes([n]))
    run_until(resources, "repair-originals")
    resources.db.execute("DELETE FROM image")
    delete = resources.storage.delete_original
    deleted: list[int] = []

    def count(image_id: int) -> None:
        delete(image_id)
        deleted.append(image_id)
        if len(deleted) == 1:
            with suppress(ConnectionAbortedError):
                run(resources, repair=True)
        elif len(deleted) == 5:
            raise ConnectionAbortedError

    monkeypatch.setattr(resources.storage, "delete_original", count)
    assert run(resources, repair=True).refused == "Another process has gone on with this repair."
    assert len(deleted) == 5
    assert "stopped after 10 deletions" in run(resources, repair=True).refused
    assert len(deleted) == MAX_DELETIONS


def test_a_report_of_another_version_is_begun_anew(resources: Resources) -> None:
    stray(resources)
    run(resources, repair=True, seconds=0)
    resources.db.execute("UPDATE audit_run SET report = %s", ('{"rows": "many"}',))
    assert found(run(resources, repair=True)) == {"original-without-row": 1}
    assert resources.db.query("SELECT COUNT(*), COUNT(finished) FROM audit_run") == ((2, 2),)


def test_a_kind_that_a_report_does_not_know_yet_is_counted(resources: Resources) -> None:
    stray(resources)
    run(resources, seconds=0)
    resources.db.execute(
        """UPDATE audit_run SET phase = 'originals', position = '', report = '{"findings": {}}'"""
    )
    assert found(run(resources)) == {"original-without-row": 1}


def test_rows_that_no_reaper_has_seen_for_days_are_reported(resources: Resources) -> None:
    image_id = pending(resources)
    make_overdue(resources.db)
    assert run(resources).findings["overdue-row"].examples == [ids.encode(image_id)]


def test_young_objects_are_reported_and_kept(resources: Resources) -> None:
    (image_id,) = stray(resources)
    report = run(resources, repair=True, min_age=timedelta(days=1))
    assert (found(report), report.repaired) == ({"original-without-row": 1}, {})
    assert report.originals == Objects(1)
    assert resources.storage.head_original(image_id) is not None


def test_a_database_that_was_restored_or_emptied_does_not_empty_the_buckets(resources: Resources) -> None:
    image_ids = [complete(resources, bytes([n])) for n in range(4)]
    resources.db.execute("DELETE FROM image")
    report = run(resources, repair=True)
    counts = found(report)
    assert (counts["original-without-row"], counts["rendition-without-picture"]) == (4, 8)
    assert report.refused == (
        f"12 of 12 objects belong to no row; a repair deletes at most {MAX_DELETIONS}, and none while there "
        "is no row at all. If the database was restored to an older state, these objects may be the only "
        "copies: bring their rows back first. Otherwise delete them by hand."
    )
    assert report.finished
    assert report.repaired == {}
    assert all(resources.storage.head_original(image_id) for image_id in image_ids)


def test_a_few_are_deleted_and_one_more_is_refused(resources: Resources) -> None:
    image_ids = stray(resources, MAX_DELETIONS + 1)
    pending(resources)
    assert run(resources, repair=True).refused
    resources.storage.delete_original(image_ids[0])
    assert run(resources, repair=True).repaired == {"original-without-row": MAX_DELETIONS}


def test_of_the_originals_alone_no_greater_share_is_deleted(resources: Resources) -> None:
    """Many renditions do not make the loss of originals a small one."""
    (image_id,) = stray(resources)
    pending(resources)
    while not run(resources, repair=True, seconds=0).finished:
        resources.db.execute(
            "UPDATE audit_run SET report = JSON_SET(report, '$.originals.count', 1200, "
            "'$.originals.deletable', 13, '$.renditions.count', 8800) WHERE phase = 'index'"
        )
    ((refused,),) = resources.db.query("SELECT JSON_VALUE(report, '$.refused') FROM audit_run")
    assert refused.startswith("13 of 1200 originals belong to no row; a repair deletes at most 12, and none")
    assert resources.storage.head_original(image_id) is not None


def test_renditions_that_no_picture_links_to(resources: Resources) -> None:
    image_id = complete(resources, b"1")
    link_key = key_of(resources, image_id)
    unlinked = [
        rendition_key(image_id, link_key, 1, "240p", "webp"),
        rendition_key(image_id, "ANOTHERKEY", 1, "240p"),
        rendition_key(ids.first_id(now()) + (1 << 40), "NOROW", 1, "240p"),
    ]
    for key in unlinked:
        resources.storage.write_rendition(key, RENDITION)
    report = run(resources, repair=True)
    assert set(report.findings["rendition-without-picture"].examples) == set(unlinked)
    assert report.repaired == {"rendition-without-picture": 3}
    assert report.renditions == Objects(count=5, deletable=3, deleted=3)
    assert not any(resources.storage.has_rendition(key) for key in unlinked)
    assert resources.storage.has_rendition(rendition_key(image_id, link_key, 1, "240p"))


def test_a_lost_rendition_is_requested_again(resources: Resources) -> None:
    image_id = complete(resources, b"1")
    key = rendition_key(image_id, key_of(resources, image_id), 1, "720p")
    resources.storage.delete_rendition(key)
    report = run(resources, repair=True)
    assert report.findings["picture-without-rendition"].examples == [key]
    assert report.repaired == {"picture-without-rendition": 1}
    assert resources.db.query("SELECT deadline <= UTC_TIMESTAMP(3) FROM image") == ((1,),)
    assert found(run(resources)) == {}, "the renditions are being made"


def test_a_lost_original_is_reported(resources: Resources) -> None:
    image_id = complete(resources, b"1")
    failed = row_in(resources, "failed", b"2")
    resources.storage.delete_original(image_id)
    report = run(resources, repair=True)
    assert found(report) == {"picture-without-original": 1, "failure-without-original": 1}
    assert report.findings["picture-without-original"].examples == [original_key(image_id)]
    assert report.findings["failure-without-original"].examples == [original_key(failed)]
    assert state(resources.db, image_id) == "ready"


def test_nothing_is_rendered_where_the_original_is_lost_too(resources: Resources) -> None:
    image_id = complete(resources, b"1")
    resources.storage.delete_original(image_id)
    resources.storage.delete_renditions(image_id, key_of(resources, image_id))
    report = run(resources, repair=True)
    assert found(report) == {"picture-without-original": 1, "picture-without-rendition": 2}
    assert report.repaired == {}
    assert resources.db.query("SELECT deadline FROM image") == ((None,),)


def test_a_rendition_that_goes_after_the_listing_is_no_fault(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = rendition_key(ids.first_id(now()) + (1 << 40), "NOROW", 1, "240p")
    resources.storage.write_rendition(key, RENDITION)
    monkeypatch.setattr(resources.storage, "has_rendition", lambda _key: False)
    assert found(run(resources)) == {}


def test_uploads_under_way_and_deletions_are_no_fault(resources: Resources) -> None:
    for row_state in ("pending", "failed", "deleting"):
        image_id = row_in(resources, row_state, row_state.encode())
        put_original(resources, image_id, row_state.encode())
        key = rendition_key(image_id, key_of(resources, image_id), 1, "240p")
        resources.storage.write_rendition(key, RENDITION)
    assert found(run(resources)) == {}


def test_keys_that_stockroom_never_writes_are_reported_and_kept(resources: Resources) -> None:
    buckets = {getattr(resources.settings, name): key for name, key in UNKNOWN.items()}
    for bucket, key in buckets.items():
        s3_client().put_object(Bucket=bucket, Key=key, Body=b"notes")
    report = run(resources, repair=True)
    assert found(report) == {"unknown-object": 2}
    assert set(report.findings["unknown-object"].examples) == set(buckets.values())
    for bucket, key in buckets.items():
        s3_client().head_object(Bucket=bucket, Key=key)


def test_pages_of_such_keys_alone_are_the_last(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("originals", "renditions"):
        monkeypatch.setattr(f"stockroom.ingest.audit.{module}.PAGE", 2)
    for bucket, key in UNKNOWN.items():
        for number in range(2):
            s3_client().put_object(
                Bucket=getattr(resources.settings, bucket), Key=f"{key}{number}", Body=b"notes"
            )
    report = run(resources)
    assert report.finished
    assert found(report) == {"unknown-object": 4}


def test_examples_are_few_and_counts_are_whole(resources: Resources) -> None:
    stray(resources, MAX_EXAMPLES + 5)
    finding = run(resources).findings["original-without-row"]
    assert (finding.count, len(finding.examples)) == (MAX_EXAMPLES + 5, MAX_EXAMPLES)


@pytest.mark.parametrize("page", [2, 3, 1000])
def test_a_run_out_of_time_goes_on_where_it_was(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    for module in ("originals", "renditions"):
        monkeypatch.setattr(f"stockroom.ingest.audit.{module}.PAGE", page)
    whole = [complete(resources, bytes([n])) for n in range(3)]
    stray(resources, 3)
    for number in range(5):
        # Rows that follow the last object.
        pending(resources, f"pending {number}".encode())
    between = key_after_renditions(whole[1])
    for bucket, key in [*UNKNOWN.items(), ("images_bucket", between)]:
        s3_client().put_object(Bucket=getattr(resources.settings, bucket), Key=key, Body=b"notes")
    resources.storage.delete_rendition(rendition_key(whole[1], key_of(resources, whole[1]), 1, "240p"))
    resources.storage.delete_original(whole[2])
    reports = [run(resources, seconds=0)]
    while not reports[-1].finished:
        assert len(reports) < MAX_STEPS, "the run has no end"
        reports.append(run(resources, seconds=0))
    assert len(reports) >= 2
    assert found(reports[-1]) == {
        "original-without-row": 3,
        "picture-without-rendition": 1,
        "picture-without-original": 1,
        "unknown-object": 3,
    }
    assert (reports[-1].originals.count, reports[-1].renditions.count, reports[-1].rows) == (5, 5, 8)
    assert resources.db.query("SELECT COUNT(*), COUNT(finished) FROM audit_run") == ((1, 1),)


def test_the_index_is_put_right(resources: Resources) -> None:
    image_id = complete(resources, b"1")
    (first,), (second,) = resources.db.query("SELECT term_id FROM term WHERE df ORDER BY term_id LIMIT 2")
    for term_id in (first, second):
        resources.db.execute("UPDATE term SET df = 7 WHERE term_id = %s", (term_id,))
    resources.db.execute("INSERT INTO posting (term_id, image_id, weight) VALUES (%s, 99, 1)", (first,))
    assert found(run(resources))["wrong-df"] == 2
    report = run(resources, repair=True)
    assert report.findings["wrong-df"].count == 2
    assert report.findings["dangling-posting"].examples
    assert report.repaired["wrong-df"] == 2
    assert found(run(resources)) == {}
    rows = resources.db.query("SELECT df FROM term WHERE term_id IN (%s, %s)", (first, second))
    assert rows == ((1,), (1,))
    assert state(resources.db, image_id) == "ready"


def test_a_run_that_repairs_is_not_mistaken_for_one_that_only_reports(resources: Resources) -> None:
    (image_id,) = stray(resources)
    assert not run(resources, repair=True, seconds=0).finished
    assert run(resources).repaired == {}
    assert resources.storage.head_original(image_id) is not None
