import json
import time
from typing import Any

import pytest

from functions.upload_url import app as module
from functions.upload_url.app import app
from stockroom.images import ids
from stockroom.resources import Resources
from tests.events import Context, http
from tests.factories import file, put_original, row_in
from tests.tokens import make_header, publish_key


@pytest.fixture(autouse=True)
def wired(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_key(resources.settings)
    monkeypatch.setattr(app, "services", lambda: resources)


def call(*arguments: Any, **options: Any) -> tuple[int, Any]:
    options.setdefault("token", make_header())
    answer = app(http(*arguments, **options), Context())
    if answer["statusCode"] < 400:
        assert answer["headers"]["Cache-Control"] == "private, no-store"
    return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None


def test_the_whole_protocol() -> None:
    status, body = call("POST /api/uploads", body={"files": [file(b"1"), file(b"2", size=0)]})
    assert status == 200
    good, bad = body["files"]
    assert good["state"] == "pending"
    assert set(good["ticket"]) == {"method", "url", "headers", "expires"}
    assert bad == {"state": "rejected", "error": bad["error"]}

    status, body = call("POST /api/uploads/tickets", body={"ids": [good["id"], "gone"]})
    assert status == 200
    assert [answer["state"] for answer in body["files"]] == ["pending", "gone"]

    status, body = call("GET /api/uploads", query=f"ids={good['id']}")
    assert (status, body["uploads"][0]["state"], body["next"]) == (200, "pending", None)
    assert call("GET /api/uploads", query="limit=1")[1]["uploads"][0]["id"] == good["id"]

    assert call("DELETE /api/uploads/{id}", path={"id": good["id"]}) == (204, None)
    assert call("GET /api/uploads")[1]["uploads"] == []


@pytest.mark.parametrize("route", [f"{route.method} {route.path}" for route in app.declared])
@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ("", 401, "token-missing"),
        (make_header(exp=int(time.time()) - 60), 401, "token-expired"),
        (make_header(scope="read"), 403, "scope-missing"),
    ],
)
def test_every_route_is_guarded(route: str, sent: str, status: int, code: str) -> None:
    body: Any = {} if route.startswith("POST") else None
    path = {"id": "0" * 13} if "{" in route else None
    answered, problem = call(route, path, body=body, token=sent)
    assert (answered, problem["code"]) == (status, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"files": []}, "no-files"),
        ({"files": [file()] * 501}, "too-many-files"),
        ({"files": [file()], "extra": True}, "unknown-field"),
        ({}, "missing-field"),
    ],
)
def test_a_wrong_batch_is_400(body: Any, code: str) -> None:
    status, problem = call("POST /api/uploads", body=body)
    assert (status, problem["code"]) == (400, code)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("ids=nonsense", "invalid-id"),
        ("ids=" + ",".join(["0" * 13] * 501), "too-many-ids"),
        ("cursor=%3F", "invalid-cursor"),
        ("limit=101", "invalid-number"),
        ("ids=&limit=3", "unknown-parameter"),
        ("expiring=yes", "invalid-number"),
        ("expiring=1&cursor=0000000000001", "invalid-cursor"),
        ("expiring=1&state=ready", "invalid-choice"),
        ("state=deleting", "invalid-choice"),
        ("counts=yes", "invalid-number"),
        ("ids=&counts=1", "unknown-parameter"),
        ("ids=&name=DSC", "unknown-parameter"),
        ("expiring=1&name=DSC", "invalid-name"),
        ("order=name", "invalid-choice"),
        ("expiring=1&order=oldest", "invalid-choice"),
        ("ids=&order=oldest", "unknown-parameter"),
        (f"name={'x' * 256}", "invalid-name"),
    ],
)
def test_a_wrong_question_about_uploads_is_400(query: str, code: str) -> None:
    status, problem = call("GET /api/uploads", query=query)
    assert (status, problem["code"]) == (400, code)


def test_empty_ids_are_no_uploads() -> None:
    assert call("GET /api/uploads", query="ids=,")[1] == {"uploads": [], "next": None}


def test_tickets_answer_in_the_order_of_the_request() -> None:
    _, body = call("POST /api/uploads", body={"files": [file(b"1"), file(b"2")]})
    first, second = (answer["id"] for answer in body["files"])
    status, body = call("POST /api/uploads/tickets", body={"ids": [second, "nonsense", first]})
    assert status == 200
    assert [answer["id"] for answer in body["files"]] == [second, "nonsense", first]
    assert [answer["state"] for answer in body["files"]] == ["pending", "gone", "pending"]
    assert call("POST /api/uploads/tickets", body={"ids": []}) == (200, {"files": []})


