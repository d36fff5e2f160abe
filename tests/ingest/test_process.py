import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from stockroom.api import presenters
from stockroom.images import ids
from stockroom.images.repository import find_ready
from stockroom.images.storage import Download, Storage
from stockroom.ingest import process as pipeline
from stockroom.renditions import Options, Rendered, Rendition
from stockroom.renditions.decoder import Decoder
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.errors import Unavailable
from stockroom.runtime.timestamps import now
from tests.factories import pending, state, uploaded
from tests.renditions.images import encode, photo, photo_bytes


def stored(at: Resources, number: int) -> dict[str, Any]:
    """Renditions of a picture in the images bucket: key → what HEAD says."""
    client = at.storage._client
    prefix = f"i/{ids.encode(number)}/"
    listed = client.list_objects_v2(Bucket=at.settings.images_bucket, Prefix=prefix).get("Contents", ())
    return {
        item["Key"].removeprefix(prefix): client.head_object(
            Bucket=at.settings.images_bucket, Key=item["Key"]
        )
        for item in listed
    }


def postings(db: Database, number: int) -> set[str]:
    rows = db.query(
        "SELECT t.term FROM posting p JOIN term t ON t.term_id = p.term_id WHERE p.image_id = %s", (number,)
    )
    return {bytes(term).decode() for (term,) in rows}


def test_a_photograph_becomes_a_picture(at: Resources) -> None:
    number = uploaded(
        at, photo_bytes(), name="casa.jpg", description="A courtyard #Barcelona", tags=["light"]
    )
    assert pipeline.process(at, number) == "ready"
    (picture,) = find_ready(at.db, [number])
    image = presenters.present_image(picture)
    assert (image.width, image.height) == (1800, 1200)
    assert image.tags == ["light", "barcelona"]
    assert image.owner == "Alice"
    assert image.urls.p720 == f"/i/{image.id}/v1/720p.jpg"
    renditions = stored(at, number)
    kinds = {"v1/720p.jpg": "jpeg", "v1/240p.jpg": "jpeg", "v1/720p.webp": "webp", "v1/240p.webp": "webp"}
    assert {name: head["ContentType"] for name, head in renditions.items()} == {
        name: f"image/{kind}" for name, kind in kinds.items()
    }
    for head in renditions.values():
        assert head["CacheControl"] == "public, max-age=86400"
    found = postings(at.db, number)
    assert {"*", "#barcelona", "#light", "courtyard", "orientation:landscape"} <= found
    ((deadline,),) = at.db.query("SELECT deadline FROM image WHERE id = %s", (number,))
    assert deadline is None


def test_the_type_is_what_the_bytes_are(at: Resources) -> None:
    number = uploaded(at, encode(photo(), "png"), type="image/jpeg")
    assert pipeline.process(at, number) == "ready"
    assert at.db.query("SELECT type FROM image WHERE id = %s", (number,)) == (("image/png",),)


def test_a_second_event_changes_nothing(at: Resources) -> None:
    number = uploaded(at, photo_bytes())
    assert pipeline.process(at, number) == "ready"
    assert pipeline.process(at, number) == "kept"
    assert len(stored(at, number)) == 4
    assert at.db.query("SELECT MAX(df) FROM term") == ((1,),)


def test_two_events_at_once_publish_one_picture(at: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    number = uploaded(at, photo_bytes())
    write = Storage.write_rendition

    def overtaken(self: Storage, *arguments: Any) -> None:
        monkeypatch.setattr(Storage, "write_rendition", write)
        own = replace(at, db=Database(at.settings))
        assert pipeline.process(own, number) == "ready"
        own.db.close()
        write(self, *arguments)

    monkeypatch.setattr(Storage, "write_rendition", overtaken)
    assert pipeline.process(at, number) == "superseded"
    assert state(at.db, number) == "ready"
    assert len(stored(at, number)) == 4
    assert at.db.query("SELECT MAX(df) FROM term") == ((1,),)


def test_a_row_deleted_meanwhile_leaves_no_object(at: Resources) -> None:
    number = uploaded(at, photo_bytes())

    class CancelledMeanwhile(Decoder):
        def render(self, size: int, chunks: Iterable[bytes], options: Options | None = None) -> Rendered:
            at.db.execute("DELETE FROM image")
            return super().render(size, chunks, options)

    renderer = CancelledMeanwhile()
    assert pipeline.process(at, number, renderer) == "superseded"
    renderer.close()
    assert stored(at, number) == {}
    assert at.storage.head_original(number) is None


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"not a picture at all", "not-an-image"), (photo_bytes()[:20_000], "truncated")],
)
def test_a_bad_file_fails_with_a_reason(at: Resources, content: bytes, code: str) -> None:
    number = uploaded(at, content)
    assert pipeline.process(at, number) == "failed"
    ((failure, detail, sha256),) = at.db.query(
        "SELECT failure_code, failure_detail, sha256 FROM image WHERE id = %s", (number,)
    )
    assert failure == code
    assert detail.endswith(".")
    assert sha256 is None
    assert at.storage.head_original(number) is None
    assert postings(at.db, number) == set()
    assert uploaded(at, content) != number, "the same file can be sent again"


