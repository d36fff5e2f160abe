"""The search function, called as the HTTP API calls it."""

import json
import time
from typing import Any
from urllib.parse import quote, urlsplit

import boto3
import pytest
from msgspec.structs import replace

from functions.search.app import app
from stockroom.api.openapi import DOCUMENT
from stockroom.api.preconditions import parse_if_match
from stockroom.images import ids
from stockroom.resources import Resources
from stockroom.runtime import database
from stockroom.runtime.database import Database
from stockroom.search.service import MAX_QUERY, MAX_RANKED
from tests.events import Context, http
from tests.paused import Held, PausedServer
from tests.search.pictures import Picture, at, stock
from tests.servers import SITE_URL
from tests.tokens import make_header, publish_key


def wire(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_key(resources.settings)
    monkeypatch.setattr(app, "services", lambda: resources)


@pytest.fixture
def public(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Resources:
    resources: Resources = request.getfixturevalue("resources")
    wire(resources, monkeypatch)
    return resources


@pytest.fixture
def private(public: Resources, monkeypatch: pytest.MonkeyPatch) -> Resources:
    resources = replace(public, settings=replace(public.settings, visibility="private"))
    wire(resources, monkeypatch)
    return resources


def touched(db: Database) -> int:
    """The rows that the server has touched so far for this connection."""
    return sum(int(value) for _, value in db.query("SHOW SESSION STATUS LIKE %s", ("Handler_read%",)))


def get(route: str, query: str = "", path: dict[str, str] | None = None, **options: Any) -> tuple[Any, ...]:
    """Status, body, headers."""
    answer = app(http(f"GET {route}", path, query, **options), Context())
    is_json = "json" in answer["headers"]["Content-Type"]
    return answer["statusCode"], json.loads(answer["body"]) if is_json else answer["body"], answer["headers"]


@pytest.mark.parametrize(
    ("show_gps", "expected"), [("off", None), ("on", {"latitude": 60.4, "longitude": -5.3})]
)
def test_where_a_picture_was_taken_is_shown_by_the_setting_alone(
    public: Resources, monkeypatch: pytest.MonkeyPatch, show_gps: str, expected: dict[str, float] | None
) -> None:
    first, _ = stock(public.db, [Picture(id=at(2016, number=n), description="a boat") for n in range(2)])
    embedded = '{"gps":{"latitude":60.4,"longitude":-5.3}}'
    public.db.execute("UPDATE image SET embedded = %s", (embedded,))
    wire(replace(public, settings=replace(public.settings, show_gps=show_gps)), monkeypatch)
    _, page, _ = get("/api/images")
    _, one, _ = get("/api/images/{id}", path={"id": ids.encode(first)})
    _, similar, _ = get("/api/images/{id}/similar", path={"id": ids.encode(first)})
    shown = [*page["images"], one, *similar["images"]]
    assert len(shown) == 4
    assert [image.get("gps") for image in shown] == [expected] * 4


def test_front_page_and_the_next_ones(public: Resources) -> None:
    numbers = stock(public.db, [Picture(id=at(2016, number=n), description=f"no {n}") for n in range(5)])
    status, body, headers = get("/api/images", "limit=2")
    assert status == 200
    assert headers["Cache-Control"] == "public, max-age=0, s-maxage=20, stale-while-revalidate=10"
    assert headers["Content-Type"] == "application/json"
    seen = [image["id"] for image in body["images"]]
    while body["next"]:
        link = headers["Link"].split(", ")[0]
        assert link.endswith('>; rel="next"')
        address = urlsplit(link[1 : link.index(">")])
        assert address.path == "/api/images"
        status, body, headers = get("/api/images", address.query)
        assert status == 200
        assert headers["Cache-Control"] == "public, max-age=0, s-maxage=10, stale-while-revalidate=5"
        seen += [image["id"] for image in body["images"]]
    assert seen == [ids.encode(number) for number in reversed(numbers)]
    address = urlsplit(headers["Link"].removeprefix("<").removesuffix('>; rel="prev"'))
    assert get("/api/images", address.query)[1]["images"][0]["id"] == ids.encode(numbers[2])


def test_a_picture_as_the_contract_says(public: Resources) -> None:
    (number,) = stock(public.db, [Picture(id=at(2016), description="A #sea", tags=("blue",))])
    _, body, _ = get("/api/images")
    assert set(body) == {"images", "next", "count"}
    (image,) = body["images"]
    assert image["tags"] == ["blue", "sea"]
    assert image["owner"] == "Ada"
    assert image["urls"].keys() == {"240p", "720p"}
    status, one, headers = get("/api/images/{id}", path={"id": ids.encode(number)})
    assert (status, one) == (200, image)
    assert headers["Cache-Control"] == "public, max-age=60"


def test_a_search_by_everything_at_once(public: Resources) -> None:
    hit = Picture(id=at(2016, 5, 20), description="the Berlin wall", tags=("cute",), color="#ff0000")
    stock(public.db, [hit, Picture(id=at(2016, 5, 21), description="the Berlin wall", tags=("cute",))])
    q = quote('desc:"Berlin wall" date:20-*-2016 tags:cute,dog')
    _, body, headers = get("/api/images", f"q={q}&tag=cat&tag=cute&from=2016-05-20&to=2016-05-20&limit=100")
    assert [image["id"] for image in body["images"]] == [ids.encode(hit.id)]
    assert headers["Cache-Control"] == "public, max-age=0, s-maxage=10, stale-while-revalidate=5"
    parameters = "orientation=landscape&color=red&license=CC-BY-4.0&sort=newest&q=&tag="
    _, body, _ = get("/api/images", parameters)
    assert [image["id"] for image in body["images"]] == [ids.encode(hit.id)]


def test_a_search_for_what_everybody_may_use(public: Resources) -> None:
    free = Picture(id=at(2016), license="CC-BY-NC-4.0")
    stock(public.db, [free, Picture(id=at(2017), license="all-rights-reserved")])
    _, body, _ = get("/api/images", "license=free")
    assert [image["id"] for image in body["images"]] == [ids.encode(free.id)]


def test_deep_pages_of_a_search_are_kept_shortest(public: Resources) -> None:
    stock(public.db, [Picture(id=at(2016, number=n), description="sea") for n in range(2)])
    _, body, headers = get("/api/images", "q=sea&tag=&limit=1")
    assert f"?cursor={body['next']}&limit=1&q=sea>" in headers["Link"]
    _, _, headers = get("/api/images", f"q=sea&limit=1&cursor={body['next']}")
    assert headers["Cache-Control"] == "public, max-age=0, s-maxage=5"


def test_relaxed_is_said(public: Resources) -> None:
    stock(public.db, [Picture(id=at(2016), description="red")])
    _, body, _ = get("/api/images", "q=red+zebra")
    assert (len(body["images"]), body["relaxed"]) == (1, True)


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("q=date:31-4-2016", "?q", "invalid-date"),
        ("from=yesterday", "?from", "invalid-date"),
        ("cursor=nonsense", "?cursor", "invalid-cursor"),
        ("cursor=", "?cursor", "invalid-cursor"),
        ("limit=0", "?limit", "invalid-number"),
        ("limit=101", "?limit", "invalid-number"),
        ("sort=best", "?sort", "invalid-choice"),
        ("page=2", "?page", "unknown-parameter"),
        ("q=a&q=b", "?q", "repeated-parameter"),
        ("q=" + "a" * (MAX_QUERY + 1), "?q", "query-too-long"),
        ("q=" + "a%22" * 100_000, "?q", "query-too-long"),
        ("color=mauve", "?color", "invalid-choice"),
    ],
)
def test_what_is_wrong_is_named(public: Resources, query: str, pointer: str, code: str) -> None:
    status, problem, headers = get("/api/images", query)
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (400, code, pointer)
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Cache-Control"] == "no-store"
    assert public.settings.visibility == "public"


