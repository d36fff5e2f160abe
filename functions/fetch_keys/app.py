"""Fetches the keys of OpenID providers, as its schedule runs it: no other function has a way out."""

from functools import cache
from typing import Any

import msgspec

from stockroom.api.key_objects import KeySet
from stockroom.images.storage import Storage
from stockroom.oidc.documents import Fetcher, UnusableDocument
from stockroom.oidc.key_sets import fetch_key_set
from stockroom.runtime import settings
from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import key_set_name

MAX_WRITES = 3
"""For a provider whose key set differs from answer to answer."""


class KeysNotFetched(Exception):
    """The keys of an issuer stay what they are; the message says whose and why."""


@cache
def make_fetcher() -> Fetcher:
    return Fetcher()


def _update(storage: Storage, issuer: str) -> KeySet:
    """Write an issuer's key set, and fetch it again until it is what was written.

    Another run may have written newer keys since this one fetched its own, as each hour's may meet the
    operator's. Whoever writes last then sees the newer keys, too.
    """
    written = None
    for _ in range(MAX_WRITES):
        key_set = fetch_key_set(issuer, make_fetcher().fetch)
        if key_set == written:
            break
        storage.write_key_object(key_set_name(issuer), msgspec.json.encode(key_set))
        written = key_set
    return key_set


def handler(_event: object, _context: Any) -> dict[str, int]:
    """Write every issuer's key set; the answer is the number of keys by issuer.

    Raises KeysNotFetched after the last one, if that failed for any: it is then counted as an error.
    """
    current = settings.current()
    storage = Storage(current)
    counts: dict[str, int] = {}
    problems: dict[str, str] = {}
    for issuer in current.oidc_issuers:
        try:
            key_set = _update(storage, issuer)
        except (UnusableDocument, StorageUnavailable) as error:
            problems[issuer] = str(error)
            logger.exception("keys not fetched", extra={"issuer": issuer, "reason": str(error)})
        else:
            counts[issuer] = len(key_set.keys)
            kids = [key.kid for key in key_set.keys]
            logger.info("keys fetched", extra={"issuer": issuer, "kids": kids})
    if problems:
        raise KeysNotFetched("; ".join(f"{issuer}: {reason}" for issuer, reason in problems.items()))
    return counts
