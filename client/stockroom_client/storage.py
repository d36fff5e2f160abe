"""Sending one file to storage, exactly as its ticket says."""

import html
import re
from collections.abc import Callable, Iterator

import httpx2

from stockroom_client.api import Api
from stockroom_client.contract import Ticket
from stockroom_client.failures import Failure
from stockroom_client.local_file import LocalFile
from stockroom_client.transport import TRANSIENT_STATUSES, is_loopback, is_secure, refusal, retry, send

BLOCK_SIZE = 256 * 1024  # bytes of one read: small enough for smooth progress, large enough to be cheap
TICKET_HEADERS = frozenset({"content-type", "if-none-match", "x-amz-checksum-sha256"})
EXPIRED = "ExpiredToken"
"""The session that has signed a URL has ended, which S3 says with the status 400."""
BROKEN_CONNECTION = frozenset({"RequestTimeout", "IncompleteBody"})
"""The line was still for 20 seconds, or broke in the middle of the file. S3 says both with the status 400."""


class FileChanged(Failure):
    """The file is no longer the one that was hashed."""


class TicketRefused(Failure):
    """Storage does not accept the ticket."""


class TicketExpired(Failure):
    """The ticket's time was over before the file was sent."""


def put_file(file: LocalFile, ticket: Ticket, api: Api, note: Callable[[str], None]) -> None:
    """Return once storage has the file; a Failure if it will not have it. `file.sent` counts its bytes.

    `api` gives the HTTP client and the server's time. `note` gets a sentence for the user before each retry.
    """
    headers = _check_ticket(ticket, api.site) | {"content-length": str(file.size)}

    def attempt() -> None:
        if api.now() >= ticket.expires.timestamp():
            raise TicketExpired("storage", "the ticket has expired")
        _check_response(send(api.http, "PUT", ticket.url, headers=headers, content=_read(file)), file)

    retry(attempt, api.tuning, note)


def _check_ticket(ticket: Ticket, site: str) -> dict[str, str]:
    """The ticket's headers; a Failure for a ticket that would do more than upload a file over a safe line.

    Only a library on this machine may name storage on this machine: another one could reach services here
    that it could not reach itself.
    """
    is_put = ticket.method == "PUT" and is_secure(ticket.url)
    if not is_put or (is_loopback(ticket.url) and not is_loopback(site)):
        shown = f"{ticket.method} {ticket.url.partition('?')[0]}"
        raise Failure("unsafe-ticket", f"the library asks for something else than a PUT over https: {shown}")
    headers = {name.lower(): value for name, value in ticket.headers.items()}
    if others := headers.keys() - TICKET_HEADERS:
        raise Failure(
            "unsafe-ticket", f"the library asks for headers that no upload needs: {', '.join(others)}"
        )
    return headers


def _check_response(response: httpx2.Response, file: LocalFile) -> None:
    """Return if storage has the file, and raise what else its answer means."""
    # 412: an object has this key already. It can only be this file, whose earlier answer was lost.
    if response.is_success or response.status_code == 412:
        return
    error = read_error(response.text)
    code, reason = error.get("Code"), error.get("Message")
    detail = f"storage answers: {reason or f'{response.status_code} {response.reason_phrase}'}"
    if response.status_code == 403 or code == EXPIRED:
        raise TicketRefused("storage", detail)
    # 409: another PUT of the same key is under way.
    is_transient = response.status_code in {*TRANSIENT_STATUSES, 409} or code in BROKEN_CONNECTION
    # BadDigest is also the answer to a file that was changed and has kept its size and time.
    if not is_transient and (code == "BadDigest" or _has_changed(file)):
        raise FileChanged("changing", detail)
    raise refusal(response, "storage", detail, is_transient=is_transient)


def read_error(text: str) -> dict[str, str]:
    """The `Code` and the `Message` of an error of S3, whose answer is XML; nothing of any other answer."""
    return {name: html.unescape(value) for name, value in re.findall("<(Code|Message)>([^<]*)<", text)}


def _read(file: LocalFile) -> Iterator[bytes]:
    """Exactly `file.size` bytes; FileChanged if the file is another one by now."""
    changed = FileChanged("changing", "is being changed by another program")
    file.sent = 0
    try:
        with file.path.open("rb", buffering=0) as content:
            if _has_changed(file):
                raise changed
            while file.sent < file.size:
                block = content.read(min(BLOCK_SIZE, file.size - file.sent))
                if not block:
                    raise changed
                yield block
                file.sent += len(block)
    except OSError as error:
        raise changed from error


def _has_changed(file: LocalFile) -> bool:
    """Whether the file is gone, or has another size or time than the one that was hashed."""
    try:
        status = file.path.stat()
    except OSError:
        return True
    return (status.st_size, status.st_mtime_ns) != (file.size, file.mtime_ns)
