"""Tickets against implementations of S3 that really check signatures.

Neither is S3. Where one is laxer, `tests/contract/misuses.py` says so.
"""

import hashlib
import http.client
import itertools
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from msgspec import structs

from stockroom.images.repository.pending import PendingUpload
from stockroom.images.storage import Storage
from stockroom.runtime.s3 import make_client
from stockroom.runtime.settings import Settings
from stockroom.runtime.timestamps import now
from stockroom.uploads import tickets
from tests.contract.endpoints import Endpoint, run_localstack, run_ministack
from tests.contract.misuses import MISUSES, SECRET, Misuse, Request, allowed

RUN: dict[str, Callable[[Path], AbstractContextManager[Endpoint]]] = {
    "ministack": run_ministack,
    "localstack": run_localstack,
}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Implementation:
    """One S3, with the buckets of a library."""

    name: str
    settings: Settings
    storage: Storage
    s3: Any

    def announce(self, seconds: int = 900) -> tuple[int, Request]:
        """A new upload's id, and the request that its ticket allows."""
        image_id = next(_numbers)
        content = b"content %d" % image_id
        settings = structs.replace(self.settings, ticket_seconds=seconds)
        upload = PendingUpload(image_id, len(content), "image/jpeg", hashlib.sha256(content).digest())
        return image_id, allowed(tickets.issue(self.storage, settings, now(), [upload])[image_id], content)

    def objects(self) -> set[str]:
        """The bucket and key of every object."""
        return {
            f"{bucket}/{item['Key']}"
            for bucket in (self.settings.uploads_bucket, self.settings.images_bucket)
            for item in self.s3.list_objects_v2(Bucket=bucket).get("Contents", ())
        }

    def stored(self, image_id: int) -> bytes | None:
        """The original, as the function reads it; None when there is none."""
        with self.storage.open_original(image_id) as download:
            return None if download is None else b"".join(download.chunks)


@pytest.fixture(scope="module", params=["ministack", pytest.param("localstack", marks=pytest.mark.thorough)])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Implementation]:
    name: str = request.param
    if name == "localstack" and sys.version_info < (3, 12):
        pytest.skip("LocalStack needs Python 3.12; `make test` has tested the other implementation")
    with RUN[name](tmp_path_factory.mktemp(name)) as endpoint, pytest.MonkeyPatch.context() as patch:
        for variable, value in {**endpoint.credentials, "AWS_ENDPOINT_URL_S3": endpoint.url}.items():
            patch.setenv(variable, value)
        bucket, _, key = SECRET.partition("/")
        settings = Settings(s3_endpoint=endpoint.url, uploads_bucket=bucket, images_bucket="stockroom-images")
        s3 = make_client(endpoint.url)
        for each in (settings.uploads_bucket, settings.images_bucket):
            s3.create_bucket(Bucket=each)
        s3.put_object(Bucket=bucket, Key=key, Body=b"secret")
        yield Implementation(name, settings, Storage(settings), s3)


def send(request: Request) -> int:
    """The status of the answer."""
    connection = http.client.HTTPConnection(urlsplit(request.origin).netloc, timeout=30)
    try:
        connection.request(request.method, request.target, request.body, request.headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@pytest.mark.parametrize("misuse", MISUSES, ids=lambda misuse: misuse.title)
def test_storage_refuses_every_misuse(running: Implementation, misuse: Misuse) -> None:
    image_id, request = running.announce()
    before = running.objects()
    status = send(misuse.change(request))
    if running.name in misuse.lax:
        assert status == misuse.lax[running.name], "the table says that it is laxer"
        return
    assert status in misuse.statuses
    assert running.objects() == before
    assert send(request) == 200, "the ticket itself was good"
    assert running.stored(image_id) == request.body


def test_each_misuse_but_one_is_refused_by_an_implementation() -> None:
    taken = [each.title for each in MISUSES if [*each.lax.values()] == [200] * len(RUN)]
    assert taken == ["also Authorization"]


def test_a_ticket_works_once(running: Implementation) -> None:
    image_id, request = running.announce()
    assert send(request) == 200
    assert send(request) == 412
    inverted = bytes(255 - byte for byte in request.body)
    assert send(replace(request, body=inverted)) in (400, 412)
    assert running.stored(image_id) == request.body


def test_of_simultaneous_uploads_with_one_ticket_one_is_taken(running: Implementation) -> None:
    image_id, request = running.announce()
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(send, [request] * 8))
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {409, 412}
    assert running.stored(image_id) == request.body


def test_a_ticket_expires(running: Implementation, monkeypatch: pytest.MonkeyPatch) -> None:
    signed_at = datetime.now(UTC).replace(tzinfo=None) - timedelta(seconds=10)
    with monkeypatch.context() as earlier:
        earlier.setattr("botocore.auth.get_current_datetime", lambda: signed_at)
        image_id, request = running.announce(seconds=5)
        _, longer = running.announce(seconds=900)
    assert send(request) == 403
    assert running.stored(image_id) is None
    assert send(longer) == 200


def test_half_an_upload_is_none(running: Implementation) -> None:
    image_id, request = running.announce()
    connection = http.client.HTTPConnection(urlsplit(request.origin).netloc, timeout=30)
    connection.putrequest(request.method, request.target)
    for name, value in request.headers.items():
        connection.putheader(name, value)
    connection.putheader("content-length", str(len(request.body)))
    connection.endheaders(request.body[:-1])
    connection.close()
    time.sleep(0.2)
    assert running.stored(image_id) is None
    assert send(request) == 200


def test_headers_that_need_no_signature_change_nothing_that_is_read(running: Implementation) -> None:
    """S3 stores these with the object. Nothing of ours looks at them, and originals are never public."""
    image_id, request = running.announce()
    headers = {
        "cache-control": "public",
        "content-disposition": "inline",
        "content-encoding": "gzip",
        "content-language": "de",
        "expires": "Thu, 01 Jan 2099 00:00:00 GMT",
    }
    assert send(replace(request, headers=request.headers | headers)) == 200
    assert running.stored(image_id) == request.body


def test_an_original_is_read_with_a_signature_alone(running: Implementation) -> None:
    """LocalStack has no policies, and gives it to everybody; the local stack denies that it is there."""
    image_id, request = running.announce()
    assert send(request) == 200
    for method in ("GET", "HEAD"):
        unsigned = replace(request, method=method, query={}, headers={}, body=b"")
        assert send(unsigned) == {"localstack": 200, "ministack": 404}[running.name]
    assert running.stored(image_id) == request.body
