"""A database that is away: 503 with Retry-After, and all is well by itself when it is back."""

import time

import pytest

from local import mariadb
from tests.integration.api import Person, put
from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack

pytestmark = [pytest.mark.integration, pytest.mark.thorough]


def test_a_stopped_database_is_503_and_loses_nothing(stack: LocalStack) -> None:
    alice, visitor = Person(stack, stack.token("alice", name="Alice")), Person(stack)
    (answer,) = alice.announce(photo := fresh_photo())
    mariadb.stop(stack.layout)
    try:
        for reply in (
            visitor.call("GET", f"/api/images?q=outage{time.time_ns()}"),
            visitor.call("GET", "/api/health?deep=1"),
            alice.call("GET", "/api/uploads"),
            alice.call("POST", "/api/uploads/tickets", {"ids": [answer["id"]]}),
        ):
            assert (reply.status, reply.json["code"]) == (503, "database-unavailable")
            assert int(reply.headers["retry-after"]) > 0
            assert reply.headers["content-type"] == "application/problem+json"
        assert visitor.call("GET", "/api/health").status == 200
        # Storage does not need the database: what was promised a place still gets it.
        assert put(answer["ticket"], photo).status == 200
    finally:
        stack.make("up")
    assert visitor.call("GET", "/api/health?deep=1").status == 200
    assert visitor.call("GET", f"/api/images?q=outage{time.time_ns()}").status == 200
    found = alice.state(answer["id"])
    assert found is not None
    # Its event may still be waiting in the queue; posting the file again would find it ready or pending.
    assert found["state"] in ("pending", "ready")
