"""HTTP as the library's API and storage both need it: one client, and which failures are tried again.

Requests block their thread. Storage may answer and close the connection before it has read a whole file, and
the asynchronous client of httpx2 loses such an answer.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar

import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from stockroom_client import __version__
from stockroom_client.failures import Failure, TransientFailure
from stockroom_client.tuning import Tuning

TRANSIENT_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
LATEST_RETRY = 3600.0  # seconds; a server that asks to be left alone for longer is not asked again
LOOPBACK_PATTERNS = (
    "all://localhost",
    "all://*.localhost",
    "all://127.0.0.0/8",
    "all://[::1]",
    "all://[::ffff:127.0.0.0]/104",
)

T = TypeVar("T")


def open_client() -> httpx2.Client:
    """An HTTP client that uses the environment's proxies, except for servers on this machine."""
    return httpx2.Client(
        headers={"User-Agent": f"stockroom-client/{__version__}"},
        timeout=httpx2.Timeout(60, pool=None),
        limits=httpx2.Limits(keepalive_expiry=60),
        mounts=dict.fromkeys(LOOPBACK_PATTERNS),
    )


def send(http: httpx2.Client, method: str, url: str, **arguments: Any) -> httpx2.Response:
    """The response, whatever its status; a TransientFailure when there is none. Follows no redirect.

    A Failure where nothing can be sent, as the host or a header is no text that HTTP has.
    """
    with network_failures(url):
        return http.request(method, url, **arguments)


@contextmanager
def network_failures(url: str) -> Iterator[None]:
    """Turns what goes wrong on the way to or from `url` into Failures."""
    try:
        yield
    except UnicodeError as error:
        # What cannot be sent may be the token, so it is not said.
        reason = "the name of the host, or a header of the request, is none that HTTP has"
        raise Failure("network", f"{httpx2.URL(url).host} cannot be asked: {reason}") from error
    except httpx2.RequestError as error:
        cause: BaseException = error  # The first cause is the operating system's, where there is one.
        while further := cause.__cause__ or cause.__context__:
            cause = further
        reason = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        raise TransientFailure("network", f"{httpx2.URL(url).host} cannot be reached: {reason}") from error


def refusal(response: httpx2.Response, code: str, detail: str, *, is_transient: bool = False) -> Failure:
    """The Failure that a response is: by its status a transient one, unless the server has nothing for hours.

    The latter says a library, for example, whose limit of the day is reached.
    """
    wait = retry_after(response)
    if (is_transient or response.status_code in TRANSIENT_STATUSES) and (wait or 0) <= LATEST_RETRY:
        return TransientFailure(code, detail, retry_after=wait)
    return Failure(code, detail)


def retry(call: Callable[[], T], tuning: Tuning, note: Callable[[str], None] = lambda _sentence: None) -> T:
    """The result of `call`, repeated after TransientFailures with exponential backoff or as the server asks.

    `note` gets a sentence before each pause. The last failure is raised.
    """
    first, longest = tuning.first_retry, tuning.longest_retry
    backoff = wait_exponential_jitter(multiplier=first, max=longest, jitter=first)

    def pause(state: RetryCallState) -> float:
        failure = state.outcome and state.outcome.exception()
        asked = failure.retry_after if isinstance(failure, TransientFailure) else None
        seconds = backoff(state) if asked is None else min(asked, longest)
        if state.attempt_number < tuning.attempts:
            note(f"{failure}; trying again in {seconds:.0f} s")
        return seconds

    return Retrying(
        retry=retry_if_exception_type(TransientFailure),
        stop=stop_after_attempt(tuning.attempts),
        wait=pause,
        reraise=True,
    )(call)


def retry_after(response: httpx2.Response) -> float | None:
    """The seconds of a Retry-After header, which holds a number or a date; None without a valid one."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def is_secure(url: str) -> bool:
    """Whether nobody on the way can read what is sent to this URL: it is https, or this machine's http."""
    try:
        parts = httpx2.URL(url)
    except httpx2.InvalidURL:
        return False
    return bool(parts.host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url)))


def is_loopback(url: str) -> bool:
    """Whether this URL leads to this machine."""
    host = httpx2.URL(url).host
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    # Before Python 3.13, `is_loopback` does not know an IPv4 address inside an IPv6 one.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
