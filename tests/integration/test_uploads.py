"""The upload protocol on the running stack: real signatures, real events, real pictures."""

import base64
import hashlib
import time
from typing import Any

import pytest

from local import processes
from tests.integration.api import PATIENCE, Person, described, put, send
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = pytest.mark.integration


@pytest.fixture
def alice(stack: LocalStack) -> Person:
    return Person(stack, stack.token("alice", name="Alice"))


@pytest.fixture
def bob(stack: LocalStack) -> Person:
    return Person(stack, stack.token("bob", name="Bob"))


def test_from_a_photograph_to_a_cached_link(stack: LocalStack, alice: Person) -> None:
    (upload,) = alice.upload(
        fresh_photo(), description="A courtyard in #Barcelona", tags=["houses"], license="CC0-1.0"
    )
    settled = alice.settled(upload)
    assert settled["state"] == "ready", settled
    image = settled["image"]
    assert image["tags"] == ["houses", "barcelona"]
    assert image["owner"] == "Alice"
    assert (image["width"], image["height"]) == (1800, 1200)
    for path in (image["urls"]["240p"], image["urls"]["720p"]):
        first, second = send("GET", stack.url + path), send("GET", stack.url + path)
        assert first.status == second.status == 200
        assert second.body == first.body
        assert second.body.startswith(b"\xff\xd8\xff")
        assert second.headers["content-type"] == "image/jpeg"
        assert second.headers["cache-control"] == "public, max-age=86400"
        assert second.headers["x-cache"].startswith("Hit")
        assert second.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in second.headers["content-security-policy"]


def test_smaller_formats_follow_once_it_is_ready(alice: Person) -> None:
    upload = alice.upload_whole(fresh_photo())
    found = send("GET", alice.urls(upload)["720p.webp"])
    assert (found.status, found.headers["content-type"]) == (200, "image/webp")
    assert found.body[8:12] == b"WEBP"


def test_found_by_word_tag_and_date(alice: Person) -> None:
    word = f"quokka{time.time_ns()}"
    # A day may begin while the test runs.
    first_day = time.strftime("%Y-%m-%d", time.gmtime())
    (upload,) = alice.upload(fresh_photo(), description=f"A {word} jumping #{word}tag")
    assert alice.settled(upload)["state"] == "ready"
    visitor = Person(alice.stack)
    today = time.strftime("%Y-%m-%d", time.gmtime())
    days = f"from={first_day}&to={today}"
    for query in (f"q={word}", f"tag={word}tag", f"q=jump%20{word}", f"q={word}&{days}"):
        found = visitor.call("GET", f"/api/images?{query}").json
        assert [image["id"] for image in found["images"]] == [upload], query
    assert visitor.call("GET", f"/api/images?q={word}&to=2020-01-01").json["images"] == []
    front = visitor.call("GET", f"/api/images?limit=100&from={first_day}").json["images"]
    assert upload in {image["id"] for image in front}
    assert visitor.call("GET", f"/api/images/{upload}").json["id"] == upload
    tags = visitor.call("GET", f"/api/tags?prefix={word}").json["tags"]
    assert tags == [{"tag": f"{word}tag", "count": 1}]


def test_storage_refuses_all_but_the_one_upload(alice: Person) -> None:
    photo = fresh_photo()
    (answer,) = alice.announce(photo)
    ticket = answer["ticket"]
    other = bytes(reversed(photo))
    assert put(ticket, photo + b"x").status in (400, 403), "one byte more"
    assert put(ticket, photo[:-1]).status in (400, 403), "one byte less"
    assert put(ticket, other).status == 400, "another content of the same size"
    checksum = base64.b64encode(hashlib.sha256(other).digest()).decode()
    assert put(ticket, other, x_amz_checksum_sha256=checksum).status == 403, "with its own checksum"
    assert put(ticket, photo, content_type="image/png").status == 403, "another type"
    assert put(ticket, photo, if_none_match="x").status == 403, "without the condition"
    assert send("PUT", ticket["url"], photo, {}).status == 403, "without the headers"
    another_key = ticket["url"].replace(answer["id"], "0" * 13)
    assert send("PUT", another_key, photo, ticket["headers"]).status == 403, "another key"
    assert put(ticket, photo).status == 200
    assert put(ticket, photo).status == 412, "twice"
    assert alice.settled(answer["id"])["state"] == "ready"


