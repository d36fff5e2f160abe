"""Requests, answers to them, and requests that follow: what a CDN does with these it should do everywhere.

`ROWS` are of a public library, `PRIVATE_ROWS` of a private one. A row with a reason is one where the local
stack does something else than CloudFront: what, and where it is not plain, why that hides no fault.

What needs time to pass has no row. CloudFront gives an answer that has expired while the origin fails with a
5xx; nginx gives the 5xx.
"""

from dataclasses import dataclass

from operations.publish import IMMUTABLE, REVALIDATE
from stockroom.api.cache_policy import FEED, FRONT_PAGE, NO_STORE, PAGE, PICTURE, PRIVATE, SITEMAP
from stockroom.images.storage import RENDITION_CACHE
from tests.infra.cloudfront_evaluator import Answer, Request

ID = "0123456789ABC"
IMAGES = "/api/images"
PICTURE_PATH = f"{IMAGES}/{ID}"
PAGE_PATH = f"/p/{ID}"
CONTRIBUTOR_PATH = "/by/7"
MAP_PAGE = f"/sitemap-{ID}.xml"
RENDITION = f"/i/{ID}/v1/720p.jpg"
SCRIPT = "/assets/index-1a2b.js"

FEEDS = ("/feed.atom", "/feed.json")
FILES = ("/robots.txt", "/sitemap.xml", MAP_PAGE)
OEMBED = f"/oembed?url=https%3A%2F%2Fa.example{PAGE_PATH}"

TOKEN = {"Authorization": "Bearer token"}
COOKIE = {"Cookie": "a=b"}
OTHERS = {
    "Accept-Language": "de",
    "Origin": "https://other.example",
    "Referer": "https://other.example/",
    "User-Agent": "a browser",
    "X-Amz-Target": "DynamoDB_20120810.ListTables",
    "X-Other": "value",
}


@dataclass(frozen=True)
class Row:
    name: str
    request: Request
    answer: Answer
    again: Request
    reason: str = ""


def _says(cache_control: str, status: int = 200) -> Answer:
    return Answer(status, {"Cache-Control": cache_control})


def _get(path: str, headers: dict[str, str] | None = None) -> Request:
    return Request(path, headers=headers or {})


def _twice(name: str, request: Request, answer: Answer, reason: str = "") -> Row:
    return Row(name, request, answer, request, reason)


STORED = _says("public, max-age=600")
FRONT = _says(FRONT_PAGE.header)
_ONE_SECOND = "CloudFront's managed policy stores it for a second, nginx does not"
_NOT_NORMALISED = "CloudFront takes the path as it is written, nginx as it is meant: there it is the page"

