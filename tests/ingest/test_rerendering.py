"""Pictures get renditions of a new version, whatever happens to them at the same time."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from stockroom.curation import takedown
from stockroom.curation.actor import Actor
from stockroom.curation.deletion import delete_pictures
from stockroom.curation.restoring import restore_pictures
from stockroom.images import ids
from stockroom.images.cdn import is_notice, list_paths
from stockroom.images.picture import Picture
from stockroom.images.repository import lifecycle
from stockroom.images.repository.pictures import find_ready
from stockroom.images.repository.renditions import Move, Source, find_sources
from stockroom.images.states import JOB_SECONDS
from stockroom.images.storage import RenditionKey, Storage, list_rendition_keys, rendition_key
from stockroom.ingest import rerendering
from stockroom.ingest.old_versions import Cleanup, delete_old_versions
from stockroom.ingest.process import OriginalProcessor
from stockroom.ingest.rerendering import RESERVE_SECONDS, Committed, Rerenderer, Result, commit
from stockroom.renditions import Rendition
from stockroom.renditions.sandbox.decoder import Decoder, FurtherFormat, SandboxedPicture
from stockroom.resources import Resources
from stockroom.runtime import job_runs
from stockroom.runtime.database import Database
from stockroom.runtime.errors import StorageUnavailable
from tests.factories import make_overdue, put_original, ready, state, stored_renditions, uploaded
from tests.images.test_visibility import LATER, edit
from tests.ingest.test_reaper import reap
from tests.renditions.images import photo_bytes, photo_of

ADMINISTRATOR = Actor(99, is_admin=True)
JPEGS = {"240p.jpg", "720p.jpg"}
ALL = JPEGS | {"240p.webp", "720p.webp"}


def photo() -> bytes:
    return photo_of("jpeg", 96, 64)


def paths(version: int, names: set[str] = ALL) -> set[str]:
    return {f"v{version}/{name}" for name in names}


def published(resources: Resources, content: bytes | None = None) -> int:
    image_id = uploaded(resources, photo() if content is None else content)
    outcome = OriginalProcessor(
        db=resources.db,
        storage=resources.storage,
        search_index=resources.search_index,
        decoder=resources.decoder,
        settings=resources.settings,
    ).process(image_id)
    assert outcome == "ready"
    # Long ago, so that nobody is waited for but a job.
    resources.db.execute("UPDATE image SET attempted_at = '2001-01-01', uploads_until = '2001-01-01'")
    return image_id


def key_of(source: Source, name: str, format_: str = "jpeg") -> str:
    """The key of a rendition of version 2."""
    return rendition_key(source.image_id, source.link_key, 2, name, format_)


def rerenderer(resources: Resources, **changes: Any) -> Rerenderer:
    parts: dict[str, Any] = {
        "storage": resources.storage,
        "decoder": resources.decoder,
        "settings": resources.settings,
        "pauses": (),
    }
    return Rerenderer(**parts | changes)


def source_of(resources: Resources, image_id: int, version: int = 2) -> Source:
    page = find_sources(resources.db, version, 0, 100)
    return next(source for source in page.sources if source.image_id == image_id)


def rendered(resources: Resources, image_id: int, version: int = 2, **changes: Any) -> Result:
    return rerenderer(resources, **changes).rerender(source_of(resources, image_id, version), version)


def committed(resources: Resources, *results: Result, version: int = 2) -> Committed:
    return commit(resources.db, resources.storage, results, version)


def find_picture(resources: Resources, image_id: int) -> Picture:
    (picture,) = find_ready(resources.db, [image_id])
    return picture


@pytest.fixture
def running(resources: Resources) -> None:
    """A run of the job is under way."""
    job_runs.take(resources.db, job_runs.RERENDER, None, {})


def let_jobs_end(resources: Resources) -> None:
    """Nobody writes any more: the time for it is over, by the database's clock."""
    resources.db.execute("UPDATE ended_link SET written_until = '2001-01-01'")
    resources.db.execute(
        "UPDATE image SET uploads_until = '2001-01-01', deadline = '2001-01-01' WHERE state = 'deleting'"
    )