def test_the_browser_may_send_exactly_the_headers_of_a_ticket(stack: LocalStack, alice: Person) -> None:
    (answer,) = alice.announce(fresh_photo())
    asked = {
        "Origin": stack.url,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": ",".join(sorted(answer["ticket"]["headers"])),
    }
    allowed = send("OPTIONS", answer["ticket"]["url"], None, asked)
    assert allowed.status in (200, 204)
    assert allowed.headers["access-control-allow-origin"] == stack.url
    foreign = send("OPTIONS", answer["ticket"]["url"], None, asked | {"Origin": "https://evil.example"})
    assert foreign.headers.get("access-control-allow-origin") in (None, "")
    alice.call("DELETE", f"/api/uploads/{answer['id']}")


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"just words", "not-an-image"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported-type")],
)
def test_what_is_no_picture_fails_with_a_reason(alice: Person, content: bytes, code: str) -> None:
    (upload,) = alice.upload(content + str(time.time_ns()).encode())
    settled = alice.settled(upload)
    assert settled["state"] == "failed"
    assert settled["error"]["code"] == code


def test_a_truncated_picture_fails(alice: Person) -> None:
    (upload,) = alice.upload(fresh_photo()[:30_000])
    settled = alice.settled(upload)
    assert (settled["state"], settled["error"]["code"]) == ("failed", "truncated")


def test_the_same_content_again(alice: Person, bob: Person) -> None:
    photo = fresh_photo()
    (first,) = alice.announce(photo)
    (again,) = alice.announce(photo)
    assert again["id"] == first["id"]
    assert put(again["ticket"], photo).status == 200
    assert alice.settled(first["id"])["state"] == "ready"
    (duplicate,) = alice.announce(photo)
    assert duplicate["state"] == "duplicate"
    assert duplicate["image"]["id"] == first["id"]
    (own,) = bob.announce(photo)
    assert own["state"] == "pending", "Alice's picture goes when she deletes it"
    bob.call("DELETE", f"/api/uploads/{own['id']}")


def test_a_cancelled_upload_and_its_late_put_leave_nothing(stack: LocalStack, alice: Person) -> None:
    photo = fresh_photo()
    (answer,) = alice.announce(photo)
    assert alice.call("DELETE", f"/api/uploads/{answer['id']}").status == 204
    assert alice.state(answer["id"]) is None
    assert put(answer["ticket"], photo).status == 200
    gone(stack, answer["id"])


def gone(stack: LocalStack, upload: str) -> None:
    """Wait until storage has no original for an upload."""

    def is_gone() -> bool:
        listed = stack.s3.list_objects_v2(Bucket=stack.outputs["UploadsBucket"], Prefix=f"originals/{upload}")
        return not listed.get("Contents")

    assert processes.wait_until(is_gone, PATIENCE), f"the original of {upload} is still there"


def test_what_is_someone_elses(alice: Person, bob: Person) -> None:
    (answer,) = alice.announce(fresh_photo())
    assert bob.state(answer["id"]) is None
    refused = bob.call("DELETE", f"/api/uploads/{answer['id']}")
    assert (refused.status, refused.json["code"]) == (404, "not-found")
    renewed = bob.call("POST", "/api/uploads/tickets", {"ids": [answer["id"]]}).json["files"]
    assert renewed == [{"id": answer["id"], "state": "gone"}]
    assert alice.call("DELETE", f"/api/uploads/{answer['id']}").status == 204


def test_renewed_tickets_work(alice: Person) -> None:
    photo = fresh_photo()
    (answer,) = alice.announce(photo)
    (renewed,) = alice.call("POST", "/api/uploads/tickets", {"ids": [answer["id"]]}).json["files"]
    assert put(renewed["ticket"], photo).status == 200
    assert alice.settled(answer["id"])["state"] == "ready"


def test_five_hundred_files_are_one_request(alice: Person) -> None:
    answers = alice.announce(*(f"file {n} {time.time_ns()}".encode() for n in range(500)))
    assert {answer["state"] for answer in answers} == {"pending"}
    assert len({answer["id"] for answer in answers}) == 500
    connection = alice.stack.database()
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM stockroom.image WHERE state = 'pending' AND size < 100 AND name LIKE 'photo-%'"
        )


def test_rejections_name_the_file_and_the_rest_goes_on(alice: Person) -> None:
    files: list[Any] = [
        described(fresh_photo()),
        described(b"1", name="../x.jpg"),
        described(b"2", size=0),
        described(b"3", size=60 * 1024 * 1024),
        described(b"4", type="image/heic"),
        described(b"5", sha256="12"),
        described(b"6", surprise=1),
    ]
    answers = alice.call("POST", "/api/uploads", {"files": files}).json["files"]
    assert [answer["state"] for answer in answers] == ["pending"] + ["rejected"] * 6
    assert [answer["error"]["code"] for answer in answers[1:]] == [
        "invalid-name",
        "invalid-field",
        "too-large",
        "unsupported-type",
        "invalid-field",
        "unknown-field",
    ]
    alice.call("DELETE", f"/api/uploads/{answers[0]['id']}")
