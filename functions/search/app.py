"""Search and everything else that anybody may read: pictures, tags, configuration, health."""

from urllib.parse import urlencode

from stockroom import __version__, catalogue, ids, openapi
from stockroom.errors import BadRequest, NotFound
from stockroom.http import Answer, Api
from stockroom.licenses import LICENSES
from stockroom.mediatypes import ACCEPTED
from stockroom.models import Config, Health
from stockroom.resources import resources
from stockroom.search import caching, cursor, page, suggestions
from stockroom.search.query import MAX_QUERY, parse

app = Api("search")

ASKING = ("q", "tag", "from", "to", "orientation", "color", "license")
SEARCHING = (*ASKING, "sort", "limit", "cursor", "since")


def _visitor() -> bool:
    """Whether the library is private; then 401 for whoever has no good token. Otherwise nobody is asked."""
    private = resources().settings.visibility == "private"
    if private:
        resources().verifier.caller(app.header("authorization"))
    return private


def _value(name: str) -> str:
    return app.parameter(name) or ""


@app.route("/api/images")
def images() -> Answer:
    """A page of pictures: of those asked for, or of all, newest first."""
    private = _visitor()
    app.only_parameters(*SEARCHING)
    query = parse(
        _value("q"),
        tags=app.parameters("tag"),
        first=_value("from"),
        last=_value("to"),
        orientation=_value("orientation"),
        color=_value("color"),
        license_=_value("license"),
        sort=_value("sort"),
    )
    limit = app.integer("limit", page.DEFAULT_LIMIT, 1, page.MAX_LIMIT)
    _since()
    start = app.parameter("cursor")
    found = page.search(resources().db, query, None if start is None else cursor.decoded(start), limit)
    asks = any(app.parameters(name) for name in ASKING)
    headers = caching.header(caching.of_search(asks=asks, deeper=start is not None), private=private)
    if found.next:
        headers["Link"] = f'<{_following(found.next)}>; rel="next"'
    return Answer(found, headers=headers)


def _since() -> None:
    """The newest picture the client knows of. It changes the address, so that whoever has just uploaded is
    not shown an answer that was stored before; for everybody else the stored one stays."""
    known = app.parameter("since")
    if known is not None and ids.decode(known) is None:
        raise BadRequest.at("?since", "invalid-id", f"{known[:40]!r} is not an id.")


def _following(position: str) -> str:
    """The address of the next page, its parameters sorted as the CDN's key wants them."""
    kept = [(name, value) for name in SEARCHING if name != "cursor" for value in app.parameters(name)]
    return "/api/images?" + urlencode(sorted([*kept, ("cursor", position)]))


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


@app.route("/api/tags")
def listed_tags() -> Answer:
    """Tags that begin with what somebody has typed, the commonest first."""
    private = _visitor()
    app.only_parameters("prefix", "limit")
    limit = app.integer("limit", suggestions.DEFAULT_LIMIT, 1, suggestions.MAX_LIMIT)
    found = suggestions.tags(resources().db, _value("prefix"), limit)
    return Answer(found, headers=caching.header(caching.MINUTE, private=private))


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
