"""What the functions really ask of S3, on journeys that take them through everything they may do there."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from functions.fetch_keys import app as fetch_keys
from functions.manage_images.app import app as manage_images
from functions.reaper import app as reaper
from functions.resize import app as resize
from functions.search.app import app as search
from functions.upload_url.app import app as upload_url
from stockroom.images import ids
from stockroom.resources import Resources
from stockroom.runtime import settings
from stockroom.runtime.s3 import make_client
from stockroom.runtime.timestamps import now, rfc3339
from tests.downloads.originals import picture_with_original
from tests.events import Context, created, http, sqs
from tests.factories import (
    begin_attempt,
    file,
    make_overdue,
    pending,
    put_original,
    put_rendition,
    row_in,
    state,
    uploaded,
)
from tests.functions.recorder import Recorder
from tests.infra.grants import ALLOWED, IN_THE_NETWORK, allowed_to
from tests.ingest.audit import library
from tests.pages import publish_page
from tests.renditions.images import photo_bytes
from tests.tokens import KEY, make_header, make_jwk, publish_key

PROVIDER = "https://id.example"


@dataclass(frozen=True)
class Journey:
    """What a journey needs: the parts of a function, the record of its calls, and what it replaces."""

    resources: Resources
    recorder: Recorder
    patch: pytest.MonkeyPatch

    def ask(self, app: Any, *arguments: Any, **options: Any) -> tuple[int, Any]:
        """Send a request to a function of the API in a process of its own, which remembers no keys."""
        parts = replace(self.resources, settings=replace(self.resources.settings, visibility="private"))
        self.patch.setattr(app, "services", lambda: parts)
        with self.recorder.recording():
            answer = app(http(*arguments, **options), Context())
        is_json = "json" in answer["headers"].get("Content-Type", "json")
        return answer["statusCode"], json.loads(answer["body"] or "null") if is_json else answer["body"]


def go_through_upload_url(journey: Journey) -> None:
    resources, token = journey.resources, make_header()
    assert journey.ask(upload_url, "GET /api/uploads", token=token)[0] == 503, "there are no keys yet"
    publish_key(resources.settings)
    body = {"files": [file(b"1", expires=rfc3339(now() + timedelta(hours=2))), file(b"2")]}
    _, answer = journey.ask(upload_url, "POST /api/uploads", body=body, token=token)
    overdue, cancelled = (each["id"] for each in answer["files"])
    make_overdue(resources.db, ids.decode(overdue) or 0)
    _, answer = journey.ask(upload_url, "GET /api/uploads", query=f"ids={overdue}", token=token)
    assert answer["uploads"][0]["state"] == "expired"
    # An attempt that was cut short may have left some.
    begin_attempt(resources.db, ids.decode(cancelled) or 0)
    put_rendition(resources, ids.decode(cancelled) or 0)
    status, _ = journey.ask(upload_url, "DELETE /api/uploads/{id}", path={"id": cancelled}, token=token)
    assert status == 204
    failed = row_in(resources, "failed", b"3")
    put_original(resources, failed, b"3")
    _, answer = journey.ask(
        upload_url,
        "POST /api/uploads/retry",
        body={"ids": [ids.encode(failed)]},
        token=make_header(scope="admin"),
    )
    assert answer["files"][0]["state"] == "pending"


def go_through_search(journey: Journey) -> None:
    token = make_header(scope="read")
    assert journey.ask(search, "GET /api/images", token=token)[0] == 503, "there are no keys yet"
    publish_key(journey.resources.settings)
    assert journey.ask(search, "GET /api/images", token=token)[0] == 200
    publish_page(journey.resources.settings)
    assert journey.ask(search, "GET /p/{id+}", {"id": "0" * 13})[0] == 200


def go_through_manage_images(journey: Journey) -> None:
    token, path = make_header(), {"id": "0" * 13}
    route, body, headers = "PATCH /api/images/{id}", {"name": "sea.jpg"}, {"if-match": "*"}
    assert journey.ask(manage_images, route, path, body=body, headers=headers, token=token)[0] == 503, (
        "no keys"
    )
    publish_key(journey.resources.settings)
    assert journey.ask(manage_images, route, path, body=body, headers=headers, token=token)[0] == 404
    hidden = row_in(journey.resources, "hidden", b"1")
    put_original(journey.resources, hidden, b"1")
    body = {"embargo": "2000-01-01T00:00:00Z"}
    path = {"id": ids.encode(hidden)}
    assert journey.ask(manage_images, route, path, body=body, headers=headers, token=token)[0] == 200
    assert state(journey.resources.db, hidden) == "pending"
    deleted = {"id": ids.encode(row_in(journey.resources, "ready", b"deleted"))}
    assert journey.ask(manage_images, "DELETE /api/images/{id}", deleted, token=token)[0] == 204
    path = {"id": ids.encode(row_in(journey.resources, "hidden", b"lost"))}
    assert journey.ask(manage_images, route, path, body=body, headers=headers, token=token)[0] == 200
    taken_down = row_in(journey.resources, "ready")
    put_rendition(journey.resources, taken_down)
    _, answer = journey.ask(
        manage_images,
        "POST /api/images/takedown",
        body={"ids": [ids.encode(taken_down)], "reason": "A court has ordered it."},
        token=make_header(scope="admin"),
    )
    assert answer["images"][0]["state"] == "taken-down"
    path = {"id": ids.encode(picture_with_original(journey.resources))}
    for query in ("", "metadata=1"):
        status, answer = journey.ask(
            manage_images, "GET /api/images/{id}/original", path, query=query, token=token
        )
        assert (status, answer["metadata"]) == (200, bool(query))


def go_through_resize(journey: Journey) -> None:
    resources = journey.resources
    journey.patch.setattr(resize, "resources", lambda: resources)
    landed, never_landed = uploaded(resources, photo_bytes()), pending(resources)
    cancelled = row_in(resources, "deleting", b"2")
    put_rendition(resources, cancelled)
    keys = [f"originals/{ids.encode(image_id)}" for image_id in (landed, never_landed, cancelled)]
    with journey.recorder.recording():
        assert resize.handler(sqs(created(*keys)), Context()) == {"batchItemFailures": []}


def go_through_reaper(journey: Journey) -> None:
    resources = journey.resources
    journey.patch.setattr(reaper, "resources", lambda: resources)
    pending(resources, b"never landed")
    uploaded(resources, b"landed")
    put_rendition(resources, row_in(resources, "deleting", b"cancelled"))
    make_overdue(resources.db)
    resources.db.execute(
        "UPDATE image SET expires = UTC_TIMESTAMP(3) + INTERVAL 2 HOUR WHERE id = %s",
        (row_in(resources, "ready", b"expires"),),
    )
    with journey.recorder.recording():
        report = reaper.handler({}, Context())
    assert (report["purged"], report["redriven"], report["deleted"]) == (1, 1, 1)


def go_through_audit(journey: Journey) -> None:
    """Without the handler, for which the objects of a test are too young to be deleted."""
    resources = journey.resources
    library.complete(resources, b"1")
    without_row = library.complete(resources, b"2")
    resources.db.execute("DELETE FROM image WHERE id = %s", (without_row,))
    with journey.recorder.recording():
        report = library.run(resources, repair=True)
    assert (report.originals.deleted, report.renditions.deleted) == (1, 2)


def go_through_migrate(_: Journey) -> None:
    """It knows nothing of storage, so it can ask for nothing."""
    program = "import sys, functions.migrate.app; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {"stockroom.images.storage", "botocore.session"}.isdisjoint(result.stdout.split())


def go_through_fetch_keys(journey: Journey) -> None:
    current = replace(journey.resources.settings, issuers=("stockroom", PROVIDER))
    documents = {
        f"{PROVIDER}/.well-known/openid-configuration": {"issuer": PROVIDER, "jwks_uri": f"{PROVIDER}/keys"},
        f"{PROVIDER}/keys": {"keys": [make_jwk(KEY, "one")]},
    }

    class Fetcher:
        def fetch(self, url: str) -> bytes:
            return json.dumps(documents[url]).encode()

    journey.patch.setattr(settings, "current", lambda: current)
    journey.patch.setattr(fetch_keys, "make_fetcher", Fetcher)
    with journey.recorder.recording():
        assert fetch_keys.handler({}, Context()) == {PROVIDER: 1}


JOURNEYS: dict[str, Callable[[Journey], None]] = {
    "upload_url": go_through_upload_url,
    "search": go_through_search,
    "manage_images": go_through_manage_images,
    "resize": go_through_resize,
    "reaper": go_through_reaper,
    "audit": go_through_audit,
    "migrate": go_through_migrate,
    "fetch_keys": go_through_fetch_keys,
}


@pytest.fixture
def journey(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> Journey:
    current = resources.settings
    buckets = {
        current.uploads_bucket: "Uploads",
        current.images_bucket: "Images",
        current.keys_bucket: "Keys",
        current.site_bucket: "Site",
    }
    recorder = Recorder(buckets)
    monkeypatch.setattr(
        "stockroom.images.storage.make_client", lambda *given: recorder.watch(make_client(*given))
    )
    return Journey(resources, recorder, monkeypatch)


@pytest.mark.parametrize("function", JOURNEYS)
def test_a_function_asks_for_everything_that_it_may_and_for_nothing_else(
    journey: Journey, function: str
) -> None:
    """A permission that no journey uses is one too many; a call that no permission covers fails on AWS."""
    JOURNEYS[function](journey)
    assert journey.recorder.by_pattern(function) == allowed_to(function)


def test_every_function_has_a_journey() -> None:
    assert JOURNEYS.keys() == {*IN_THE_NETWORK, *(function for function, _ in ALLOWED)}
