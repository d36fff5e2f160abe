import base64
import hashlib
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from stockroom.images.storage import Storage
from stockroom.resources import Resources
from stockroom.runtime.timestamps import now
from stockroom.uploads import tickets
from stockroom.uploads.repository import PendingRow
from tests.factories import ALICE, BOB, Statements, overdue, owner_of, pending

SHA = hashlib.sha256(b"abc").digest()


def test_a_ticket_signs_exactly_what_binds_it(at: Resources) -> None:
    moment = now()
    ticket = tickets.issue(at.storage, at.settings, moment, PendingRow(5, 3, "image/png", SHA))
    url = urlsplit(ticket.url)
    query = parse_qs(url.query)
    assert ticket.expires_at == moment + timedelta(seconds=at.settings.ticket_seconds)
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


def renew(at: Resources, *image_ids: int) -> dict[int, tickets.Ticket]:
    owner_id = owner_of(at, ALICE)
    return tickets.renew(at.db, at.storage, at.settings, image_ids, owner_id=owner_id, now=now())


def test_renewal_moves_the_deadline(at: Resources) -> None:
    first, second = pending(at, b"1"), pending(at, b"2")
    overdue(at.db, first)
    assert renew(at, second, first).keys() == {first, second}
    ((deadline,),) = at.db.query("SELECT deadline FROM image WHERE id = %s", (first,))
    assert deadline > now().replace(tzinfo=None) + timedelta(seconds=900)


def test_renewal_does_not_keep_the_reaper_from_what_has_landed(at: Resources) -> None:
    number = pending(at)
    overdue(at.db, number)
    at.db.execute("UPDATE image SET attempts = 1")
    assert renew(at, number).keys() == {number}
    assert at.db.query("SELECT deadline < UTC_TIMESTAMP(3) FROM image") == ((1,),)


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_on_aws_the_url_names_the_buckets_regional_host(
    at: Resources, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's Content-Security-Policy allows this host and no other."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    url, _ = Storage(at.settings).presigned_put(5, size=3, media_type="image/png", sha256=SHA, seconds=9)
    assert urlsplit(url).netloc == f"{at.settings.uploads_bucket}.s3.{region}.amazonaws.com"


def test_what_is_not_pending_or_not_mine_gets_no_ticket(at: Resources) -> None:
    anothers = pending(at, b"1", BOB)
    ready = pending(at, b"2")
    at.db.execute("UPDATE image SET state = 'ready' WHERE id = %s", (ready,))
    assert renew(at, anothers, ready, 12345) == {}


def test_renewal_costs_the_same_for_any_number(at: Resources) -> None:
    numbers = [pending(at, bytes([n])) for n in range(20)]
    counts = []
    for image_ids in (numbers[:1], numbers):
        with Statements(at.db) as sent:
            renew(at, *image_ids)
        counts.append(sent.count)
    assert counts == [4, 4]


def test_no_ids_cost_nothing(at: Resources) -> None:
    owner_of(at, ALICE)
    with Statements(at.db) as sent:
        assert renew(at) == {}
    assert sent.count == 0
