"""Taking pictures down, and reading the change log, through the API as an administrator."""

from collections.abc import Iterator
from typing import Any

from operations.admin_api import ask
from operations.picture_id import read_picture_id
from stockroom.curation.requests import MAX_TAKE_DOWNS
from tooling.errors import ToolError


def take_down(
    site: str, token: str, *, ids: list[str], reason: str, same_content: bool
) -> list[dict[str, Any]]:
    """What became of each picture, and of each other one of the same contents. Raises ToolError.

    `site` is the address of the library, and `token` an administrator's.
    """
    if not ids or not reason.strip():
        raise ToolError("which pictures, and why? Give IDS= and REASON=; the reason is kept in the log")
    for each in ids:
        read_picture_id(each)
    answers = []
    for first in range(0, len(ids), MAX_TAKE_DOWNS):
        body = {"ids": ids[first : first + MAX_TAKE_DOWNS], "reason": reason, "same_content": same_content}
        answers += ask(site, token, "POST", "/api/images/takedown", body)["images"]
    return answers


def read_log(site: str, token: str, *, image: str) -> Iterator[dict[str, Any]]:
    """The entries of the change log, the newest first: of one picture, or all. Raises ToolError."""
    if image:
        read_picture_id(image)
    question = f"&image={image}" if image else ""
    cursor = ""
    while True:
        page = ask(site, token, "GET", f"/api/log?limit=100{question}{cursor}")
        yield from page["entries"]
        if page["next"] is None:
            return
        cursor = f"&cursor={page['next']}"
