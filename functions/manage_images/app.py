"""Changes of published pictures: their metadata are edited.

A route is declared by its handler alone; `stockroom.api.routes` says what is generated from it.
"""

from typing import Annotated

from stockroom.api import presenters
from stockroom.api.app import Api
from stockroom.api.auth import Caller
from stockroom.api.parameters import PathParameter
from stockroom.api.preconditions import IF_MATCH, make_revision_etag, parse_if_match
from stockroom.api.schemas import Image
from stockroom.curation.actor import Actor
from stockroom.curation.changes import make_edit
from stockroom.curation.edit import Edited, Gone, Refused, Stale, edit_images
from stockroom.curation.requests import Changes
from stockroom.images import ids
from stockroom.resources import Resources, resources
from stockroom.runtime.errors import (
    BadRequest,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    Unavailable,
)

app = Api("manage_images", resources)


def _actor(services: Resources, caller: Caller) -> Actor:
    owner_id = services.owners.owner_id(caller.issuer, caller.subject, caller.name)
    return Actor(owner_id, is_admin="admin" in caller.scopes)


@app.operation(
    "PATCH /api/images/{id}",
    access="upload",
    errors=(BadRequest, NotFound, PreconditionFailed, PreconditionRequired),
)
def edit_image(
    services: Resources,
    caller: Caller,
    body: Changes,
    image_id: Annotated[int | None, PathParameter("Picture id", name="id", parse=ids.decode)],
    if_match: Annotated[str, IF_MATCH],
) -> Image:
    """Edit the metadata of a picture, if it is still as If-Match says."""
    edit = make_edit(body)
    revisions = parse_if_match(if_match)
    outcome = (
        Gone()
        if image_id is None
        else edit_images(
            services.db,
            services.index_writer,
            [image_id],
            edit,
            actor=_actor(services, caller),
            revisions=revisions,
        )[image_id]
    )
    match outcome:
        case Edited(picture):
            return presenters.present_image(picture)
        case Stale(revision):
            raise PreconditionFailed(
                "Somebody has edited this picture meanwhile. Look at it as it is now, and edit it again with "
                "its new ETag as If-Match.",
                headers={"ETag": make_revision_etag(revision)},
            )
        case Refused(_, detail):
            raise Unavailable(detail)
        case Gone():
            raise NotFound("You have no picture at this address; it may have been deleted.")
