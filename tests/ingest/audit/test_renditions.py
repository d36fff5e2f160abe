"""Which renditions belong to a picture, what changes after they were listed, and how many are looked up."""

from datetime import timedelta

import pytest

from stockroom.images import ids
from stockroom.images.storage import rendition_key, version_folder
from stockroom.resources import Resources
from stockroom.runtime.timestamps import now
from tests.factories import pending, s3_client, stored_renditions
from tests.ingest.audit.library import RENDITION, complete, found, key_of, run


def test_renditions_in_further_formats_belong_to_the_picture(resources: Resources) -> None:
    image_id = complete(resources, b"1")
    resources.db.execute("UPDATE image SET formats = 'webp'")
    keys = [
        rendition_key(image_id, key_of(resources, image_id), 1, name, "webp") for name in ("240p", "720p")
    ]
    for key in keys:
        resources.storage.write_rendition(key, RENDITION)
    assert found(run(resources)) == {}
    resources.storage.delete_rendition(keys[0])
    assert run(resources).findings["picture-without-rendition"].examples == [keys[0]]


def test_a_larger_rendition_belongs_to_the_picture(resources: Resources) -> None:
    image_id = complete(resources, b"1")
    resources.db.execute("UPDATE image SET formats = '1440p'")
    key = rendition_key(image_id, key_of(resources, image_id), 1, "1440p", "1440p")
    assert run(resources).findings["picture-without-rendition"].examples == [key]
    resources.storage.write_rendition(key, RENDITION)
    assert found(run(resources)) == {}
    resources.db.execute("UPDATE image SET formats = ''")
    assert run(resources).findings["rendition-without-picture"].examples == [key]


def test_a_format_of_a_later_release_leaves_its_renditions_alone(resources: Resources) -> None:
    """Its release was rolled back, and may come back. What old versions have of the format is deleted."""
    image_id = complete(resources, b"1")
    resources.db.execute("UPDATE image SET formats = 'webp,of-a-later-release', version = 2")
    folder = version_folder(image_id, key_of(resources, image_id), 2)
    names = ("720p.jpg", "240p.jpg", "720p.webp", "240p.webp", "720p.jxl")
    for name in names:
        resources.storage.write_rendition(folder + name, RENDITION)
    old = sorted(set(stored_renditions(resources, image_id)) - {f"v2/{name}" for name in names})
    assert len(old) == 2
    assert run(resources, repair=True).repaired == {"rendition-without-picture": 2}
    assert set(stored_renditions(resources, image_id)) == {f"v2/{name}" for name in names}
    resources.storage.delete_rendition(f"{folder}720p.webp")
    assert found(run(resources)) == {"picture-without-rendition": 1}