def test_limits_come_from_the_settings(at: Resources) -> None:
    small = with_settings(at, max_pixels=1000)
    number = uploaded(at, photo_bytes())
    assert pipeline.process(small, number) == "failed"
    assert at.db.query("SELECT failure_code FROM image") == (("too-many-pixels",),)


def test_an_object_over_the_size_limit_fails(at: Resources) -> None:
    small = with_settings(at, max_bytes=100)
    number = uploaded(at, photo_bytes())
    assert pipeline.process(small, number) == "failed"
    assert at.db.query("SELECT failure_code FROM image") == (("too-large",),)


def test_an_object_without_a_row_is_deleted_while_it_is_young(at: Resources) -> None:
    number = uploaded(at, b"1")
    at.db.execute("DELETE FROM image")
    assert pipeline.process(at, number) == "orphan"
    assert at.storage.head_original(number) is None


def test_an_old_object_without_a_row_survives_a_restored_database(at: Resources) -> None:
    old = ids.at(now() - timedelta(days=8))
    at.storage._client.put_object(
        Bucket=at.settings.uploads_bucket, Key=f"originals/{ids.encode(old)}", Body=b"1"
    )
    assert pipeline.process(at, old) == "kept"
    assert at.storage.head_original(old) is not None


def test_a_row_whose_owner_is_missing_keeps_its_original(at: Resources) -> None:
    number = uploaded(at, photo_bytes())
    at.db.execute("DELETE FROM owner")
    assert pipeline.process(at, number) == "ready"
    assert at.storage.head_original(number) is not None


def test_a_failed_upload_stored_again_is_deleted_again(at: Resources) -> None:
    number = uploaded(at, b"no picture")
    assert pipeline.process(at, number) == "failed"
    at.storage._client.put_object(
        Bucket=at.settings.uploads_bucket, Key=f"originals/{ids.encode(number)}", Body=b"no picture"
    )
    assert pipeline.process(at, number) == "superseded"
    assert at.storage.head_original(number) is None


