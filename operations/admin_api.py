"""Requests to the API of a library as an administrator."""

import http
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from tooling.errors import ToolError


def ask(site: str, token: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """The answer of the library itself: neither a proxy nor another address gets the token.

    `site` is the address of the library. Raises ToolError for any answer but 200.
    """
    address = urlsplit(site)
    is_local = address.scheme == "http"
    make = http.client.HTTPConnection if is_local else http.client.HTTPSConnection
    connection = make(address.netloc, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        hint = ": run `make up`" if is_local else ""
        raise ToolError(f"nothing answers at {site}{hint} ({error})") from error
    finally:
        connection.close()
    if response.status != http.HTTPStatus.OK:
        raise ToolError(f"the API answers {response.status}: {text}")
    return json.loads(text)
