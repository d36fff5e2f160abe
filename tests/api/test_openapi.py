import json
from typing import Any

from functions.search.app import app as search
from functions.upload_url.app import app as upload_url
from stockroom.api import openapi


def test_the_committed_document_is_the_generated_one() -> None:
    assert openapi.DOCUMENT.read_bytes() == openapi.rendered(), "run: make openapi"


def test_routes_and_document_agree() -> None:
    routed = {
        (method.lower(), path.replace("{image_id}", "{id}"))
        for app in (upload_url, search)
        for path, methods in app.routes.items()
        for method in methods
    }
    documented = {(operation.method, operation.path) for operation in openapi.OPERATIONS}
    assert routed == documented


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [name for value in node.values() for name in _references(value)]
    return [name for value in node for name in _references(value)] if isinstance(node, list) else []


def test_every_reference_resolves() -> None:
    document = json.loads(openapi.rendered())
    schemas = document["components"]["schemas"]
    references = _references(document)
    assert references
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in schemas
