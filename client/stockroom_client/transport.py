"""HTTP as the library's API and storage both need it: one client, and which failures are tried again.

Requests block their thread. Storage may answer and close the connection before it has read a whole file, and
the asynchronous client of httpx2 loses such an answer.
"""

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar, cast

import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from stockroom_client import __version__
from stockroom_client.failures import Failure
from stockroom_client.tuning import Tuning

TRANSIENT_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
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
    """The response, whatever its status; a transient Failure when there is none. Follows no redirect."""
    try:
        return http.request(method, url, **arguments)
    except httpx2.RequestError as error:
        detail = f"{httpx2.URL(url).host} cannot be reached: {_describe(error)}"
        raise Failure("network", detail, is_transient=True) from error


def retry(
    call: Callable[[], T],
    tuning: Tuning,
    on_retry: Callable[[Failure, float], None] = lambda _failure, _pause: None,
) -> T:
    """The result of `call`, repeated after transient Failures with exponential backoff or as the server asks.

    A server that will have nothing for hours, such as one whose limit of the day is reached, is asked once.
    `on_retry` gets each Failure and the pause that follows, in seconds. The last Failure is raised.
    """
    backoff = wait_exponential_jitter(
        multiplier=tuning.first_retry, max=tuning.longest_retry, jitter=tuning.first_retry
    )

    def failure(state: RetryCallState) -> Failure:
        return cast("Failure", state.outcome and state.outcome.exception())

    def is_worth_a_retry(error: BaseException) -> bool:
        return (
            isinstance(error, Failure)
            and error.is_transient
            and (error.retry_after or 0) <= tuning.latest_retry
        )

    def pause(state: RetryCallState) -> float:
        seconds = failure(state).retry_after
        return backoff(state) if seconds is None else min(seconds, tuning.longest_retry)

    retrying = Retrying(
        retry=retry_if_exception(is_worth_a_retry),
        stop=stop_after_attempt(tuning.attempts),
        wait=pause,
        before_sleep=lambda state: on_retry(failure(state), state.upcoming_sleep),
        reraise=True,
    )
    return retrying(call)


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
    scheme, host = _split(url)
    return bool(host) and (scheme == "https" or (scheme == "http" and is_loopback(url)))


def is_loopback(url: str) -> bool:
    """Whether this URL leads to this machine."""
    _, host = _split(url)
    try:
        address = ip_address(host)
        # Before Python 3.13, `is_loopback` does not know an IPv4 address inside an IPv6 one.
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return (mapped or address).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _split(url: str) -> tuple[str, str]:
    """Scheme and host; empty ones for what is no URL."""
    try:
        parts = httpx2.URL(url)
    except httpx2.InvalidURL:
        return "", ""
    return parts.scheme, parts.host


def _describe(error: BaseException) -> str:
    """The first cause of a network error, which is the operating system's where there is one."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
