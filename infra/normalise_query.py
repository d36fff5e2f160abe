"""The CDN's cache key for a request to the API: its address with a normalised query string.

A normalised query is sorted and lacks defaults and blanks, so that equal searches share one cache entry.
Repeated and unknown parameters stay as they are. What is a default or may be blank is read from the routes'
declarations. CloudFront gets a function that normalises; nginx, which stands in for CloudFront locally, gets
maps.

Names and values are compared as they are written: `?%71=sea` is not `?q=sea`. The function that answers does
not decode names either (`stockroom.api.parameters`).
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from stockroom.api.parameters import Parameter
from stockroom.api.routes import API, Route
from stockroom.api.sharing.page_template import HTML

TEMPLATE = Path(__file__).with_suffix(".js")


def generate_cloudfront_code(routes: Iterable[Route]) -> str:
    """The CloudFront Function for the viewer's requests to the cached paths of the API."""
    absent = {
        route.path: {each.name: each.absent for each in route.query_parameters if each.absent}
        for route in _select_cached(routes)
    }
    absent_values = {
        "paths": {path: values for path, values in absent.items() if "{" not in path},
        "patterns": [
            {"path": f"^{_to_pattern(path)}$", "absent": values}
            for path, values in absent.items()
            if "{" in path
        ],
    }
    return TEMPLATE.read_text().replace("ABSENT_VALUES", json.dumps(absent_values))


def generate_nginx_maps(routes: Sequence[Route]) -> str:
    """nginx's maps, which set `$normalised_uri` to the address of a question, marked as normalised.

    Only a request that has each parameter once, spelled as it is declared, is normalised. Any other keeps its
    own address.
    """
    maps = {}
    addresses = []
    for route in _select_cached(routes):
        parameters = sorted(route.query_parameters, key=lambda each: each.name)
        for parameter in parameters:
            if default := _find_default(parameter):
                name = parameter.name
                maps[_name_variable(parameter)] = (
                    f'map $arg_{name} ${_name_variable(parameter)} {{ default $arg_{name}; "{default}" ""; }}'
                )
        query = "&".join(f"{each.name}=${_name_variable(each)}" for each in parameters)
        texts = "|".join(f"{each.name}=[^&#]{'*' if '' in each.absent else '+'}" for each in parameters)
        addresses.append(
            f'"~^({_to_pattern(route.path)})(?:[?](?:(?:{texts})(?:&|$))*)?$" "normalised $1?{query}";'
        )
    lines = [
        *maps.values(),
        "map $request_uri $normalised_uri {",
        "  default $request_uri;",
        r'  "~[?](?:.*&)?([^&=]+)=[^&]*&(?:.*&)?\1=" $request_uri;',
        *(f"  {address}" for address in addresses),
        "}",
    ]
    return "\n".join(lines)


def list_uncached_patterns(routes: Iterable[Route]) -> list[str]:
    """What begins like these, as in `/api/uploads/*`, belongs to one person and is stored nowhere.

    Where anybody may read, as at `/api/images/{id}`, writes need no entry: a CDN stores no answer to another
    method than GET and HEAD, and passes on the token of a request with another method.
    """
    listed = list(routes)
    public = {route.path for route in listed if not route.is_personal}
    paths = sorted(route.path for route in listed if route.is_personal and route.path not in public)
    return list(dict.fromkeys(re.sub(r"{\w+}", "*", path) for path in paths))


def list_pages(routes: Iterable[Route]) -> list[str]:
    """What a browser shows as pages of the site, as in `/p/?*`: the published page with other heads.

    A `?` is one character. Where there is none, as at `/p/`, the site's own page says that nothing is there.
    """
    return [
        _to_wildcard(route).replace("*", "?*")
        for route in routes
        if route.is_found_by_path and route.media_type == HTML
    ]


def list_files(routes: Iterable[Route]) -> list[str]:
    """What else is found by its path alone, as in `/robots.txt`: a query has no meaning there."""
    return [_to_wildcard(route) for route in routes if route.is_found_by_path and route.media_type != HTML]


def list_searches_beside_api(routes: Iterable[Route]) -> list[str]:
    """The paths of feeds and their like, which are outside `/api/` and have a query as routes there do."""
    return [route.path for route in routes if not route.path.startswith(API) and not route.is_found_by_path]


def list_stored_patterns(routes: Sequence[Route]) -> list[str]:
    """Patterns of everything that the functions make and the CDN stores, as an invalidation takes them.

    A `*` ends such a pattern, and stands for a query, too.
    """
    beside_api = [*list_pages(routes), *list_files(routes), *list_searches_beside_api(routes)]
    return ["/api/*", *sorted({f"{re.split('[?*]', pattern)[0]}*" for pattern in beside_api})]


def list_stored_paths(routes: Iterable[Route]) -> list[str]:
    """The paths, as in `/api/images/{id}`, whose answers a public library lets everybody store, by query."""
    return sorted(
        {
            route.path
            for route in routes
            if not route.is_personal
            and route.choose_policy(()).browser is not None
            and not route.is_found_by_path
        }
    )


def make_nginx_location(paths: Iterable[str]) -> str:
    """The regular expression of an nginx location for these paths."""
    return f"^(?:{'|'.join(_to_pattern(path) for path in paths)})$"


def _select_cached(routes: Iterable[Route]) -> list[Route]:
    return [
        route
        for route in routes
        if route.method == "GET" and not route.is_personal and route.query_parameters
    ]


def _to_wildcard(route: Route) -> str:
    """The path as CloudFront's patterns write it. A `*` stands for slashes, too."""
    return re.sub(r"{\w+}", "*", route.path)


def _to_pattern(path: str) -> str:
    """`/api/images/{id}` or `/api/uploads/*` as a regular expression, for JavaScript and nginx alike."""
    return re.sub(r"{\w+}", "[^/?]+", path.replace(".", "[.]").replace("?*", ".+").replace("*", ".*"))


def _find_default(parameter: Parameter) -> str:
    """The value that says no more than leaving the parameter out, if there is one beside the blank."""
    return next((text for text in parameter.absent if text), "")


def _name_variable(parameter: Parameter) -> str:
    """The nginx variable that holds a parameter's value, and nothing where the value is the default."""
    default = _find_default(parameter)
    return f"{parameter.name}_unless_{default}" if default else f"arg_{parameter.name}"
