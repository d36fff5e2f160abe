"""The search function in this process: events in, answers out."""

import contextlib
import os
from typing import Any

from msgspec.structs import fields

from stockroom.runtime.database import Database
from stockroom.runtime.settings import PREFIX, Settings

_NOWHERE = open(os.devnull, "w")  # noqa: SIM115  the function's logger keeps it as long as the process lives


def load_search_function(settings: Settings) -> Database:
    """Import the function with these settings; the database connection that it uses.

    A process has one such function, so the settings of the first call stay in force.
    """
    for one in fields(settings):
        value = getattr(settings, one.name)
        os.environ[PREFIX + one.name.upper()] = ",".join(value) if isinstance(value, tuple) else str(value)
    # Every request comes from one client here.
    os.environ[PREFIX + "CLIENT_RATE"] = "0"
    os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "bench")
    with contextlib.redirect_stdout(_NOWHERE):
        import functions.search.app  # noqa: F401
    from stockroom.resources import resources

    return resources().db


def ask(query: str) -> str:
    """The body of the answer to `GET /api/images` with this query string."""
    from functions.search.app import app

    with contextlib.redirect_stdout(_NOWHERE):
        answer = app(_make_event(query), None)
    assert answer["statusCode"] == 200, answer
    return str(answer["body"])


def _make_event(query: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": "GET /api/images",
        "rawPath": "/api/images",
        "rawQueryString": query,
        "headers": {},
        "requestContext": {"http": {"method": "GET", "path": "/api/images"}, "requestId": "bench"},
        "isBase64Encoded": False,
    }