@pytest.mark.parametrize("image_id", ["0" * 13, "nonsense", "ZZZZZZZZZZZZZ"])
def test_no_such_picture(public: Resources, image_id: str) -> None:
    status, problem, _ = get("/api/images/{id}", path={"id": image_id})
    assert (status, problem["code"]) == (404, "not-found")
    assert public.db.query("SELECT COUNT(*) FROM image") == ((0,),)


def test_a_client_that_has_the_answer_is_not_sent_it_again(public: Resources) -> None:
    stock(public.db, [Picture(id=at(2016))])
    _, _, headers = get("/api/images")
    event = http("GET /api/images", query="limit=24", headers={"if-none-match": f'"x", W/{headers["ETag"]}'})
    answer = app(event, Context())
    assert (answer["statusCode"], answer["body"]) == (304, "")
    assert answer["headers"]["ETag"] == headers["ETag"]
    assert answer["headers"]["Cache-Control"] == headers["Cache-Control"]
    assert get("/api/images", headers={"if-none-match": '"other"'})[0] == 200


def test_the_tag_of_a_picture_is_for_edits_and_saves_nobody_the_picture(public: Resources) -> None:
    """Its links and its contributor's name may be others by now, at the same revision."""
    stock(public.db, [Picture(id=at(2016))])
    path = {"id": ids.encode(at(2016))}
    _, image, headers = get("/api/images/{id}", path=path)
    assert parse_if_match(headers["ETag"]) == {image["revision"]}
    assert get("/api/images/{id}", path=path, headers={"if-none-match": headers["ETag"]})[0] == 200


