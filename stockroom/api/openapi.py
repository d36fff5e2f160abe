"""The OpenAPI 3.1 document, generated from the schemas and the list of operations below.

`python -m stockroom.api.openapi` writes `stockroom/api/openapi.json`, which is committed, shipped and served;
a test fails when it is out of date, and another when it and the Chalice routes disagree.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from stockroom import __version__
from stockroom.api import schemas
from stockroom.uploads import requests

DOCUMENT = Path(__file__).with_name("openapi.json")

UPLOAD = "upload"


@dataclass(frozen=True)
class Parameter:
    """A query or path parameter."""

    name: str
    description: str
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    place: str = "query"

    def document(self) -> dict[str, Any]:
        """Its OpenAPI Parameter Object."""
        described = {
            "name": self.name,
            "in": self.place,
            "description": self.description,
            "schema": self.schema,
        }
        return described | ({"required": True} if self.place == "path" else {})


@dataclass(frozen=True)
class Operation:
    """One route: what it takes, what it answers and which scope it wants (None: public)."""

    method: str
    path: str
    name: str
    summary: str
    answer: type | None
    scope: str | None = None
    body: type | None = None
    parameters: tuple[Parameter, ...] = ()
    errors: tuple[int, ...] = ()


ID = Parameter("id", "Picture id", place="path")
CURSOR = Parameter("cursor", "Where another page begins, from `next` or `previous`; opaque")

OPERATIONS = (
    Operation(
        "post",
        "/api/uploads",
        "createUploads",
        "Ask for the tickets of a whole batch: one answer per file, in request order",
        schemas.UploadResponse,
        UPLOAD,
        requests.UploadRequest,
        errors=(400, 413, 429),
    ),
    Operation(
        "get",
        "/api/uploads",
        "listUploads",
        "My uploads and their states, newest first",
        schemas.UploadPage,
        UPLOAD,
        parameters=(
            Parameter("ids", "Only these uploads: ids separated by commas, at most 500"),
            CURSOR,
            Parameter("limit", "Uploads a page", {"type": "integer", "minimum": 1, "maximum": 100}),
        ),
        errors=(400,),
    ),
    Operation(
        "post",
        "/api/uploads/tickets",
        "renewTickets",
        "Fresh tickets for uploads that are still pending",
        schemas.TicketsResponse,
        UPLOAD,
        requests.TicketsRequest,
        errors=(400,),
    ),
    Operation(
        "delete",
        "/api/uploads/{id}",
        "cancelUpload",
        "Cancel a pending upload",
        None,
        UPLOAD,
        parameters=(ID,),
        errors=(403, 404, 409),
    ),
    Operation(
        "get",
        "/api/images",
        "searchImages",
        "Search: words AND-ed, tags OR-ed, dates; newest first",
        schemas.ImagePage,
        parameters=(
            Parameter("q", 'Words that must all match; #tag; -word; desc:"…" date: from: to: tags:a,b'),
            Parameter(
                "tag",
                "Tags, any of which may match; repeat the parameter",
                {"type": "array", "items": {"type": "string"}},
            ),
            Parameter("from", "First day, YYYY-MM-DD, UTC, inclusive"),
            Parameter("to", "Last day, YYYY-MM-DD, UTC, inclusive"),
            Parameter(
                "orientation",
                "Shape of the picture",
                {"type": "string", "enum": ["landscape", "portrait", "square"]},
            ),
            Parameter("color", "Named colour of the picture"),
            Parameter("license", "SPDX identifier or all-rights-reserved"),
            Parameter("owner", "Display name of the contributor"),
            Parameter("sort", "Order of the results", {"type": "string", "enum": ["newest", "relevance"]}),
            Parameter("limit", "Pictures a page", {"type": "integer", "minimum": 1, "maximum": 100}),
            CURSOR,
            Parameter("since", "Id of the newest picture you know of: an answer no older than it"),
        ),
        errors=(400, 401),
    ),
    Operation(
        "get",
        "/api/images/{id}",
        "getImage",
        "One picture",
        schemas.Image,
        parameters=(ID,),
        errors=(401, 404),
    ),
    Operation(
        "get",
        "/api/images/{id}/similar",
        "listSimilar",
        "Pictures that are like one: they share what is rare about it, and look alike",
        schemas.ImagePage,
        parameters=(
            ID,
            Parameter("limit", "Pictures at most", {"type": "integer", "minimum": 1, "maximum": 50}),
        ),
        errors=(400, 401, 404),
    ),
    Operation(
        "get",
        "/api/words",
        "listWords",
        "Words that begin with a prefix, with counts",
        schemas.WordsResponse,
        parameters=(
            Parameter("prefix", "Beginning of the word"),
            Parameter("limit", "Words at most", {"type": "integer", "minimum": 1, "maximum": 50}),
        ),
        errors=(400, 401),
    ),
    Operation(
        "get",
        "/api/tags",
        "listTags",
        "Tags that begin with a prefix, with counts",
        schemas.TagsResponse,
        parameters=(
            Parameter("prefix", "Beginning of the tag; empty for the commonest tags"),
            Parameter("limit", "Tags at most", {"type": "integer", "minimum": 1, "maximum": 50}),
        ),
        errors=(400, 401),
    ),
    Operation("get", "/api/config", "getConfig", "Limits, accepted types, visibility", schemas.Config),
    Operation(
        "get",
        "/api/health",
        "getHealth",
        "Liveness; touches the database only with deep=1",
        schemas.Health,
        parameters=(Parameter("deep", "1 to ask the database too"),),
    ),
    Operation("get", "/api/openapi.json", "getOpenapi", "This document", dict),
)


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def document() -> dict[str, Any]:
    """The whole OpenAPI document."""
    shapes = [shape for op in OPERATIONS for shape in (op.answer, op.body) if shape not in (None, dict)]
    # UploadRequest.files is raw for the validator's sake; the document shows what each must be.
    shapes += [schemas.Problem, requests.UploadFile]
    _, components = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
    files = components["UploadRequest"]["properties"]["files"]
    files |= {"items": {"$ref": "#/components/schemas/UploadFile"}, "minItems": 1}
    paths: dict[str, dict[str, Any]] = {}
    for op in OPERATIONS:
        paths.setdefault(op.path, {})[op.method] = _operation(op)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stockroom", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _operation(op: Operation) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    if op.answer is None:
        answers["204"] = {"description": "Done"}
    elif op.answer is dict:
        answers["200"] = {"description": "OK", "content": _json({"type": "object"})}
    else:
        answers["200"] = {
            "description": "OK",
            "content": _json({"$ref": f"#/components/schemas/{op.answer.__name__}"}),
        }
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    always = (401, 403) if op.scope else ()
    body = (413, 415) if op.body else ()
    for status in sorted({*always, *body, *op.errors, 503}):
        answers[str(status)] = {"description": f"Problem {status}", "content": problem}
    described: dict[str, Any] = {"operationId": op.name, "summary": op.summary, "responses": answers}
    if op.parameters:
        described["parameters"] = [parameter.document() for parameter in op.parameters]
    if op.body:
        reference = {"$ref": f"#/components/schemas/{op.body.__name__}"}
        described["requestBody"] = {"required": True, "content": _json(reference)}
    if op.scope:
        described["security"] = [{"bearer": []}]
        described["x-scope"] = op.scope
    return described


def rendered() -> bytes:
    """The document as it is committed: stable, indented JSON."""
    return msgspec.json.format(msgspec.json.encode(document(), order="sorted"), indent=1) + b"\n"


if __name__ == "__main__":
    DOCUMENT.write_bytes(rendered())
