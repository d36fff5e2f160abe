import base64
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import botocore.session
import pytest
from botocore.config import Config

from stockroom.images import ids
from stockroom.images.repository.pending import PendingUpload
from stockroom.images.storage import Storage
from stockroom.resources import Resources
from stockroom.runtime.settings import Settings
from stockroom.runtime.timestamps import now
from stockroom.uploads import tickets
from stockroom.uploads.media_types import ACCEPTED
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
    ticket = tickets.issue(resources.storage, resources.settings, moment, [upload])[5]
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


def test_one_line_of_the_log_leads_from_each_picture_to_the_request(
    resources: Resources, logs: Callable[[], str]
) -> None:
    uploads = [PendingUpload(image_id, 3, "image/png", SHA) for image_id in (5, 6)]
    tickets.issue(resources.storage, resources.settings, now(), uploads)
    (line,) = map(json.loads, logs().splitlines())
    assert (line["message"], line["image_ids"]) == ("tickets", ["0000000000005", "0000000000006"])
    tickets.issue(resources.storage, resources.settings, now(), [])
    assert logs() == ""


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


def presign(storage_settings: Settings, upload: PendingUpload) -> str:
    """The URL by a presigner that is botocore's own, with nothing of ours but its documented options."""
    config = Config(
        signature_version="s3v4",
        request_checksum_calculation="when_required",
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    )
    client = botocore.session.get_session().create_client(
        "s3", endpoint_url=storage_settings.s3_endpoint or None, config=config
    )
    url: str = client.generate_presigned_url(
        "put_object",
        Params={
            "Bucket": storage_settings.uploads_bucket,
            "Key": f"originals/{ids.encode(upload.image_id)}",
            "ContentLength": upload.size,
            "ContentType": upload.media_type,
            "IfNoneMatch": "*",
            "ChecksumSHA256": base64.b64encode(upload.sha256).decode(),
        },
        ExpiresIn=storage_settings.ticket_seconds,
    )
    return url


@pytest.mark.parametrize("token", ["", "a/session+token=="])
@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:9000", "http://localhost:9000"])
@pytest.mark.parametrize("bucket", ["stockroom-uploads", "uploads.example.com"])
def test_every_url_is_botocores_own(
    monkeypatch: pytest.MonkeyPatch, bucket: str, endpoint: str, region: str, token: str
) -> None:
    credentials = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "a/secret+key"}
    for name, value in {**credentials, "AWS_SESSION_TOKEN": token, "AWS_DEFAULT_REGION": region}.items():
        monkeypatch.setenv(name, value)
    settings = Settings(uploads_bucket=bucket, s3_endpoint=endpoint)
    storage = Storage(settings)
    for number, media_type in enumerate(ACCEPTED):
        sha256 = hashlib.sha256(media_type.encode()).digest()
        upload = PendingUpload(ids.draw(now(), 1)[0], 10**number, media_type, sha256)
        for _ in range(10):
            theirs = presign(settings, upload)
            ours = tickets.issue(storage, settings, now(), [upload])[upload.image_id].url
            if same_second(ours, theirs):
                break
        assert ours == theirs


def same_second(*urls: str) -> bool:
    """Whether these URLs were signed in one second."""
    return len({parse_qs(urlsplit(url).query)["X-Amz-Date"][0] for url in urls}) == 1
