import json
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from functions.manage_images.app import app
from functions.search.app import app as search
from stockroom.images import ids
from stockroom.resources import Resources
from tests.curation.pictures import find, published
from tests.downloads.originals import picture_with_original
from tests.events import Context, http
from tests.factories import ALICE, BOB, owner_of
from tests.images.looks import Shown, show
from tests.search.index.library import assert_consistent
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
    assert shown["headers"]["ETag"].startswith('"0-')
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
        ({"embargo": "tomorrow"}, "invalid-embargo", "/embargo"),
        ({"embargo": "2027-05-01T12:00:00"}, "invalid-embargo", "/embargo"),
        ({"embargo": 3}, "invalid-field", "/embargo"),
        ({"embargo": "9999-12-31T23:59:59-10:00"}, "invalid-embargo", "/embargo"),
        ({"expires": "2001-01-01T00:00:00Z"}, "invalid-expires", "/expires"),
        (
            {"embargo": "2600-01-02T00:00:00Z", "expires": "2600-01-01T00:00:00Z"},
            "invalid-expires",
            "/expires",
        ),
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


def edit_many(image_ids: list[str], **body: Any) -> tuple[int, Any]:
    token = body.pop("token", make_header())
    status, _, answer = call("POST /api/images/edit", body={"ids": image_ids, **body}, token=token)
    return status, answer


def test_many_pictures_are_edited_and_each_has_its_answer(resources: Resources) -> None:
    full = [f"tag{number}" for number in range(50)]
    first, second, crowded, same = (
        ids.encode(published(resources, bytes([number]), tags=tags))
        for number, tags in enumerate((["sea", "old"], [], full, ["new"]))
    )
    anothers = ids.encode(published(resources, b"bob", BOB))
    asked = [second, anothers, "0" * 13, "no id", crowded, first, same, second]
    status, answer = edit_many(asked, add_tags=["new"], remove_tags=["#old"])
    assert status == 200
    assert [each["id"] for each in answer["images"]] == asked
    assert [each["state"] for each in answer["images"]] == [
        "edited", "gone", "gone", "gone", "rejected", "edited", "unchanged", "edited",
    ]  # fmt: skip
    assert answer["images"][4]["error"]["code"] == "too-many-tags"
    assert [answer["images"][place]["image"]["tags"] for place in (0, 5, 6)] == [
        ["new"], ["sea", "new"], ["new"],
    ]  # fmt: skip
    assert resources.db.query("SELECT SUM(revision) FROM image") == ((2,),)
    assert find(resources, "#new") == sorted(ids.decode(each) or 0 for each in (first, second, same))[::-1]
    assert_consistent(resources.db)


def test_tags_are_set_then_taken_away_then_added(resources: Resources) -> None:
    image_id = ids.encode(published(resources, tags=["before"], description="A #hash"))
    changes = {"set": {"tags": ["a", "b"]}, "remove_tags": ["b", "c", "hash"], "add_tags": ["c", "a"]}
    _, answer = edit_many([image_id], **changes)
    assert answer["images"][0]["image"]["tags"] == ["a", "c", "hash"]


def test_of_many_pictures_those_stay_that_are_at_another_revision_than_was_asked_for(
    resources: Resources,
) -> None:
    image_ids = [ids.encode(published(resources, bytes([number]))) for number in range(4)]
    current, another, as_asked, _ = image_ids
    edit_many([another], set={"credit": "Bob"})
    edit_many([as_asked], set={"credit": "Eve"})
    revisions = {current: 0, another: 0, as_asked: 0}
    status, answer = edit_many(image_ids, set={"credit": "Eve"}, revisions=revisions)
    assert status == 200
    assert [each["state"] for each in answer["images"]] == ["edited", "rejected", "unchanged", "edited"]
    assert answer["images"][1]["error"]["code"] == "edited-meanwhile"
    assert answer["images"][2]["image"]["revision"] == 1
    assert dict(resources.db.query("SELECT credit, COUNT(*) FROM image GROUP BY credit")) == {
        "Bob": 1,
        "Eve": 3,
    }


