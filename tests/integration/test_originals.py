"""Originals on the running stack: real signatures, through the CDN's stand-in."""

import pytest

from tests.integration.api import Person, send
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = pytest.mark.integration


def test_an_original_and_a_copy_of_it_are_downloaded_by_their_owner_alone(stack: LocalStack) -> None:
    alice, bob = (Person(stack, stack.token(name, name=name)) for name in ("alice", "bob"))
    content = fresh_photo()
    (upload,) = alice.upload(content, name="Tür.png", description="A lighthouse")
    assert alice.settled(upload)["state"] == "ready"
    path = f"/api/images/{upload}/original"
    link = alice.call("GET", path)
    assert (link.status, link.headers["cache-control"]) == (200, "private, no-store")
    # Nobody is given what the CDN has just passed on to another.
    assert [person.call("GET", path).status for person in (bob, Person(stack))] == [404, 401]
    download = send("GET", link.json["url"])
    assert (download.status, download.body) == (200, content)
    assert download.headers["content-type"] == "image/jpeg"
    assert download.headers["cache-control"] == "private, no-store"
    disposition = download.headers["content-disposition"]
    assert disposition == "attachment; filename=\"Tur.jpg\"; filename*=UTF-8''T%C3%BCr.jpg"

    copy = alice.call("GET", f"{path}?metadata=1").json
    assert copy["metadata"]
    carried = send("GET", copy["url"])
    assert (carried.status, len(carried.body)) == (200, copy["size"])
    assert b"A lighthouse" in carried.body
    assert carried.headers["content-type"] == "image/jpeg"
    # A signature opens one object, under one name, and nothing is put where it reads.
    assert send("GET", copy["url"].replace("/downloads/", "/originals/")).status == 403
    assert send("GET", copy["url"].replace("attachment", "inline")).status == 403
    assert send("PUT", copy["url"], b"other").status == 403
    # The copy is no original that has landed.
    assert alice.settled(upload)["state"] == "ready"