def test_too_many_tickets_are_400() -> None:
    status, problem = call("POST /api/uploads/tickets", body={"ids": ["0" * 13] * 501})
    assert (status, problem["code"]) == (400, "too-many-ids")


def test_uploads_come_in_pages() -> None:
    call("POST /api/uploads", body={"files": [file(bytes([n])) for n in range(3)]})
    _, first = call("GET /api/uploads", query="limit=2")
    _, second = call("GET /api/uploads", query=f"limit=2&cursor={first['next']}")
    seen = [upload["id"] for page in (first, second) for upload in page["uploads"]]
    assert (len(seen), len(set(seen)), second["next"]) == (3, 3, None)


def test_an_upload_is_found_by_the_name_of_its_file() -> None:
    named = file(b"1", name="The harbour", file_name="DSC_4711.JPG")
    _, body = call("POST /api/uploads", body={"files": [named, file(b"2", name="DSC_4712.JPG")]})
    first, second = (each["id"] for each in body["files"])

    def find(query: str, **options: Any) -> list[tuple[str, str, str]]:
        _, page = call("GET /api/uploads", query=query, **options)
        assert page["next"] is None
        return [(each["id"], each["name"], each["file_name"]) for each in page["uploads"]]

    assert find("name=dsc_4711") == find("name=+HARBOUR+") == [(first, "The harbour", "DSC_4711.JPG")]
    assert find("name=DSC_47&state=pending")[0] == (second, "DSC_4712.JPG", "DSC_4712.JPG")
    assert find("name=DSC_47&state=ready") == find("name=DSC_48") == []
    assert find("name=++") == find(f"ids={first},{second}") == find("")
    bob = make_header(sub="bob")
    assert find("name=DSC", token=bob) == []


def test_uploads_of_a_name_come_in_pages() -> None:
    files = [file(bytes([n]), name=f"{n}", file_name=f"DSC_{n}.JPG") for n in range(3)]
    call("POST /api/uploads", body={"files": files})
    _, first = call("GET /api/uploads", query="limit=2&name=dsc")
    _, second = call("GET /api/uploads", query=f"limit=2&name=dsc&cursor={first['next']}")
    assert [each["file_name"] for page in (first, second) for each in page["uploads"]] == [
        "DSC_2.JPG",
        "DSC_1.JPG",
        "DSC_0.JPG",
    ]
    assert second["next"] is None


def test_uploads_are_counted_on_request(resources: Resources) -> None:
    call("POST /api/uploads", body={"files": [file(bytes([n])) for n in range(3)]})
    failed(resources, b"failed")
    expected = {"pending": 3, "ready": 0, "failed": 1, "hidden": 0}
    for query in ("limit=1&counts=1", "state=failed&counts=1", "expiring=1&counts=1"):
        assert call("GET /api/uploads", query=query)[1]["counts"] == expected
    assert "counts" not in call("GET /api/uploads", query="counts=0")[1]


@pytest.mark.parametrize("filters", ["", "&state=pending", "&name=photo"])
def test_uploads_are_listed_in_either_order(filters: str) -> None:
    files = [file(bytes([n])) | {"name": "photo.jpg"} for n in range(5)]
    call("POST /api/uploads", body={"files": files})
    newest = [each["id"] for each in call("GET /api/uploads", query="order=newest")[1]["uploads"]]
    seen: list[str] = []
    cursor = ""
    while True:
        page = call("GET /api/uploads", query=f"order=oldest&limit=2{filters}{cursor}")[1]
        seen += [each["id"] for each in page["uploads"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == newest[::-1]
    assert len(seen) == 5


def failed(resources: Resources, content: bytes) -> str:
    image_id = row_in(resources, "failed", content)
    resources.db.execute("UPDATE image SET failure_code = 'undecodable' WHERE id = %s", (image_id,))
    put_original(resources, image_id, content)
    return ids.encode(image_id)


def test_an_administrator_has_failed_uploads_processed_again(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = make_header(scope="admin")
    first, second, third = (failed(resources, bytes([n])) for n in range(3))
    route = "POST /api/uploads/retry"
    assert call(route, body={"ids": [second, "0" * 13]}, token=admin) == (
        200,
        {"files": [{"id": second, "state": "pending"}, {"id": "0" * 13, "state": "gone"}], "next": None},
    )
    monkeypatch.setattr(module, "MAX_RETRIES", 1)
    status, page = call(route, body={"code": "undecodable"}, token=admin)
    assert (status, page) == (200, {"files": [{"id": first, "state": "pending"}], "next": first})
    _, page = call(route, body={"cursor": page["next"]}, token=admin)
    assert page == {"files": [{"id": third, "state": "pending"}], "next": third}
    assert call(route, body={"cursor": third}, token=admin) == (200, {"files": [], "next": None})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"ids": ["nonsense"]}, "invalid-id"),
        ({"ids": ["0" * 13] * 101}, "invalid-field"),
        ({"cursor": "nonsense"}, "invalid-cursor"),
        ({"code": "bad-luck"}, "invalid-field"),
        ({"ids": ["0" * 13], "code": "undecodable"}, "invalid-field"),
        ({"ids": [], "code": "undecodable"}, "invalid-field"),
        ({"ids": ["0" * 13], "cursor": "0" * 13}, "invalid-field"),
        ({"ids": ["0" * 33]}, "invalid-field"),
        ({"cursor": "0" * 33}, "invalid-field"),
    ],
)
def test_a_wrong_retry_is_400(body: Any, code: str) -> None:
    status, problem = call("POST /api/uploads/retry", body=body, token=make_header(scope="admin"))
    assert (status, problem["code"]) == (400, code)


