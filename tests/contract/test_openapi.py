"""Whether the functions answer as the OpenAPI document says, whatever they are asked.

Schemathesis makes requests that fit the document, and requests that do not. No answer may be a 5xx, none may
have a status or a content type that the document does not have, and each body has the shape that the document
gives it. `CONTRACT_EXAMPLES` is the number of requests of each kind to each route; `make test-long` has more.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, CheckContext, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from infra.declared_routes import APPS, list_routes
from stockroom.api.openapi import DOCUMENT
from stockroom.images import ids
from stockroom.images.states import STATES
from stockroom.resources import Resources
from tests.contract.gateway import run_gateway
from tests.factories import row_in
from tests.pages import publish_page
from tests.search.pictures import Picture, at, stock
from tests.tokens import make_header, publish_key

DEFAULT_EXAMPLES = 4
EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", DEFAULT_EXAMPLES))


def no_server_error(context: CheckContext, answer: Response, case: Case[Any]) -> bool | None:
    """oEmbed wants a 501 for a format that there is not."""
    return True if answer.status_code == 501 else not_a_server_error(context, answer, case)


CHECKS = [
    no_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_bytes()))
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)}
TOKENS = ("", make_header(scope="read upload admin"))


@dataclass(frozen=True)
class Served:
    """The functions behind HTTP. `image_ids` are of rows in each state."""

    url: str
    image_ids: list[str]


@pytest.fixture
def served(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    publish_key(resources.settings)
    unlimited = replace(resources, settings=replace(resources.settings, client_rate=0))
    for app in APPS.values():
        monkeypatch.setattr(app, "services", lambda: unlimited)
    publish_page(resources.settings)
    numbers = stock(
        resources.db, [Picture(id=at(2016, number=n), description=f"a courtyard {n} #sea") for n in range(30)]
    )
    others = [row_in(resources, state, state.encode()) for state in STATES if state != "ready"]
    image_ids = [ids.encode(image_id) for image_id in (numbers[0], *others)]
    with run_gateway() as url:
        yield Served(url, image_ids)


def test_every_route_is_asked() -> None:
    assert OPERATIONS.keys() == {f"{route.method} {route.path}" for route in list_routes()}


@pytest.mark.parametrize("label", OPERATIONS)
def test_answers_are_as_documented(served: Served, label: str) -> None:
    operation = OPERATIONS[label]
    for token in TOKENS:
        ask(served, operation.as_strategy(GenerationMode.POSITIVE), token)
        # Where nothing is asked for, or any text is good, every request fits the document.
        with suppress(Unsatisfiable):
            ask(served, operation.as_strategy(GenerationMode.NEGATIVE), token)


@pytest.mark.parametrize("label", [label for label in OPERATIONS if "{id}" in label])
def test_answers_about_what_there_is_are_as_documented(served: Served, label: str) -> None:
    for image_id in served.image_ids:
        ask(served, OPERATIONS[label].as_strategy(path_parameters={"id": image_id}), TOKENS[1])


def test_parameters_that_a_route_does_not_have_are_refused_as_documented(served: Served) -> None:
    found_by_path = {f"{route.method} {route.path}" for route in list_routes() if route.is_found_by_path}
    for label, operation in OPERATIONS.items():
        if label in found_by_path:
            continue
        path = {"id": served.image_ids[0], "sha256": "0" * 64}
        body: Any = {} if label.startswith(("POST", "PATCH")) else NOT_SET
        case = operation.Case(path_parameters=path, query={"unknown": "1"}, body=body)
        answer = case.call(base_url=served.url, headers={"Authorization": TOKENS[1]})
        assert answer.status_code == 400, label
        case.validate_response(answer, checks=CHECKS)


def ask(served: Served, cases: SearchStrategy[Any], token: str) -> None:
    """Send examples of a strategy, and check each answer."""
    headers = {"Authorization": token} if token else {}
    with requests.Session() as session:

        @settings(
            max_examples=EXAMPLES,
            derandomize=EXAMPLES == DEFAULT_EXAMPLES,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases)
        def check(case: Any) -> None:
            answer = case.call(base_url=served.url, session=session, headers=headers)
            case.validate_response(answer, checks=CHECKS)

        check()
