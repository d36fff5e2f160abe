"""The query parameters of a search: the same ones for the API's route and for the feeds."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from stockroom.api.parameters import ParameterGroup, QueryParameter, QueryParameters
from stockroom.images import ids
from stockroom.runtime.errors import BadRequest
from stockroom.search.service import (
    DEFAULT_PAGE_SIZE,
    EXPANSIONS,
    FILTERS,
    MAX_PAGE_SIZE,
    SORTS,
    TAG_MODES,
    Query,
    parse,
)


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


TEXT = 'Words that must all match; #tag; -word; desc:"…" date: from: to: tags:a,b by: camera: place: taken:'


class SearchParameters(ParameterGroup, frozen=True):
    """What is searched for, and which page of the results is wanted."""

    q: Annotated[str, QueryParameter(TEXT)] = ""
    tags: Annotated[
        tuple[str, ...], QueryParameter("Tags, any of which may match; repeat the parameter", name="tag")
    ] = ()
    tag_mode: Annotated[
        str,
        QueryParameter("Whether any of the tags is enough or all are needed", name="tags", choices=TAG_MODES),
    ] = "any"
    first_day: Annotated[str, QueryParameter("First day, YYYY-MM-DD, UTC, inclusive", name="from")] = ""
    last_day: Annotated[str, QueryParameter("Last day, YYYY-MM-DD, UTC, inclusive", name="to")] = ""
    filters: Annotated[Mapping[str, str], FILTER_PARAMETERS] = MappingProxyType({})
    expand: Annotated[
        str,
        QueryParameter(
            "Whether each word also stands for related words, or the last one for words that begin with it",
            choices=EXPANSIONS,
        ),
    ] = ""
    sort: Annotated[str, QueryParameter("Order of the results", choices=SORTS)] = "newest"
    limit: Annotated[int, QueryParameter("Pictures a page", minimum=1, maximum=MAX_PAGE_SIZE)] = (
        DEFAULT_PAGE_SIZE
    )
    cursor: Annotated[
        str | None, QueryParameter("Where another page begins, from `next` or `previous`; opaque", parse=str)
    ] = None
    since: Annotated[
        int | None,
        QueryParameter(
            "Id of the newest picture you know of: an answer no older than it", parse=_decode_since
        ),
    ] = None
    """No search depends on `since`. It makes the address another one, so that whoever has just uploaded is
    not shown an answer that was stored before; for everybody else the stored answer stays. An invented id
    could make any number of addresses of one search, so it costs a read of a primary key and no search."""

    def make_query(self) -> Query:
        """What a picture must have; BadRequest for a text, a day or a filter that cannot be read."""
        return parse(
            self.q,
            tags=self.tags,
            tag_mode=self.tag_mode,
            first=self.first_day,
            last=self.last_day,
            filters=self.filters,
            sort=self.sort,
            expand=self.expand,
        )