def test_an_administrator_edits_everybodys_pictures(resources: Resources) -> None:
    image_ids = [ids.encode(published(resources, caller=caller)) for caller in (ALICE, BOB)]
    _, answer = edit_many(image_ids, set={"license": "CC0-1.0"}, token=make_header(scope="admin"))
    assert [each["image"]["license"] for each in answer["images"]] == ["CC0-1.0"] * 2


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({}, "empty-edit", ""),
        ({"set": {}, "add_tags": []}, "empty-edit", ""),
        ({"set": {"license_url": "ftp://a"}}, "invalid-license-url", "/set/license_url"),
        ({"set": {"creator": "\x00"}}, "invalid-creator", "/set/creator"),
        ({"set": {"tags": ["#"]}}, "invalid-tag", "/set/tags/0"),
        ({"set": {"name": None}}, "invalid-field", "/set/name"),
        ({"set": {"title": ""}}, "unknown-field", "/set/title"),
        ({"add_tags": ["a,b"]}, "invalid-tag", "/add_tags/0"),
        ({"remove_tags": ["a", '"']}, "invalid-tag", "/remove_tags/1"),
        ({"add_tags": ["x"] * 51}, "invalid-field", "/add_tags"),
        ({"ids": ["x" * 33], "add_tags": ["x"]}, "invalid-field", "/ids/0"),
        ({"revisions": {"x": -1}}, "invalid-field", "/revisions"),
        # Otherwise a key that is misspelt would leave the picture without its precondition.
        ({"revisions": {"a/~b": 0}}, "invalid-field", "/revisions/a~1~0b"),
        ({"revisions": {"0" * 13: 0}}, "invalid-field", f"/revisions/{'0' * 13}"),
    ],
)
def test_a_wrong_edit_of_many_is_400_by_field(
    resources: Resources, body: Any, code: str, pointer: str
) -> None:
    image_id = ids.encode(published(resources))
    body = {"ids": [image_id], "add_tags": ["new"] if "ids" in body else [], **body}
    status, _, problem = call("POST /api/images/edit", body=body)
    assert (status, problem["code"]) == (400, code)
    assert [place["pointer"] for place in problem["errors"]] == [pointer]
    assert resources.db.query("SELECT revision FROM image") == ((0,),)


@pytest.mark.parametrize("misspell", [str.lower, " {}".format, "{} ".format])
def test_a_revision_of_no_picture_of_the_edit_is_400_and_named(
    resources: Resources, misspell: Callable[[str], str]
) -> None:
    image_id = ids.encode(published(resources))
    key = misspell(image_id)
    status, problem = edit_many([image_id], add_tags=["new"], revisions={image_id: 0, key: 99})
    assert (status, problem["code"]) == (400, "invalid-field")
    assert [place["pointer"] for place in problem["errors"]] == [f"/revisions/{key}"]
    assert repr(key) in problem["detail"]
    assert resources.db.query("SELECT revision FROM image") == ((0,),)


@pytest.mark.parametrize(
    ("body", "code"), [({"ids": []}, "no-ids"), ({"ids": ["0" * 13] * 501}, "too-many-ids")]
)
@pytest.mark.parametrize("action", ["edit", "delete", "restore", "takedown"])
def test_a_request_about_no_pictures_or_too_many_is_400(action: str, body: Any, code: str) -> None:
    more = {"edit": {"add_tags": ["a"]}, "takedown": {"reason": "A court order."}}.get(action, {})
    token = make_header(scope="admin")
    status, _, problem = call(f"POST /api/images/{action}", body=body | more, token=token)
    assert (status, problem["code"]) == (400, code)
    assert [place["pointer"] for place in problem["errors"]] == ["/ids"]


