"""Having failed uploads processed again, through the API as an administrator."""

import http
import http.client
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from local import keys
from local.layout import Layout
from stockroom.uploads.requests import MAX_RETRIES
from tooling.errors import ToolError
from tooling.ports import HOST


def retry(layout: Layout, *, ids: list[str], code: str) -> dict[str, int]:
    """How many uploads became what, by the states of the API's answer. Raises ToolError."""
    states: Counter[str] = Counter()
    bodies: list[dict[str, Any]] = [{"code": code} if code else {}]
    if ids:
        bodies = [{"ids": ids[first : first + MAX_RETRIES]} for first in range(0, len(ids), MAX_RETRIES)]
    for body in bodies:
        for answer in _answers(layout, body):
            states.update(file["state"] for file in answer["files"])
    return dict(states)


def _answers(layout: Layout, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    token = keys.token(layout, subject="operator", scopes="admin", days=1 / 24)
    while True:
        answer = _post(layout, body, token)
        yield answer
        if answer["next"] is None:
            return
        body = body | {"cursor": answer["next"]}


def _post(layout: Layout, body: dict[str, Any], token: str) -> dict[str, Any]:
    """The answer of the stack itself: neither a proxy nor another address gets the token."""
    connection = http.client.HTTPConnection(HOST, layout.port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        connection.request("POST", "/api/uploads/retry", json.dumps(body).encode(), headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise ToolError(f"nothing answers at {layout.url}: run `make up` ({error})") from error
    finally:
        connection.close()
    if response.status != http.HTTPStatus.OK:
        raise ToolError(f"the API answers {response.status}: {text}")
    answer: dict[str, Any] = json.loads(text)
    return answer
