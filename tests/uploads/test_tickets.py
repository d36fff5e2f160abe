import base64
import hashlib
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from stockroom.images.repository.pending import PendingUpload
from stockroom.resources import Resources
from stockroom.runtime.timestamps import now
from stockroom.uploads import tickets
from tests.factories import ALICE, BOB, Statements, make_overdue, owner_of, pending, ready

SHA = hashlib.sha256(b"abc").digest()


def renew(resources: Resources, *image_ids: int) -> dict[int, tickets.Ticket]:
    owner_id = owner_of(resources, ALICE)
    return tickets.renew(
        resources.db, resources.storage, resources.settings, image_ids, owner_id=owner_id, now=now()
    )


def test_a_ticket_signs_exactly_what_binds_it(resources: Resources) -> None:
    moment = now()
    upload = PendingUpload(5, 3, "image/png", SHA)
    ticket = tickets.issue(resources.storage, resources.settings, moment, upload)
    url = urlsplit(ticket.url)
    query = parse_qs(url.query)
    assert ticket.expires_at == moment + timedelta(seconds=resources.settings.ticket_seconds)
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


def test_renewal_moves_the_deadline(resources: Resources) -> None:
    first, second = pending(resources, b"1"), pending(resources, b"2")
    make_overdue(resources.db, first)
    assert renew(resources, second, first).keys() == {first, second}
    ((deadline,),) = resources.db.query("SELECT deadline FROM image WHERE id = %s", (first,))
    assert deadline > now().replace(tzinfo=None) + timedelta(seconds=900)


def test_renewal_does_not_keep_the_reaper_from_what_has_landed(resources: Resources) -> None:
    image_id = pending(resources)
    make_overdue(resources.db, image_id)
    resources.db.execute("UPDATE image SET attempts = 1")
    assert renew(resources, image_id).keys() == {image_id}
    assert resources.db.query("SELECT deadline < UTC_TIMESTAMP(3) FROM image") == ((1,),)


def test_an_upload_that_is_not_pending_or_not_the_owners_gets_no_ticket(resources: Resources) -> None:
    anothers = pending(resources, b"1", BOB)
    ready_id = ready(resources, b"2")
    assert renew(resources, anothers, ready_id, 12345) == {}


def test_renewal_costs_the_same_for_any_number(resources: Resources) -> None:
    image_ids = [pending(resources, bytes([n])) for n in range(20)]
    counts = []
    for some in (image_ids[:1], image_ids):
        with Statements(resources.db) as sent:
            renew(resources, *some)
        counts.append(sent.count)
    assert counts == [4, 4]  # START, lock, one update, COMMIT


def test_no_ids_cost_nothing(resources: Resources) -> None:
    owner_of(resources, ALICE)
    with Statements(resources.db) as sent:
        assert renew(resources) == {}
    assert sent.count == 0