def test_an_answer_of_too_much_text_leaves_pictures_out(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stockroom.api.edit_presenters.MAX_IMAGE_BYTES", 2000)
    image_ids = [ids.encode(published(resources, bytes([number]))) for number in range(4)]
    _, answer = edit_many(image_ids, add_tags=["new"])
    assert {each["state"] for each in answer["images"]} == {"edited"}
    shown = ["image" in each for each in answer["images"]]
    assert (shown[0], shown[-1]) == (True, False)


def test_an_answer_of_too_much_text_leaves_restored_pictures_out(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stockroom.api.curation_presenters.MAX_ANSWER_BYTES", 2000)
    image_ids = [ids.encode(published(resources, bytes([number]))) for number in range(4)]
    act("delete", *image_ids)
    answers = act("restore", *image_ids)
    assert {each["state"] for each in answers} == {"ready"}
    shown = ["image" in each for each in answers]
    assert (shown[0], shown[-1]) == (True, False)


def test_long_edits_make_pages_of_the_log_short(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a contributor could make a page of the log longer than an answer can be."""
    monkeypatch.setattr("stockroom.api.curation_presenters.MAX_ANSWER_BYTES", 2000)
    image_id = ids.encode(published(resources))
    for letter in "abc":
        assert edit(image_id, description=letter * 1900)[0] == 200
    described, query = [], "limit=100"
    while query:
        _, _, page = call("GET /api/log", query=query, token=ADMIN)
        described += [each["detail"]["after"]["description"][0] for each in page["entries"]]
        assert len(page["entries"]) == 1
        query = page["next"] and f"limit=100&cursor={page['next']}"
    assert described == ["c", "b", "a"]


@pytest.mark.parametrize("route", [route.keys[0] for route in app.declared if route.scope])
@pytest.mark.parametrize(("sent", "status"), [("", 401), (make_header(scope="read"), 403)])
def test_every_route_is_guarded(route: str, sent: str, status: int) -> None:
    path = {"id": "0" * 13, "sha256": "0" * 64} if "{" in route else None
    assert call(route, path, body={}, token=sent)[0] == status


ADMIN = make_header(sub="root", scope="admin")


ROUTES = {
    "delete": "POST /api/images/delete",
    "restore": "POST /api/images/restore",
    "takedown": "POST /api/images/takedown",
}


def act(action: str, *image_ids: str, token: str | None = None, **body: Any) -> Any:
    """The answers to one of ROUTES."""
    status, _, answer = call(ROUTES[action], body={"ids": image_ids, **body}, token=token or make_header())
    assert status == 200, answer
    return answer["images"]


def states(answers: Any) -> list[tuple[str, str]]:
    return [(answer["id"], answer["state"]) for answer in answers]


def test_a_picture_is_deleted_and_restored(resources: Resources) -> None:
    image_id = ids.encode(published(resources))
    path = {"id": image_id}
    assert search(http("GET /api/images/{id}", path), Context())["statusCode"] == 200
    assert call("DELETE /api/images/{id}", path)[0] == 204
    assert call("DELETE /api/images/{id}", path)[0] == 204, "the same request again"
    assert search(http("GET /api/images/{id}", path), Context())["statusCode"] == 404
    assert edit(image_id, name="1.jpg")[0] == 404
    (answer,) = act("restore", image_id)
    assert (answer["state"], answer["image"]["id"]) == ("ready", image_id)
    assert search(http("GET /api/images/{id}", path), Context())["statusCode"] == 200


def test_a_deletion_may_name_the_state_that_is_meant(resources: Resources) -> None:
    path = {"id": ids.encode(published(resources))}
    status, headers, problem = call("DELETE /api/images/{id}", path, headers={"if-match": '"7"'})
    assert (status, problem["code"], headers["ETag"]) == (412, "edited-meanwhile", '"0"')
    assert call("DELETE /api/images/{id}", path, headers={"if-match": 'W/"0"'})[0] == 204


@pytest.mark.parametrize("image_id", ["0" * 13, "no id"])
def test_a_picture_that_is_not_ones_own_cannot_be_deleted(resources: Resources, image_id: str) -> None:
    own = ids.encode(published(resources))
    for path, token in (({"id": image_id}, make_header()), ({"id": own}, make_header(sub="bob"))):
        status, _, problem = call("DELETE /api/images/{id}", path, token=token)
        assert (status, problem["code"]) == (404, "not-found")


def test_many_are_deleted_and_restored_in_the_order_of_the_request(resources: Resources) -> None:
    first, second = (ids.encode(published(resources, content)) for content in (b"1", b"2"))
    answers = act("delete", second, "no id", first, second)
    assert states(answers) == [
        (second, "deleted"),
        ("no id", "gone"),
        (first, "deleted"),
        (second, "deleted"),
    ]
    assert all(("restorable_until" in each) == (each["state"] == "deleted") for each in answers)
    assert states(act("restore", first, "0" * 13, second)) == [
        (first, "ready"),
        ("0" * 13, "gone"),
        (second, "ready"),
    ]


@pytest.mark.parametrize(("action", "limit"), [("delete", 500), ("restore", 500), ("takedown", 50)])
def test_too_many_ids_are_400(action: str, limit: int) -> None:
    body = {"ids": ["0" * 13] * (limit + 1)} | ({"reason": "x"} if action == "takedown" else {})
    status, _, problem = call(ROUTES[action], body=body, token=ADMIN)
    assert (status, problem["code"]) == (400, "too-many-ids")


def test_a_picture_is_taken_down_and_its_content_accepted_again(resources: Resources) -> None:
    image_id = ids.encode(published(resources))
    assert states(act("takedown", image_id, "no id", reason="A  court", token=ADMIN)) == [
        (image_id, "taken-down"),
        ("no id", "gone"),
    ]
    _, _, page = call("GET /api/takedowns", token=ADMIN)
    ((taken),) = page["takedowns"]
    assert (taken["reason"], taken["actor"], page["next"]) == ("A court", "contributor-2", None)
    path = {"sha256": taken["sha256"]}
    assert call("DELETE /api/takedowns/{sha256}", path, token=ADMIN)[0] == 204
    assert call("DELETE /api/takedowns/{sha256}", path, token=ADMIN)[0] == 404
    assert call("DELETE /api/takedowns/{sha256}", {"sha256": "xyz"}, token=ADMIN)[0] == 404
    assert call("GET /api/takedowns", token=ADMIN)[2]["takedowns"] == []


def test_a_take_down_needs_a_reason(resources: Resources) -> None:
    body = {"ids": [ids.encode(published(resources))], "reason": " "}
    status, _, problem = call("POST /api/images/takedown", body=body, token=ADMIN)
    assert (status, problem["errors"][0]["pointer"]) == (400, "/reason")
    assert call("GET /api/takedowns", token=ADMIN)[2]["takedowns"] == []


def test_take_downs_come_in_pages(resources: Resources) -> None:
    for content in (b"1", b"2", b"3"):
        act("takedown", ids.encode(published(resources, content)), reason="x", token=ADMIN)
    _, _, first = call("GET /api/takedowns", query="limit=2", token=ADMIN)
    _, _, second = call("GET /api/takedowns", query=f"limit=2&cursor={first['next']}", token=ADMIN)
    hashes = {taken["sha256"] for page in (first, second) for taken in page["takedowns"]}
    assert (len(hashes), second["next"]) == (3, None)


def test_the_log_says_who_did_what(resources: Resources) -> None:
    image_id = ids.encode(published(resources))
    edit(image_id, name="sea.jpg")
    act("delete", image_id)
    act("restore", image_id)
    act("takedown", image_id, reason="A court", token=ADMIN)
    _, _, page = call("GET /api/log", query=f"image={image_id}", token=ADMIN)
    assert [(each["action"], each["actor"]) for each in page["entries"]] == [
        ("take-down", "contributor-2"),
        ("restore", "contributor-1"),
        ("delete", "contributor-1"),
        ("edit", "contributor-1"),
    ]
    assert page["entries"][0]["detail"]["reason"] == "A court"
    assert {each["image"] for each in page["entries"]} == {image_id}
    _, _, first = call("GET /api/log", query="limit=3", token=ADMIN)
    _, _, second = call("GET /api/log", query=f"limit=3&cursor={first['next']}", token=ADMIN)
    assert first["entries"] + second["entries"] == page["entries"]
    assert second["next"] is None


def test_the_log_is_asked_for_what_somebody_did_and_how(resources: Resources) -> None:
    image_id = ids.encode(published(resources))
    edit(image_id, name="sea.jpg")
    edit(image_id, name="wave.jpg")
    act("takedown", image_id, reason="A court", token=ADMIN)

    def read(query: str) -> list[dict[str, Any]]:
        status, _, page = call("GET /api/log", query=query, token=ADMIN)
        assert status == 200
        entries: list[dict[str, Any]] = page["entries"]
        return entries

    alice = read("action=edit")[0]["actor_id"]
    assert [each["actor"] for each in read("action=take-down")] == ["contributor-2"]
    assert [each["action"] for each in read(f"by={alice}")] == ["edit", "edit"]
    assert [each["action"] for each in read(f"by={alice}&image={image_id}&action=edit")] == ["edit", "edit"]
    assert read(f"by={alice}&action=take-down") == read("by=0") == read("by=" + "9" * 10) == []
    _, _, first = call("GET /api/log", query=f"by={alice}&limit=1", token=ADMIN)
    _, _, second = call("GET /api/log", query=f"by={alice}&limit=1&cursor={first['next']}", token=ADMIN)
    assert [first["entries"] + second["entries"], second["next"]] == [read(f"by={alice}"), None]


@pytest.mark.parametrize(
    ("route", "query", "code"),
    [
        ("GET /api/log", "cursor=x", "invalid-cursor"),
        ("GET /api/log", "cursor=" + "9" * 21, "invalid-cursor"),
        ("GET /api/log", "image=x", "invalid-id"),
        ("GET /api/log", "by=x", "invalid-id"),
        ("GET /api/log", "by=-1", "invalid-id"),
        ("GET /api/log", "by=" + "9" * 11, "invalid-id"),
        ("GET /api/log", "action=read", "invalid-choice"),
        ("GET /api/takedowns", "cursor=x", "invalid-cursor"),
        ("GET /api/takedowns", "cursor=2026" + "0" * 64, "invalid-cursor"),
    ],
)
def test_a_wrong_question_is_400(route: str, query: str, code: str) -> None:
    status, _, problem = call(route, query=query, token=ADMIN)
    assert (status, problem["code"]) == (400, code)


@pytest.mark.parametrize(
    "route",
    ["POST /api/images/takedown", "GET /api/takedowns", "DELETE /api/takedowns/{sha256}", "GET /api/log"],
)
def test_contributors_take_nothing_down_and_read_no_log(route: str) -> None:
    path = {"sha256": "0" * 64} if "{" in route else None
    assert call(route, path, body={"ids": [], "reason": "x"})[0] == 403


def test_duplicates_among_my_pictures_come_in_groups(resources: Resources) -> None:
    owner_id = owner_of(resources, ALICE)
    show(resources.db, [Shown(1000 + n, 0xF0F0 ^ 1 << n, owner_id) for n in range(3)])
    show(resources.db, [Shown(2000 + n, None, owner_id, pixels="black") for n in range(2)])
    show(resources.db, [Shown(3000, 0xF0F0, owner_of(resources, BOB))])
    status, _, page = call("GET /api/duplicates")
    assert (status, page["next"]) == (200, None)
    assert [(group["kind"], [image["id"] for image in group["images"]]) for group in page["groups"]] == [
        ("same-pixels", [ids.encode(2001), ids.encode(2000)]),
        ("near", [ids.encode(1002), ids.encode(1001), ids.encode(1000)]),
    ]
    _, _, first = call("GET /api/duplicates", query="limit=1")
    assert [group["kind"] for group in first["groups"]] == ["same-pixels"]
    _, _, second = call("GET /api/duplicates", query=f"limit=1&cursor={first['next']}")
    assert second["groups"] == page["groups"][1:]
    status, _, problem = call("GET /api/duplicates", query="cursor=nonsense")
    assert (status, problem["errors"][0]["code"]) == (400, "invalid-cursor")
    assert call("GET /api/duplicates", token=make_header(scope="read"))[0] == 403
    assert call("GET /api/duplicates", token=None)[0] == 401


ORIGINAL = "GET /api/images/{id}/original"


def original(image_id: int, query: str = "", token: str = "") -> tuple[int, dict[str, str], Any]:
    return call(ORIGINAL, {"id": ids.encode(image_id)}, query=query, token=token)


def test_an_owner_gets_the_original_and_a_copy_of_it(resources: Resources) -> None:
    image_id = picture_with_original(resources, name="Sea at night")
    _, _, answer = original(image_id, token=make_header())
    assert answer.keys() == {"url", "expires", "name", "type", "size", "sha256", "metadata"}
    assert (answer["name"], answer["metadata"]) == ("Sea at night.jpg", False)
    _, _, copy = original(image_id, "metadata=1", token=make_header())
    assert copy["metadata"]
    assert copy["size"] > answer["size"]
    assert original(image_id, "metadata=2", token=make_header())[2]["code"] == "invalid-number"


def test_an_original_that_carries_no_metadata_says_why(resources: Resources) -> None:
    _, _, answer = original(picture_with_original(resources, b"x"), "metadata=1", token=make_header())
    assert not answer["metadata"]
    assert answer["note"].startswith("The metadata cannot be written into this file: ")


@pytest.mark.parametrize("visibility", ["public", "private"])
@pytest.mark.parametrize(
    ("sent", "of_private"),
    [
        ({}, 401),
        ({"sub": "bob", "scope": "read"}, 200),
        ({"sub": "bob", "scope": "upload"}, 404),
        ({"sub": "bob", "scope": "other"}, 403),
        ({"sub": "bob", "scope": "admin"}, 200),
        ({"sub": "alice", "scope": "upload"}, 200),
    ],
)
def test_originals_for_everybody_are_for_the_readers_of_a_private_library(
    resources: Resources,
    monkeypatch: pytest.MonkeyPatch,
    visibility: str,
    sent: dict[str, str],
    of_private: int,
) -> None:
    settings = replace(resources.settings, visibility=visibility, originals="everybody")
    monkeypatch.setattr(app, "services", lambda: replace(resources, settings=settings))
    image_id = picture_with_original(resources)
    expected = of_private if visibility == "private" else 200
    assert original(image_id, token=make_header(**sent) if sent else "")[0] == expected


def test_by_default_originals_are_their_owners_alone(resources: Resources) -> None:
    image_id = picture_with_original(resources)
    answers = {
        scope: original(image_id, token=make_header(sub="bob", scope=scope))[0]
        for scope in ("read", "upload", "admin")
    }
    assert answers == {"read": 404, "upload": 404, "admin": 200}
    assert original(image_id)[2]["code"] == "token-missing"
    assert original(image_id, token="Bearer nonsense")[2]["code"] == "token-invalid"


def test_a_token_that_may_only_read_makes_no_contributor(resources: Resources) -> None:
    image_id = picture_with_original(resources)
    (before,) = resources.db.query("SELECT COUNT(*) FROM owner")
    original(image_id, token=make_header(sub="bob", scope="read"))
    assert resources.db.query("SELECT COUNT(*) FROM owner") == (before,)
