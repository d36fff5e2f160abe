"""What the caches take for one question, the function that answers takes for one question, too."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from infra.declared_routes import list_routes
from infra.normalise_query import (
    generate_cloudfront_code,
    generate_nginx_maps,
    list_stored_paths,
    list_stored_patterns,
    list_uncached_patterns,
    make_nginx_location,
)
from stockroom.api.parameters import split_query
from stockroom.runtime.errors import BadRequest
from stockroom.search.query.parse import MAX_TAGS
from tests.infra.cloudfront_evaluator import parse_query
from tests.infra.cloudfront_runtime import run_function

ID = "0123456789ABC"
MISTAKE = "400"
CURSOR = "EP__________________8A=="

EQUAL = {
    "/api/images": [
        ["", "sort=newest&limit=24", "q=&tag=&owner=", "limit=24&sort=", "q=&"],
        ["q=sea", "q=sea&limit=24&sort=newest", "color=&q=sea&from=", "sort=newest&q=sea"],
        ["from=2016&q=sea&to=2017", "to=2017&q=sea&from=2016", "to=2017&from=2016&limit=24&q=sea"],
        ["limit=12&sort=relevance&q=sea%20sun&tag=a", "tag=a&q=sea%20sun&sort=relevance&limit=12"],
        [f"q=sea&since={ID}", f"since={ID}&q=sea&sort=newest"],
    ],
    f"/api/images/{ID}/similar": [["", "limit=12"], ["limit=24"]],
    "/api/tags": [["", "prefix=&limit=10", "limit=10&prefix="], ["limit=12&prefix=se", "prefix=se&limit=12"]],
    "/api/words": [["prefix=se", "limit=10&prefix=se"], ["limit=24&prefix=se"], ["related=se"]],
    "/feed.atom": [["", "sort=newest&limit=24"], ["q=sea&tag=a", "tag=a&q=sea&limit=24"], ["q=sea"]],
    "/feed.json": [["q=sea", "limit=24&q=sea"], ["q=sea&limit=12"]],
    "/oembed": [["url=x", "maxheight=0&format=json&url=x&maxwidth=0"], ["url=y"], ["url=x&maxwidth=9"]],
    "/api/health": [["", "deep="], ["deep=1"]],
}
"""By path, groups of queries: those of a group are one question, and those of two groups are two."""

OTHERS = [
    # Names that are not written as a route declares them are other names.
    "%71=sea", "q=sea&%71=sun", "%71=sea&q=sun", "Q=sea", "q=sea&Q=sun", "q%20=sea", "+q=sea", "qq=sea",
    # What is repeated is a question of its own, or a mistake.
    "q=sea&q=sun", "q=sun&q=sea", "q=&q=sea", "q=sea&q=", "limit=24&limit=12", "limit=12&limit=24",
    "tag=a&tag=b", "tag=b&tag=a", "tag=a&tag=a", "tag=&tag=a", "tag=a", "tag=a,b",
    # Mistakes must not be taken for a parameter's absence.
    "limit=", "limit=0", "cursor=", f"cursor={CURSOR}", "since=", "since=x", "limit=24x", "sort=best",
    "page=2", "sort=newest&page=2", "limit=24&cursor=",
    # Values that mean a default without being spelled like it.
    "limit=%32%34", "limit=024", "sort=%6Eewest",
    # Other ways of writing a query.
    "q=sea%20sun", "q=sea+sun", "q=sea%2Bsun", "q=sea;tag=a", "q=sea%26tag=a", "q=sea=sun", "q",
    "&q=sea&", "=sea", "=",
    "q=sea&&tag=a", "?q=sea", "q=%C3%A9", "q=é".encode().decode("latin-1"), "q=%", "q=%zz", "q=sea#tag=a",
    # Names that every object of JavaScript has.
    "constructor=1", "__proto__=1", "toString=", "hasOwnProperty=1&q=sea",
]  # fmt: skip


def _understand(path: str, query: str) -> object:
    """The handler's arguments, by name, or MISTAKE: all errors are alike, since none is stored."""
    (route,) = (
        route for route in list_routes() if route.method == "GET" and route.path == path.replace(ID, "{id}")
    )
    arguments = {each.argument: each.default for each in route.query_parameters}
    try:
        given = split_query(query)
        route.check_query(given)
        arguments |= route.read_arguments(given, {"id": ID}, {})
    except BadRequest:
        return MISTAKE
    return {name: tuple(sorted(value)) if name == "tags" else value for name, value in arguments.items()}


