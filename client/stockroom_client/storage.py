"""Sending one file to storage, exactly as its ticket says."""

import html
import re
from collections.abc import Callable, Iterator

import httpx2

from stockroom_client.api import Api
from stockroom_client.contract import Ticket
from stockroom_client.failures import Failure
from stockroom_client.local_file import LocalFile
from stockroom_client.transport import TRANSIENT_STATUSES, is_loopback, is_secure, retry, retry_after, send

BLOCK_SIZE = 256 * 1024  # bytes of one read: small enough for smooth progress, large enough to be cheap
# What a ticket may have the client send; the client adds the length.
TICKET_HEADERS = frozenset({"content-type", "if-none-match", "x-amz-checksum-sha256"})
CHANGING = ("changing", "is being changed by another program")


class FileChanged(Failure):
    """The file is no longer the one that was hashed."""


class TicketExpired(Failure):
    """The ticket's time was over before the file was sent."""


class TicketRefused(Failure):
    """Storage does not accept the ticket, or no longer."""


def put_file(file: LocalFile, ticket: Ticket, api: Api, on_progress: Callable[[int], None]) -> None:
    """Return once storage has the file; a Failure if it will not have it.

    `api` gives the HTTP client and the server's time. `on_progress` gets the number of bytes sent so far.
    """
    _check_ticket(ticket, api.site)
    headers = {**ticket.headers, "Content-Length": str(file.size)}

    def attempt() -> None:
        if api.now() >= ticket.expires.timestamp():
            raise TicketExpired("storage", "the ticket has expired")
        on_progress(0)
        content = _read(file, on_progress)
        _check_response(send(api.http, "PUT", ticket.url, headers=headers, content=content), file)

    retry(attempt, api.tuning)


def _check_ticket(ticket: Ticket, site: str) -> None:
    """A Failure for a ticket that would do something else than upload a file over a safe line.

    Only a library on this machine may name storage on this machine: another one could reach services here
    that it could not reach itself.
    """
    is_ours = is_loopback(site) or not is_loopback(ticket.url)
    if ticket.method != "PUT" or not is_secure(ticket.url) or not is_ours:
        shown = f"{ticket.method} {ticket.url.partition('?')[0]}"
        raise Failure("unsafe-ticket", f"the library asks for something else than a PUT over https: {shown}")
    names = [name.lower() for name in ticket.headers]
    if others := sorted({*names} - TICKET_HEADERS):
        raise Failure(
            "unsafe-ticket", f"the library asks for headers that no upload needs: {', '.join(others)}"
        )
    if len(set(names)) < len(names):
        raise Failure("unsafe-ticket", "the library asks for one header twice")


def _check_response(response: httpx2.Response, file: LocalFile) -> None:
    """Return if storage has the file, and raise what else its answer means."""
    # 412: an object has this key already. It can only be this file, whose earlier answer was lost.
    if response.is_success or response.status_code == 412:
        return
    match = re.search("<Code>([^<]*)</Code>", response.text)
    code = match[1] if match else ""
    message = re.search("<Message>([^<]*)</Message>", response.text)
    reason = html.unescape(message[1]) if message else f"{response.status_code} {response.reason_phrase}"
    detail = f"storage answers: {reason}"
    if response.status_code == 403:
        raise TicketRefused("storage", detail)
    # 409: another PUT of the same key is under way. RequestTimeout: the line was too slow.
    is_transient = response.status_code in {*TRANSIENT_STATUSES, 409} or code == "RequestTimeout"
    # BadDigest is also the answer to a file that was changed and has kept its size and time.
    if not is_transient and (code == "BadDigest" or _has_changed(file)):
        raise FileChanged("changing", detail)
    raise Failure("storage", detail, is_transient=is_transient, retry_after=retry_after(response))


def _read(file: LocalFile, on_progress: Callable[[int], None]) -> Iterator[bytes]:
    """Exactly `file.size` bytes; FileChanged if the file is another one by now."""
    left = file.size
    try:
        with file.path.open("rb", buffering=0) as content:
            if _has_changed(file):
                raise FileChanged(*CHANGING)
            while left:
                block = content.read(min(BLOCK_SIZE, left))
                if not block:
                    raise FileChanged(*CHANGING)
                yield block
                left -= len(block)
                on_progress(file.size - left)
    except OSError as error:
        raise FileChanged(*CHANGING) from error


def _has_changed(file: LocalFile) -> bool:
    """Whether the file is gone, or has another size or time than the one that was hashed."""
    try:
        status = file.path.stat()
    except OSError:
        return True
    return (status.st_size, status.st_mtime_ns) != (file.size, file.mtime_ns)