def test_a_picture_moves_to_a_new_version_and_its_old_links_go_on_working(resources: Resources) -> None:
    image_id = published(resources)
    before = find_picture(resources, image_id)
    result = rendered(resources, image_id)
    assert (result.image_id, result.link_key, result.from_version, result.version) == (
        image_id, before.link_key, 1, 2,
    )  # fmt: skip
    assert (result.outcome, result.formats, result.code, result.detail) == ("rendered", "webp", "", "")
    heads = stored_renditions(resources, image_id)
    assert heads.keys() == paths(1) | paths(2)
    assert result.bytes_out == sum(heads[path]["ContentLength"] for path in paths(2))
    assert result.bytes_in == len(photo())
    assert 0 < result.seconds < 600
    assert abs(result.finished / 1000 - time.time()) < 600
    assert result.worker.count(":") == 1
    for name in ALL:
        # The same code has made both.
        assert heads[f"v2/{name}"]["ETag"] == heads[f"v1/{name}"]["ETag"]
        assert heads[f"v2/{name}"]["CacheControl"] == heads[f"v1/{name}"]["CacheControl"]
    assert find_picture(resources, image_id) == before, "the links change by the commit"
    assert committed(resources, result) == Committed({image_id}, set())
    assert find_picture(resources, image_id) == msgspec.structs.replace(before, version=2)
    assert committed(resources, result) == Committed({image_id}, set()), "as if the answer had been lost"
    assert find_sources(resources.db, 2, 0, 100).sources == []
    assert delete_old_versions(resources.db, resources.storage) == Cleanup(0, 1)
    assert stored_renditions(resources, image_id).keys() == paths(1) | paths(2)


def test_an_edit_meanwhile_stays_and_does_not_keep_the_version(resources: Resources) -> None:
    image_id = published(resources)
    result = rendered(resources, image_id)
    edit(resources, image_id, description="Another description")
    assert committed(resources, result).moved == {image_id}
    picture = find_picture(resources, image_id)
    assert (picture.version, picture.metadata.description) == (2, "Another description")


def hide(resources: Resources, image_id: int) -> None:
    edit(resources, image_id, embargo=LATER)


def hide_and_show(resources: Resources, image_id: int) -> None:
    edit(resources, image_id, embargo=LATER)
    edit(resources, image_id, embargo=None)


def delete_for_good(resources: Resources, image_id: int) -> None:
    delete_pictures(resources.db, resources.search_index, [image_id], actor=ADMINISTRATOR, seconds=0)
    make_overdue(resources.db, image_id)
    reap(resources)


def take_down(resources: Resources, image_id: int) -> None:
    takedown.take_down(
        resources.db,
        resources.storage,
        resources.search_index,
        [image_id],
        actor=1,
        reason="A court has ordered it.",
        same_content=True,
        upload_seconds=0,
    )


ENDS = [hide, hide_and_show, delete_for_good, take_down]


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize("end", ENDS)
def test_what_was_written_before_the_links_ended_goes_with_them(
    resources: Resources, end: Callable[[Resources, int], None]
) -> None:
    image_id = published(resources)
    result = rendered(resources, image_id)
    end(resources, image_id)
    assert stored_renditions(resources, image_id) == {}
    assert committed(resources, result) == Committed(set(), {image_id})
    assert stored_renditions(resources, image_id) == {}


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize("is_committed", [True, False], ids=["committed", "killed"])
@pytest.mark.parametrize("end", ENDS)
def test_what_is_written_after_the_links_ended_goes_too(
    resources: Resources, end: Callable[[Resources, int], None], is_committed: bool
) -> None:
    """The commit deletes it; where nobody comes to commit, the reaper does when nothing can be written."""
    image_id = published(resources)
    source = source_of(resources, image_id)
    end(resources, image_id)
    reap(resources)
    result = rerenderer(resources).rerender(source, 2)
    if result.outcome == "missing":
        # The original was gone already: what is written late is of an executor that had read it before.
        for name in ("240p", "720p"):
            resources.storage.write_rendition(key_of(source, name), Rendition(b"late", "image/jpeg", 3, 2))
    assert stored_renditions(resources, image_id).keys() >= paths(2, JPEGS)
    if is_committed:
        assert committed(resources, result).moved == set()
    else:
        reap(resources)
        assert stored_renditions(resources, image_id).keys() >= paths(2, JPEGS), "somebody may still write"
        let_jobs_end(resources)
        reap(resources)
    left = {path for path in stored_renditions(resources, image_id) if path.startswith("v2/")}
    assert left == set()
    let_jobs_end(resources)
    reap(resources)
    assert resources.db.query("SELECT COUNT(*) FROM ended_link") == ((0,),)


