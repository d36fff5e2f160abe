"""The library's HTTP API: one method a route. Passing failures are retried; what remains is an ApiError."""

import json
import time
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import urlencode, urljoin

from stockroom_client.contract import (
    Config,
    ImagePage,
    Metadata,
    TicketAnswer,
    Upload,
    UploadAnswer,
    UploadFile,
    UploadPage,
)
from stockroom_client.retry import PASSING, Retry, Stop, retry_after
from stockroom_client.transport import NetworkError, Response, Transport

IDS_A_REQUEST = 250  # 14 characters each: well below the 8 kB that servers take as a URL


class ApiError(Exception):
    """The server's refusal in words; `status` 0 means that it could not be reached."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code


class Api:
    """A library at `url` (its site), as the holder of `token` (may be empty for what is public)."""

    def __init__(
        self,
        url: str,
        token: str,
        transport: Transport,
        *,
        retry: Retry | None = None,
        stop: Stop | None = None,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.site = url.rstrip("/") + "/"
        self._token = token
        self._transport = transport
        self._retry = retry or Retry()
        self._stop = stop or Stop()
        self._note = note
        self._ahead = 0.0

    def now(self) -> float:
        """Unix time by the server's clock: expiry times are the server's."""
        return time.time() + self._ahead

    def link(self, path: str) -> str:
        """The full URL of a site-relative one."""
        return urljoin(self.site, path)

    def config(self) -> Config:
        """The library's limits."""
        return cast(Config, self._call("GET", "api/config"))

    def create(self, files: Sequence[UploadFile], shared: Metadata) -> list[UploadAnswer]:
        """Ask for the tickets of a batch; one answer a file, in order. Safe to repeat."""
        answer = self._call("POST", "api/uploads", {"shared": shared, "files": list(files)})
        return cast(list[UploadAnswer], answer["files"])

    def tickets(self, ids: Sequence[str]) -> list[TicketAnswer]:
        """Fresh tickets for pending uploads; one answer an id, in order."""
        return cast(
            list[TicketAnswer], self._call("POST", "api/uploads/tickets", {"ids": list(ids)})["files"]
        )

    def uploads(self, ids: Sequence[str]) -> list[Upload]:
        """The states of these uploads; those that no longer exist are missing."""
        found: list[Upload] = []
        for start in range(0, len(ids), IDS_A_REQUEST):
            parameters = {"ids": ",".join(ids[start : start + IDS_A_REQUEST])}
            page = self.my_uploads(parameters)
            found += page["uploads"]
            while page["next"]:
                page = self.my_uploads({**parameters, "cursor": page["next"]})
                found += page["uploads"]
        return found

    def my_uploads(self, parameters: dict[str, str]) -> UploadPage:
        """One page of my uploads, newest first."""
        return cast(UploadPage, self._call("GET", "api/uploads?" + urlencode(parameters, safe=",")))

    def cancel(self, upload: str) -> None:
        """Give up a pending upload."""
        self._call("DELETE", f"api/uploads/{upload}")

    def images(self, parameters: Sequence[tuple[str, str]]) -> ImagePage:
        """One page of a search."""
        # Sorted, because a CDN may keep the order of parameters in its key.
        return cast(ImagePage, self._call("GET", "api/images?" + urlencode(sorted(parameters))))

    def _call(self, method: str, path: str, content: object = None) -> Any:
        headers = {"Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = None
        if content is not None:
            data = json.dumps(content).encode()
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(data))}
            body = lambda: [data]  # noqa: E731
        for attempt in range(1, self._retry.attempts + 1):
            self._stop.check()
            asked = None
            try:
                response = self._transport.request(method, self.site + path, headers, body)
            except NetworkError as error:
                failure = ApiError(0, "network", str(error))
            else:
                self._keep_time(response)
                if response.status < 300:
                    return _json(response) if response.body else None
                failure = _failure(response, self.site)
                if response.status not in PASSING:
                    break
                asked = retry_after(response)
            if attempt < self._retry.attempts:
                delay = self._retry.delay(attempt, asked)
                self._note(f"{failure}; trying again in {delay:.0f} s")
                self._stop.pause(delay)
        raise failure

    def _keep_time(self, response: Response) -> None:
        if "Age" in response.headers:
            return  # from a cache: the date is that of the original answer
        try:
            self._ahead = parsedate_to_datetime(response.headers.get("Date", "")).timestamp() - time.time()
        except ValueError:
            return


def _json(response: Response) -> Any:
    try:
        return json.loads(response.body)
    except ValueError:
        raise ApiError(
            response.status, "not-json", "the answer is not JSON: is the URL a Stockroom library?"
        ) from None


def _failure(response: Response, site: str) -> ApiError:
    """Problem details in words; anything else by its status."""
    if 300 <= response.status < 400:
        place = response.headers.get("Location", "elsewhere")
        return ApiError(response.status, "redirect", f"{site} sends us to {place}: use that address as --url")
    try:
        problem = json.loads(response.body)
        words = str(problem["detail"] or problem["title"])
        places = [f"{place['pointer']}: {place['detail']}" for place in problem.get("errors", [])]
        return ApiError(response.status, str(problem["code"]), "; ".join([words, *places]))
    except (ValueError, KeyError, TypeError):
        return ApiError(
            response.status, f"http-{response.status}", f"{site} answers {response.status} {response.reason}"
        )