ROWS = [
    # What each kind of answer says itself.
    _twice("front page", _get(IMAGES), FRONT),
    _twice("one picture", _get(PICTURE_PATH), _says(PICTURE.header)),
    _twice("health", _get("/api/health"), _says(NO_STORE.header)),
    _twice("health, if it could be stored", _get("/api/health"), STORED),
    _twice("the page", _get("/"), _says(REVALIDATE), _ONE_SECOND),
    _twice("a file of the page", _get(SCRIPT), _says(IMMUTABLE)),
    _twice("a rendition", _get(RENDITION), _says(RENDITION_CACHE)),
    _twice("an upload's state", _get(f"/api/uploads/{ID}", TOKEN), _says(PRIVATE.header)),
    _twice("the page of a picture", _get(PAGE_PATH), _says(PAGE.header)),
    _twice("the page of a picture, its older address", _get(f"/picture/{ID}"), _says(PAGE.header)),
    _twice("the page of a contributor", _get(CONTRIBUTOR_PATH), _says(PAGE.header)),
    _twice("the page of no contributor", _get(CONTRIBUTOR_PATH), _says(NO_STORE.header, 404)),
    _twice("the page of no picture", _get(PAGE_PATH), _says(NO_STORE.header, 404)),
    _twice("the page of a picture, database away", _get(PAGE_PATH), _says(NO_STORE.header, 503)),
    *(_twice(f"a feed: {path}", _get(f"{path}?q=sea"), _says(FEED.header)) for path in FEEDS),
    _twice("oEmbed", _get(OEMBED), _says(PICTURE.header)),
    *(_twice(f"a file: {path}", _get(path), _says(SITEMAP.header)) for path in FILES),
    # How long.
    _twice("only the CDN's lifetime counts", _get(IMAGES), _says("public, max-age=0, s-maxage=600")),
    _twice("the CDN's lifetime comes first", _get(IMAGES), _says("s-maxage=0, max-age=600")),
    _twice("no lifetime of an answer", _get(IMAGES), Answer()),
    _twice("no lifetime of a file", _get(SCRIPT), Answer()),
    _twice("no lifetime of a rendition", _get(RENDITION), Answer()),
    _twice("no-store", _get(IMAGES), _says("no-store")),
    _twice("private", _get(IMAGES), _says("private, max-age=600")),
    _twice("no-cache", _get(IMAGES), _says("no-cache, max-age=600")),
    _twice("no-store of a rendition", _get(RENDITION), _says("no-store")),
    _twice("private rendition", _get(RENDITION), _says("private, max-age=600")),
    _twice("longer than a day", _get(IMAGES), _says("public, max-age=864000"),
           "CloudFront stores it for a day, nginx for as long as it says: no answer of the API says so"),
    # Errors.
    *(
        _twice(f"{status} of {origin}", _get(path), Answer(status))
        for status in (400, 401, 403, 404, 405, 410, 412, 414, 415, 416, 429, 500, 502, 503, 504)
        for origin, path in (("the API", IMAGES), ("the API beside its routes", "/api/none"),
                             ("the page", SCRIPT), ("renditions", RENDITION))
    ),
    *(
        _twice(f"{status} of the API, no-store", _get(IMAGES), _says("no-store", status))
        for status in (400, 404, 429, 500, 503)
    ),
    _twice("503 with a lifetime", _get(IMAGES), _says("max-age=600", 503)),
    _twice("404 with a lifetime", _get(RENDITION), _says("max-age=600", 404),
           "CloudFront stores it, nginx does not: no 404 of a bucket has a lifetime"),
    _twice("400 with a lifetime", _get(IMAGES), _says("max-age=600", 400)),
    _twice("429 with a lifetime", _get(IMAGES), _says("max-age=600", 429),
           "CloudFront never stores it, nginx does; no error of the API has a lifetime"),
    # Methods.
    *(
        _twice(f"{method} {path}", Request(path, method, TOKEN), STORED)
        for method in ("OPTIONS", "POST", "PATCH", "PUT", "DELETE")
        for path in (IMAGES, PICTURE_PATH, "/api/none", "/api/uploads", "/", "/nowhere", SCRIPT, RENDITION,
                     PAGE_PATH, *FILES, *FEEDS)
    ),
    *(
        Row(f"HEAD after GET, {path}", _get(path), STORED, Request(path, "HEAD"),
            "CloudFront answers HEAD by what a GET has left, nginx asks again")
        for path in (PAGE_PATH, *FILES)
    ),
    # The condition of an edit is the API's to check, which answers with a newer tag.
    *(
        _twice(f"{method} on a condition", Request(PICTURE_PATH, method, TOKEN | {"If-Match": '"1"'}),
               Answer(200, {"Cache-Control": PRIVATE.header, "ETag": '"2"'}))
        for method in ("PATCH", "DELETE")
    ),
    Row("an edit after GET", _get(PICTURE_PATH), STORED, Request(PICTURE_PATH, "PATCH", TOKEN)),
    Row("HEAD after GET, a rendition", _get(RENDITION), STORED, Request(RENDITION, "HEAD"),
        "CloudFront answers HEAD by what a GET has left, nginx asks again"),
    Row("HEAD after GET, the API", _get(IMAGES), STORED, Request(IMAGES, "HEAD"),
        "CloudFront answers HEAD by what a GET has left, nginx asks the API, which has no HEAD"),
    Row("GET after HEAD", Request(IMAGES, "HEAD"), STORED, _get(IMAGES)),
    Row("POST after GET", _get(IMAGES), STORED, Request(IMAGES, "POST")),
    # Who asks.
    *(
        Row(f"with {name}, then without: {path}", _get(path, headers), STORED, _get(path))
        for name, headers in (("a token", TOKEN), ("a cookie", COOKIE), ("other headers", OTHERS))
        for path in (IMAGES, "/api/none", "/api/health", "/api/uploads", f"/api/uploads/{ID}", "/", SCRIPT,
                     RENDITION, PAGE_PATH, *FILES, *FEEDS, OEMBED)
    ),
    Row("without a token, then with", _get(IMAGES), STORED, _get(IMAGES, TOKEN)),
    _twice("a cookie that the API sets", _get(IMAGES), Answer(200, {**STORED.headers, "Set-Cookie": "a=b"})),
    Row("an answer that varies", _get(IMAGES, {"Origin": "https://a.example"}),
        Answer(200, {**STORED.headers, "Vary": "Origin"}), _get(IMAGES, {"Origin": "https://b.example"})),
    _twice("an answer that varies by everything", _get(IMAGES), Answer(200, {**STORED.headers, "Vary": "*"}),
           "CloudFront stores it and asks each time, nginx passes over it; no answer of the API varies"),
    Row("reload by force", _get(IMAGES), STORED,
        _get(IMAGES, {"Cache-Control": "no-cache", "Pragma": "no-cache"})),
    Row("another encoding", _get(IMAGES), STORED, _get(IMAGES, {"Accept-Encoding": "gzip"}),
        "CloudFront stores an answer for each encoding, nginx one, which it compresses itself"),
    Row("an encoding that nobody knows", _get(IMAGES), STORED, _get(IMAGES, {"Accept-Encoding": "zstd"})),
    Row("a part of a rendition", _get(RENDITION), STORED, _get(RENDITION, {"Range": "bytes=0-1"})),
    Row("a condition", _get(IMAGES), STORED, _get(IMAGES, {"If-None-Match": '"x"'})),
    # Addresses.
    Row("a query after a file", _get(f"{SCRIPT}?v=1"), STORED, _get(f"{SCRIPT}?v=2")),
    Row("a query after a rendition", _get(f"{RENDITION}?v=1"), STORED, _get(RENDITION)),
    Row("a query after the page", _get("/?q=sea"), STORED, _get("/upload?q=sun")),
    Row("a query after a path that is none", _get("/a?q=sea"), STORED, _get("/b/c?q=sun")),
    Row("a path that is none, then one that is", _get("/nowhere"), STORED, _get("/upload")),
    _twice("the page for what is none", _get("/nowhere"), _says(REVALIDATE), _ONE_SECOND),
    _twice("the page's own path, encoded", _get("/%75pload"), STORED),
    *(
        Row(f"a query after {path}", _get(f"{path}?utm_source=a"), STORED, _get(f"{path}?fbclid=b"))
        for path in (PAGE_PATH, CONTRIBUTOR_PATH, *FILES)
    ),
    *(
        Row(f"an order of parameters of {path}", _get(f"{path}?q=a&from=2016"), STORED,
            _get(f"{path}?sort=newest&from=2016&q=a"))
        for path in FEEDS
    ),
    Row("another feed", _get("/feed.atom?q=a"), STORED, _get("/feed.atom?q=b")),
    Row("another picture by oEmbed", _get(OEMBED), STORED, _get(OEMBED.replace(ID, ID[::-1]))),
    Row("defaults of oEmbed", _get(f"{OEMBED}&format=json&maxwidth=0"), STORED, _get(OEMBED)),
    Row("an order of parameters", _get(f"{IMAGES}?q=a&from=2016"), STORED, _get(f"{IMAGES}?from=2016&q=a")),
    Row("defaults", _get(f"{IMAGES}?q=a&sort=newest&limit=24&tag="), STORED, _get(f"{IMAGES}?q=a")),
    Row("another value", _get(f"{IMAGES}?q=a"), STORED, _get(f"{IMAGES}?q=b")),
    Row("another case", _get(f"{IMAGES}?q=a"), STORED, _get(f"{IMAGES}?q=A")),
    Row("repeated", _get(f"{IMAGES}?tag=a&tag=b"), STORED, _get(f"{IMAGES}?tag=b&tag=a")),
    Row("an unknown parameter", _get(f"{IMAGES}?x=1"), STORED, _get(IMAGES)),
    Row("another path", _get(IMAGES), STORED, _get(PICTURE_PATH)),
    Row("another case of the path", _get(IMAGES), STORED, _get("/api/Images")),
    Row("a query of an upload", _get(f"/api/uploads?ids={ID}"), STORED, _get(f"/api/uploads?ids={ID}")),
    *(
        _twice(f"beside the routes: {path}", _get(path, TOKEN), STORED)
        for path in ("/api/", "/api/uploads/", "/api/uploads/a/b", "/api/uploads/tickets", "/api/uploadsX",
                     "/api/images/", "/api/images/a/b", "/i/", "/i/a", "/index.html", "/a/b", "/a.b/c",
                     "/favicon.ico", "/apix", "/ix", "/p/", "/p/a", "/p/a/b", "/p/a.jpg", "/px", "/pictures",
                     "/by", "/by/", "/by/a/b",
                     "/picture/a/b", "/oembed/", "/oembedx", "/feed", "/feed.rss", "/feed.atomx",
                     "/a/feed.atom", "/robots.txt/a", "/a/robots.txt", "/sitemap-.xml", "/sitemap-a/b.xml",
                     "/sitemapa.xml", "/sitemap-a.xmlx", "/sitemap")
    ),
    *(
        _twice(f"not normal: {path}", _get(path), STORED, _NOT_NORMALISED)
        for path in ("//api/images", "/./api/images", "/x/../api/images", "/%61pi/images")
    ),
    _twice("a dot that is encoded", _get("/a%2Ejs"), STORED),
    *(
        _twice(f"without a slash: {path}", _get(path), STORED,
               "nginx redirects to the folder, CloudFront answers with the page")
        for path in ("/api", "/i")
    ),
]  # fmt: skip

PRIVATE_ROWS = [
    *(
        Row(f"{name}: {path}", _get(path, headers), STORED, _get(path, headers))
        for name, headers in (("with a token", TOKEN), ("without", {}))
        for path in (IMAGES, PICTURE_PATH, "/api/tags?prefix=a", "/api/config", "/api/health", "/api/none",
                     "/api/uploads", "/", SCRIPT, RENDITION, PAGE_PATH, *FILES, *FEEDS, OEMBED)
    ),
    _twice("as the API answers", _get(IMAGES, TOKEN), _says(PRIVATE.header)),
    *(
        _twice(f"{method} {path}", Request(path, method, TOKEN), STORED)
        for method in ("OPTIONS", "POST", "DELETE", "HEAD")
        for path in (IMAGES, "/api/uploads")
    ),
    Row("an order of parameters", _get(f"{IMAGES}?q=a&from=2016"), STORED, _get(f"{IMAGES}?from=2016&q=a")),
]  # fmt: skip
