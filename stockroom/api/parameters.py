"""Parameters of query, path and headers: how a handler declares them, and how their texts become arguments.

    def list_tags(
        limit: Annotated[int, QueryParameter("Tags at most", minimum=1, maximum=50)] = 10,
    ) -> TagsResponse:

The annotation gives the type, `QueryParameter`, `PathParameter` or `HeaderParameter` the rest, and the
argument's default is the parameter's. The OpenAPI document and the CDN's query normaliser are generated from
the same declaration.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote_plus

import msgspec
from msgspec import Struct

from stockroom.runtime.errors import BadRequest

MAX_PARAMETERS = 100
"""Query parameters of one request."""


class QueryParameter(Struct, frozen=True):
    """Makes an argument of a handler a query parameter. `name` is the argument's own unless it is given.

    - An argument of type `str` is text; a blank one counts as absent. `choices` are listed in the OpenAPI
      document, and the handler checks them.
    - An `int` is a whole number from `minimum` to `maximum`.
    - A `tuple[str, ...]` may be repeated; blank values are dropped.
    - Any other type needs `parse`, which turns the text, also a blank one, into the argument or raises
      BadRequest.
    """

    description: str
    name: str = ""
    choices: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = 0
    parse: Callable[[str], Any] | None = None
    is_exclusive: bool = False
    """Where this parameter is given, the route has no other."""


class QueryParameters(Struct, frozen=True):
    """Makes an argument of a handler, a `Mapping[str, str]`, the texts of several query parameters by name.

    Each parameter is text, and a blank one counts as absent. `choices` are listed in the OpenAPI document
    for the names that have them; the handler checks them.
    """

    queries: tuple[QueryParameter, ...]


class ParameterGroup(Struct, frozen=True):
    """Query parameters that several handlers share, declared once as the fields of a subclass.

        class Section(ParameterGroup, frozen=True):
            limit: Annotated[int, QueryParameter("Tags at most", minimum=1, maximum=50)] = 10

        def list_tags(section: Section) -> TagsResponse:

    A field is annotated as an argument of a handler is, by `QueryParameter` or `QueryParameters`, and has a
    default. The handler's argument is an instance of the subclass.
    """


class PathParameter(Struct, frozen=True):
    """Makes an argument of a handler a part of the path; `parse` turns its text into the argument.

    `takes_rest`: the parameter is all of the path that is left, slashes and all.
    """

    description: str
    name: str
    parse: Callable[[str], Any] = str
    takes_rest: bool = False


class HeaderParameter(Struct, frozen=True):
    """Makes an argument of a handler, a `str`, the text of a request's header; absent, it is empty.

    `is_required` is what the OpenAPI document says; the handler itself refuses a request without it.
    """

    description: str
    name: str
    is_required: bool = False


class Parameter(Struct, frozen=True, kw_only=True):
    """A declared parameter: what the document says of it, and how it is read."""

    name: str
    argument: str
    description: str
    schema: dict[str, Any]
    parse: Callable[[str], Any]
    default: Any = None
    absent: tuple[str, ...] = ()
    """The texts that say no more than leaving the parameter out: a blank, and the default."""
    is_repeatable: bool = False
    is_exclusive: bool = False
    takes_rest: bool = False
    is_required: bool = False
    is_in_mapping: bool = False
    """Whether `argument` takes the parameter as one item of a mapping."""
    group: str = ""
    """The handler's argument, a `ParameterGroup`, of which `argument` is a field; empty without a group."""

    def value(self, texts: Sequence[str]) -> Any:
        """The handler's argument for the texts that were given; BadRequest for a text that is wrong."""
        if self.is_repeatable:
            return tuple(text for text in texts if text not in self.absent)
        return self.default if texts[0] in self.absent else self.parse(texts[0])


