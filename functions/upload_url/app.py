"""Uploads: tickets for a batch, their renewal, their states, taking one back."""

from stockroom.api.app import PRIVATE, Answer, Api
from stockroom.api.auth import Caller
from stockroom.api.schemas import TicketsRequest, UploadRequest
from stockroom.images.owners import owner_id
from stockroom.resources import resources
from stockroom.runtime.timestamps import now
from stockroom.uploads import create as batch
from stockroom.uploads import status, tickets

app = Api("upload_url")


def _contributor() -> Caller:
    return resources().verifier.caller(app.header("authorization")).need("upload")


def _private(body: object) -> Answer:
    return Answer(body, headers={"Cache-Control": PRIVATE})


@app.route("/api/uploads", methods=["POST"])
def create() -> Answer:
    """One answer per file of a batch."""
    caller, at = _contributor(), resources()
    app.only_parameters()
    request = app.body(UploadRequest)
    return _private(batch.accept(at, now(), owner_id(at.db, caller), request))


@app.route("/api/uploads/tickets", methods=["POST"])
def renew() -> Answer:
    """Fresh tickets for pending uploads."""
    caller, at = _contributor(), resources()
    app.only_parameters()
    wanted = app.body(TicketsRequest).ids
    return _private(tickets.renewed(at, now(), owner_id(at.db, caller), wanted))


@app.route("/api/uploads")
def uploads() -> Answer:
    """My uploads: those asked for by id, or a page of all."""
    caller, at = _contributor(), resources()
    wanted = app.parameter("ids")
    # Uploads asked for by id are one page.
    app.only_parameters(*(("ids",) if wanted is not None else ("cursor", "limit")))
    mine = owner_id(at.db, caller)
    if wanted is not None:
        return _private(status.by_ids(at.db, mine, wanted))
    limit = app.integer("limit", status.PAGE, 1, status.MAX_PAGE)
    return _private(status.page(at.db, mine, app.parameter("cursor"), limit))


@app.route("/api/uploads/{image_id}", methods=["DELETE"])
def cancel(image_id: str) -> Answer:
    """Take back an upload that has not become a picture."""
    caller, at = _contributor(), resources()
    app.only_parameters()
    status.cancel(at.db, at.storage, owner_id(at.db, caller), image_id)
    return _private(None)
