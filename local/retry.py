"""Having failed uploads processed again, through the API as an administrator."""

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from typing import Any

from local import keys
from local.layout import Layout
from tooling.errors import ToolError


def retry(layout: Layout, *, ids: list[str], code: str) -> dict[str, int]:
    """How many uploads became what, by the states of the API's answer. Raises ToolError."""
    states: Counter[str] = Counter()
    for answer in _answers(layout, {"ids": ids} if ids else {"code": code} if code else {}):
        states.update(file["state"] for file in answer["files"])
    return dict(states)


def _answers(layout: Layout, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    token = keys.token(layout, subject="operator", scopes="admin", days=1 / 24)
    while True:
        answer = _post(f"{layout.url}/api/uploads/retry", body, token)
        yield answer
        if answer["next"] is None:
            return
        body = body | {"cursor": answer["next"]}


def _post(url: str, body: dict[str, Any], token: str) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310  the local stack, over HTTP
        url,
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
            answer: dict[str, Any] = json.load(response)
            return answer
    except urllib.error.HTTPError as error:
        raise ToolError(f"the API answers {error.code}: {error.read().decode()}") from error
    except OSError as error:
        raise ToolError(f"nothing answers at {url}: run `make up` ({error})") from error