def declare_query(argument: str, annotation: Any, default: Any) -> list[Parameter]:
    """The query parameters that an argument, or a field of a group, declares by its annotation.

    None for an argument of another kind. Raises TypeError for a declaration that lacks a parser or a default.
    """
    if is_group(annotation):
        return [
            msgspec.structs.replace(parameter, group=argument)
            for field in msgspec.structs.fields(annotation)
            for parameter in _declare_field(field)
        ]
    metadata = getattr(annotation, "__metadata__", (None,))[0]
    if isinstance(metadata, QueryParameters):
        return [
            msgspec.structs.replace(
                declare_query_parameter(query.name, str, query, ""), argument=argument, is_in_mapping=True
            )
            for query in metadata.queries
        ]
    if isinstance(metadata, QueryParameter):
        return [declare_query_parameter(argument, annotation.__origin__, metadata, default)]
    return []


def is_group(annotation: Any) -> bool:
    """Whether an argument that is annotated in this way is a `ParameterGroup`."""
    return isinstance(annotation, type) and issubclass(annotation, ParameterGroup)


def _declare_field(field: msgspec.structs.FieldInfo) -> list[Parameter]:
    declared = declare_query(field.name, field.type, field.default)
    if not declared or field.required:
        raise TypeError(f"the field {field.name} of a group declares no query parameter with a default")
    return declared


def declare_query_parameter(argument: str, kind: Any, query: QueryParameter, default: Any) -> Parameter:
    """The parameter that an argument of type `kind` declares; TypeError for a type without a parser."""
    name = query.name or argument
    schema: dict[str, Any] = {"type": "string"}
    parse: Callable[[str], Any] = query.parse or str
    absent: tuple[str, ...] = ()
    is_repeatable = False
    if query.parse is not None:
        pass
    elif kind is int:
        schema = {"type": "integer", "minimum": query.minimum, "maximum": query.maximum}
        parse = _make_number_parser(name, query.minimum, query.maximum)
        absent = (str(default),)
    elif kind is str:
        schema |= {"enum": list(query.choices)} if query.choices else {}
        absent = ("", default) if default else ("",)
    elif kind == tuple[str, ...]:
        schema = {"type": "array", "items": schema}
        absent = ("",)
        is_repeatable = True
    else:
        raise TypeError(f"the query parameter {name} is of type {kind}, which needs a parser")
    return Parameter(
        name=name,
        argument=argument,
        description=query.description,
        schema=schema,
        parse=parse,
        default=default,
        absent=absent,
        is_repeatable=is_repeatable,
        is_exclusive=query.is_exclusive,
    )


def declare_path_parameter(argument: str, path: PathParameter) -> Parameter:
    """The part of the path that an argument declares."""
    return Parameter(
        name=path.name,
        argument=argument,
        description=path.description,
        schema={"type": "string"},
        parse=path.parse,
        takes_rest=path.takes_rest,
        is_required=True,
    )


def declare_header_parameter(argument: str, header: HeaderParameter) -> Parameter:
    """The request's header that an argument declares."""
    return Parameter(
        name=header.name,
        argument=argument,
        description=header.description,
        schema={"type": "string"},
        parse=str,
        default="",
        is_required=header.is_required,
    )


def split_query(raw: str) -> dict[str, list[str]]:
    """The values of each parameter of a query string, by name, in the order in which they were given.

    Values are decoded and names are not. To a cache `?%71=sea` has a parameter called `%71`; were it `q` to
    the function, the cache could store the answer to one search as that to another.
    """
    if raw.count("&") >= MAX_PARAMETERS:
        raise BadRequest(f"Send at most {MAX_PARAMETERS} query parameters.", code="too-many-parameters")
    given: dict[str, list[str]] = {}
    for pair in raw.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            given.setdefault(name, []).append(unquote_plus(value))
    return given


def _make_number_parser(name: str, low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 20 and low <= int(text) <= high):
            detail = f"{name} must be a whole number from {low} to {high}."
            raise BadRequest.at(f"?{name}", "invalid-number", detail)
        return int(text)

    return parse