def test_the_process_stores_answers_and_shares_them_between_equal_questions(public: Resources) -> None:
    def count(query: str) -> int:
        return len(get("/api/images", query)[1]["images"])

    assert count("") == 0
    stock(public.db, [Picture(id=at(2016))])
    assert count("") == 1  # an empty page is not stored
    public.db.execute("DELETE FROM owner")
    stock(public.db, [Picture(id=at(2017))])
    assert count("limit=24&sort=newest&q=&tag=") == 1
    assert count(f"since={ids.encode(at(2017))}") == 2


def test_an_invented_since_costs_no_search(public: Resources) -> None:
    """Else it would be a way past every stored answer, at the price of a search a request."""
    numbers = stock(public.db, [Picture(id=at(2016, number=n), description="sea") for n in range(30)])
    get("/api/images", "q=sea")

    def count_rows(query: str, expected_status: int) -> int:
        before = touched(public.db)
        assert get("/api/images", query)[0] == expected_status
        return touched(public.db) - before

    assert count_rows(f"q=sea&since={ids.encode(at(2017))}", 400) <= 2
    assert count_rows("q=sea&since=nonsense", 400) == 0
    honest = count_rows(f"q=sea&since={ids.encode(numbers[-1])}", 200)
    assert 24 < honest <= count_rows("q=sea&limit=23", 200) + 4
    public.db.execute("UPDATE image SET state = 'deleting' WHERE id = %s", (numbers[0],))
    public.db.execute("UPDATE image SET expires = '2001-01-01' WHERE id = %s", (numbers[1],))
    for unseen in numbers[:2]:
        status, problem, _ = get("/api/images", f"q=sea&since={ids.encode(unseen)}")
        assert (status, problem["code"], problem["errors"][0]["pointer"]) == (400, "invalid-id", "?since")


def test_similar_pictures(public: Resources) -> None:
    numbers = stock(
        public.db,
        [
            Picture(id=at(2016 + n), description=text)
            for n, text in enumerate(["red boat", "red car", "boat"])
        ],
    )
    route, path = "/api/images/{id}/similar", {"id": ids.encode(numbers[0])}
    status, body, headers = get(route, path=path)
    assert (status, headers["Cache-Control"]) == (200, "public, max-age=60")
    assert {image["id"] for image in body["images"]} == {ids.encode(number) for number in numbers[1:]}
    assert len(get(route, "limit=1", path=path)[1]["images"]) == 1
    assert get(route, path={"id": ids.encode(1)})[0] == 404
    assert get(route, path={"id": "nonsense"})[0] == 404


def test_words(public: Resources) -> None:
    stock(public.db, [Picture(id=at(2016), description="seas sealed")])
    assert get("/api/words", "prefix=se")[1] == {
        "words": [{"word": "seas", "count": 1}, {"word": "sealed", "count": 1}]
    }
    assert get("/api/words")[1] == {"words": []}


def test_related_words(public: Resources) -> None:
    stock(
        public.db, [Picture(id=at(2016 + n), description=text) for n, text in enumerate(["gull", "a heron"])]
    )
    assert get("/api/words", "related=Bird")[1] == {
        "words": [{"word": "gull", "count": 1}, {"word": "heron", "count": 1}]
    }
    assert get("/api/words", "related=Vogel&limit=1")[1] == {"words": [{"word": "gull", "count": 1}]}
    assert get("/api/words", "related=xqzzy")[1] == {"words": []}
    assert get("/api/words", "related=bird&prefix=b")[1]["errors"][0]["code"] == "invalid-choice"
    assert get("/api/images", "q=bird")[1]["related"] == {"bird": ["gull", "heron"]}
    assert "related" not in get("/api/images", "q=heron")[1]
    assert get("/api/images", "q=heron&expand=related")[0] == 200
    assert get("/api/images", "q=heron&expand=all")[1]["errors"][0]["code"] == "invalid-choice"


