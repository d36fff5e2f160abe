"""Pages of pictures, feeds, oEmbed and the sitemap, from the function as the HTTP API calls it."""

import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from functions.search.app import app
from stockroom.api.sharing.escaping import make_line
from stockroom.images import ids
from stockroom.resources import Resources
from stockroom.runtime import database
from stockroom.runtime.database import Database
from tests.events import Context, http
from tests.pages import PAGE, publish_page
from tests.paused import PausedServer
from tests.search.pictures import OWNER, OWNER_ID, Picture, at, stock
from tests.servers import SITE_URL

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
IMAGE = "{http://www.google.com/schemas/sitemap-image/1.1}"
HOSTILE = '"><script>alert(1)</script> ]]> </ScRiPt><!-- & \u202egnp.exe'


@pytest.fixture
def public(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> Resources:
    monkeypatch.setattr(app, "services", lambda: resources)
    publish_page(resources.settings)
    return resources


@pytest.fixture
def private(public: Resources, monkeypatch: pytest.MonkeyPatch) -> Resources:
    resources = replace(public, settings=replace(public.settings, visibility="private"))
    monkeypatch.setattr(app, "services", lambda: resources)
    return resources


def get(route: str, query: str = "", path: dict[str, str] | None = None, **options: Any) -> tuple[Any, ...]:
    """Status, text, headers."""
    method = options.pop("method", "GET")
    answer = app(http(f"{method} {route}", path, query, **options), Context())
    return answer["statusCode"], answer["body"], answer["headers"]


def parse_xml(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  our own answer


def get_page(image_id: int | str, **options: Any) -> tuple[Any, ...]:
    text = image_id if isinstance(image_id, str) else ids.encode(image_id)
    return get("/p/{id+}", path={"id": text}, **options)


class Head(HTMLParser):
    """What a crawler reads in the head."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.metas: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.scripts: list[dict[str, str | None]] = []
        self.title = self.json = self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta" and (name := given.get("property") or given.get("name")):
            assert name not in self.metas
            self.metas[name] = given["content"] or ""
        if tag == "link":
            self.links[f"{given['rel']} {given.get('type', '')}".strip()] = given["href"] or ""
        if tag == "script":
            self.scripts.append(given)
        self._open = tag

    def handle_data(self, data: str) -> None:
        if self._open == "title":
            self.title += data
        if self._open == "script":
            self.json += data

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  the parser's signature
        self._open = ""


def test_a_link_to_a_picture_unfurls(public: Resources) -> None:
    (number,) = stock(
        public.db,
        [
            Picture(
                id=at(2016), description="A #bay at\nsea #boat", width=6000, height=4000, license="CC-BY-4.0"
            )
        ],
    )
    status, body, headers = get_page(number)
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Cache-Control"] == "public, max-age=0, s-maxage=60"
    page, rendition = f"{SITE_URL}/p/{ids.encode(number)}", f"{SITE_URL}/i/{ids.encode(number)}/v1/720p.jpg"
    head = Head(body)
    assert head.title == "A bay at sea · Stockroom"
    assert head.metas == {
        "description": "A bay at sea",
        "og:site_name": "Stockroom",
        "og:type": "website",
        "og:title": "A bay at sea",
        "og:description": "A bay at sea",
        "og:url": page,
        "og:image": rendition,
        "og:image:type": "image/jpeg",
        "og:image:width": "1080",
        "og:image:height": "720",
        "og:image:alt": "A bay at sea",
        "twitter:card": "summary_large_image",
        "twitter:title": "A bay at sea",
        "twitter:description": "A bay at sea",
        "twitter:image": rendition,
        "twitter:image:alt": "A bay at sea",
    }
    assert head.links["canonical"] == page
    assert head.links["license"] == "https://creativecommons.org/licenses/by/4.0/"
    # The page's own script takes over, after the picture.
    assert {"id": "page-script", "type": "module", "data-src": "/assets/index-1a2b.js"} in head.scripts
    described = json.loads(head.json)
    assert (described["@type"], described["contentUrl"]) == ("ImageObject", rendition)
    assert (described["width"], described["height"]) == (1080, 720)
    assert described["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert described["acquireLicensePage"] == described["url"] == page
    assert described["keywords"] == ["bay", "boat"]
    assert described["uploadDate"] == "2016-01-01T00:00:00.000Z"
    # Where nobody else is named, the contributor is, as in the credit line of the page.
    assert described["creator"] == {"@type": "Person", "name": OWNER}
    assert described["creditText"] == OWNER
    # What its contributor has not said is not there at all.
    assert "copyrightNotice" not in described
    oembed = urlsplit(head.links["alternate application/json+oembed"])
    status, body, _ = get(oembed.path, oembed.query)
    assert (status, json.loads(body)["url"]) == (200, rendition)


def test_a_link_unfurls_under_the_title_of_its_picture(public: Resources) -> None:
    (number,) = stock(public.db, [Picture(id=at(2016), name="Harbour", description="Boats at dusk #sea")])
    head = Head(get_page(number)[1])
    assert head.title == "Harbour · Stockroom"
    assert head.metas["og:title"] == head.metas["twitter:title"] == json.loads(head.json)["name"] == "Harbour"
    assert head.metas["og:image:alt"] == head.metas["og:description"] == "Boats at dusk"


def test_what_a_contributor_says_of_rights_is_said_to_search_engines(public: Resources) -> None:
    (number,) = stock(public.db, [Picture(id=at(2016), license="all-rights-reserved")])
    page = f"{SITE_URL}/p/{ids.encode(number)}"
    head = Head(get_page(number)[1])
    assert head.links["license"] == json.loads(head.json)["license"] == page
    public.db.execute(
        "UPDATE image SET creator = 'Ada', copyright = '© Ada', license_url = 'https://a.example/terms', "
        "credit = 'Ada / Agency', edited = '2017-01-02 03:04:05.678' WHERE id = %s",
        (number,),
    )
    described = json.loads(Head(get_page(number)[1]).json)
    assert described["creator"] == {"@type": "Person", "name": "Ada"}
    assert described["copyrightNotice"] == "© Ada"
    assert described["creditText"] == "Ada / Agency"
    assert (described["license"], described["acquireLicensePage"]) == ("https://a.example/terms", page)
    assert json.loads(get("/oembed", f"url={page}")[1])["author_name"] == "Ada"
    entry = parse_xml(get("/feed.atom")[1]).find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}rights") == "© Ada"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Ada"
    assert entry.findtext(f"{ATOM}updated") == "2017-01-02T03:04:05.678Z"
    assert "2017-01-02T03:04:05.678Z" in get("/{page}", path={"page": "sitemap-0000000000000.xml"})[1]


def test_every_answer_names_the_licence_that_the_contributor_has_chosen(public: Resources) -> None:
    (number,) = stock(public.db, [Picture(id=at(2016), license="CC-BY-4.0")])
    public.db.execute(
        "UPDATE image SET license_url = 'https://creativecommons.org/licenses/by-nc-sa/4.0/' WHERE id = %s",
        (number,),
    )
    page, chosen = f"{SITE_URL}/p/{ids.encode(number)}", "https://creativecommons.org/licenses/by/4.0/"
    head = Head(get_page(number)[1])
    assert head.links["license"] == json.loads(head.json)["license"] == chosen
    oembed = json.loads(get("/oembed", f"url={page}")[1])
    assert (oembed["license"], oembed["license_url"]) == ("CC-BY-4.0", chosen)
    assert f'<link rel="license" href="{chosen}"/>' in get("/feed.atom")[1]


def test_the_address_of_earlier_versions_leads_to_the_same_page(public: Resources) -> None:
    (number,) = stock(public.db, [Picture(id=at(2016))])
    older = get("/picture/{id+}", path={"id": ids.encode(number)})
    assert older == get_page(number)
    assert f'<link rel="canonical" href="{SITE_URL}/p/{ids.encode(number)}"' in older[1]


def test_whatever_is_appended_to_a_link_is_passed_over(public: Resources) -> None:
    (number,) = stock(public.db, [Picture(id=at(2016))])
    expected = get_page(number)
    assert get_page(f"{ids.encode(number)}/") == expected
    for query in (
        "fbclid=1",
        "utm_source=x&utm_source=y",
        "=&&=",
        "a=" + "x" * 5000,
        "&".join(["a=1"] * 200),
    ):
        assert get_page(number, query=query) == expected
    assert get_page(number, method="HEAD")[0] == 200


def test_no_host_that_a_request_names_is_in_an_answer(public: Resources) -> None:
    (number,) = stock(public.db, [Picture(id=at(2016))])
    forged = dict.fromkeys(("host", "x-forwarded-host", "forwarded", "x-original-host"), "evil.example")
    url = f"url={SITE_URL}/p/{ids.encode(number)}"
    for route, query, path in (
        ("/p/{id+}", "", {"id": ids.encode(number)}),
        ("/by/{id+}", "", {"id": str(OWNER_ID)}),
        ("/feed.atom", "", None),
        ("/feed.json", "", None),
        ("/oembed", url, None),
        ("/sitemap.xml", "", None),
        ("/{page}", "", {"page": "sitemap-0000000000000.xml"}),
        ("/robots.txt", "", None),
    ):
        status, body, headers = get(route, query, path, headers=forged)
        assert (status, SITE_URL in body) == (200, True)
        assert "evil" not in body + json.dumps(headers)


@pytest.mark.parametrize("image_id", ["0" * 13, "nonsense", "ZZZZZZZZZZZZZ", "a/b/c", "../i", "a" * 500, "é"])
@pytest.mark.usefixtures("public")
def test_where_no_picture_is_the_page_says_so(image_id: str) -> None:
    status, body, headers = get_page(image_id)
    assert (status, headers["Cache-Control"]) == (404, "no-store")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    head = Head(body)
    assert (head.title, head.metas) == ("Not found · Stockroom", {"robots": "noindex"})
    assert '<div id="app">' in body


def test_the_page_of_a_contributor_has_their_name(public: Resources) -> None:
    stock(public.db, [Picture(id=at(2016))])
    public.db.execute("UPDATE owner SET name = %s WHERE owner_id = %s", (HOSTILE, OWNER_ID))
    for text in (f"{OWNER_ID}", f"{OWNER_ID}/"):
        status, body, headers = get("/by/{id+}", path={"id": text}, query="q=sea&utm_source=a")
        assert (status, headers["Cache-Control"]) == (200, "public, max-age=0, s-maxage=60")
        head = Head(body)
        assert head.title == f"{make_line(HOSTILE, 200)} · Stockroom"
        assert head.metas["og:title"] == make_line(HOSTILE, 200)
        assert head.metas["og:url"] == head.links["canonical"] == f"{SITE_URL}/by/{OWNER_ID}"
        assert body.count("<script") == PAGE.count("<script")
    assert get("/by/{id+}", path={"id": str(OWNER_ID)}, method="HEAD")[0] == 200


@pytest.mark.parametrize("owner", ["8", "9", "0", "ann", "-7", "1234567890", f"{OWNER_ID}/a", "\u0667"])
def test_where_no_contributor_is_the_page_says_so(public: Resources, owner: str) -> None:
    hidden, _ = stock(public.db, [Picture(id=at(2015), owner_id=8), Picture(id=at(2016))])
    public.db.execute("UPDATE image SET state = 'hidden' WHERE id = %s", (hidden,))
    status, body, headers = get("/by/{id+}", path={"id": owner})
    assert (status, headers["Cache-Control"]) == (404, "no-store")
    assert Head(body).metas == {"robots": "noindex"}


@pytest.mark.parametrize("state", ["pending", "failed", "deleting", "deleted", "hidden"])
def test_of_what_is_not_public_nothing_is_said(public: Resources, state: str) -> None:
    (number,) = stock(public.db, [Picture(id=at(2016), description="secret")])
    public.db.execute("UPDATE image SET state = %s WHERE id = %s", (state, number))
    status, body, _ = get_page(number)
    assert (status, "secret" in body, ids.encode(number) in body) == (404, False, False)
    assert get("/oembed", f"url={SITE_URL}/p/{ids.encode(number)}")[0] == 404
    assert ids.encode(number) not in get("/{page}", path={"page": "sitemap-0000000000000.xml"})[1]


def test_of_a_private_library_nothing_is_said(private: Resources) -> None:
    (number,) = stock(private.db, [Picture(id=at(2016), description="secret")])
    there, gone = get_page(number), get_page("0" * 13)
    assert there == gone == get("/by/{id+}", path={"id": str(OWNER_ID)})
    assert gone == get("/by/{id+}", path={"id": "99"})
    status, body, _ = there
    assert status == 200
    assert Head(body).metas == {"robots": "noindex"}
    assert get("/robots.txt")[1] == "User-agent: *\nDisallow: /\n"
    for page in ("sitemap-0000000000000.xml", "sitemap-nonsense.xml"):
        assert get("/{page}", path={"page": page})[0] == 404
    assert get("/sitemap.xml")[0] == 404
    for route in ("/feed.atom", "/feed.json", "/oembed"):
        assert get(route)[0] == 401


def test_who_asks_a_private_library_cannot_tell_a_picture_from_none(private: Resources) -> None:
    (number,) = stock(private.db, [Picture(id=at(2016), description="secret")])
    there, gone = ids.encode(number), "0" * 13
    for token in ("", "Bearer nonsense"):
        for method in ("GET", "HEAD"):
            for route in ("/p/{id+}", "/picture/{id+}"):
                pages = [get(route, path={"id": each}, method=method, token=token) for each in (there, gone)]
                assert pages[0] == pages[1]
        for query in ("url={}", "url={}&maxwidth=100", "url={}&format=xml"):
            embedded = [
                get("/oembed", query.format(quote(f"{SITE_URL}/p/{each}")), token=token)
                for each in (there, gone)
            ]
            assert embedded[0] == embedded[1]
            assert embedded[0][0] == 401
        for route in ("/feed.atom", "/feed.json"):
            asked = [get(route, f"since={each}", token=token) for each in (there, gone)]
            assert asked[0] == asked[1]
            assert asked[0][0] == 401
            assert "Access-Control-Allow-Origin" not in asked[0][2]


def test_scripts_of_other_sites_may_read_feeds_and_oembed_of_a_public_library(public: Resources) -> None:
    stock(public.db, [Picture(id=at(2016))])
    embedded = f"url={quote(f'{SITE_URL}/p/{ids.encode(at(2016))}')}"
    for route, query, status in (
        ("/feed.atom", "", 200),
        ("/feed.json", "", 200),
        ("/feed.json", "page=2", 400),
        ("/oembed", embedded, 200),
        ("/oembed", "url=x", 404),
    ):
        # The second answer is a stored one.
        for _ in range(2):
            given, _, headers = get(route, query)
            assert (given, headers["Access-Control-Allow-Origin"]) == (status, "*")
    tag = get("/feed.json")[2]["ETag"]
    unchanged, _, headers = get("/feed.json", headers={"if-none-match": tag})
    assert (unchanged, headers["Access-Control-Allow-Origin"]) == (304, "*")
    for route in ("/api/images", "/robots.txt", "/sitemap.xml"):
        assert "Access-Control-Allow-Origin" not in get(route)[2]


def test_a_page_does_not_wait_until_a_paused_database_has_woken_up(
    public: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its script waits, and tells who looks at it."""
    monkeypatch.setattr(database, "SYN_SECONDS", 0.1)
    monkeypatch.setattr("functions.search.app.WAITING_SECONDS", 0.2)
    with PausedServer(public.settings, "greeting", seconds=3600) as paused:
        parts = Resources(paused.settings, Database(paused.settings), public.storage)
        monkeypatch.setattr(app, "services", lambda: parts)
        status, body, headers = get_page(at(2016))
    assert (status, headers["Retry-After"], headers["Cache-Control"]) == (503, "5", "no-store")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert '<div id="app">' in body


def test_before_the_first_page_is_published_there_is_a_word_of_it(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "services", lambda: resources)
    status, body, headers = get_page(at(2016))
    assert (status, headers["Retry-After"], headers["Cache-Control"]) == (503, "10", "no-store")
    assert "Try again" in body
    publish_page(resources.settings)
    assert get_page(at(2016))[0] == 404


def test_a_page_that_is_published_anew_is_seen_within_a_minute(
    public: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [0.0]
    monkeypatch.setattr(public.page_template, "_clock", lambda: seconds[0])
    (number,) = stock(public.db, [Picture(id=at(2016))])
    assert "index-1a2b.js" in get_page(number)[1]
    publish_page(public.settings, PAGE.replace("index-1a2b", "index-3c4d"))
    seconds[0] = 59.0
    assert "index-1a2b.js" in get_page(number)[1]
    seconds[0] = 60.0
    assert "index-3c4d.js" in get_page(number)[1]


def test_texts_of_strangers_stay_texts(public: Resources) -> None:
    (number,) = stock(
        public.db, [Picture(id=at(2016), name=f"{HOSTILE}.jpg", description=HOSTILE, tags=("a&b<c>",))]
    )
    shown = HOSTILE.replace("\u202e", "")
    head = Head(get_page(number)[1])
    assert head.title == f"{shown} · Stockroom"
    assert head.metas["og:title"] == head.metas["description"] == shown
    assert len(head.scripts) == 2
    assert json.loads(head.json)["name"] == shown
    entry = parse_xml(get("/feed.atom")[1]).find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}title") == shown
    assert "<script" not in (entry.findtext(f"{ATOM}content") or "")
    (item,) = json.loads(get("/feed.json")[1])["items"]
    assert item["title"] == shown
    assert "<script" not in item["content_html"]


def read_oembed(public: Resources, query: str = "", **picture: Any) -> dict[str, Any]:
    (number,) = stock(public.db, [Picture(id=at(2016), **picture)])
    status, body, headers = get("/oembed", f"url={quote(f'{SITE_URL}/p/{ids.encode(number)}')}&{query}")
    assert (status, headers["Content-Type"]) == (200, "application/json")
    return dict(json.loads(body))


def test_oembed_describes_a_photo(public: Resources) -> None:
    answer = read_oembed(public, "format=json", description="A bay", width=6000, height=4000)
    folder = f"{SITE_URL}/i/{ids.encode(at(2016))}/v1"
    assert answer == {
        "type": "photo",
        "version": "1.0",
        "title": "A bay",
        "author_name": OWNER,
        "provider_name": "Stockroom",
        "provider_url": SITE_URL,
        "cache_age": 3600,
        "url": f"{folder}/720p.jpg",
        "width": 1080,
        "height": 720,
        "thumbnail_url": f"{folder}/240p.jpg",
        "thumbnail_width": 360,
        "thumbnail_height": 240,
        "web_page": f"{SITE_URL}/p/{ids.encode(at(2016))}",
        "license": "CC-BY-4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
    }


@pytest.mark.parametrize(
    ("limit", "name", "width", "height"),
    [
        ("maxwidth=1080&maxheight=720", "720p", 1080, 720),
        ("maxwidth=1079", "240p", 360, 240),
        ("maxheight=400", "240p", 360, 240),
        ("maxwidth=180", "240p", 180, 120),
        ("maxwidth=1", "240p", 1, 1),
        ("maxheight=0", "720p", 1080, 720),
    ],
)
def test_oembed_keeps_within_what_is_asked_for(
    public: Resources, limit: str, name: str, width: int, height: int
) -> None:
    answer = read_oembed(public, limit, width=6000, height=4000)
    assert answer["url"].endswith(f"{name}.jpg")
    assert (answer["width"], answer["height"]) == (width, height)
    assert (answer["thumbnail_width"], answer["thumbnail_height"]) <= (width, height)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("url=", 400),
        ("url=x&maxwidth=-1", 400),
        (f"url={SITE_URL}/p/{'0' * 13}", 404),
        (f"url={SITE_URL}/", 404),
        (f"url=https://evil.example/p/{ids.encode(at(2016))}", 404),
        (f"url=javascript:{SITE_URL}/p/{ids.encode(at(2016))}", 404),
        ("url=http://[", 404),
        (f"url={SITE_URL}/p/{ids.encode(at(2016))}&format=xml", 501),
        ("format=xml", 501),
    ],
)
def test_oembed_refuses_as_its_specification_says(public: Resources, query: str, status: int) -> None:
    stock(public.db, [Picture(id=at(2016))])
    assert get("/oembed", query)[0] == status


