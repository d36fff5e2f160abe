"""What a handler declares, and the declarations that are refused."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import pytest

from stockroom.api.cache_policy import NO_STORE, PRIVATE, SEARCH, CachePolicy
from stockroom.api.parameters import (
    HeaderParameter,
    ParameterGroup,
    PathParameter,
    QueryParameter,
    QueryParameters,
)
from stockroom.api.responses import TextAnswer
from stockroom.api.routes import Access, declare
from stockroom.runtime.errors import BadRequest, NotFound

XML = "application/xml"


def list_things(
    services: object,
    _owner: Annotated[str, PathParameter("Owner", name="owner")],
    *,
    q: Annotated[str, QueryParameter("Text")] = "",
    license_: Annotated[str, QueryParameter("Licence", name="license")] = "",
    sort: Annotated[str, QueryParameter("Order", choices=("newest", "best"))] = "newest",
    limit: Annotated[int, QueryParameter("Things", minimum=1, maximum=9)] = 5,
    tags: Annotated[tuple[str, ...], QueryParameter("Tags", name="tag")] = (),
    ids: Annotated[list[str] | None, QueryParameter("Ids", parse=str.split, is_exclusive=True)] = None,
    language: Annotated[str, HeaderParameter("Language", name="Accept-Language")] = "",
) -> bytes:
    """Things of an owner.

    More about them.
    """
    return f"{services}{q}{license_}{sort}{limit}{tags}{ids}{language}".encode()


def test_a_handler_declares_its_route() -> None:
    route = declare(
        "GET /api/{owner}/things", list_things, access="reader", cache=SEARCH, errors=(BadRequest,)
    )
    assert (route.method, route.path, route.operation_id) == ("GET", "/api/{owner}/things", "listThings")
    assert (route.summary, route.scope, route.body, route.answer) == (
        "Things of an owner", None, None, bytes,
    )  # fmt: skip
    assert route.arguments == {"services"}
    assert [each.name for each in route.path_parameters] == ["owner"]
    assert {each.name: each.absent for each in route.query_parameters} == {
        "q": ("",),
        "license": ("",),
        "sort": ("", "newest"),
        "limit": ("5",),
        "tag": ("",),
        "ids": (),
    }
    assert [each.name for each in route.header_parameters] == ["Accept-Language"]
    assert route.choose_policy(["q"]) is SEARCH


@pytest.mark.parametrize(("headers", "language"), [({}, ""), ({"accept-language": "de"}, "de")])
def test_a_header_is_an_argument_and_empty_when_it_is_absent(headers: dict[str, str], language: str) -> None:
    route = declare("GET /api/{owner}/things", list_things, access="reader", cache=SEARCH, errors=())
    assert route.read_arguments({}, {"owner": "me"}, headers) == {"_owner": "me", "language": language}


class Section(ParameterGroup, frozen=True):
    """Which things are wanted."""

    text: Annotated[str, QueryParameter("Text", name="q")] = ""
    limit: Annotated[int, QueryParameter("Things", minimum=1, maximum=9)] = 5
    filters: Annotated[
        Mapping[str, str], QueryParameters((QueryParameter("Size", name="size", choices=("small", "large")),))
    ] = {}


def list_section(section: Section, sort: Annotated[str, QueryParameter("Order")] = "newest") -> bytes:
    """Things of a section."""
    return f"{section}{sort}".encode()


@pytest.mark.parametrize(
    ("given", "arguments"),
    [
        ({}, {"section": Section()}),
        ({"q": ["sea"], "sort": ["best"]}, {"section": Section(text="sea"), "sort": "best"}),
        (
            {"limit": ["7"], "size": ["small"]},
            {"section": Section(limit=7, filters={"size": "small"})},
        ),
        ({"q": [""], "limit": ["5"], "size": [""]}, {"section": Section()}),
    ],
)
def test_parameters_of_a_group_are_one_argument(
    given: dict[str, list[str]], arguments: dict[str, Any]
) -> None:
    route = declare("GET /api/things", list_section, access="reader", cache=SEARCH, errors=())
    assert [each.name for each in route.query_parameters] == ["q", "limit", "size", "sort"]
    assert route.query_parameters[2].schema == {"type": "string", "enum": ["small", "large"]}
    assert route.read_arguments(given, {}, {}) == arguments


def test_a_wrong_text_of_a_group_is_refused_by_the_name_of_its_parameter() -> None:
    route = declare("GET /api/things", list_section, access="reader", cache=SEARCH, errors=())
    with pytest.raises(BadRequest) as refused:
        route.read_arguments({"limit": ["10"]}, {}, {})
    assert [place.pointer for place in refused.value.errors] == ["?limit"]


class Unfit(ParameterGroup, frozen=True):
    """A group with a field that is required."""

    text: Annotated[str, QueryParameter("Text")]


class Undeclared(ParameterGroup, frozen=True):
    """A group with a field that declares no parameter."""

    text: str = ""


class Empty(ParameterGroup, frozen=True):
    """A group without a field."""


@pytest.mark.parametrize("group", [Unfit, Undeclared, Empty])
def test_a_group_that_declares_no_parameters_with_defaults_is_refused(group: type[ParameterGroup]) -> None:
    def list_group(section: ParameterGroup) -> bytes:
        """Things."""
        return f"{section}".encode()

    list_group.__annotations__["section"] = group
    with pytest.raises(TypeError):
        declare("GET /api/things", list_group, access="reader", cache=SEARCH, errors=())


@pytest.fixture
def normalise() -> Callable[[dict[str, list[str]]], list[tuple[str, str]]]:
    route = declare("GET /api/{owner}/things", list_things, access="reader", cache=SEARCH, errors=())
    return route.normalise_query


@pytest.mark.parametrize(
    ("given", "question"),
    [
        ({}, []),
        ({"sort": ["newest"], "q": [""], "limit": ["5"], "tag": [""]}, []),
        ({"sort": ["best"], "q": ["sea"]}, [("q", "sea"), ("sort", "best")]),
        ({"tag": ["b", "", "a"]}, [("tag", "a"), ("tag", "b")]),
        ({"ids": [""], "limit": [""]}, [("ids", ""), ("limit", "")]),
    ],
)
def test_equal_questions_are_normalised_to_equal_lists(
    normalise: Callable[[Any], Any], given: Any, question: Any
) -> None:
    assert normalise(given) == question


def test_answers_are_stored_nowhere_unless_a_policy_says_so() -> None:
    def one() -> bytes:
        """One."""
        return b""

    policies: dict[Access, CachePolicy] = {"anyone": NO_STORE, "reader": NO_STORE, "upload": PRIVATE}
    for access, policy in policies.items():
        route = declare("GET /api/one", one, access=access, cache=None, errors=())
        assert route.choose_policy([]) is policy


def no_parameter(_surplus: str) -> bytes:
    """An argument that nothing declares."""
    return b""


def no_default(_q: Annotated[str, QueryParameter("Text")]) -> bytes:
    """A query parameter that is required."""
    return b""


def no_parser(_since: Annotated[float, QueryParameter("Moment")] = 0) -> bytes:
    """A query parameter of a type that has no parser."""
    return b""


def other_path(_name: Annotated[str, PathParameter("Name", name="name")]) -> bytes:
    """A part of another path."""
    return b""


def public_caller(caller: object) -> bytes:
    """A caller of a route that needs no token."""
    return f"{caller}".encode()


def no_docstring() -> bytes:
    return b""


def no_answer():  # type: ignore[no-untyped-def]
    """A handler that does not say what it answers."""


@pytest.mark.parametrize(
    "handler", [no_parameter, no_default, no_parser, other_path, public_caller, no_docstring, no_answer]
)
def test_a_handler_that_does_not_fit_is_refused(handler: Callable[..., Any]) -> None:
    with pytest.raises(TypeError):
        declare("GET /api/things/{id}" if handler is other_path else "GET /api/things", handler,
                access="reader", cache=None, errors=())  # fmt: skip


def test_answers_for_one_person_have_no_policy_of_their_own() -> None:
    def mine() -> bytes:
        """Mine."""
        return b""

    with pytest.raises(TypeError, match="stored nowhere"):
        declare("GET /api/mine", mine, access="upload", cache=SEARCH, errors=())


def show_page(
    name: Annotated[str, PathParameter("Name", name="name", takes_rest=True)],
) -> TextAnswer:
    """A page."""
    return TextAnswer(name)


def show_part(name: Annotated[str, PathParameter("Name", name="name")]) -> TextAnswer:
    """A part."""
    return TextAnswer(name)


def test_a_parameter_may_take_the_rest_of_the_path() -> None:
    route = declare(
        "GET /p/{name}", show_page, access="anyone", cache=None, errors=(), media_type="text/html"
    )
    assert route.keys == ("GET /p/{name+}", "HEAD /p/{name+}")
    assert route.is_found_by_path
    assert route.read_path({"name": "a/b"}) == {"name": "a/b"}


def test_a_parameter_may_be_a_part_of_a_segment() -> None:
    route = declare(
        "GET /a/map-{name}.xml", show_part, access="anyone", cache=None, errors=(), media_type=XML
    )
    assert route.keys == ("GET /a/{name}", "HEAD /a/{name}")
    assert route.read_path({"name": "map-1.xml"}) == {"name": "1"}
    for text in ("map-.xml", "map-1", "1.xml", "xmap-1.xml", "map-1.xmlx", "map.xml", ""):
        with pytest.raises(NotFound):
            route.read_path({"name": text})


def test_within_the_api_a_query_is_always_looked_at() -> None:
    route = declare("GET /api/{name}", show_part, access="anyone", cache=None, errors=(), media_type=XML)
    assert not route.is_found_by_path
    assert route.keys == ("GET /api/{name}",)


@pytest.mark.parametrize("media_type", ["application/json", XML])
def test_a_text_has_a_media_type_and_nothing_else_has_one(media_type: str) -> None:
    handler = show_part if media_type == "application/json" else list_things
    key = "GET /{name}" if handler is show_part else "GET /api/{owner}/things"
    with pytest.raises(TypeError, match="media type"):
        declare(key, handler, access="anyone", cache=None, errors=(), media_type=media_type)
