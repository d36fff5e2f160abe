import base64
import hashlib
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from stockroom.api.schemas import TicketAnswer
from stockroom.images import ids
from stockroom.images.owners import owner_id
from stockroom.images.storage import Storage
from stockroom.resources import Resources
from stockroom.runtime.errors import BadRequest
from stockroom.runtime.timestamps import now
from stockroom.uploads import tickets
from stockroom.uploads.repository import Pending
from tests.factories import ALICE, BOB, Statements, overdue, pending

SHA = hashlib.sha256(b"abc").digest()


def test_a_ticket_signs_exactly_what_binds_it(at: Resources) -> None:
    ticket = tickets.ticket(at, now(), Pending(5, 3, "image/png", SHA))
    url = urlsplit(ticket.url)
    query = parse_qs(url.query)
    assert ticket.method == "PUT"
    assert url.path.endswith("/originals/0000000000005")
    assert query["X-Amz-SignedHeaders"] == [
        "content-length;content-type;host;if-none-match;x-amz-checksum-sha256"
    ]
    assert query["X-Amz-Expires"] == ["900"]
    assert ticket.headers == {
        "content-type": "image/png",
        "if-none-match": "*",
        "x-amz-checksum-sha256": base64.b64encode(SHA).decode(),
    }


def renew(at: Resources, *wanted: str) -> list[TicketAnswer]:
    return tickets.renewed(at, now(), owner_id(at.db, ALICE), list(wanted)).files


def test_renewal_moves_the_deadline_and_answers_in_order(at: Resources) -> None:
    first, second = pending(at, b"1"), pending(at, b"2")
    overdue(at.db, first)
    answers = renew(at, ids.encode(second), ids.encode(first))
    assert [answer.id for answer in answers] == [ids.encode(second), ids.encode(first)]
    assert {answer.state for answer in answers} == {"pending"}
    ((deadline,),) = at.db.query("SELECT deadline FROM image WHERE id = %s", (first,))
    assert deadline > now().replace(tzinfo=None) + timedelta(seconds=900)


def test_renewal_does_not_keep_the_reaper_from_what_has_landed(at: Resources) -> None:
    number = pending(at)
    overdue(at.db, number)
    at.db.execute("UPDATE image SET attempts = 1")
    (answer,) = renew(at, ids.encode(number))
    assert answer.state == "pending"
    assert at.db.query("SELECT deadline < UTC_TIMESTAMP(3) FROM image") == ((1,),)


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_on_aws_the_url_names_the_buckets_regional_host(
    at: Resources, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's Content-Security-Policy allows this host and no other."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    url, _ = Storage(at.settings).presigned_put(5, size=3, media_type="image/png", sha256=SHA, seconds=9)
    assert urlsplit(url).netloc == f"{at.settings.uploads_bucket}.s3.{region}.amazonaws.com"


def test_what_is_not_pending_or_not_mine_is_gone(at: Resources) -> None:
    anothers = pending(at, b"1", BOB)
    ready = pending(at, b"2")
    at.db.execute("UPDATE image SET state = 'ready' WHERE id = %s", (ready,))
    wanted = [ids.encode(anothers), ids.encode(ready), ids.encode(12345), "nonsense"]
    answers = renew(at, *wanted)
    assert [answer.id for answer in answers] == wanted
    assert {answer.state for answer in answers} == {"gone"}


def test_renewal_costs_the_same_for_any_number(at: Resources) -> None:
    numbers = [ids.encode(pending(at, bytes([n]))) for n in range(20)]
    owner = owner_id(at.db, ALICE)
    counts = []
    for wanted in (numbers[:1], numbers):
        with Statements(at.db) as sent:
            tickets.renewed(at, now(), owner, wanted)
        counts.append(sent.count)
    assert counts == [4, 4]


def test_no_ids_cost_nothing_and_too_many_are_refused(at: Resources) -> None:
    assert renew(at) == []
    with pytest.raises(BadRequest):
        renew(at, *["0" * 13] * 501)