def test_the_cdn_is_told_of_what_a_commit_deletes(resources: Resources) -> None:
    """A stolen link of the old version tells that of the new one, which may be fetched before the commit."""
    image_id = published(resources)
    source = source_of(resources, image_id)
    hide(resources, image_id)
    result = rerenderer(resources).rerender(source, 2)
    deleted: set[str] = set()

    def note(params: dict[str, Any], **_: object) -> None:
        deleted.update(each["Key"] for each in params["Delete"]["Objects"])

    resources.storage._client.meta.events.register("provide-client-params.s3.DeleteObjects", note)
    assert committed(resources, result).moved == set()
    notices = {key for key in deleted if is_notice(key)}
    key = RenditionKey(source.image_id, source.link_key, 2)
    assert deleted - notices == set(list_rendition_keys(key, ("jpeg", "webp")))
    assert list_paths(notices) == list_paths(deleted)
    assert stored_renditions(resources, image_id) == {}
    deleted.clear()
    assert committed(resources, result).moved == set()
    assert deleted == set(), "there is nothing to tell of"


@pytest.mark.usefixtures("running")
def test_a_picture_that_is_restored_moves(resources: Resources) -> None:
    image_id = published(resources)
    result = rendered(resources, image_id)
    delete_pictures(resources.db, resources.search_index, [image_id], actor=ADMINISTRATOR, seconds=600)
    assert committed(resources, result) == Committed(set(), {image_id})
    assert stored_renditions(resources, image_id).keys() == paths(1) | paths(2), "it can be restored"
    restore_pictures(
        resources.db,
        resources.storage,
        resources.search_index,
        [image_id],
        actor=ADMINISTRATOR,
        formats=["webp"],
    )
    assert find_picture(resources, image_id).version == 1
    assert committed(resources, result).moved == {image_id}
    assert find_picture(resources, image_id).version == 2


def test_a_deletion_after_the_move_deletes_all_versions(resources: Resources) -> None:
    image_id = published(resources)
    committed(resources, rendered(resources, image_id))
    delete_for_good(resources, image_id)
    assert stored_renditions(resources, image_id) == {}


def test_a_picture_that_is_being_completed_stays_as_it_is(resources: Resources) -> None:
    image_id = published(resources)
    result = rendered(resources, image_id)
    lifecycle.request_renditions(resources.db, image_id)
    assert committed(resources, result) == Committed(set(), {image_id})
    assert find_picture(resources, image_id).version == 1
    assert stored_renditions(resources, image_id).keys() == paths(1) | paths(2)


def test_an_older_result_does_not_take_a_picture_back(resources: Resources) -> None:
    image_id = published(resources)
    second, third = rendered(resources, image_id), rendered(resources, image_id, version=3)
    committed(resources, third, version=3)
    assert committed(resources, second) == Committed(set(), {image_id})
    assert find_picture(resources, image_id).version == 3
    assert stored_renditions(resources, image_id).keys() >= paths(3)


def test_a_picture_that_is_shown_again_gets_the_version_of_new_uploads(resources: Resources) -> None:
    image_id = published(resources)
    committed(resources, rendered(resources, image_id))
    hide_and_show(resources, image_id)
    newer = Resources(replace(resources.settings, rendition_version=3), resources.db, resources.storage)
    OriginalProcessor(
        db=newer.db,
        storage=newer.storage,
        search_index=newer.search_index,
        decoder=resources.decoder,
        settings=newer.settings,
    ).process(image_id)
    assert find_picture(resources, image_id).version == 3
    assert stored_renditions(resources, image_id).keys() == paths(3)
    assert delete_old_versions(resources.db, resources.storage, hours=-1) == Cleanup(0, 0)


def test_links_end_whatever_the_setting_says(resources: Resources) -> None:
    """The operator has lowered it since, or has forgotten it."""
    image_id = published(resources)
    for version in (7, 100):
        committed(resources, rendered(resources, image_id, version=version), version=version)
    assert stored_renditions(resources, image_id).keys() == paths(1) | paths(7) | paths(100)
    assert resources.settings.rendition_version == 1
    hide(resources, image_id)
    assert stored_renditions(resources, image_id) == {}


def test_without_a_job_nobody_is_waited_for(resources: Resources) -> None:
    image_id = published(resources)
    run = job_runs.take(resources.db, job_runs.RERENDER, None, {})
    job_runs.finish(resources.db, run, "")
    resources.db.execute("UPDATE job_run SET lease_until = '2001-01-01'")
    job_runs.take(resources.db, "reindex", None, {})
    hide(resources, image_id)
    assert resources.db.query("SELECT COUNT(*) FROM ended_link") == ((0,),)
    edit(resources, image_id, embargo=None)
    resources.db.execute("UPDATE image SET state = 'ready', deadline = NULL")
    delete_for_good(resources, image_id)
    assert state(resources.db, image_id) is None


