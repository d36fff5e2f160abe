"""Published pictures in their owners' hands: their metadata are edited, their originals handed out.

A route is declared by its handler alone; `stockroom.api.routes` says what is generated from it.
"""

from typing import Annotated

from stockroom.api import edit_presenters, presenters
from stockroom.api.app import Api
from stockroom.api.auth import Caller
from stockroom.api.parameters import PathParameter, QueryParameter
from stockroom.api.preconditions import IF_MATCH, make_revision_etag, parse_if_match
from stockroom.api.schemas import EditResponse, Image, OriginalLink
from stockroom.curation.actor import Actor
from stockroom.curation.changes import make_bulk_edit, make_edit
from stockroom.curation.edit import Edited, Gone, Refused, Stale, edit_images
from stockroom.curation.requests import Changes, EditRequest
from stockroom.downloads.handing_out import hand_out
from stockroom.downloads.rights import Visitor
from stockroom.images import ids
from stockroom.resources import Resources, resources
from stockroom.runtime.errors import (
    BadRequest,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    Unavailable,
)
from stockroom.runtime.timestamps import now

app = Api("manage_images", resources)


def _actor(services: Resources, caller: Caller) -> Actor:
    owner_id = services.owners.owner_id(caller.issuer, caller.subject, caller.name)
    return Actor(owner_id, is_admin="admin" in caller.scopes)


def _visitor(services: Resources, caller: Caller | None) -> Visitor:
    is_public = services.settings.visibility == "public"
    if caller is None:
        return Visitor(may_read=is_public)
    is_admin = "admin" in caller.scopes
    is_contributor = is_admin or "upload" in caller.scopes
    return Visitor(
        has_token=True,
        owner_id=_actor(services, caller).owner_id if is_contributor else None,
        is_admin=is_admin,
        may_read=is_public or is_admin or "read" in caller.scopes,
    )


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


@app.operation("GET /api/images/{id}/original", access="visitor", errors=(NotFound,))
def get_original(
    services: Resources,
    caller: Caller | None,
    image_id: Annotated[int | None, PathParameter("Picture id", name="id", parse=ids.decode)],
    *,
    metadata: Annotated[
        int, QueryParameter("1 for a copy that carries the present metadata", minimum=0, maximum=1)
    ] = 0,
) -> OriginalLink:
    """A link to the original of a picture, for whom it is meant."""
    return presenters.present_handout(
        hand_out(
            services.db,
            services.storage,
            services.settings,
            image_id,
            _visitor(services, caller),
            with_metadata=bool(metadata),
            now=now(),
        )
    )


@app.operation("POST /api/images/edit", access="upload", errors=(BadRequest,))
def edit_many(services: Resources, caller: Caller, body: EditRequest) -> EditResponse:
    """Edit the metadata of up to 500 pictures alike: one answer per picture, in request order."""
    edit = make_bulk_edit(body)
    image_ids = [image_id for text in body.ids if (image_id := ids.decode(text)) is not None]
    outcomes = edit_images(
        services.db, services.index_writer, image_ids, edit, actor=_actor(services, caller)
    )
    return edit_presenters.present_edits(body.ids, outcomes)
