"""Search and everything else that anybody may read: pictures, tags, configuration, health."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

import msgspec

from stockroom import __version__, catalogue, ids, openapi
from stockroom.database import Database
from stockroom.errors import BadRequest, NotFound
from stockroom.http import Answer, Api
from stockroom.licenses import LICENSES
from stockroom.mediatypes import ACCEPTED
from stockroom.models import Config, Health, ImagePage
from stockroom.resources import resources
from stockroom.search import caching, cursor, page, relevance, similar, suggestions
from stockroom.search.kept import Answered, Kept, etag, has
from stockroom.search.query import MAX_QUERY, parse

app = Api("search")

ASKING = ("q", "tag", "from", "to", "orientation", "color", "license", "owner")
SEARCHING = (*ASKING, "sort", "limit", "cursor", "since")
DEFAULTS = {"sort": "newest", "limit": str(page.DEFAULT_LIMIT)}

_kept: WeakKeyDictionary[Database, Kept] = WeakKeyDictionary()
_encode = msgspec.json.Encoder().encode


def _visitor() -> bool:
    """Whether the library is private; then 401 for whoever has no good token. Otherwise nobody is asked."""
    private = resources().settings.visibility == "private"
    if private:
        resources().verifier.caller(app.header("authorization"))
    return private


def _value(name: str) -> str:
    return app.parameter(name) or ""


def _answered(
    names: tuple[str, ...], policy: str, ask: Callable[[], msgspec.Struct], *, of: str = ""
) -> Answer:
    """The answer that this process keeps to the same question, or a fresh one; 304 where the client has it.

    `names`: the parameters that make the question, with `of` the picture it is about.
    """
    private = _visitor()
    app.only_parameters(*names)
    kept = _kept.setdefault(resources().db, Kept())
    key = (app.request.context["resourcePath"], of, *_question(names))
    answer = None if private else kept.get(key)
    if answer is None:
        found = ask()
        body = _encode(found)
        headers = {**caching.header(policy, private=private), **_links(found)}
        answer = Answered(body, headers if private else headers | {"ETag": etag(body)})
        empty = isinstance(found, ImagePage) and not found.images
        if not (private or empty):
            kept.put(key, answer, caching.SECONDS[policy])
    if has(app.header("if-none-match"), answer.headers.get("ETag", "")):
        return Answer(b"", status=HTTPStatus.NOT_MODIFIED, headers=dict(answer.headers))
    return Answer(answer.body, headers=dict(answer.headers))


def _question(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """The parameters that were given, in one order, without what is taken for granted."""
    given = [(name, value) for name in names for value in app.parameters(name)]
    return sorted((name, value) for name, value in given if value not in ("", DEFAULTS.get(name)))


@app.route("/api/images")
def images() -> Answer:
    """A page of pictures: of those asked for, or of all, newest first."""
    asks = any(app.parameters(name) for name in ASKING)
    policy = caching.of_search(asks=asks, deeper=bool(app.parameters("cursor")))
    return _answered(SEARCHING, policy, _page)


def _page() -> ImagePage:
    query = parse(
        _value("q"),
        tags=app.parameters("tag"),
        first=_value("from"),
        last=_value("to"),
        orientation=_value("orientation"),
        color=_value("color"),
        license_=_value("license"),
        owner=_value("owner"),
        sort=_value("sort"),
    )
    limit = app.integer("limit", page.DEFAULT_LIMIT, 1, page.MAX_LIMIT)
    _since()
    start = app.parameter("cursor")
    return page.search(resources().db, query, None if start is None else cursor.decoded(start), limit)


def _since() -> None:
    """The newest picture the client knows of. It changes the address, so that whoever has just uploaded is
    not shown an answer that was stored before; for everybody else the stored one stays."""
    known = app.parameter("since")
    if known is not None and ids.decode(known) is None:
        raise BadRequest.at("?since", "invalid-id", f"{known[:40]!r} is not an id.")


def _links(found: msgspec.Struct) -> dict[str, str]:
    """The addresses of the pages before and after, their parameters sorted as the CDN's key wants them."""
    if not isinstance(found, ImagePage):
        return {}
    kept = [(name, value) for name in SEARCHING if name != "cursor" for value in app.parameters(name)]
    links = [
        f'</api/images?{urlencode(sorted([*kept, ("cursor", position)]))}>; rel="{relation}"'
        for relation, position in (("next", found.next), ("prev", found.previous))
        if position
    ]
    return {"Link": ", ".join(links)} if links else {}


@app.route("/api/images/{image_id}")
def image(image_id: str) -> Answer:
    """One picture."""
    private = _visitor()
    app.only_parameters()
    number = ids.decode(image_id)
    found = catalogue.images(resources().db, [] if number is None else [number])
    if not found:
        raise NotFound("There is no picture at this address; it may have been deleted.")
    return Answer(found[0], headers=caching.header(caching.MINUTE, private=private))


@app.route("/api/images/{image_id}/similar")
def similar_images(image_id: str) -> Answer:
    """Pictures that are like one."""

    def ask() -> ImagePage:
        number = ids.decode(image_id) or 0
        found = catalogue.images(resources().db, [number])
        if not found:
            raise NotFound("There is no picture at this address; it may have been deleted.")
        limit = app.integer("limit", similar.DEFAULT_LIMIT, 1, similar.MAX_LIMIT)
        return similar.similar(resources().db, found[0], number, limit)

    return _answered(("limit",), caching.MINUTE, ask, of=image_id)


def _limit() -> int:
    return app.integer("limit", suggestions.DEFAULT_LIMIT, 1, suggestions.MAX_LIMIT)


@app.route("/api/tags")
def listed_tags() -> Answer:
    """Tags that begin with what somebody has typed, the commonest first."""
    return _answered(
        ("prefix", "limit"),
        caching.MINUTE,
        lambda: suggestions.tags(resources().db, _value("prefix"), _limit()),
    )


@app.route("/api/words")
def listed_words() -> Answer:
    """Words that begin with what somebody has typed, the commonest first."""
    return _answered(
        ("prefix", "limit"),
        caching.MINUTE,
        lambda: suggestions.words(resources().db, _value("prefix"), _limit()),
    )


@app.route("/api/config")
def config() -> Answer:
    """What a client needs to know; the page reads it before anybody has signed in."""
    app.only_parameters()
    at = resources().settings
    answer = Config(
        version=__version__,
        types=list(ACCEPTED),
        max_bytes=at.max_bytes,
        max_pixels=at.max_pixels,
        max_files=at.max_files,
        max_query=MAX_QUERY,
        max_ranked=relevance.NEWEST,
        ticket_seconds=at.ticket_seconds,
        visibility="private" if at.visibility == "private" else "public",
        default_license=at.default_license,
        licenses=list(LICENSES),
    )
    return Answer(answer, headers=caching.header(caching.SETTLED, private=False))


@app.route("/api/health")
def health() -> Answer:
    """Alive; with deep=1, and the database answers too."""
    app.only_parameters("deep")
    answer = Health(status="ok", version=__version__)
    if _value("deep") == "1":
        resources().db.query("SELECT 1")
        answer.database = "ok"
    return Answer(answer, headers=caching.header(caching.NEVER, private=False))


@app.route("/api/openapi.json")
def document() -> Answer:
    """This API, as a document."""
    app.only_parameters()
    return Answer(openapi.DOCUMENT.read_bytes(), headers=caching.header(caching.SETTLED, private=False))
