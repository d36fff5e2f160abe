import json
from typing import Any

import pytest

from functions.manage_images.app import app
from functions.search.app import app as search
from stockroom.images import ids
from stockroom.resources import Resources
from tests.curation.pictures import published
from tests.events import Context, http
from tests.tokens import make_header, publish_key

EDIT = "PATCH /api/images/{id}"


@pytest.fixture(autouse=True)
def wired(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_key(resources.settings)
    for each in (app, search):
        monkeypatch.setattr(each, "services", lambda: resources)


def call(*arguments: Any, **options: Any) -> tuple[int, dict[str, str], Any]:
    options.setdefault("token", make_header())
    answer = app(http(*arguments, **options), Context())
    if answer["statusCode"] < 400:
        assert answer["headers"]["Cache-Control"] == "private, no-store"
    return answer["statusCode"], answer["headers"], json.loads(answer["body"]) if answer["body"] else None


def edit(image_id: str, if_match: str | None = "*", **body: Any) -> tuple[int, dict[str, str], Any]:
    token = body.pop("token", make_header())
    headers = {} if if_match is None else {"if-match": if_match}
    return call(EDIT, {"id": image_id}, body=body, headers=headers, token=token)


def test_a_picture_is_edited_by_the_tag_of_the_answer_that_showed_it(resources: Resources) -> None:
    image_id = ids.encode(published(resources))
    shown = search(http("GET /api/images/{id}", {"id": image_id}), Context())
    assert shown["headers"]["ETag"] == '"0"'
    status, headers, image = edit(image_id, shown["headers"]["ETag"], description="A lighthouse")
    assert (status, headers["ETag"], image["description"]) == (200, '"1"', "A lighthouse")
    assert (image["revision"], image["edited"] is None) == (1, False)
    # A CDN that compresses an answer makes its tag weak.
    status, headers, _ = edit(image_id, 'W/"1"', creator="A. Artist")
    assert (status, headers["ETag"]) == (200, '"2"')


def test_a_picture_that_was_edited_meanwhile_is_412_with_its_tag(resources: Resources) -> None:
    image_id = ids.encode(published(resources))
    assert edit(image_id, '"0"', name="1.jpg")[0] == 200
    for stale in ('"0"', '"x"', "0", '"0", W/"7"'):
        status, headers, problem = edit(image_id, stale, name="2.jpg")
        assert (status, problem["code"], headers["ETag"]) == (412, "edited-meanwhile", '"1"')
    assert edit(image_id, '"7", "1"', name="2.jpg")[2]["name"] == "2.jpg"


def test_without_if_match_nothing_is_edited(resources: Resources) -> None:
    image_id = ids.encode(published(resources))
    for absent in (None, "", " "):
        status, _, problem = edit(image_id, absent, name="1.jpg")
        assert (status, problem["code"]) == (428, "if-match-missing")


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({}, "empty-edit", ""),
        ({"name": ""}, "invalid-field", "/name"),
        ({"name": "a/b"}, "invalid-name", "/name"),
        ({"name": None}, "invalid-field", "/name"),
        ({"license": "MIT"}, "unknown-license", "/license"),
        ({"license": None}, "invalid-field", "/license"),
        ({"tags": ["sea", "#"]}, "invalid-tag", "/tags/1"),
        ({"tags": ["x"] * 51}, "invalid-field", "/tags"),
        ({"description": "\x00"}, "invalid-description", "/description"),
        ({"usage_terms": "\x00"}, "invalid-usage-terms", "/usage_terms"),
        ({"creator": "\x00"}, "invalid-creator", "/creator"),
        ({"creator": "x" * 201}, "invalid-field", "/creator"),
        ({"copyright": "\x00"}, "invalid-copyright", "/copyright"),
        ({"place": "\x00"}, "invalid-place", "/place"),
        ({"license_url": "javascript:alert(1)"}, "invalid-license-url", "/license_url"),
        ({"license_url": "https://a b"}, "invalid-license-url", "/license_url"),
        ({"license_url": "https://cc.example@evil.example/"}, "invalid-license-url", "/license_url"),
        ({"license_url": "https://"}, "invalid-license-url", "/license_url"),
        ({"license_url": "https://[x"}, "invalid-license-url", "/license_url"),
        ({"title": "x"}, "unknown-field", "/title"),
    ],
)
def test_a_wrong_edit_is_400_by_field(resources: Resources, body: Any, code: str, pointer: str) -> None:
    status, _, problem = edit(ids.encode(published(resources)), **body)
    assert (status, problem["code"]) == (400, code)
    assert [place["pointer"] for place in problem["errors"]] == [pointer]
    assert resources.db.query("SELECT revision FROM image") == ((0,),)


def test_somebody_elses_picture_is_as_unknown_as_one_that_nobody_has(resources: Resources) -> None:
    image_id = ids.encode(published(resources))
    answers = [
        edit(each, name="1.jpg", token=make_header(sub="bob")) for each in (image_id, "0" * 13, "no id")
    ]
    assert answers[0][2] == answers[1][2] == answers[2][2]
    assert (answers[0][0], answers[0][2]["code"]) == (404, "not-found")
    admin = make_header(sub="bob", scope="admin")
    assert edit(image_id, name="1.jpg", token=admin)[0] == 200


@pytest.mark.parametrize("route", [route.keys[0] for route in app.declared])
@pytest.mark.parametrize(("sent", "status"), [("", 401), (make_header(scope="read"), 403)])
def test_every_route_is_guarded(route: str, sent: str, status: int) -> None:
    path = {"id": "0" * 13} if "{" in route else None
    assert call(route, path, body={}, token=sent)[0] == status
