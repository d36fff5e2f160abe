"""One picture is followed through the log lines of every function, from the request that made its ticket."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.reaper import app as reaper
from functions.resize import app as resize
from functions.search import app as search
from functions.upload_url import app as upload_url
from stockroom.images import ids
from stockroom.resources import Resources
from tests.events import Context, created, http, sqs
from tests.factories import file, make_overdue, pending
from tests.factories import put_original as put
from tests.renditions.images import photo_bytes
from tests.tokens import make_header, publish_key


@pytest.fixture(autouse=True)
def wired(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_key(resources.settings)
    for module in (reaper, resize):
        monkeypatch.setattr(module, "resources", lambda: resources)
    for app in (upload_url.app, search.app):
        monkeypatch.setattr(app, "services", lambda: resources)


def ask(app: Any, route: str, request_id: str, **options: Any) -> dict[str, Any]:
    event = http(route, token=make_header(), **options)
    event["requestContext"]["requestId"] = request_id
    answer = app(event, Context())
    assert answer["statusCode"] < 300, answer
    return json.loads(answer["body"]) if answer["body"] else {}


def lines_about(logs: Callable[[], str], image_id: str) -> list[dict[str, Any]]:
    """The lines since the last call that name the picture in whatever way, metrics left out."""
    written = [line for line in logs().splitlines() if image_id in line and '"_aws"' not in line]
    lines = [json.loads(line) for line in written]
    # The line about a batch's tickets lists its pictures.
    named = [line.get("image_ids", [line.get("image_id")]) for line in lines]
    assert all(image_id in names for names in named), "each names the picture by the same fields"
    return lines


def decode(name: str) -> int:
    image_id = ids.decode(name)
    assert image_id is not None
    return image_id


def messages(lines: list[dict[str, Any]]) -> list[str]:
    return [line["message"] for line in lines]


def test_a_picture_is_followed_from_its_ticket_to_its_renditions(
    resources: Resources, logs: Callable[[], str]
) -> None:
    photo = photo_bytes()
    files = [file(photo), file(b"another one")]
    body = ask(upload_url.app, "POST /api/uploads", "the ticket's request", body={"files": files})
    name = body["files"][0]["id"]
    (ticket,) = lines_about(logs, name)
    assert (ticket["message"], ticket["correlation_id"]) == ("tickets", "the ticket's request")

    ask(upload_url.app, "POST /api/uploads/tickets", "another request", body={"ids": [name]})
    (renewed,) = lines_about(logs, name)
    assert (renewed["message"], renewed["correlation_id"]) == ("tickets", "another request")

    put(resources, decode(name), photo)
    resize.handler(sqs(created(f"originals/{name}")), Context())
    published, original = lines_about(logs, name)
    assert published["message"] == "published"
    assert (original["message"], original["outcome"]) == ("original", "ready")
    assert original["s3_request"], "the contributor's PUT"
    assert original["correlation_id"] == "m0", "the message of the queue"

    assert ask(search.app, "GET /api/images/{id}", "a visitor's", path={"id": name})["id"] == name
    (request,) = lines_about(logs, name)
    assert (request["route"], request["correlation_id"]) == ("GET /api/images/{id}", "a visitor's")

    ask(search.app, "GET /api/images", "of no picture")
    (line,) = (line for line in map(json.loads, logs().splitlines()) if line.get("message") == "request")
    assert "image_id" not in line


def test_a_failure_says_why_and_its_retry_is_seen(resources: Resources, logs: Callable[[], str]) -> None:
    body = ask(upload_url.app, "POST /api/uploads", "1", body={"files": [file(b"no picture")]})
    name = body["files"][0]["id"]
    put(resources, decode(name), b"no picture")
    logs()
    resize.handler(sqs(created(f"originals/{name}")), Context())
    failed, original = lines_about(logs, name)
    assert (failed["message"], failed["code"]) == ("upload failed", "not-an-image")
    assert (original["message"], original["outcome"]) == ("original", "failed")

    event = http("POST /api/uploads/retry", body={"ids": [name]}, token=make_header(scope="admin"))
    assert upload_url.app(event, Context())["statusCode"] == 200
    (retried,) = lines_about(logs, name)
    assert (retried["message"], retried["state"]) == ("retried", "pending")


def test_what_the_reaper_does_with_an_upload_is_seen(resources: Resources, logs: Callable[[], str]) -> None:
    never, landed = (ids.encode(pending(resources, content)) for content in (b"never", b"landed"))
    put(resources, decode(landed), b"landed")
    make_overdue(resources.db)
    logs()
    reaper.handler({}, Context())
    written = logs()
    assert messages(lines_about(lambda: written, never)) == ["purged"]
    assert messages(lines_about(lambda: written, landed)) == ["redriven"]


def test_who_cancels_an_upload_is_seen(logs: Callable[[], str]) -> None:
    body = ask(upload_url.app, "POST /api/uploads", "1", body={"files": [file(b"unwanted"), file(b"too")]})
    one, another = (answer["id"] for answer in body["files"])
    logs()
    ask(upload_url.app, "DELETE /api/uploads/{id}", "2", path={"id": one})
    cancelled, request = lines_about(logs, one)
    assert (cancelled["message"], cancelled["correlation_id"]) == ("cancelled", "2")
    assert (request["route"], request["correlation_id"]) == ("DELETE /api/uploads/{id}", "2")
    ask(upload_url.app, "POST /api/uploads/cancel", "3", body={"ids": [another]})
    (cancelled,) = lines_about(logs, another)
    assert (cancelled["message"], cancelled["correlation_id"]) == ("cancelled", "3")