def _questions() -> list[tuple[str, str]]:
    """Every path and query of the tables; the queries of OTHERS for each path."""
    return [
        *((path, query) for path, groups in EQUAL.items() for group in groups for query in group),
        *((path, query) for path in EQUAL for query in OTHERS),
    ]


@pytest.fixture(scope="module")
def cloudfront() -> dict[tuple[str, str], str]:
    """The normalised query, which is part of the key and which CloudFront sends on, of every question."""
    events = [_event(path, query) for path, query in _questions()]
    runs = run_function(generate_cloudfront_code(list_routes()), events)
    return {question: run.answer["querystring"] for question, run in zip(_questions(), runs, strict=True)}


def _event(path: str, query: str) -> dict[str, Any]:
    return {"request": {"method": "GET", "uri": path, "querystring": parse_query(query)}}


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], str]]:
    """The address that is the key in nginx, of every question."""
    program = shutil.which(
        "nginx", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"])
    )
    assert program is not None, "nginx is missing: run `make setup`"
    folder = tmp_path_factory.mktemp("nginx")
    # Not a port, which another program could take before nginx does.
    listens = folder / "socket"
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("fastcgi", "uwsgi", "scgi", "proxy"))
    personal = make_nginx_location(list_uncached_patterns(list_routes()))
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; {paths}\n"
        f"client_body_temp_path {folder}/body;\n{generate_nginx_maps(list_routes())}\n"
        f'server {{ listen unix:{listens}; location / {{ return 200 "$normalised_uri"; }}\n'
        f'location ~ {personal} {{ return 200 "not cached"; }} }} }}'
    )
    server = subprocess.Popen([program, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")])
    try:
        yield {
            (path, query): _ask(listens, f"{path}?{query}" if query else path)
            for path, query in [*_questions(), ("/api/uploads", ""), (f"/api/uploads/{ID}", "")]
        }
    finally:
        server.terminate()
        server.wait(10)


def _ask(listens: Path, target: str) -> str:
    patience = time.monotonic() + 60
    while True:
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(str(listens))
            except (FileNotFoundError, ConnectionRefusedError):
                assert time.monotonic() < patience
                time.sleep(0.02)
                continue
            # Not through `http.client`, which would refuse some of the targets.
            connection.sendall(f"GET {target} HTTP/1.0\r\n\r\n".encode("latin-1"))
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return answer.read().decode("latin-1")


@pytest.mark.parametrize("path", EQUAL)
@pytest.mark.parametrize("cache", ["cloudfront", "nginx"])
def test_equal_questions_share_one_entry_and_different_ones_do_not(
    request: pytest.FixtureRequest, cache: str, path: str
) -> None:
    key = request.getfixturevalue(cache)
    groups = [{key[path, query] for query in group} for group in EQUAL[path]]
    assert [len(keys) for keys in groups] == [1] * len(groups)
    assert len(set.union(*groups)) == len(groups)


@pytest.mark.parametrize("path", EQUAL)
@pytest.mark.parametrize("cache", ["cloudfront", "nginx"])
def test_questions_that_share_an_entry_are_understood_alike(
    request: pytest.FixtureRequest, cache: str, path: str
) -> None:
    key = request.getfixturevalue(cache)
    queries = [query for each, query in _questions() if each == path]
    for one, other in combinations(queries, 2):
        if key[path, one] == key[path, other]:
            assert _understand(path, one) == _understand(path, other), (one, other)


@pytest.mark.parametrize("path", EQUAL)
def test_what_cloudfront_sends_on_is_understood_like_what_it_was_sent(
    cloudfront: dict[tuple[str, str], str], path: str
) -> None:
    for query in (query for each, query in _questions() if each == path):
        assert _understand(path, cloudfront[path, query]) == _understand(path, query), query


def test_a_name_in_disguise_is_a_mistake() -> None:
    assert _understand("/api/images", "%71=sea") == MISTAKE


def test_keys_are_sorted_and_what_is_repeated_keeps_its_order(
    cloudfront: dict[tuple[str, str], str],
) -> None:
    assert cloudfront["/api/images", "to=2017&q=sea&from=2016"] == "from=2016&q=sea&to=2017"
    assert cloudfront["/api/images", "tag=b&tag=a"] == "tag=b&tag=a"
    assert cloudfront["/api/images", "&q=sea&"] == "q=sea"
    assert cloudfront["/api/images", "q"] == ""


# CloudFront takes no longer URL: 8,192 bytes, of which the scheme and the host take some.
LONGEST_QUERY = 8192 - len("https://d1.cloudfront.net/api/images?")
MANY_VALUES = {
    "names": "&".join(f"{number:x}" for number in range(LONGEST_QUERY)),
    "known names, repeated": "&".join(["q", "tag", "sort"] * LONGEST_QUERY),
    "one name, repeated": "&".join(["q"] * LONGEST_QUERY),
    "blanks": "&".join(["tag="] * LONGEST_QUERY),
    "separators": "&" * LONGEST_QUERY,
    "equals signs": "=" * LONGEST_QUERY,
    "one value": "q=" + "%20" * LONGEST_QUERY,
    "one name": "q" * LONGEST_QUERY,
}


@pytest.mark.parametrize("path", ["/api/images", "/api/config", "/" * 1000])
def test_the_longest_query_costs_little_more_than_an_ordinary_one(path: str) -> None:
    code = generate_cloudfront_code(list_routes())
    most_tags = "&".join(f"tag={number}" for number in range(MAX_TAGS))
    runs = run_function(code, [_event(path, query[:LONGEST_QUERY]) for query in MANY_VALUES.values()])
    ordinary, searching, tagged = run_function(
        code, [_event(path, query) for query in ("q=sea", most_tags, f"{most_tags}&q=sea")]
    )
    # A regular expression for each route, and some calls for each value.
    assert ordinary.calls < 20
    assert searching.calls < tagged.calls < 20 + 3 * MAX_TAGS
    assert max(run.calls for run in runs) < 20


def test_a_query_of_too_many_values_stays_as_it_is_and_one_of_all_parameters_does_not() -> None:
    code = generate_cloudfront_code(list_routes())
    too_many = _event("/api/images", "&".join(["limit=24", *(f"tag={number}" for number in range(100))]))
    (run,) = run_function(code, [too_many])
    assert run.answer == too_many["request"]
    for route in list_routes():
        pairs = [f"{each.name}=x" for each in route.query_parameters]
        pairs += ["tag=x"] * MAX_TAGS
        (run,) = run_function(code, [_event(route.path, "&".join(pairs))])
        assert run.answer["querystring"] == "&".join(sorted(pairs))


def test_every_parameter_of_a_search_has_its_place_in_the_key() -> None:
    for route in list_routes():
        for parameter in route.query_parameters if not route.is_personal else ():
            assert f"{parameter.name}=$" in generate_nginx_maps([route])


def test_nginx_knows_what_belongs_to_one_person(nginx: dict[tuple[str, str], str]) -> None:
    assert nginx["/api/uploads", ""] == nginx[f"/api/uploads/{ID}", ""] == "not cached"
    assert "not cached" not in {nginx[question] for question in _questions()}


def test_a_deployment_forgets_whatever_the_functions_have_made() -> None:
    forgotten = list_stored_patterns(list_routes())
    for route in list_routes():
        path = re.sub(r"{\w+}", ID, route.path)
        assert any(fnmatchcase(f"{path}?q=sea", pattern) for pattern in forgotten), route.path
    # CloudFront takes no other wildcard.
    assert all(pattern.partition("*")[1:] == ("*", "") for pattern in forgotten)
    assert not any(fnmatchcase(path, pattern) for path in ("/", "/i/a", "/theme.js") for pattern in forgotten)


def test_paths_are_stored_where_an_answer_has_a_lifetime() -> None:
    stored = list_stored_paths(list_routes())
    assert {"/api/images", "/api/images/{id}", "/api/config"} <= set(stored)
    assert "/api/health" not in stored
    assert not set(stored) & set(list_uncached_patterns(list_routes()))