def test_contributors(public: Resources) -> None:
    stock(public.db, [Picture(id=at(2016, number=n)) for n in range(2)])
    ada = {"id": "1", "name": "Ada", "count": 2}
    status, body, headers = get("/api/contributors", "prefix=%C3%81D")
    assert (status, body) == (200, {"contributors": [ada]})
    assert headers["Cache-Control"] == "public, max-age=60"
    assert get("/api/contributors")[1] == {"contributors": []}
    route = "/api/contributors/{id}"
    assert get(route, path={"id": "1"})[:2] == (200, ada)
    for nobody in ("2", "0", "x", "1" * 30):
        assert get(route, path={"id": nobody})[0] == 404


def test_the_number_of_matches_where_one_term_tells_it(public: Resources) -> None:
    texts = ["red boats", "red", "boat"]
    stock(
        public.db,
        [Picture(id=at(2016, number=n), description=text, tags=("sea",)) for n, text in enumerate(texts)],
    )

    def count(query: str) -> int | None:
        answer: int | None = get("/api/images", f"limit=1&{query}")[1].get("count")
        return answer

    counts = {query: count(query) for query in ("", "q=boat", "tag=sea", "owner=ada", "color=blue", "q=baot")}
    assert counts == {"": 3, "q=boat": 2, "tag=sea": 3, "owner=ada": 3, "color=blue": 3, "q=baot": 2}
    for unknown in (
        "q=red+boat",
        "q=boat+-red",
        "q=%22red+boat%22",
        "tag=sea&tag=x&q=red",
        "from=2016-01-01",
        "q=no",
    ):
        assert count(unknown) is None, unknown


def test_all_of_several_tags(public: Resources) -> None:
    tags = [("sea", "sun"), ("sea",), ("sun",)]
    numbers = stock(public.db, [Picture(id=at(2016, number=n), tags=each) for n, each in enumerate(tags)])
    assert len(get("/api/images", "tag=sea&tag=sun")[1]["images"]) == 3
    for query in ("tag=sea&tag=sun&tags=all", "tag=sea&q=%23sun&tags=all", "q=tags:sea,sun&tags=all"):
        assert [image["id"] for image in get("/api/images", query)[1]["images"]] == [ids.encode(numbers[0])]
    assert get("/api/images", "tags=some")[0] == 400


def test_misspelt(public: Resources) -> None:
    stock(public.db, [Picture(id=at(2016), description="harbour")])
    status, body, _ = get("/api/images", "q=The+Habrour")
    assert (status, body["corrected"], len(body["images"])) == (200, "The harbour", 1)
    assert "corrected" not in get("/api/images", "q=harbour")[1]


def test_by_contributor(public: Resources) -> None:
    stock(public.db, [Picture(id=at(2016))])
    assert len(get("/api/images", "owner=ADA")[1]["images"]) == 1
    assert get("/api/images", "owner=Eve")[1]["images"] == []


def test_tags(public: Resources) -> None:
    stock(public.db, [Picture(id=at(2016), tags=("sea", "sun"))])
    status, body, headers = get("/api/tags", "prefix=%23se&limit=5")
    assert (status, body) == (200, {"tags": [{"tag": "sea", "count": 1}]})
    assert headers["Cache-Control"] == "public, max-age=60"


def test_the_commonest_tags_come_with_a_picture_each(public: Resources) -> None:
    picture = Picture(id=at(2016), tags=("sea", "sun"))
    stock(public.db, [picture])
    status, body, headers = get("/api/tags")
    assert (status, [each["tag"] for each in body["tags"]]) == (200, ["sea", "sun"])
    image = get("/api/images")[1]["images"][0]
    shown = ("id", "width", "height", "color", "thumbhash", "urls")
    assert [each["cover"] for each in body["tags"]] == [{name: image[name] for name in shown}] * 2
    assert headers["Cache-Control"] == "public, max-age=0, s-maxage=20, stale-while-revalidate=10"


