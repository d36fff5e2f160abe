"""A route as its handler declares it: the one place that holds its method, path, parameters and answer.

`Api.operation` in `stockroom.api.app` makes a `Route` of a handler. Generated from the routes are the OpenAPI
document, the routes of the HTTP API, the CDN's uncached paths and its query normaliser (see `infra`).
"""

import inspect
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Literal

from msgspec import Struct

from stockroom.api.cache_policy import NO_STORE, PRIVATE, CachePolicy
from stockroom.api.parameters import (
    HeaderParameter,
    Parameter,
    ParameterGroup,
    PathParameter,
    declare_header_parameter,
    declare_path_parameter,
    declare_query,
    is_group,
)
from stockroom.api.responses import JSON, TextAnswer
from stockroom.runtime.errors import BadRequest, NotFound, StockroomError
from stockroom.runtime.validation import abbreviate

Scope = Literal["upload", "admin"]
"""What a token may allow; `admin` includes every scope."""

Access = Literal["anyone", "reader", "visitor", Scope]
"""Who may use a route: anyone; a reader, who needs the scope `read` where the library is private; whoever has
a token with the scope. A visitor is let in as a reader is, also with the scope `upload`; a token that comes
along is checked everywhere, and the handler decides by whose it is."""

ChoosePolicy = Callable[[Collection[str]], CachePolicy]
"""The cache policy of an answer, by the names of the query parameters that were given."""

API = "/api/"
"""What all paths begin with but those of pages and feeds, which have short addresses of their own."""

SERVICES, CALLER, BODY, QUESTION = "services", "caller", "body", "question"
"""Arguments of a handler that are no parameters: the process's resources, the caller, the decoded body, and
the query's parameters together, as `Route.normalise_query` gives them."""


