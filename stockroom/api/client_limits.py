"""A limit on requests without a token, by client address: the last one, behind the CDN and the HTTP API.

Each process counts for itself, in token buckets. So no request costs a lookup elsewhere, and a client that
reaches several processes gets as much of each. docs/operate.md says what the limits before this one promise.
"""

import hmac
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address, ip_address, ip_network

from stockroom.runtime.errors import LimitExceeded

MAX_CLIENTS = 10_000
"""Addresses that are remembered; beyond that, the one not seen for longest is forgotten and starts anew."""
BURST_SECONDS = 10
"""A client that was silent for so long may send everything that it could have sent meanwhile at once."""
CDN_HEADER = "x-stockroom-cdn"
"""By this header the CDN proves that a request comes through it; its value is the setting `cdn_secret`."""


class ClientLimits:
    """Token buckets of one process: `rate` requests a second for each client; `clock` returns seconds."""

    def __init__(self, rate: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = rate * BURST_SECONDS
        self._clock = clock
        # Tokens that are left, and when they were counted; the client seen last comes last.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, client: str) -> None:
        """Take one token of a client; LimitExceeded says when there is one again. Rate 0 has no limit."""
        if not self._rate:
            return
        now = self._clock()
        tokens, counted_at = self._buckets.pop(client, (float(self._burst), now))
        tokens = min(self._burst, tokens + (now - counted_at) * self._rate)
        self._buckets[client] = (tokens - 1 if tokens >= 1 else tokens, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        if tokens < 1:
            raise LimitExceeded(
                "Too many requests from your address; slow down.",
                code="too-many-requests",
                seconds=math.ceil((1 - tokens) / self._rate),
            )


def has_proof(headers: Mapping[str, str], cdn_secret: str) -> bool:
    """Whether a request proves that it comes through the CDN; none does where there is no secret."""
    given = headers.get(CDN_HEADER, "")
    return bool(cdn_secret) and hmac.compare_digest(given.encode(), cdn_secret.encode())


def find_client(headers: Mapping[str, str], source_ip: str, cdn_secret: str) -> str:
    """The client that a request is counted for: an IPv4 address, or the /64 network of an IPv6 address.

    `source_ip` is who has connected to the HTTP API: the CDN, or a client where there is none. Of
    `X-Forwarded-For` only the last entry that the CDN has added is believed, and only where the request
    proves that it comes through the CDN: whoever connects can write anything before that entry.
    """
    address = source_ip
    if has_proof(headers, cdn_secret):
        forwarded = [entry.strip() for entry in headers.get("x-forwarded-for", "").split(",")]
        # The HTTP API adds the CDN, which has connected to it, behind the viewer, whom the CDN has added.
        if forwarded[-1] == source_ip:
            forwarded.pop()
        address = (forwarded[-1] if forwarded else "") or source_ip
    return _group(address)


def _group(address: str) -> str:
    """One subscriber has a whole /64 network of IPv6, so its addresses count as one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)