def test_configuration_and_document(public: Resources) -> None:
    status, body, headers = get("/api/config")
    assert (status, headers["Cache-Control"]) == (200, "public, max-age=60")
    assert body["max_query"] == MAX_QUERY
    assert body["max_ranked"] == MAX_RANKED
    assert body["max_bytes"] == public.settings.max_bytes
    assert "image/jpeg" in body["types"]
    assert body["providers"] == []
    assert body["originals"] == public.settings.originals == "owner"
    status, body, headers = get("/api/openapi.json")
    assert (status, headers["Cache-Control"]) == (200, "public, max-age=60")
    assert body == json.loads(DOCUMENT.read_bytes())


def test_health(public: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    _, body, headers = get("/api/health", "deep=1")
    assert body["database"] == "ok"
    assert headers["Cache-Control"] == "no-store"
    monkeypatch.setattr(public.db, "query", None)
    status, body, _ = get("/api/health")
    assert (status, body["status"], "database" in body) == (200, "ok", False)


def library_routes(access: str) -> list[str]:
    """The paths of the routes with this access that have a query, and of others of the API."""
    return [route.path for route in app.declared if route.access == access and not route.is_found_by_path]


def get_any(route: str, **options: Any) -> tuple[Any, ...]:
    """The answer of a route about a picture that exists, or about its contributor."""
    image_id = ids.encode(at(2016))
    query = f"url={SITE_URL}/p/{image_id}" if route == "/oembed" else ""
    ids_of = {"id": "1" if "contributors" in route else image_id}
    return get(route, query, ids_of if "{id}" in route else None, **options)


@pytest.mark.parametrize("route", library_routes("reader"))
def test_a_private_library_asks_its_readers_for_a_token(private: Resources, route: str) -> None:
    stock(private.db, [Picture(id=at(2016))])
    status, problem, headers = get_any(route)
    assert (status, problem["code"], headers["Cache-Control"]) == (401, "token-missing", "no-store")
    status, problem, headers = get_any(route, token=make_header(scope="upload"))
    assert (status, problem["code"], headers["Cache-Control"]) == (403, "scope-missing", "no-store")
    for scope in ("read", "admin"):
        status, _, headers = get_any(route, token=make_header(scope=scope))
        assert (status, headers["Cache-Control"]) == (200, "private, no-store")


@pytest.mark.parametrize("route", library_routes("reader"))
def test_without_a_deny_list_a_private_library_is_closed_and_a_public_one_open(
    private: Resources, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    stock(private.db, [Picture(id=at(2016))])
    boto3.client("s3").put_object(Bucket=private.settings.keys_bucket, Key="denied.json", Body=b"{")
    status, problem, headers = get_any(route, token=make_header(scope="read"))
    assert (status, problem["code"], headers["Retry-After"]) == (503, "keys-unavailable", "5")
    public = replace(private, settings=replace(private.settings, visibility="public"))
    monkeypatch.setattr(app, "services", lambda: public)
    assert get_any(route)[0] == 200


@pytest.mark.parametrize("route", library_routes("reader"))
def test_a_public_library_never_looks_at_tokens(public: Resources, route: str) -> None:
    stock(public.db, [Picture(id=at(2016))])
    status, _, headers = get_any(route, token="Bearer nonsense")
    assert status == 200
    assert headers["Cache-Control"].startswith("public")


@pytest.mark.parametrize("route", library_routes("anyone"))
def test_what_the_page_needs_before_a_sign_in_is_open(private: Resources, route: str) -> None:
    assert get_any(route)[0] == 200
    assert private.settings.visibility == "private"


def test_pictures_and_words_are_for_readers() -> None:
    assert set(library_routes("anyone")) == {"/api/config", "/api/health", "/api/openapi.json"}


@pytest.mark.parametrize("held", ["syn", "greeting"])
def test_a_paused_database_is_503_in_time_and_the_client_comes_again(
    public: Resources, monkeypatch: pytest.MonkeyPatch, held: Held
) -> None:
    monkeypatch.setattr(database, "SYN_SECONDS", 0.2)
    with PausedServer(public.settings, held, seconds=60) as paused:
        settings = replace(paused.settings, db_connect_seconds=1, db_retry_seconds=30)
        monkeypatch.setattr(app, "services", lambda: Resources(settings, Database(settings), public.storage))
        started_at = time.monotonic()
        status, problem, headers = get("/api/images")
        # Not before the second is over, and not as late as the database has resumed.
        assert time.monotonic() - started_at >= 1
    assert (status, problem["code"], headers["Retry-After"]) == (503, "database-waking", "5")
    assert headers["Cache-Control"] == "no-store"
