"""Whether the functions answer as the OpenAPI document says, whatever they are asked.

Schemathesis makes requests that fit the document, and requests that do not. No answer may be a 5xx, none may
have a status or a content type that the document does not have, and each body has the shape that the document
gives it. `CONTRACT_EXAMPLES` is the number of requests of each kind to each route; `make test-long` has more.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis.errors import Unsatisfiable
from msgspec.structs import replace

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

LABELS = [
    f"{method.upper()} {path}"
    for path, methods in json.loads(DOCUMENT.read_bytes())["paths"].items()
    for method in methods
]
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
    from tests.contract.asking import OPERATIONS

    assert OPERATIONS.keys() == set(LABELS) == {f"{route.method} {route.path}" for route in list_routes()}


@pytest.mark.parametrize("label", LABELS)
def test_answers_are_as_documented(served: Served, label: str) -> None:
    from tests.contract.asking import OPERATIONS, GenerationMode, ask

    operation = OPERATIONS[label]
    ask(served.url, operation.as_strategy(GenerationMode.POSITIVE), *TOKENS)
    # Where nothing is asked for, or any text is good, every request fits the document.
    with suppress(Unsatisfiable):
        ask(served.url, operation.as_strategy(GenerationMode.NEGATIVE), *TOKENS)


@pytest.mark.parametrize("label", [label for label in LABELS if "{id}" in label])
def test_answers_about_what_there_is_are_as_documented(served: Served, label: str) -> None:
    from tests.contract.asking import OPERATIONS, ask

    for image_id in served.image_ids:
        ask(served.url, OPERATIONS[label].as_strategy(path_parameters={"id": image_id}), TOKENS[1])


def test_parameters_that_a_route_does_not_have_are_refused_as_documented(served: Served) -> None:
    from tests.contract.asking import CHECKS, NOT_SET, OPERATIONS

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
