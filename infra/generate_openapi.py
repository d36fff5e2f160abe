"""The OpenAPI 3.1 document, generated from the routes and from the shapes of bodies and answers.

`python -m infra.generate_openapi` writes `stockroom/api/openapi.json`, which is committed, shipped and
served. A test fails when the committed document is out of date.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from infra.declared_routes import list_routes
from stockroom import __version__
from stockroom.api.openapi import DOCUMENT
from stockroom.api.parameters import Parameter
from stockroom.api.responses import TextAnswer
from stockroom.api.routes import Route
from stockroom.api.schemas import Problem
from stockroom.api.sharing.page_template import HTML
from stockroom.runtime.errors import (
    BadRequest,
    Forbidden,
    LimitExceeded,
    StockroomError,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from stockroom.uploads.requests import UploadFile


def generate(routes: Sequence[Route]) -> dict[str, Any]:
    """The OpenAPI document of these routes."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _describe_operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stockroom", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": _describe_shapes(routes),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def render(routes: Sequence[Route]) -> bytes:
    """The document as it is committed: stable, indented JSON."""
    return msgspec.json.format(msgspec.json.encode(generate(routes), order="sorted"), indent=1) + b"\n"


def _describe_shapes(routes: Sequence[Route]) -> dict[str, Any]:
    shapes = [shape for route in routes for shape in (route.answer, route.body) if _is_struct(shape)]
    # The files of an UploadRequest are validated one by one, so its type leaves them open; the document says
    # what each must be.
    shapes += [Problem, UploadFile]
    _, components = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
    components["UploadRequest"]["properties"]["files"] |= {"items": _refer_to(UploadFile), "minItems": 1}
    return components


def _describe_operation(route: Route) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "responses": _describe_responses(route),
    }
    parameters = [
        *(_describe_parameter(each, "path") for each in route.path_parameters),
        *(_describe_parameter(each, "query") for each in route.query_parameters),
        *(_describe_parameter(each, "header") for each in route.header_parameters),
    ]
    if parameters:
        described["parameters"] = parameters
    if route.body is not None:
        described["requestBody"] = {"required": True, "content": _as_json_content(_refer_to(route.body))}
    if route.scope is not None:
        described["security"] = [{"bearer": []}]
        described["x-scope"] = route.scope
    elif route.access in ("reader", "visitor"):
        # A public library asks for no token.
        described["security"] = [{}, {"bearer": []}]
        described["x-scope"] = "read"
    return described


def _describe_parameter(parameter: Parameter, place: str) -> dict[str, Any]:
    required = {"required": True} if parameter.is_required else {}
    return {
        "name": parameter.name,
        "in": place,
        "description": parameter.description,
        "schema": parameter.schema,
        **required,
    }


def _describe_responses(route: Route) -> dict[str, Any]:
    if route.answer is None:
        responses: dict[str, Any] = {"204": {"description": "Done"}}
    else:
        responses = {"200": {"description": "OK", "content": _describe_content(route)}}
    if route.media_type == HTML:
        # The page says in words what a problem says elsewhere.
        for other in (HTTPStatus.NOT_FOUND, Unavailable.status):
            responses[str(other.value)] = {
                "description": f"The page, {other.phrase.lower()}",
                "content": _describe_content(route),
            }
    problem = {"application/problem+json": {"schema": _refer_to(Problem)}}
    for status in sorted(error.status.value for error in _list_errors(route)):
        described = responses.setdefault(str(status), {"description": f"Problem {status}", "content": {}})
        described["content"] |= problem
    return responses


def _list_errors(route: Route) -> set[type[StockroomError]]:
    """What the handler may raise, and the adapter on its behalf."""
    errors = {*route.errors, Unavailable}
    if not route.is_found_by_path:
        # Every other route refuses parameters that it does not have.
        errors.add(BadRequest)
    if route.scope is None:
        errors.add(LimitExceeded)
    if route.access != "anyone":
        errors |= {Unauthenticated, Forbidden}
    if route.body is not None:
        errors |= {TooLarge, UnsupportedMediaType}
    return errors


def _is_struct(shape: type | None) -> bool:
    """Whether the document describes a shape: that of a body or of an answer in JSON."""
    return shape is not None and issubclass(shape, msgspec.Struct) and shape is not TextAnswer


def _describe_content(route: Route) -> dict[str, Any]:
    """The content of a route's answer."""
    if route.answer is TextAnswer:
        media_type = route.media_type.partition(";")[0]
        return {media_type: {"schema": {"type": "object" if media_type.endswith("+json") else "string"}}}
    if route.answer is None or not _is_struct(route.answer):
        return _as_json_content({"type": "object"})
    return _as_json_content(_refer_to(route.answer))


def _refer_to(shape: type) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def _as_json_content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


if __name__ == "__main__":
    DOCUMENT.write_bytes(render(list_routes()))