@pytest.mark.usefixtures("running")
def test_a_job_is_waited_for_as_long_as_it_may_write(resources: Resources) -> None:
    image_id = published(resources)
    hide(resources, image_id)
    ((seconds,),) = resources.db.query(
        "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), written_until) FROM ended_link"
    )
    assert JOB_SECONDS - 600 < seconds <= JOB_SECONDS
    take_down(resources, image_id)
    ((seconds,),) = resources.db.query(
        "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), uploads_until) FROM image"
    )
    assert JOB_SECONDS - 600 < seconds <= JOB_SECONDS


@pytest.mark.parametrize(("late", "outcome"), [(-600, "rendered"), (1, "skipped")])
def test_nothing_is_written_late(resources: Resources, late: int, outcome: str) -> None:
    image_id = published(resources)
    now = source_of(resources, image_id).read_at + JOB_SECONDS - RESERVE_SECONDS + late
    result = rendered(resources, image_id, clock=lambda: now)
    assert result.outcome == outcome
    assert result.code == ("too-late" if outcome == "skipped" else "")
    assert ("v2/720p.jpg" in stored_renditions(resources, image_id)) == (outcome == "rendered")


def test_the_time_may_be_over_between_two_formats(resources: Resources) -> None:
    image_id = published(resources)
    source = source_of(resources, image_id)
    moments: Iterator[float] = iter([source.read_at, source.read_at, source.read_at + JOB_SECONDS])
    result = rerenderer(resources, clock=lambda: next(moments)).rerender(source, 2)
    assert result.outcome == "skipped"
    assert stored_renditions(resources, image_id).keys() == paths(1) | paths(2, JPEGS)
    assert committed(resources, result) == Committed(set(), set())


def test_what_is_stored_already_is_not_rendered_again(resources: Resources) -> None:
    image_id = published(resources)
    source = source_of(resources, image_id)
    first = rerenderer(resources).rerender(source, 2, may_be_present=True)
    assert first.outcome == "rendered"
    with closing(Decoder(program="raise SystemExit")) as broken:
        second = rerenderer(resources, decoder=broken).rerender(source, 2, may_be_present=True)
    assert (second.outcome, second.formats, second.bytes_out) == ("present", "webp", 0)
    resources.storage.delete_rendition(key_of(source, "240p", "webp"))
    assert rerenderer(resources).rerender(source, 2, may_be_present=True).outcome == "rendered"
    assert committed(resources, second).moved == {image_id}


def test_a_larger_rendition_comes_with_a_new_version(resources: Resources) -> None:
    """A picture of few lines moves without one. A run that goes on after another renders it again."""
    settings = msgspec.structs.replace(resources.settings, formats=("jpeg", "webp", "1440p"))
    large, small = published(resources, photo_bytes()), published(resources)
    results = [rendered(resources, image_id, settings=settings) for image_id in (large, small)]
    assert [(each.outcome, each.formats) for each in results] == [
        ("rendered", "webp,1440p"), ("rendered", "webp"),
    ]  # fmt: skip
    sources = [source_of(resources, image_id) for image_id in (large, small)]
    again = [
        rerenderer(resources, settings=settings).rerender(source, 2, may_be_present=True)
        for source in sources
    ]
    assert [(each.outcome, each.formats) for each in again] == [
        ("present", "webp,1440p"), ("rendered", "webp"),
    ]  # fmt: skip
    assert committed(resources, *results).moved == {large, small}
    assert find_picture(resources, large).formats == ("webp", "1440p")
    assert find_picture(resources, small).formats == ("webp",)
    assert stored_renditions(resources, large).keys() == paths(1) | paths(2) | {"v2/1440p.webp"}


@pytest.mark.parametrize(
    ("make", "code"), [(lambda: b"no picture", "not-an-image"), (lambda: photo()[:-20], "truncated")]
)
def test_a_picture_that_is_refused_keeps_its_version(
    resources: Resources, make: Callable[[], bytes], code: str
) -> None:
    content = make()
    image_id = ready(resources, content)
    put_original(resources, image_id, content)
    result = rendered(resources, image_id)
    assert (result.outcome, result.code, bool(result.detail)) == ("failed", code, True)
    assert committed(resources, result) == Committed(set(), set())
    assert find_picture(resources, image_id).version == 1