def test_oembed_knows_both_addresses_of_a_picture(public: Resources) -> None:
    stock(public.db, [Picture(id=at(2016))])
    for path in (
        f"/p/{ids.encode(at(2016))}",
        f"/p/{ids.encode(at(2016))}/",
        f"/picture/{ids.encode(at(2016))}",
    ):
        assert get("/oembed", f"url={quote(SITE_URL + path)}%3Futm%3Dx")[0] == 200


def test_a_search_is_a_feed(public: Resources) -> None:
    stock(
        public.db,
        [
            *(Picture(id=at(2016, number=n), description=f"bay {n}", tags=("sea",)) for n in range(3)),
            Picture(id=at(2017), description="a wood"),
        ],
    )
    status, body, headers = get("/feed.atom", "tag=sea&limit=2&q=bay")
    assert (status, headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    assert headers["Cache-Control"] == "public, max-age=60"
    assert headers["ETag"]
    feed = parse_xml(body)
    assert feed.findtext(f"{ATOM}id") == f"{SITE_URL}/feed.atom?limit=2&q=bay&tag=sea"
    assert feed.findtext(f"{ATOM}title") == "bay sea · Stockroom"
    assert feed.findtext(f"{ATOM}updated") == "2016-01-01T00:00:00.000Z"
    assert [each.findtext(f"{ATOM}title") for each in feed.findall(f"{ATOM}entry")] == ["bay 2", "bay 1"]
    links = {each.get("rel"): urlsplit(each.get("href", "")) for each in feed.findall(f"{ATOM}link")}
    assert f"{links['alternate'].path}?{links['alternate'].query}" == "/?q=bay&tag=sea"
    following = parse_xml(get("/feed.atom", links["next"].query)[1])
    assert [each.findtext(f"{ATOM}title") for each in following.findall(f"{ATOM}entry")] == ["bay 0"]

    _, body, headers = get("/feed.json", "q=bay&limit=2")
    assert headers["Content-Type"] == "application/feed+json; charset=utf-8"
    items = json.loads(body)
    assert items["version"] == "https://jsonfeed.org/version/1.1"
    assert items["feed_url"] == f"{SITE_URL}/feed.json?limit=2&q=bay"
    assert [each["title"] for each in items["items"]] == ["bay 2", "bay 1"]
    assert items["items"][0]["id"] == f"{SITE_URL}/p/{ids.encode(at(2016, number=2))}"
    assert items["items"][0]["tags"] == ["sea"]
    following = json.loads(get("/feed.json", urlsplit(items["next_url"]).query)[1])
    assert [each["title"] for each in following["items"]] == ["bay 0"]
    assert "next_url" not in following


@pytest.mark.parametrize("route", ["/feed.atom", "/feed.json"])
def test_a_feed_takes_what_a_search_takes_and_refuses_the_rest(public: Resources, route: str) -> None:
    stock(public.db, [Picture(id=at(2016))])
    _, first, headers = get(route, f"since={ids.encode(at(2016))}&orientation=landscape&from=2016-01-01")
    assert ids.encode(at(2016)) in first
    assert "since" not in first.partition("entry")[0].partition("next")[2]
    again = get(
        route,
        f"since={ids.encode(at(2016))}&orientation=landscape&from=2016-01-01",
        headers={"if-none-match": headers["ETag"]},
    )
    assert again[0] == 304
    status, body, headers = get(route, "page=2")
    assert (status, headers["Content-Type"]) == (400, "application/problem+json")
    assert json.loads(body)["code"] == "unknown-parameter"
    status, body, _ = get(route, "q=nothing-has-this")
    assert status == 200


@pytest.mark.usefixtures("public")
def test_an_empty_feed_is_a_feed() -> None:
    feed = parse_xml(get("/feed.atom")[1])
    assert feed.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00.000Z"
    assert json.loads(get("/feed.json")[1])["items"] == []


def read_sitemap() -> list[str]:
    """The addresses of all pictures' pages, as a crawler finds them."""
    index = parse_xml(get("/sitemap.xml")[1])
    found = []
    for page in index.iter(f"{MAP}loc"):
        path = urlsplit(page.text or "").path
        status, body, headers = get("/{page}", path={"page": path[1:]})
        assert (status, headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
        assert headers["Cache-Control"] == "public, max-age=60, s-maxage=3600"
        for url in parse_xml(body):
            assert re.fullmatch(
                r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", url.findtext(f"{MAP}lastmod") or ""
            )
            assert (url.findtext(f"{IMAGE}image/{IMAGE}loc") or "").startswith(f"{SITE_URL}/i/")
            found.append(url.findtext(f"{MAP}loc") or "")
    return found


def test_the_sitemap_has_every_picture_once(public: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_sitemap() == []
    # Sections of one skip pointer each, so that there are some.
    monkeypatch.setattr("stockroom.search.index.sections.AVERAGE_PICTURES", 64)
    numbers = stock(public.db, [Picture(id=at(2016, number=n)) for n in range(300)])
    assert len(parse_xml(get("/sitemap.xml")[1])) > 2
    assert read_sitemap() == [f"{SITE_URL}/p/{ids.encode(number)}" for number in numbers]


@pytest.mark.parametrize(
    "page",
    ["sitemap-nonsense.xml", "sitemap-.xml", "sitemap-0000000000001.xml", "other", "sitemap.xml", "x.xml"],
)
def test_no_other_page_of_the_sitemap_can_be_asked_for(public: Resources, page: str) -> None:
    """Else the CDN could be made to ask for any number of pages that it has not stored."""
    stock(public.db, [Picture(id=at(2016, number=n)) for n in range(3)])
    status, body, headers = get("/{page}", path={"page": page})
    assert (status, headers["Cache-Control"], json.loads(body)["code"]) == (404, "no-store", "not-found")


def test_robots_find_the_sitemap(public: Resources) -> None:
    status, body, headers = get("/robots.txt")
    assert (status, headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert f"\nSitemap: {SITE_URL}/sitemap.xml\n" in body
    assert "Disallow: /\n" not in body
    assert public.settings.visibility == "public"