class Route(Struct, frozen=True, kw_only=True):
    """One route: what it takes, what it answers, who may use it and how long its answers are stored."""

    method: str
    path: str
    operation_id: str
    summary: str
    handler: Callable[..., Any]
    access: Access
    choose_policy: ChoosePolicy
    path_parameters: tuple[Parameter, ...]
    query_parameters: tuple[Parameter, ...]
    header_parameters: tuple[Parameter, ...]
    groups: Mapping[str, type[ParameterGroup]]
    """The handler's arguments that are groups of query parameters."""
    arguments: frozenset[str]
    """Which of `services`, `caller`, `body` and `question` the handler takes."""
    body: type | None
    answer: type | None
    """The shape of the answer; `bytes` is a JSON document as it is, None an answer without a body. A
    `TextAnswer` is an answer that is no JSON."""
    media_type: str
    is_found_by_path: bool
    """Whether a query changes nothing: the route has no parameters there, and passes over what is given. Such
    a route answers HEAD, too, as addresses of pages are checked by it."""
    errors: tuple[type[StockroomError], ...]
    """What the handler may raise, beside what every route of its kind may."""
    is_for_other_sites: bool
    """Whether scripts of other sites may read the answers, where the library is public."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Method and path, as API Gateway names a route: one for each of the methods."""
        return tuple(f"{method} {self.gateway_path}" for method in self.methods)

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that the route answers."""
        return (self.method, "HEAD") if self.is_found_by_path else (self.method,)

    @property
    def gateway_path(self) -> str:
        """The path as API Gateway takes it, which has no parameter for a part of a segment.

        `/sitemap-{page}.xml` is `/{page}` there, and a parameter that takes the rest of the path is `{id+}`.
        """
        path = re.sub(r"[^/]*({\w+})[^/]*", r"\1", self.path)
        for each in self.path_parameters:
            if each.takes_rest:
                path = path.replace(f"{{{each.name}}}", f"{{{each.name}+}}")
        return path

    def read_path(self, given: Mapping[str, str]) -> dict[str, str]:
        """The path's parameters, from those of `gateway_path`; NotFound for a segment of another form."""
        texts = {}
        for segment in self.path.split("/"):
            before, _, rest = segment.partition("{")
            name, _, after = rest.partition("}")
            if not name:
                continue
            text = given[name]
            if not (text.startswith(before) and text.endswith(after) and len(text) > len(before + after)):
                raise NotFound("There is nothing at this address.")
            texts[name] = text[len(before) : len(text) - len(after)]
        return texts

    @property
    def scope(self) -> str | None:
        """The scope that a token needs, if the route is not for everybody."""
        return None if self.access in ("anyone", "reader", "visitor") else self.access

    @property
    def is_personal(self) -> bool:
        """Whether the answers depend on who asks: they are stored nowhere, and tokens have to get through."""
        return self.access not in ("anyone", "reader")

    def check_query(self, given: Mapping[str, Collection[str]]) -> None:
        """BadRequest, by name, for a parameter that the route does not have or that may be given once."""
        parameters = self.query_parameters
        for parameter in parameters:
            if parameter.is_exclusive and parameter.name in given:
                parameters = (parameter,)
        known = {parameter.name: parameter for parameter in parameters}
        for name, values in given.items():
            if name not in known:
                shown = abbreviate(name)
                detail = f"There is no parameter {shown!r} here; known are {', '.join(known) or 'none'}."
                raise BadRequest.at(f"?{shown}", "unknown-parameter", detail)
            if len(values) > 1 and not known[name].is_repeatable:
                raise BadRequest.at(f"?{name}", "repeated-parameter", f"Give {name} once.")

    def normalise_query(self, given: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
        """The parameters, sorted, without defaults and blanks; equal questions have equal lists."""
        return sorted(
            (parameter.name, text)
            for parameter in self.query_parameters
            for text in given.get(parameter.name, ())
            if text not in parameter.absent
        )

    def read_arguments(
        self, given: Mapping[str, list[str]], path_texts: Mapping[str, str], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """The handler's arguments from query, path and headers; an absent parameter keeps its default.

        The names of `headers` are in lower case.
        """
        arguments = {each.argument: each.parse(path_texts[each.name]) for each in self.path_parameters}
        for each in self.header_parameters:
            arguments[each.argument] = headers.get(each.name.lower(), each.default)
        fields: dict[str, dict[str, Any]] = {name: {} for name in self.groups}
        for each in self.query_parameters:
            if each.name in given:
                target = fields[each.group] if each.group else arguments
                value = each.value(given[each.name])
                if not each.is_in_mapping:
                    target[each.argument] = value
                elif value != each.default:
                    target.setdefault(each.argument, {})[each.name] = value
        return arguments | {name: group(**fields[name]) for name, group in self.groups.items()}


def declare(
    key: str,
    handler: Callable[..., Any],
    *,
    access: Access,
    cache: CachePolicy | ChoosePolicy | None,
    errors: tuple[type[StockroomError], ...],
    media_type: str = JSON,
    is_for_other_sites: bool = False,
) -> Route:
    """The route of a handler; `key` is its method and path, as in `GET /api/images/{id}`.

    A route outside `/api/` without parameters in the query passes over queries: such addresses go round in
    messages, and what counts clicks is appended to them.

    The operation id is the handler's name and the summary the first line of its docstring. Raises TypeError
    for a handler whose signature does not fit.
    """
    method, _, path = key.partition(" ")
    parameters = inspect.signature(handler)
    path_parameters, query_parameters, header_parameters, arguments = [], [], [], set()
    for name, parameter in parameters.parameters.items():
        metadata = getattr(parameter.annotation, "__metadata__", (None,))[0]
        if name in (SERVICES, CALLER, BODY, QUESTION):
            arguments.add(name)
        elif isinstance(metadata, PathParameter):
            path_parameters.append(declare_path_parameter(name, metadata))
        elif isinstance(metadata, HeaderParameter):
            header_parameters.append(declare_header_parameter(name, metadata))
        elif declared := declare_query(name, parameter.annotation, parameter.default):
            query_parameters.extend(declared)
        else:
            raise TypeError(f"{key}: the argument {name} declares no parameter")
    route = Route(
        method=method,
        path=path,
        operation_id=_to_camel_case(handler.__name__),
        summary=(handler.__doc__ or "").partition("\n")[0].removesuffix("."),
        handler=handler,
        access=access,
        choose_policy=_make_chooser(cache or (NO_STORE if access in ("anyone", "reader") else PRIVATE)),
        path_parameters=tuple(path_parameters),
        query_parameters=tuple(query_parameters),
        header_parameters=tuple(header_parameters),
        groups={
            name: each.annotation for name, each in parameters.parameters.items() if is_group(each.annotation)
        },
        arguments=frozenset(arguments),
        body=parameters.parameters[BODY].annotation if BODY in arguments else None,
        answer=parameters.return_annotation,
        media_type=media_type,
        is_found_by_path=not path.startswith(API) and not query_parameters,
        errors=errors,
        is_for_other_sites=is_for_other_sites,
    )
    _check(route, key, has_cache=cache is not None)
    return route


def _check(route: Route, key: str, *, has_cache: bool) -> None:
    in_path = re.findall(r"{(\w+)}", route.path)
    if in_path != [parameter.name for parameter in route.path_parameters]:
        raise TypeError(f"{key}: the path and the arguments name different parameters")
    if any(each.default is inspect.Parameter.empty for each in route.query_parameters):
        raise TypeError(f"{key}: every query parameter needs a default")
    if not route.is_personal and CALLER in route.arguments:
        raise TypeError(f"{key}: only a route that looks at tokens has a caller")
    if route.is_personal and has_cache:
        raise TypeError(f"{key}: answers that depend on the caller are stored nowhere")
    if (route.media_type == JSON) == (route.answer is TextAnswer):
        raise TypeError(f"{key}: a TextAnswer, and nothing else, has a media type of its own")
    if not route.summary or route.answer is inspect.Signature.empty:
        raise TypeError(f"{key}: the handler needs a docstring and the type of its answer")


def _make_chooser(cache: CachePolicy | ChoosePolicy) -> ChoosePolicy:
    return (lambda _: cache) if isinstance(cache, CachePolicy) else cache


def _to_camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
