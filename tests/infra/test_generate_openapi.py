import json
from typing import Any

from infra.declared_routes import list_routes
from infra.generate_openapi import generate, render


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [name for value in node.values() for name in _references(value)]
    return [name for value in node for name in _references(value)] if isinstance(node, list) else []


def test_every_reference_resolves() -> None:
    document = json.loads(render(list_routes()))
    schemas = document["components"]["schemas"]
    references = _references(document)
    assert references
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in schemas


def test_operations_have_names_of_their_own() -> None:
    names = [route.operation_id for route in list_routes()]
    assert len(set(names)) == len(names)


def test_codes_are_enumerations() -> None:
    schemas = generate(list_routes())["components"]["schemas"]
    codes = {name: set(schemas[name]["properties"]["code"]["enum"]) for name in ("Problem", "FileError")}
    assert "unknown-parameter" in codes["Problem"]
    assert schemas["ErrorPlace"]["properties"]["code"] == schemas["Problem"]["properties"]["code"]
    # A rejection at the upload, a refusal by the decoder, and what the reaper says at last.
    assert {"changed", "unsupported-type", "truncated", "processing-failed"} <= codes["FileError"]
    assert "token-missing" not in codes["FileError"]


def test_headers_of_requests_are_parameters() -> None:
    (header,) = (
        each
        for each in generate(list_routes())["paths"]["/api/images/{id}"]["patch"]["parameters"]
        if each["in"] == "header"
    )
    assert (header["name"], header["required"]) == ("If-Match", True)