def test_many_are_cancelled_in_the_order_of_the_request(resources: Resources) -> None:
    _, body = call("POST /api/uploads", body={"files": [file(b"1"), file(b"2")]})
    first, second = (answer["id"] for answer in body["files"])
    was_picture = failed(resources, b"3")
    resources.db.execute("UPDATE image SET width = 3 WHERE state = 'failed'")
    ready_id = ids.encode(row_in(resources, "ready", b"4"))
    route, asked = "POST /api/uploads/cancel", [second, "nonsense", first, ready_id, was_picture, second]
    status, answer = call(route, body={"ids": asked})
    assert (status, [each["id"] for each in answer["files"]]) == (200, asked)
    states = [each["state"] for each in answer["files"]]
    assert states == ["cancelled", "gone", "cancelled", "already-ready", "cancelled", "cancelled"]
    assert [each for each in answer["files"] if "restorable_until" in each] == [answer["files"][4]]
    _, again = call(route, body={"ids": [first, was_picture]})
    assert [each["state"] for each in again["files"]] == ["gone", "gone"]
    assert call(route, body={"ids": []}) == (200, {"files": []})


def test_too_many_cancellations_are_400() -> None:
    status, problem = call("POST /api/uploads/cancel", body={"ids": ["0" * 13] * 501})
    assert (status, problem["code"]) == (400, "too-many-ids")


def test_a_picture_cannot_be_cancelled(resources: Resources) -> None:
    ready_id = ids.encode(row_in(resources, "ready", b"1"))
    status, problem = call("DELETE /api/uploads/{id}", path={"id": ready_id})
    assert (status, problem["code"]) == (409, "already-ready")
    assert problem["detail"] == "This upload is a picture already: too late to cancel it."


def test_what_is_too_long_for_an_id_is_not_repeated() -> None:
    status, problem = call("POST /api/uploads/tickets", body={"ids": ["0" * 13, "x" * 10_000]})
    assert (status, problem["errors"][0]["pointer"]) == (400, "/ids/1")
    assert len(str(problem)) < 500


def test_what_is_no_upload_cannot_be_cancelled() -> None:
    for image_id in ("nonsense", "0" * 13):
        status, problem = call("DELETE /api/uploads/{id}", path={"id": image_id})
        assert (status, problem["code"]) == (404, "not-found")


def test_an_id_of_somebody_else_is_as_unknown_as_one_that_nobody_has() -> None:
    _, body = call("POST /api/uploads", body={"files": [file(b"1")]})
    anothers, nobodys = body["files"][0]["id"], "0000000000000"
    bob = make_header(sub="bob")
    deleted = [
        call("DELETE /api/uploads/{id}", {"id": each}, token=bob) for each in (anothers, nobodys, "no id")
    ]
    assert deleted[0] == deleted[1] == deleted[2]
    assert (deleted[0][0], deleted[0][1]["code"]) == (404, "not-found")
    _, tickets = call("POST /api/uploads/tickets", body={"ids": [anothers, nobodys]}, token=bob)
    assert [answer["state"] for answer in tickets["files"]] == ["gone", "gone"]
    assert call("GET /api/uploads", query=f"ids={anothers},{nobodys}", token=bob)[1]["uploads"] == []
    assert call("DELETE /api/uploads/{id}", {"id": anothers})[0] == 204
