"""What readers may read, in a public library anybody: searches, pictures, feeds, suggestions, health.

A route is declared by its handler alone; `stockroom.api.routes` says what is generated from it.
"""

from collections.abc import Callable
from typing import Annotated

from stockroom import __version__
from stockroom.api import cache_policy, presenters
from stockroom.api.app import Api
from stockroom.api.openapi import DOCUMENT
from stockroom.api.parameters import PathParameter, QueryParameter
from stockroom.api.responses import TextAnswer
from stockroom.api.schemas import (
    Config,
    Contributor,
    ContributorsResponse,
    Health,
    Image,
    ImagePage,
    OEmbed,
    Provider,
    SimilarPage,
    TagsResponse,
    WordsResponse,
)
from stockroom.api.search_parameters import SearchParameters
from stockroom.api.sharing import feeds, sitemap
from stockroom.api.sharing.contributor_head import write_contributor_head
from stockroom.api.sharing.oembed import present_oembed
from stockroom.api.sharing.page_template import HTML, NOT_FOR_ROBOTS
from stockroom.api.sharing.picture_body import write_picture_body
from stockroom.api.sharing.picture_head import write_picture_head
from stockroom.images import ids
from stockroom.images.picture import Picture
from stockroom.images.repository.pictures import find_ready, is_ready, list_links
from stockroom.resources import Resources, resources
from stockroom.runtime.errors import BadRequest, NotFound, Unavailable, UnsupportedFormat
from stockroom.runtime.licenses import LICENSES
from stockroom.search import service
from stockroom.search.service import MAX_QUERY, MAX_RANKED
from stockroom.uploads.media_types import ACCEPTED

app = Api("search", resources)

ImageId = Annotated[int | None, PathParameter("Picture id", name="id", parse=ids.decode)]
"""The number of the picture in the path, or None where the text cannot be an id."""


def _decode_rest(text: str) -> int | None:
    # As the page's router reads the path.
    return ids.decode(text.rstrip("/"))


PageId = Annotated[int | None, PathParameter("Picture id", name="id", parse=_decode_rest, takes_rest=True)]
"""The same for a page: below its folder there is no other page, but one that says that there is none."""