def test_a_picture_without_its_original_is_missing(resources: Resources) -> None:
    image_id = ready(resources)
    assert rendered(resources, image_id).outcome == "missing"


def test_a_format_that_cannot_be_made_keeps_the_version(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture would lose a format that it has."""
    image_id = published(resources)
    monkeypatch.setattr(
        SandboxedPicture,
        "further_formats",
        lambda _: iter([FurtherFormat("webp", fault="Traceback\n  …\nError: out of luck\n")]),
    )
    result = rendered(resources, image_id)
    assert (result.outcome, result.code, result.detail) == (
        "failed", "format-left-out", "webp: Error: out of luck",
    )  # fmt: skip
    assert committed(resources, result).moved == set()
    assert find_picture(resources, image_id).version == 1


class Faulty(Storage):
    """Refuses to write so many times."""

    def __init__(self, resources: Resources, times: int) -> None:
        super().__init__(resources.settings)
        self.left = times

    def write_rendition(self, key: str, rendition: Rendition) -> None:
        if self.left and key.endswith("720p.jpg"):
            self.left -= 1
            raise StorageUnavailable("away")
        super().write_rendition(key, rendition)


@pytest.mark.parametrize(("times", "outcome"), [(2, "rendered"), (3, "failed")])
def test_a_picture_is_tried_again_where_storage_is_away(
    resources: Resources, times: int, outcome: str
) -> None:
    image_id = published(resources)
    result = rendered(resources, image_id, storage=Faulty(resources, times), pauses=(0, 0))
    assert (result.outcome, result.code) == (outcome, "" if outcome == "rendered" else "storage-unavailable")


def test_a_decoder_that_does_not_start_is_a_result(resources: Resources) -> None:
    image_id = published(resources)
    with closing(Decoder(program="raise SystemExit")) as broken:
        result = rendered(resources, image_id, decoder=broken)
    assert result.outcome == "failed"
    assert result.code in ("decoder-unavailable", "undecodable")


def test_a_fault_of_ours_is_a_result_too(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    image_id = published(resources)
    monkeypatch.setattr(SandboxedPicture, "further_formats", lambda _: 1 // 0)
    result = rendered(resources, image_id)
    assert (result.outcome, result.code) == ("failed", "internal-error")
    assert result.detail.startswith("ZeroDivisionError: ")


def test_a_failed_picture_that_is_gone_leaves_nothing(resources: Resources, logs: Callable[[], str]) -> None:
    """It has written its JPEGs after the deletion, and then something else went wrong."""
    image_id = published(resources)
    source = source_of(resources, image_id)
    result = rerenderer(resources).rerender(source, 2)
    delete_for_good(resources, image_id)
    resources.storage.write_rendition(key_of(source, "720p"), Rendition(b".", "image/jpeg", 3, 2))
    logs()
    committed(resources, msgspec.structs.replace(result, outcome="failed"))
    assert stored_renditions(resources, image_id) == {}
    (line,) = [json.loads(line) for line in logs().splitlines()]
    assert (line["message"], line["image_id"]) == (
        "renditions of an ended link deleted",
        ids.encode(image_id),
    )


def test_many_pictures_move_in_few_transactions(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    move, transactions = rerendering._move, list[int]()

    def count(db: Database, moves: Sequence[Move], version: int) -> set[int]:
        transactions.append(len(moves))
        return move(db, moves, version)

    monkeypatch.setattr(rerendering, "MOVES_A_TRANSACTION", 2)
    monkeypatch.setattr(rerendering, "_move", count)
    image_ids = [ready(resources, f"{number}".encode()) for number in range(5)]
    page = find_sources(resources.db, 2, 0, 100)
    results = [
        Result(
            image_id=source.image_id,
            link_key=source.link_key,
            from_version=1,
            version=2,
            outcome="rendered",
            formats="webp" if source.image_id in image_ids[:3] else "",
        )
        for source in page.sources
    ]
    with closing(Database(resources.settings)) as other:
        other.execute("UPDATE image SET state = 'deleted' WHERE id = %s", (image_ids[1],))
    assert committed(resources, *results) == Committed(set(image_ids) - {image_ids[1]}, {image_ids[1]})
    assert transactions == [2, 2, 1]
    pictures = find_ready(resources.db, image_ids)
    assert [(picture.version, picture.formats) for picture in pictures] == [
        (2, ("webp",)), (2, ("webp",)), (2, ()), (2, ()),
    ]  # fmt: skip
    assert committed(resources) == Committed(set(), set())
