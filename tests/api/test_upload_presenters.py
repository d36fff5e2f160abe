from datetime import UTC, datetime

import msgspec

from stockroom.api import upload_presenters
from stockroom.api.presenters import present_image
from stockroom.images import ids
from stockroom.uploads.create import Duplicate, Outcome, Pending
from stockroom.uploads.status import Failure, Upload
from stockroom.uploads.tickets import Ticket
from stockroom.uploads.validate import Rejected
from tests.api.examples import IMAGE_ID, PICTURE

ID = ids.encode(IMAGE_ID)
TICKET = Ticket("https://storage/1", {"content-type": "image/jpeg"}, datetime(2016, 5, 2, tzinfo=UTC))
SHOWN_TICKET = {
    "method": "PUT",
    "url": "https://storage/1",
    "headers": {"content-type": "image/jpeg"},
    "expires": "2016-05-02T00:00:00.000Z",
}
SHOWN_PICTURE = msgspec.to_builtins(present_image(PICTURE))


def test_every_file_of_a_batch_has_its_answer() -> None:
    outcomes: list[Outcome] = [
        Pending(IMAGE_ID, TICKET),
        Duplicate(PICTURE),
        Rejected("too-large", "Too large."),
    ]
    assert msgspec.to_builtins(upload_presenters.present_outcomes(outcomes)) == {
        "files": [
            {"state": "pending", "id": ID, "ticket": SHOWN_TICKET},
            {"state": "duplicate", "id": ID, "image": SHOWN_PICTURE},
            {"state": "rejected", "error": {"code": "too-large", "detail": "Too large."}},
        ]
    }


def test_an_id_without_a_ticket_is_gone_and_so_is_a_text_that_is_no_id() -> None:
    shown = upload_presenters.present_tickets(["nonsense", ID, ids.encode(1)], {IMAGE_ID: TICKET})
    assert msgspec.to_builtins(shown) == {
        "files": [
            {"id": "nonsense", "state": "gone"},
            {"id": ID, "state": "pending", "ticket": SHOWN_TICKET},
            {"id": ids.encode(1), "state": "gone"},
        ]
    }


def test_an_upload_shows_its_picture_or_its_failure() -> None:
    uploads = [
        Upload(image_id=IMAGE_ID, name="a", file_name="a.jpg", state="ready", picture=PICTURE),
        Upload(
            image_id=IMAGE_ID,
            name="b",
            file_name="b.jpg",
            state="failed",
            failure=Failure("truncated", "Cut."),
        ),
        Upload(image_id=IMAGE_ID, name="c", file_name="c.jpg", state="expired"),
    ]
    same = {"id": ID, "created": "2016-05-01T12:00:00.000Z"}
    assert msgspec.to_builtins(upload_presenters.present_uploads(uploads, IMAGE_ID)) == {
        "uploads": [
            {**same, "name": "a", "file_name": "a.jpg", "state": "ready", "image": SHOWN_PICTURE},
            {
                **same,
                "name": "b",
                "file_name": "b.jpg",
                "state": "failed",
                "error": {"code": "truncated", "detail": "Cut."},
            },
            {**same, "name": "c", "file_name": "c.jpg", "state": "expired"},
        ],
        "next": ID,
    }
    assert upload_presenters.present_uploads([], None).next is None
