"""What anybody may read: searches, pictures, suggestions, the configuration, the document, health.

A route is declared by its handler alone; `stockroom.api.routes` says what is generated from it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from stockroom import __version__
from stockroom.api import cache_policy, presenters
from stockroom.api.app import Api
from stockroom.api.openapi import DOCUMENT
from stockroom.api.parameters import PathParameter, QueryParameter, QueryParameters
from stockroom.api.schemas import (
    Config,
    Health,
    Image,
    ImagePage,
    Provider,
    SimilarPage,
    TagsResponse,
    WordsResponse,
)
from stockroom.images import ids
from stockroom.images.picture import Picture
from stockroom.images.repository.pictures import find_ready, is_ready
from stockroom.resources import Resources, resources
from stockroom.runtime.errors import BadRequest, NotFound
from stockroom.runtime.licenses import LICENSES
from stockroom.search import service
from stockroom.search.service import FILTERS, MAX_QUERY, MAX_RANKED, SORTS, parse
from stockroom.uploads.media_types import ACCEPTED

app = Api("search", resources)


def _decode_since(text: str) -> int:
    image_id = ids.decode(text)
    if image_id is None:
        raise BadRequest.at("?since", "invalid-id", f"{text[:40]!r} is not an id.")
    return image_id


FILTER_PARAMETERS = QueryParameters(
    tuple(
        QueryParameter(
            each.description,
            name=each.name,
            choices=each.choices if each.is_enumerated else (),
        )
        for each in FILTERS
    )
)
"""A query parameter for each filter that the search index declares."""

ImageId = Annotated[int | None, PathParameter("Picture id", name="id", parse=ids.decode)]
"""The number of the picture in the path, or None where the text cannot be an id."""


@app.operation(
    "GET /api/images", access="reader", cache=cache_policy.choose_search_policy, errors=(BadRequest,)
)
def search_images(
    services: Resources,
    *,
    q: Annotated[
        str,
        QueryParameter(
            'Words that must all match; #tag; -word; desc:"…" date: from: to: tags:a,b '
            "by: camera: place: taken:"
        ),
    ] = "",
    tags: Annotated[
        tuple[str, ...], QueryParameter("Tags, any of which may match; repeat the parameter", name="tag")
    ] = (),
    first_day: Annotated[str, QueryParameter("First day, YYYY-MM-DD, UTC, inclusive", name="from")] = "",
    last_day: Annotated[str, QueryParameter("Last day, YYYY-MM-DD, UTC, inclusive", name="to")] = "",
    filters: Annotated[Mapping[str, str], FILTER_PARAMETERS] = MappingProxyType({}),
    sort: Annotated[str, QueryParameter("Order of the results", choices=SORTS)] = "newest",
    limit: Annotated[
        int, QueryParameter("Pictures a page", minimum=1, maximum=service.MAX_PAGE_SIZE)
    ] = service.DEFAULT_PAGE_SIZE,
    cursor: Annotated[
        str | None, QueryParameter("Where another page begins, from `next` or `previous`; opaque", parse=str)
    ] = None,
    # No search depends on `since`. It makes the address another one, so that whoever has just uploaded is not
    # shown an answer that was stored before; for everybody else the stored answer stays. An invented id could
    # make any number of addresses of one search, so it costs a read of a primary key and no search.
    since: Annotated[
        int | None,
        QueryParameter(
            "Id of the newest picture you know of: an answer no older than it", parse=_decode_since
        ),
    ] = None,
) -> ImagePage:
    """Search: words AND-ed, tags OR-ed, dates; newest first."""
    query = parse(
        q,
        tags=tags,
        first=first_day,
        last=last_day,
        filters=filters,
        sort=sort,
    )
    if since is not None and not is_ready(services.db, since):
        raise BadRequest.at("?since", "invalid-id", "There is no picture with this id; leave since out.")
    page = services.search_index.find_images(query, cursor, limit)
    return presenters.present_page(page, shows_gps=services.settings.shows_gps)


@app.operation("GET /api/images/{id}", access="reader", cache=cache_policy.PICTURE, errors=(NotFound,))
def get_image(services: Resources, image_id: ImageId) -> Image:
    """One picture."""
    return presenters.present_image(_find_picture(services, image_id), shows_gps=services.settings.shows_gps)


@app.operation(
    "GET /api/images/{id}/similar",
    access="reader",
    cache=cache_policy.SUGGESTION,
    errors=(BadRequest, NotFound),
)
def list_similar(
    services: Resources,
    image_id: ImageId,
    limit: Annotated[
        int, QueryParameter("Pictures at most", minimum=1, maximum=service.MAX_SIMILAR)
    ] = service.DEFAULT_SIMILAR,
) -> SimilarPage:
    """Pictures that are like one: its duplicates, then pictures that share what is rare about it."""
    picture = _find_picture(services, image_id)
    found = services.search_index.find_similar(picture, limit)
    return presenters.present_similar(found, shows_gps=services.settings.shows_gps)


def _find_picture(services: Resources, image_id: int | None) -> Picture:
    found = [] if image_id is None else find_ready(services.db, [image_id])
    if not found:
        raise NotFound("There is no picture at this address; it may have been deleted.")
    return found[0]


@app.operation("GET /api/words", access="reader", cache=cache_policy.SUGGESTION, errors=(BadRequest,))
def list_words(
    services: Resources,
    prefix: Annotated[str, QueryParameter("Beginning of the word")] = "",
    limit: Annotated[
        int, QueryParameter("Words at most", minimum=1, maximum=service.MAX_COMPLETIONS)
    ] = service.DEFAULT_COMPLETIONS,
) -> WordsResponse:
    """Words that begin with a prefix, with counts."""
    return presenters.present_words(services.search_index.complete_words(prefix, limit))


@app.operation("GET /api/tags", access="reader", cache=cache_policy.SUGGESTION, errors=(BadRequest,))
def list_tags(
    services: Resources,
    prefix: Annotated[str, QueryParameter("Beginning of the tag; empty for the commonest tags")] = "",
    limit: Annotated[
        int, QueryParameter("Tags at most", minimum=1, maximum=service.MAX_COMPLETIONS)
    ] = service.DEFAULT_COMPLETIONS,
) -> TagsResponse:
    """Tags that begin with a prefix, with counts."""
    return presenters.present_tags(services.search_index.complete_tags(prefix, limit))


@app.operation("GET /api/config", access="anyone", cache=cache_policy.SETTLED)
def get_config(services: Resources) -> Config:
    """Limits, accepted types, visibility."""
    settings = services.settings
    return Config(
        version=__version__,
        types=list(ACCEPTED),
        formats=presenters.present_formats(),
        max_bytes=settings.max_bytes,
        max_pixels=settings.max_pixels,
        max_files=settings.max_files,
        max_query=MAX_QUERY,
        max_ranked=MAX_RANKED,
        ticket_seconds=settings.ticket_seconds,
        visibility="private" if settings.visibility == "private" else "public",
        default_license=settings.default_license,
        licenses=list(LICENSES),
        providers=[
            Provider(issuer=issuer, client_id=client_id, audience=settings.audience)
            for issuer, client_id in settings.clients.items()
        ],
    )


@app.operation("GET /api/health", access="anyone")
def get_health(
    services: Resources, deep: Annotated[str, QueryParameter("1 to ask the database too")] = ""
) -> Health:
    """Liveness; touches the database only with deep=1."""
    health = Health(status="ok", version=__version__)
    if deep == "1":
        services.db.query("SELECT 1")
        health.database = "ok"
    return health


@app.operation("GET /api/openapi.json", access="anyone", cache=cache_policy.SETTLED)
def get_openapi() -> bytes:
    """This document."""
    return DOCUMENT.read_bytes()