def test_a_row_that_comes_after_the_rows_were_read_is_no_fault(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete(resources, b"1")
    monkeypatch.setattr("stockroom.ingest.audit.renditions.find_rows", lambda *_: [])
    report = run(resources, repair=True)
    assert (found(report), report.renditions.deletable, report.repaired) == ({}, 0, {})


def test_a_rendition_that_is_written_after_the_listing_is_no_fault(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    complete(resources, b"1")
    monkeypatch.setattr(resources.storage, "list_renditions", lambda *_: [])
    assert found(run(resources)) == {}


@pytest.mark.parametrize("change", ["DELETE FROM image", "UPDATE image SET state = 'deleting'"])
def test_a_picture_that_goes_after_the_listing_lacks_nothing(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    image_id = complete(resources, b"1")
    key = rendition_key(image_id, key_of(resources, image_id), 1, "720p")
    resources.storage.delete_rendition(key)

    def has_rendition(_: str) -> bool:
        resources.db.execute(change)
        return False

    monkeypatch.setattr(resources.storage, "has_rendition", has_rendition)
    assert "picture-without-rendition" not in found(run(resources))


def test_where_very_many_belong_to_nothing_only_some_are_looked_up(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending(resources)
    first = ids.first_id(now() - timedelta(days=30))
    for image_id in range(first, first + 4):
        resources.storage.write_rendition(rendition_key(image_id, "NOROW", 1, "240p"), RENDITION)
    looked_up: list[str] = []

    def has_rendition(key: str) -> bool:
        looked_up.append(key)
        return True

    monkeypatch.setattr(resources.storage, "has_rendition", has_rendition)
    monkeypatch.setattr("stockroom.ingest.audit.renditions.MAX_CHECKS", 1)
    assert found(run(resources)) == {"rendition-without-picture": 4}
    assert len(looked_up) == 2


def test_a_picture_behind_the_last_rendition_is_compared_too(resources: Resources) -> None:
    complete(resources, b"1")
    newest = complete(resources, b"2")
    resources.storage.delete_renditions(newest, key_of(resources, newest))
    assert found(run(resources)) == {"picture-without-rendition": 2}


def hide(resources: Resources, image_id: int, deadline: str | None) -> None:
    resources.db.execute(
        "UPDATE image SET state = 'hidden', version = 0, deadline = %s WHERE id = %s", (deadline, image_id)
    )
    resources.db.run_transaction(lambda cursor: resources.search_index.remove(cursor, image_id))


def test_renditions_that_a_hidden_picture_still_has_are_found_and_go(resources: Resources) -> None:
    image_id = complete(resources, b"1")
    hide(resources, image_id, "2600-01-01")
    assert found(run(resources)) == {"rendition-without-picture": 2}
    assert run(resources, repair=True).renditions.deleted == 2
    assert found(run(resources)) == {}


def test_renditions_that_are_about_to_be_deleted_are_no_finding(resources: Resources) -> None:
    hide(resources, complete(resources, b"1"), "2001-01-01")
    assert "rendition-without-picture" not in found(run(resources))


def test_a_hidden_picture_without_its_original_is_found(resources: Resources) -> None:
    image_id = complete(resources, b"1")
    hide(resources, image_id, None)
    resources.storage.delete_renditions(image_id, key_of(resources, image_id))
    resources.storage.delete_original(image_id)
    assert found(run(resources)) == {"picture-without-original": 1}


def write_version(resources: Resources, image_id: int, version: int) -> set[str]:
    """Renditions of one version, under the present links of a picture; their keys."""
    key = key_of(resources, image_id)
    keys = {rendition_key(image_id, key, version, name) for name in ("240p", "720p")}
    for each in keys:
        resources.storage.write_rendition(each, RENDITION)
    return keys


def test_old_versions_stay_until_the_cleanup_and_are_no_fault(resources: Resources) -> None:
    """What a cached answer links to must not go, however much it is: all pictures move at once."""
    image_id = complete(resources, b"1")
    new = write_version(resources, image_id, 3)
    resources.db.execute("UPDATE image SET version = 3, moved = UTC_TIMESTAMP(3) - INTERVAL 9 DAY")
    report = run(resources, repair=True)
    assert found(report) == {"other-version": 2}
    assert (report.total, report.renditions.deletable, report.repaired, report.refused) == (0, 0, {}, "")
    assert len(stored_renditions(resources, image_id)) == 4
    resources.db.execute("UPDATE image SET moved = NULL")
    assert run(resources, repair=True).repaired == {"rendition-without-picture": 2}
    assert {
        f"i/{ids.encode(image_id)}-{key_of(resources, image_id)}/{path}"
        for path in stored_renditions(resources, image_id)
    } == new


def test_a_version_to_which_a_picture_may_move_stays(resources: Resources) -> None:
    """A run that was left may be taken up after weeks: its pictures move without being rendered again."""
    image_id = complete(resources, b"1")
    write_version(resources, image_id, 2)
    report = run(resources, repair=True)
    assert (found(report), report.repaired) == ({"other-version": 2}, {})
    assert len(stored_renditions(resources, image_id)) == 4


@pytest.mark.parametrize("state", ["hidden", "ready"])
def test_another_version_under_links_that_are_over_goes(resources: Resources, state: str) -> None:
    image_id = complete(resources, b"1")
    write_version(resources, image_id, 2)
    resources.db.execute("UPDATE image SET state = %s, version = 0, link_key = 'another'", (state,))
    report = run(resources, repair=True)
    assert report.repaired["rendition-without-picture"] == 4
    assert stored_renditions(resources, image_id) == {}


def test_results_of_jobs_are_no_originals(resources: Resources) -> None:
    complete(resources, b"1")
    s3_client().put_object(
        Bucket=resources.settings.uploads_bucket, Key="jobs/rerender/20250101t000000-00000001/part", Body=b"."
    )
    report = run(resources, repair=True)
    assert (found(report), report.repaired, report.originals.count) == ({}, {}, 1)