def _decode_owner(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_OWNER_DIGITS else None


MAX_OWNER_DIGITS = 9
"""An owner's id fits into 32 bits."""


def _decode_rest_owner(text: str) -> int | None:
    return _decode_owner(text.rstrip("/"))


PageOwnerId = Annotated[
    int | None, PathParameter("Contributor id", name="id", parse=_decode_rest_owner, takes_rest=True)
]

WAITING_SECONDS = 3
"""How long a page waits for a database that is paused. Its script asks again, and waits longer."""


@app.operation(
    "GET /api/images", access="reader", cache=cache_policy.choose_search_policy, errors=(BadRequest,)
)
def search_images(services: Resources, search: SearchParameters) -> ImagePage:
    """Search: all words, any or all tags, dates, filters; the newest first, or the best."""
    page = _find_page(services, search)
    return presenters.present_page(page, shows_gps=services.settings.shows_gps)


@app.operation(
    "GET /feed.atom",
    access="reader",
    cache=cache_policy.FEED,
    errors=(BadRequest,),
    media_type=feeds.ATOM,
    is_for_other_sites=True,
)
def get_atom_feed(services: Resources, search: SearchParameters, question: feeds.Question) -> TextAnswer:
    """A search as an Atom feed."""
    page = _find_page(services, search)
    return TextAnswer(feeds.write_atom(page, question, services.site))


@app.operation(
    "GET /feed.json",
    access="reader",
    cache=cache_policy.FEED,
    errors=(BadRequest,),
    media_type=feeds.JSON_FEED,
    is_for_other_sites=True,
)
def get_json_feed(services: Resources, search: SearchParameters, question: feeds.Question) -> TextAnswer:
    """A search as a JSON Feed."""
    page = _find_page(services, search)
    return TextAnswer(feeds.write_json_feed(page, question, services.site))


def _find_page(services: Resources, search: SearchParameters) -> service.SearchPage:
    query = search.make_query()
    if search.since is not None and not is_ready(services.db, search.since):
        raise BadRequest.at("?since", "invalid-id", "There is no picture with this id; leave since out.")
    return services.search_index.find_images(query, search.cursor, search.limit)


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


@app.operation("GET /p/{id}", access="anyone", cache=cache_policy.PAGE, media_type=HTML)
def get_picture_page(services: Resources, image_id: PageId) -> TextAnswer:
    """The page of a picture, with what search engines and messengers show of a link to it."""
    return _write_picture_page(services, image_id)


@app.operation("GET /picture/{id}", access="anyone", cache=cache_policy.PAGE, media_type=HTML)
def get_older_picture_page(services: Resources, image_id: PageId) -> TextAnswer:
    """The page of a picture at the address that earlier versions gave it."""
    return _write_picture_page(services, image_id)


@app.operation("GET /by/{id}", access="anyone", cache=cache_policy.PAGE, media_type=HTML)
def get_contributor_page(services: Resources, owner_id: PageOwnerId) -> TextAnswer:
    """The page of a contributor's pictures."""

    def find_parts() -> tuple[str, str] | None:
        found = None if owner_id is None else services.search_index.find_contributor(owner_id)
        return None if found is None else (write_contributor_head(found, services.site), "")

    return _write_page(services, find_parts)


def _write_picture_page(services: Resources, image_id: int | None) -> TextAnswer:
    def find_parts() -> tuple[str, str] | None:
        found = [] if image_id is None else find_ready(services.db, [image_id])
        if not found:
            return None
        return write_picture_head(found[0], services.site), write_picture_body(found[0], services.site)

    return _write_page(services, find_parts)


def _write_page(services: Resources, find_parts: Callable[[], tuple[str, str] | None]) -> TextAnswer:
    """The published page with head and body of what it is about; without, there is nothing at the address."""
    if services.settings.visibility == "private":
        # Nobody signs in here: the page's script does, and shows what there is. To all others, something and
        # nothing look alike.
        return services.page_template.write(f"<title>Stockroom</title>\n{NOT_FOR_ROBOTS}")
    try:
        with services.db.limit_waiting(WAITING_SECONDS):
            parts = find_parts()
    except Unavailable as error:
        return services.page_template.write_unavailable(error)
    return services.page_template.write_missing() if parts is None else services.page_template.write(*parts)


@app.operation(
    "GET /oembed",
    access="reader",
    cache=cache_policy.PICTURE,
    errors=(BadRequest, NotFound, UnsupportedFormat),
    is_for_other_sites=True,
)
def get_oembed(
    services: Resources,
    *,
    url: Annotated[str, QueryParameter("Address of a picture's page")] = "",
    max_width: Annotated[
        int, QueryParameter("Pixels; 0: no limit", name="maxwidth", minimum=0, maximum=1_000_000)
    ] = 0,
    max_height: Annotated[
        int, QueryParameter("Pixels; 0: no limit", name="maxheight", minimum=0, maximum=1_000_000)
    ] = 0,
    answer_format: Annotated[str, QueryParameter("Only json", name="format")] = "json",
) -> OEmbed:
    """A picture for other sites, by oEmbed."""
    if answer_format != "json":
        raise UnsupportedFormat("There is no other format than json.")
    if not url:
        raise BadRequest.at("?url", "missing-field", "Give url, the address of a picture's page.")
    picture = _find_picture(services, services.site.find_picture(url))
    return present_oembed(picture, services.site, max_width=max_width, max_height=max_height)


@app.operation(
    "GET /sitemap.xml",
    access="anyone",
    cache=cache_policy.SITEMAP,
    errors=(NotFound,),
    media_type=sitemap.XML,
)
def get_sitemap(services: Resources) -> TextAnswer:
    """The sitemap's index."""
    _refuse_where_private(services)
    beginnings = services.search_index.list_sections(sitemap.MAX_PAGES)
    return TextAnswer(sitemap.write_sitemap_index(beginnings, services.site))


@app.operation(
    "GET /sitemap-{page}.xml",
    access="anyone",
    cache=cache_policy.SITEMAP,
    errors=(NotFound,),
    media_type=sitemap.XML,
)
def get_sitemap_page(
    services: Resources,
    page: Annotated[int | None, PathParameter("Id at which it begins", name="page", parse=ids.decode)],
) -> TextAnswer:
    """A page of the sitemap."""
    _refuse_where_private(services)
    section = None if page is None else services.search_index.find_section(page)
    if section is None:
        raise NotFound("The sitemap has no such page any more; its index names those that there are.")
    links = list_links(services.db, section, sitemap.MAX_PICTURES)
    return TextAnswer(sitemap.write_sitemap_page(links, services.site))


@app.operation("GET /robots.txt", access="anyone", cache=cache_policy.SITEMAP, media_type=sitemap.TEXT)
def get_robots(services: Resources) -> TextAnswer:
    """What crawlers may read, and where the sitemap is."""
    is_private = services.settings.visibility == "private"
    return TextAnswer(sitemap.write_robots(services.site, is_private=is_private))


def _refuse_where_private(services: Resources) -> None:
    if services.settings.visibility == "private":
        raise NotFound("A private library has no sitemap.")


@app.operation("GET /api/words", access="reader", cache=cache_policy.SUGGESTION, errors=(BadRequest,))
def list_words(
    services: Resources,
    prefix: Annotated[str, QueryParameter("Beginning of the word")] = "",
    related: Annotated[str, QueryParameter("A word; then words of the same meaning and kinds of it")] = "",
    limit: Annotated[
        int, QueryParameter("Words at most", minimum=1, maximum=service.MAX_COMPLETIONS)
    ] = service.DEFAULT_COMPLETIONS,
) -> WordsResponse:
    """Words that begin with a prefix, or that are related to a word, with counts."""
    if related and prefix:
        detail = "Ask either for words with a prefix or for related words."
        raise BadRequest.at("?related", "invalid-choice", detail)
    if related:
        return presenters.present_words(services.search_index.suggest_related_words(related, limit))
    return presenters.present_words(services.search_index.complete_words(prefix, limit))


@app.operation("GET /api/tags", access="reader", cache=cache_policy.choose_tags_policy, errors=(BadRequest,))
def list_tags(
    services: Resources,
    prefix: Annotated[str, QueryParameter("Beginning of the tag; empty for the commonest tags")] = "",
    limit: Annotated[
        int, QueryParameter("Tags at most", minimum=1, maximum=service.MAX_COMPLETIONS)
    ] = service.DEFAULT_COMPLETIONS,
) -> TagsResponse:
    """Tags that begin with a prefix, with counts; the commonest of all with a picture each."""
    if not prefix:
        return presenters.present_popular_tags(services.search_index.find_popular_tags(limit))
    return presenters.present_tags(services.search_index.complete_tags(prefix, limit))


@app.operation("GET /api/contributors", access="reader", cache=cache_policy.SUGGESTION, errors=(BadRequest,))
def list_contributors(
    services: Resources,
    prefix: Annotated[str, QueryParameter("Beginning of a word of the name")] = "",
    limit: Annotated[
        int, QueryParameter("Contributors at most", minimum=1, maximum=service.MAX_COMPLETIONS)
    ] = service.DEFAULT_COMPLETIONS,
) -> ContributorsResponse:
    """Contributors of whose names a word begins with a prefix, with counts."""
    return presenters.present_contributors(services.search_index.complete_contributors(prefix, limit))


@app.operation(
    "GET /api/contributors/{id}", access="reader", cache=cache_policy.SUGGESTION, errors=(NotFound,)
)
def get_contributor(
    services: Resources,
    owner_id: Annotated[int | None, PathParameter("Contributor id", name="id", parse=_decode_owner)],
) -> Contributor:
    """A contributor: their present name, and how many pictures everybody sees of theirs."""
    found = None if owner_id is None else services.search_index.find_contributor(owner_id)
    if found is None:
        raise NotFound("There is no contributor at this address who has pictures here.")
    return presenters.present_contributor(found)


@app.operation("GET /api/config", access="anyone", cache=cache_policy.SETTLED)
def get_config(services: Resources) -> Config:
    """Limits, accepted types, visibility, who may have originals."""
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
        restore_seconds=settings.restore_seconds,
        visibility="private" if settings.visibility == "private" else "public",
        originals=settings.originals,
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
