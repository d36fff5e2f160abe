"""Storage on a bad day: whatever a request meets with, the next try finds everything as it should be."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest

from stockroom.images.owners import Owners
from stockroom.images.storage import rendition_key
from stockroom.renditions import Rendition
from stockroom.runtime.errors import Unavailable
from stockroom.uploads import cancel, create
from stockroom.uploads.requests import UploadRequest
from tests.factories import begin_attempt, file
from tests.protocol.invariants import BYTES, check_always, check_quiet
from tests.protocol.library import Library
from tests.protocol.machine import LICENSES
from tests.protocol.s3_proxy import Fault, S3Proxy

pytestmark = pytest.mark.thorough

ATTEMPTS_OF_A_REQUEST = 2
"""botocore sends each request up to twice, so a fault that is to be noticed must happen as often."""


@pytest.fixture
def library(make_library: Callable[[], Library]) -> Iterator[Library]:
    """An empty library, whose own storage is never disturbed: its client is made before any proxy is."""
    library = make_library()
    assert library.storage.head_original(1) is None
    yield library
    library.close()


def upload(library: Library) -> int:
    """An original that has landed; its id."""
    (outcome,) = create.accept(
        library.db,
        library.storage,
        library.settings,
        UploadRequest(files=[file(BYTES["a JPEG"], license=LICENSES[0])]),
        owner_id=Owners(library.db).find_or_insert("stockroom", "alice", "Alice"),
        now=library.now,
    )
    assert isinstance(outcome, create.Pending)
    assert library.put(outcome.ticket, BYTES["a JPEG"]) == 200
    return outcome.image_id


def behind(library: Library, proxy: S3Proxy, monkeypatch: pytest.MonkeyPatch) -> Library:
    """The same library, whose functions reach storage through the proxy."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.url)
    return Library(library.settings, library.s3, now=library.now)


@pytest.mark.parametrize("times", [1, 2 * ATTEMPTS_OF_A_REQUEST])
@pytest.mark.parametrize("fault", ["503", "cut before", "answer lost", "cut body"])
@pytest.mark.parametrize("line", ["GET /stockroom-uploads/originals/", "PUT /stockroom-images/i/"])
def test_a_picture_is_published_in_the_end(
    library: Library, monkeypatch: pytest.MonkeyPatch, line: str, fault: Fault, times: int
) -> None:
    image_id = upload(library)
    with S3Proxy(library.settings.s3_endpoint, line, fault, times) as proxy:
        troubled = behind(library, proxy, monkeypatch)
        with suppress(Unavailable, EOFError):
            troubled.process(image_id)
        check_always(library, {image_id}, {image_id: LICENSES[0]}, set())
        troubled.close()
        assert proxy.left < times
    library.advance(timedelta(hours=2))
    library.reap()
    for event in set(library.events):
        library.process(event)
    check_always(library, {image_id}, {image_id: LICENSES[0]}, set())
    check_quiet(library, set(), set())
    assert library.observer.query("SELECT state, attempts FROM image") == (("ready", 0),)


@pytest.mark.parametrize("fault", ["503", "cut before", "answer lost"])
@pytest.mark.parametrize(
    "line", ["POST /stockroom-uploads?delete", "GET /stockroom-images", "POST /stockroom-images"]
)
def test_a_cancelled_upload_goes_in_the_end(
    library: Library, monkeypatch: pytest.MonkeyPatch, line: str, fault: Fault
) -> None:
    image_id = upload(library)
    ((owner_id, link_key),) = library.observer.query("SELECT owner_id, link_key FROM image")
    # An attempt was interrupted: what it has written is found and deleted.
    assert begin_attempt(library.observer, image_id)
    left = rendition_key(image_id, link_key, 1, "240p")
    library.storage.write_rendition(left, Rendition(b"left", "image/jpeg", 3, 2))
    with S3Proxy(library.settings.s3_endpoint, line, fault, 4) as proxy:
        troubled = behind(library, proxy, monkeypatch)
        with pytest.raises(Unavailable):
            cancel.cancel_upload(troubled.db, troubled.storage, library.settings, owner_id, image_id)
        troubled.close()
    library.advance(timedelta(minutes=1))
    library.reap()
    assert library.objects(library.settings.uploads_bucket) == set()
    assert library.objects(library.settings.images_bucket) == set()
    library.advance(timedelta(days=1))
    library.reap()
    assert library.observer.query("SELECT COUNT(*) FROM image") == ((0,),)


@pytest.mark.parametrize("fault", ["503", "cut before", "answer lost"])
@pytest.mark.parametrize("line", ["HEAD /stockroom-uploads/", "PUT /stockroom-uploads/"])
def test_the_reaper_redrives_in_the_end(
    library: Library, monkeypatch: pytest.MonkeyPatch, line: str, fault: Fault
) -> None:
    image_id = upload(library)
    library.events.clear()
    library.advance(timedelta(hours=2))
    with S3Proxy(library.settings.s3_endpoint, line, fault, 2) as proxy:
        troubled = behind(library, proxy, monkeypatch)
        assert troubled.reap().skipped == 1
        troubled.close()
    assert library.observer.query("SELECT state, attempts FROM image") == (("pending", 0),)
    library.advance(timedelta(minutes=10))
    assert library.reap().redriven == 1
    library.process(image_id)
    check_quiet(library, set(), set())
