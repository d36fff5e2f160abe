"""The audit in parts: as one run finds and repairs it, and never more."""

from datetime import timedelta

import pytest

from stockroom.images import ids
from stockroom.images.repository.near_duplicates import insert_bands
from stockroom.ingest.audit.comparison import LAST_ID, MAX_DELETIONS
from stockroom.ingest.audit.parts import Part, PartReport, compare_part, merge, repair_part, split
from stockroom.ingest.audit.report import Kind, Objects, Report
from stockroom.resources import Resources
from stockroom.runtime.timestamps import now
from stockroom.search.index import audit_parts, sections
from stockroom.search.index.audit_report import MAX_EXAMPLES
from tests.factories import pending, s3_client
from tests.ingest.audit.library import complete, found, key_of, run, stray

OLD = now() + timedelta(days=1)
"""Every object of these tests is older."""


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every picture of the sample ends a part."""
    monkeypatch.setattr(sections, "AVERAGE_PICTURES", 1)
    monkeypatch.setattr(audit_parts, "TYPICAL_TERMS", 1)


def sample(resources: Resources) -> None:
    """Take all postings into the sample, of which otherwise few libraries as small as these have any."""
    resources.db.execute(
        "INSERT INTO posting_skip (term_id, image_id) SELECT p.term_id, p.image_id FROM posting p "
        "LEFT JOIN posting_skip s ON s.term_id = p.term_id AND s.image_id = p.image_id "
        "WHERE s.term_id IS NULL"
    )


def compare(resources: Resources) -> dict[Part, PartReport]:
    """All parts, compared in the opposite of their order."""
    parts = [part for step in split(resources.search_index, 1).values() for part in step]
    return {
        part: compare_part(resources.db, resources.storage, resources.search_index, part, old_before=OLD)
        for part in reversed(parts)
    }


def repair(resources: Resources, compared: dict[Part, PartReport]) -> Report:
    """All parts, repaired in the order of the steps, those of a step in the opposite of theirs."""
    order = list(split(resources.search_index, 1))
    parts = sorted(compared, key=lambda part: order.index(part.step))
    return merge(
        (
            repair_part(
                resources.db,
                resources.storage,
                resources.search_index,
                part,
                old_before=OLD,
                chosen=compared[part].chosen,
            )
            for part in parts
        ),
        repair=False,
    )


def list_examples(report: Report) -> dict[Kind, list[str]]:
    """The examples of those kinds of which every fault is an example."""
    return {
        kind: sorted(finding.examples)
        for kind, finding in report.findings.items()
        if finding.count <= MAX_EXAMPLES
    }


def make_damaged_library(resources: Resources) -> None:
    """Something is wrong with every step of the audit, in several parts of it."""
    db, client, settings = resources.db, s3_client(), resources.settings
    images = [complete(resources, bytes([n])) for n in range(4)]
    pending(resources)
    db.execute("UPDATE image SET phash = 1311768467463790320 + id %% 7, thumbhash = x'0000780000'")
    db.run_transaction(lambda cursor: insert_bands(cursor, images))
    sample(resources)
    stray(resources, 2)
    resources.storage.delete_original(images[1])
    resources.storage.delete_renditions(images[2], key_of(resources, images[2]))
    for bucket, key in (
        (settings.uploads_bucket, "originals/zz.txt"),
        (settings.images_bucket, f"i/{ids.encode(images[3])}-OLD/v1/720p.jpg"),
        (settings.images_bucket, f"i/{ids.encode(images[3] + 1)}/v1/720p.jpg"),
    ):
        client.put_object(Bucket=bucket, Key=key, Body=b"x")
    db.execute("UPDATE owner SET folded_name = 'wrong'")
    db.execute("DELETE FROM posting WHERE image_id = %s", (images[0],))
    db.execute("INSERT INTO posting (term_id, image_id, weight) SELECT MIN(term_id), 7, 1 FROM posting")
    db.execute("UPDATE term SET df = 40")
    db.execute("DELETE FROM phash_band WHERE image_id = %s", (images[1],))
    db.execute("INSERT INTO phash_band VALUES (0, 0, 1, 9, 9), (4, 65535, 1, 9, 9)")


def test_the_parts_of_buckets_end_where_those_of_the_pictures_do(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_pictures = [("p:0", "p:7"), ("p:7", "p:9"), ("p:9", "p:20")]
    monkeypatch.setattr(resources.search_index, "split_audit", lambda _: {"pictures": of_pictures})
    parts = split(resources.search_index)
    assert list(parts) == ["originals", "renditions", "pictures"]
    for step in ("originals", "renditions"):
        assert parts[step] == [Part(step, "0", "7"), Part(step, "7", "9"), Part(step, "9", str(LAST_ID))]
    assert parts["pictures"] == [Part("pictures", *each) for each in of_pictures]


def test_parts_find_and_repair_what_one_run_does(resources: Resources) -> None:
    make_damaged_library(resources)
    compared = compare(resources)
    assert len({part.step for part in compared}) == 8
    assert len([part for part in compared if part.step == "postings"]) > 4
    whole, expected = merge((each.report for each in compared.values()), repair=True), run(resources)
    assert found(whole) == found(expected)
    assert len(found(whole)) == 13
    assert (whole.originals, whole.renditions, whole.rows, whole.refused) == (
        expected.originals,
        expected.renditions,
        expected.rows,
        "",
    )
    assert list_examples(whole) == list_examples(expected)

    report = repair(resources, compared)
    assert (report.originals.deleted, report.renditions.deleted) == (2, 2)
    assert found(run(resources)) == {"picture-without-original": 1, "unknown-object": 1}
    again = repair(resources, compared)
    assert (again.deleted, again.repaired) == (0, {})


def test_a_table_that_is_emptied_before_the_repair_costs_nothing(resources: Resources) -> None:
    images = [complete(resources, bytes([n])) for n in range(3)]
    (image_id,) = stray(resources)
    compared = compare(resources)
    resources.db.execute("DELETE FROM image")
    report = repair(resources, compared)
    assert (report.originals, report.renditions) == (Objects(deleted=1), Objects())
    assert resources.storage.head_original(image_id) is None
    assert all(resources.storage.head_original(image_id) for image_id in images)


def test_the_parts_together_are_held_against_the_limits(resources: Resources) -> None:
    """Each part by itself would pass."""
    for n in range(3):
        complete(resources, bytes([n]))
    sample(resources)
    stray(resources, MAX_DELETIONS)
    newest = complete(resources, b"newest")
    resources.db.execute("DELETE FROM image WHERE id = %s", (newest,))
    reports = [each.report for each in compare(resources).values()]
    assert all(merge([report], repair=True).refused == "" for report in reports if report.rows)
    assert "belong to no row; a repair deletes at most 10" in merge(reports, repair=True).refused
    assert merge(reports, repair=False).refused == ""


def test_a_part_chooses_objects_up_to_a_limit(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stockroom.ingest.audit.comparison.MAX_CHOSEN", 2)
    pending(resources)
    stray(resources, 3)
    compared = compare(resources)
    assert merge((each.report for each in compared.values()), repair=True).originals.deletable == 3
    assert repair(resources, compared).originals.deleted == 2
