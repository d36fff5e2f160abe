"""The library's HTTP API: one method for each route. Whatever fails in the end is a Failure."""

import json
import time
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urljoin

import httpx2
import msgspec

from stockroom_client.contract import (
    UNREADABLE,
    Changed,
    Config,
    EditAnswer,
    Image,
    OriginalLink,
    Page,
    Problem,
    Upload,
)
from stockroom_client.failures import Failure
from stockroom_client.transport import refusal, retry, send
from stockroom_client.tuning import Tuning

IDS_PER_REQUEST = 250  # 14 characters each keep the URL well below the 8 kB that servers accept
PAGE_SIZE = 100
PICTURES_PER_REQUEST = 500

T = TypeVar("T")


class Api:
    """The library at `site`, as the holder of `token`, which may be empty for public routes.

    `note` gets a sentence for the user before each retry.
    """

    def __init__(
        self, site: str, token: str, http: httpx2.Client, tuning: Tuning, note: Callable[[str], None]
    ) -> None:
        self.site = site.rstrip("/") + "/"
        self.http = http
        self.tuning = tuning
        self._headers = {"Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self.note = note
        self._clock_offset = 0.0
        self._has_answered = False  # Until then a broken connection means a wrong URL rather than bad luck.

    def now(self) -> float:
        """Unix time by the server's clock, which is the one that tickets expire by."""
        return time.time() + self._clock_offset

    def link(self, image: Image) -> str:
        """The absolute URL of a picture."""
        if "720p" not in image.urls:
            raise self._unexpected()
        return urljoin(self.site, image.urls["720p"])

    def parse(self, kind: type[T], entries: list[dict[str, Any]]) -> list[T]:
        """The entries of a page, as values of a type of the contract."""
        try:
            return [msgspec.convert(entry, kind) for entry in entries]
        except msgspec.ValidationError:
            raise self._unexpected() from None

    def get_config(self) -> Config:
        """The library's limits."""
        return self._call(Config, "GET", "config")

    def create_uploads(self, files: Sequence[dict[str, Any]], shared: dict[str, Any]) -> list[Upload]:
        """One answer for each file, in order. The request can be repeated safely."""
        body = {"shared": shared, "files": files}
        return self._answer_each(len(files), "uploads", body)

    def renew_tickets(self, ids: Sequence[str]) -> list[Upload]:
        """One answer for each upload, in order."""
        return self._answer_each(len(ids), "uploads/tickets", {"ids": ids})

    def cancel_upload(self, upload_id: str) -> None:
        """Withdraw a pending upload."""
        self._call(type(None), "DELETE", f"uploads/{upload_id}")

    def get_uploads(self, upload_ids: Sequence[str]) -> list[dict[str, Any]]:
        """These uploads, in no particular order, without those that no longer exist."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(upload_ids), IDS_PER_REQUEST):
            ids = ",".join(upload_ids[start : start + IDS_PER_REQUEST])
            found += self._collect("uploads", [("ids", ids)], IDS_PER_REQUEST).uploads
        return found

    def list_uploads(self, limit: int) -> list[dict[str, Any]]:
        """The contributor's newest uploads."""
        return self._collect("uploads", [("limit", str(min(PAGE_SIZE, limit)))], limit).uploads

    def search_images(self, query: Sequence[tuple[str, str]], limit: int) -> Page:
        """The first pictures that a search finds."""
        return self._collect("images", [*query, ("limit", str(min(PAGE_SIZE, limit)))], limit)

    def get_image(self, image_id: str) -> dict[str, Any] | None:
        """A picture with all its fields; None when there is none."""
        try:
            return self._call(dict[str, Any], "GET", f"images/{quote(image_id, safe='')}")
        except Failure as failure:
            if failure.code == "not-found":
                return None
            raise

    def edit_images(self, ids: Sequence[str], change: dict[str, Any]) -> list[EditAnswer]:
        """One answer for each picture, in order. The request can be repeated safely."""
        body = {"ids": ids, **change}
        answers = self._call(dict[str, list[EditAnswer]], "POST", "images/edit", body).get("images", [])
        if [answer.id for answer in answers] != list(ids):
            raise self._unexpected()
        return answers

    def delete_images(self, ids: Sequence[str]) -> list[Changed]:
        """One answer for each picture, in order. The request can be repeated safely."""
        return self._change("delete", ids)

    def restore_images(self, ids: Sequence[str]) -> list[Changed]:
        """One answer for each picture, in order. The request can be repeated safely."""
        return self._change("restore", ids)

    def _change(self, action: str, ids: Sequence[str]) -> list[Changed]:
        answers: list[Changed] = []
        for start in range(0, len(ids), PICTURES_PER_REQUEST):
            some = list(ids[start : start + PICTURES_PER_REQUEST])
            changed = self._call(dict[str, list[Changed]], "POST", f"images/{action}", {"ids": some})
            answers += changed.get("images", [])
        if [answer.id for answer in answers] != list(ids):
            raise self._unexpected()
        return answers

    def get_original(self, image_id: str, *, with_metadata: bool) -> OriginalLink:
        """A link to the original of a picture, or to a copy that carries the present metadata."""
        query = "?metadata=1" if with_metadata else ""
        return self._call(OriginalLink, "GET", f"images/{quote(image_id, safe='')}/original{query}")

    def _answer_each(self, count: int, path: str, body: object) -> list[Upload]:
        uploads = self._call(dict[str, list[Upload]], "POST", path, body).get("files", [])
        if len(uploads) != count:
            raise self._unexpected()
        return uploads

    def _collect(self, path: str, query: Sequence[tuple[str, str]], limit: int) -> Page:
        """The first `limit` entries of all pages, as one page."""
        entries: list[dict[str, Any]] = []
        cursor: list[tuple[str, str]] = []
        while True:
            # Caches compare URLs as text, so the parameters are sorted.
            page = self._call(Page, "GET", f"{path}?{urlencode(sorted([*query, *cursor]), safe=',')}")
            entries += getattr(page, path)
            if not page.next or len(entries) >= limit:
                return msgspec.structs.replace(page, **{path: entries[:limit]})
            cursor = [("cursor", page.next)]

    def _call(self, answer: type[T], method: str, path: str, body: object = None) -> T:
        # Unlike msgspec, json can write what an argument on the command line has that is no UTF-8.
        content = None if body is None else json.dumps(body).encode()
        headers = self._headers | ({"Content-Type": "application/json"} if content else {})

        def request() -> T:
            url = f"{self.site}api/{path}"
            try:
                response = send(self.http, method, url, headers=headers, content=content)
            except Failure as failure:
                if self._has_answered:
                    raise
                raise Failure(failure.code, f"{failure}: is {self.site} the right URL?") from failure
            self._has_answered = True
            self._set_clock(response)
            if not response.is_success:
                raise _failure(response, self.site)
            try:
                return msgspec.json.decode(response.content or b"null", type=answer)
            except UNREADABLE:
                raise self._unexpected() from None

        return retry(request, self.tuning, self.note)

    def _unexpected(self) -> Failure:
        detail = f"{self.site} does not answer like a Stockroom library: is the URL right?"
        return Failure("unexpected-answer", detail)

    def _set_clock(self, response: httpx2.Response) -> None:
        if "Age" in response.headers:
            return  # A cache sends the date of the original answer.
        try:
            server_time = parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
        except ValueError:
            return
        self._clock_offset = server_time - time.time()


def _failure(response: httpx2.Response, site: str) -> Failure:
    """The problem details of a response in words; without them, the response's status."""
    status = response.status_code
    try:
        problem = msgspec.json.decode(response.content, type=Problem)
        code = problem.code
        errors = [f"{error.get('pointer')}: {error.get('detail')}" for error in problem.errors]
        detail = "; ".join([problem.detail, *errors])
    except UNREADABLE:  # Something in front of the library has answered, a proxy for example.
        code, detail = f"http-{status}", f"{site} answers {status} {response.reason_phrase}"
        if response.has_redirect_location:
            detail = f"{site} redirects to {response.headers['Location']}: use that address as --url"
    if status == 401:
        detail += " Put a new token or sign-in link into STOCKROOM_TOKEN."
    failure = refusal(response, code, detail)
    failure.is_denial = status in {401, 403}
    return failure
