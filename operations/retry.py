"""Having failed uploads processed again, through the API as an administrator."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args

from operations.admin_api import ask
from operations.picture_id import read_picture_id
from stockroom.images.states import FailureCode
from stockroom.uploads.requests import MAX_RETRIES
from tooling.errors import ToolError

CODES = get_args(FailureCode)


def retry(site: str, token: str, *, ids: list[str], code: str) -> dict[str, int]:
    """How many uploads became what, by the states of the API's answer. Raises ToolError.

    `site` is the address of the library, and `token` an administrator's.
    """
    if ids and code:
        raise ToolError("which uploads? Give either IDS= or CODE=")
    if code and code not in CODES:
        raise ToolError(f"there is no code {code!r}: the codes are {', '.join(CODES)}")
    for each in ids:
        read_picture_id(each)
    states: Counter[str] = Counter()
    bodies: list[dict[str, Any]] = [{"code": code} if code else {}]
    if ids:
        bodies = [{"ids": ids[first : first + MAX_RETRIES]} for first in range(0, len(ids), MAX_RETRIES)]
    for body in bodies:
        for answer in _answers(site, token, body):
            states.update(file["state"] for file in answer["files"])
    return dict(states)


def _answers(site: str, token: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    while True:
        answer = ask(site, token, "POST", "/api/uploads/retry", body)
        yield answer
        if answer["next"] is None:
            return
        body = body | {"cursor": answer["next"]}
