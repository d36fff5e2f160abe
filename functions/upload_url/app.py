"""Uploads: tickets for a batch, their renewal, their states, taking one back."""

from stockroom.api import presenters
from stockroom.api.app import PRIVATE, Answer, Api
from stockroom.images import ids
from stockroom.resources import resources
from stockroom.runtime.errors import BadRequest
from stockroom.runtime.timestamps import now
from stockroom.uploads import create as creation
from stockroom.uploads import status, tickets
from stockroom.uploads.cancel import cancel_upload
from stockroom.uploads.requests import TicketsRequest, UploadRequest

DEFAULT_LIMIT = 50
MAX_LIMIT = 100
MAX_IDS = 500

app = Api("upload_url")


def _owner_id() -> int:
    caller = resources().verifier.caller(app.header("authorization")).need("upload")
    return resources().owners.owner_id(caller.issuer, caller.subject, caller.name)


def _private(body: object) -> Answer:
    return Answer(body, headers={"Cache-Control": PRIVATE})


@app.route("/api/uploads", methods=["POST"])
def create() -> Answer:
    """One answer per file of a batch."""
    owner_id, services = _owner_id(), resources()
    app.only_parameters()
    request = app.body(UploadRequest)
    outcomes = creation.accept(
        services.db, services.storage, services.settings, request, owner_id=owner_id, now=now()
    )
    return _private(presenters.upload_response(outcomes))


@app.route("/api/uploads/tickets", methods=["POST"])
def renew() -> Answer:
    """Fresh tickets for pending uploads."""
    owner_id, services = _owner_id(), resources()
    app.only_parameters()
    texts = app.body(TicketsRequest).ids
    if len(texts) > MAX_IDS:
        raise BadRequest.at("/ids", "too-many-ids", f"Renew at most {MAX_IDS} tickets a request.")
    image_ids = [image_id for text in texts if (image_id := ids.decode(text)) is not None]
    issued = tickets.renew(
        services.db, services.storage, services.settings, image_ids, owner_id=owner_id, now=now()
    )
    return _private(presenters.tickets_response(texts, issued))


@app.route("/api/uploads")
def uploads() -> Answer:
    """My uploads: those asked for by id, or a page of all."""
    owner_id, db = _owner_id(), resources().db
    listed = app.parameter("ids")
    # Uploads asked for by id are one page.
    app.only_parameters(*(("ids",) if listed is not None else ("cursor", "limit")))
    if listed is not None:
        return _private(presenters.upload_page(status.find(db, owner_id, _ids(listed)), None))
    limit = app.integer("limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
    page, has_more = status.find_page(db, owner_id, _before(app.parameter("cursor")), limit)
    return _private(presenters.upload_page(page, page[-1].image_id if has_more else None))


def _ids(listed: str) -> list[int]:
    texts = [text for text in listed.split(",") if text]
    if len(texts) > MAX_IDS:
        raise BadRequest.at("?ids", "too-many-ids", f"Ask for at most {MAX_IDS} ids at once.")
    image_ids = []
    for text in texts:
        image_id = ids.decode(text)
        if image_id is None:
            raise BadRequest.at("?ids", "invalid-id", f"{text[:40]!r} is not an id.")
        image_ids.append(image_id)
    return image_ids


def _before(cursor: str | None) -> int:
    before = status.FIRST_PAGE if cursor is None else ids.decode(cursor)
    if before is None:
        detail = "This cursor is not one that was given out; start again without it."
        raise BadRequest.at("?cursor", "invalid-cursor", detail)
    return before


@app.route("/api/uploads/{image_id}", methods=["DELETE"])
def cancel(image_id: str) -> Answer:
    """Take back an upload that has not become a picture."""
    owner_id, services = _owner_id(), resources()
    app.only_parameters()
    cancel_upload(services.db, services.storage, owner_id, ids.decode(image_id))
    return _private(None)