def test_an_orphans_renditions_go_too(at: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled after its renditions were written, before it was published."""
    number = uploaded(at, photo_bytes())

    def died(_work: object) -> None:
        raise Unavailable("away")

    with monkeypatch.context() as broken:
        broken.setattr(at.db, "transact", died)
        with pytest.raises(Unavailable):
            pipeline.process(at, number)
    assert stored(at, number)
    at.db.execute("DELETE FROM image")
    assert pipeline.process(at, number) == "orphan"
    assert stored(at, number) == {}


def test_a_lost_answer_does_not_take_the_formats_of_a_picture(
    at: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = uploaded(at, photo_bytes())
    execute = at.db.execute

    def repeated(sql: str, args: Sequence[object] = ()) -> int:
        if "SET formats" in sql:
            execute(sql, args)  # it was committed, and its answer was lost
        return execute(sql, args)

    monkeypatch.setattr(at.db, "execute", repeated)
    assert pipeline.process(at, number) == "ready"
    assert {"v1/720p.jpg", "v1/240p.jpg", "v1/720p.webp"} <= set(stored(at, number))


def test_an_event_without_an_object_changes_nothing(at: Resources) -> None:
    number = pending(at)
    assert pipeline.process(at, number) == "kept"
    assert state(at.db, number) == "pending"


def test_a_database_that_goes_away_leaves_the_row_pending(
    at: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = uploaded(at, photo_bytes())

    def away(_work: object) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(at.db, "transact", away)
    with pytest.raises(Unavailable):
        pipeline.process(at, number)
    assert state(at.db, number) == "pending"
    assert at.storage.head_original(number) is not None


def with_settings(at: Resources, **changes: Any) -> Resources:
    return replace(at, settings=replace(at.settings, **changes))


def urls(at: Resources, number: int) -> dict[str, str]:
    (picture,) = find_ready(at.db, [number])
    answer: dict[str, str] = msgspec.to_builtins(presenters.present_image(picture).urls)
    return answer


def test_jpeg_alone_when_so_set(at: Resources) -> None:
    number = uploaded(at, photo_bytes())
    assert pipeline.process(with_settings(at, formats=("jpeg",)), number) == "ready"
    assert set(stored(at, number)) == {"v1/720p.jpg", "v1/240p.jpg"}
    assert set(urls(at, number)) == {"240p", "720p"}


def test_every_format_that_is_set_has_its_urls(at: Resources) -> None:
    number = uploaded(at, photo_bytes())
    assert pipeline.process(with_settings(at, formats=("jpeg", "webp", "avif")), number) == "ready"
    found = urls(at, number)
    assert set(found) == {"240p", "720p", "240p.webp", "720p.webp", "240p.avif", "720p.avif"}
    prefix = f"/i/{ids.encode(number)}/"
    assert {url.removeprefix(prefix) for url in found.values()} == set(stored(at, number))
    at.storage.delete_renditions(number)
    assert stored(at, number) == {}


class Watched(Decoder):
    """Looks at the row whenever a further format is asked for."""

    def __init__(self, look: Callable[[], object]) -> None:
        super().__init__()
        self.look = look
        self.seen: list[object] = []

    def encode(self, format_: str, options: Options | None = None) -> dict[str, Rendition]:
        self.seen.append(self.look())
        return super().encode(format_, options)


@pytest.fixture
def watched(at: Resources) -> Iterator[Watched]:
    renderer = Watched(lambda: at.db.query("SELECT state, formats FROM image"))
    yield renderer
    renderer.close()


def test_further_formats_never_delay_the_picture(at: Resources, watched: Watched) -> None:
    number = uploaded(at, photo_bytes())
    assert pipeline.process(with_settings(at, formats=("avif", "jpeg", "webp")), number, watched) == "ready"
    assert watched.seen == [(("ready", ""),), (("ready", "avif"),)]


def test_a_format_that_cannot_be_made_is_left_out(at: Resources, watched: Watched) -> None:
    number = uploaded(at, photo_bytes())

    def killed() -> None:
        if len(watched.seen) == 0 and watched.pid is not None:
            os.kill(watched.pid, signal.SIGKILL)
            os.waitid(os.P_PID, watched.pid, os.WEXITED | os.WNOWAIT)

    watched.look = killed
    assert pipeline.process(with_settings(at, formats=("jpeg", "webp", "avif")), number, watched) == "ready"
    assert set(urls(at, number)) == {"240p", "720p"}
    assert set(stored(at, number)) == {"v1/720p.jpg", "v1/240p.jpg"}


def test_a_picture_deleted_while_formats_are_made_leaves_no_object(at: Resources, watched: Watched) -> None:
    number = uploaded(at, photo_bytes())

    def deleted() -> None:
        at.storage.delete_renditions(number)
        at.db.execute("DELETE FROM image")

    watched.look = deleted
    assert pipeline.process(with_settings(at, formats=("jpeg", "webp", "avif")), number, watched) == "ready"
    assert stored(at, number) == {}
    assert len(watched.seen) == 1, "AVIF is not tried"


def test_a_file_that_crashes_the_decoder_fails_with_a_reason_and_the_next_is_fine(at: Resources) -> None:
    """A killed decoder costs one picture, not the batch."""

    class Crashing(Decoder):
        crashes = True

        def render(self, size: int, chunks: Iterable[bytes], options: Options | None = None) -> Rendered:
            return super().render(size, self._crash(chunks), options)

        def _crash(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
            for chunk in chunks:
                if self.crashes and self.pid is not None:
                    os.kill(self.pid, signal.SIGSEGV)
                    os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
                yield chunk

    renderer = Crashing()
    bad, good = uploaded(at, photo_bytes()), uploaded(at, encode(photo(), "png"))
    assert pipeline.process(at, bad, renderer) == "failed"
    renderer.crashes = False
    assert pipeline.process(at, good, renderer) == "ready"
    renderer.close()
    rows = at.db.query("SELECT state, failure_code FROM image ORDER BY id")
    assert rows == (("failed", "undecodable"), ("ready", None))


def test_storage_that_stops_sending_leaves_the_row_pending(
    at: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = uploaded(at, photo_bytes())

    @contextmanager
    def half(_self: Storage, _number: int) -> Iterator[Download]:
        yield Download(len(photo_bytes()), iter([photo_bytes()[:5000]]))

    monkeypatch.setattr(Storage, "original", half)
    with pytest.raises(EOFError):
        pipeline.process(at, number)
    assert state(at.db, number) == "pending"
