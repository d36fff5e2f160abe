"""Published pictures, for contributors and administrators: edit, delete, restore, take down, hand out.

A route is declared by its handler alone; `stockroom.api.routes` says what is generated from it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

from stockroom.api import curation_presenters, edit_presenters, presenters
from stockroom.api.app import Api
from stockroom.api.auth import Caller
from stockroom.api.curation_schemas import (
    DeletionResponse,
    EditResponse,
    LogPage,
    RestorationResponse,
    TakedownPage,
    TakedownResponse,
)
from stockroom.api.parameters import PathParameter, QueryParameter
from stockroom.api.preconditions import IF_MATCH, OPTIONAL_IF_MATCH, make_revision_etag, parse_if_match
from stockroom.api.schemas import DuplicatesPage, Image, OriginalLink
from stockroom.curation import takedown
from stockroom.curation.actor import Actor
from stockroom.curation.changes import Edit, make_bulk_edit, make_edit
from stockroom.curation.deletion import StalePicture, delete_pictures
from stockroom.curation.edit import Edited, Gone, Outcome, Refused, Stale, edit_images
from stockroom.curation.requests import (
    MAX_PICTURES,
    MAX_TAKE_DOWNS,
    Changes,
    EditRequest,
    PicturesRequest,
    TakedownRequest,
)
from stockroom.curation.restoring import restore_pictures
from stockroom.downloads.handing_out import hand_out
from stockroom.downloads.rights import Visitor
from stockroom.images import change_log, duplicates, ids, takedowns
from stockroom.images.due_times import SOON
from stockroom.images.owners import MAX_OWNER_ID
from stockroom.images.repository.due_times import find_near_times
from stockroom.images.repository.lifecycle import SETTLE_SECONDS
from stockroom.images.repository.pictures import find_in_states, find_ready
from stockroom.images.takedowns import parse_sha256
from stockroom.resources import Resources, resources
from stockroom.runtime.errors import (
    BadRequest,
    InvalidField,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    Unavailable,
)
from stockroom.runtime.timestamps import now

ENTRIES_PER_PAGE = 50
MAX_ENTRIES_PER_PAGE = 100
GROUPS_PER_PAGE = 20
MAX_GROUPS_PER_PAGE = 100

app = Api("manage_images", resources)


def _decode_cursor(text: str) -> int:
    image_id = ids.decode(text)
    if image_id is None:
        raise _refuse_cursor()
    return image_id


def _actor(services: Resources, caller: Caller) -> Actor:
    owner_id = services.owners.find_or_insert(caller.issuer, caller.subject, caller.name)
    return Actor(owner_id, is_admin="admin" in caller.scopes)


def _schedule_reaper_before_edit(services: Resources, edit: Edit) -> None:
    """Have the reaper called for what an edit of dates leaves undone if this process dies during the edit.

    The reaper is called once the pictures that the edit hides or shows are overdue, and at the dates.
    """
    if edit.changes_dates:
        overdue = now() + timedelta(seconds=SETTLE_SECONDS) + SOON
        services.due_times.call_reaper_at([overdue, *edit.dates])


def _schedule_reaper_after_edit(services: Resources, edit: Edit, outcomes: Iterable[Outcome]) -> None:
    """Have the reaper called at the dates of edited pictures.

    After an edit of dates, the reaper is also called once nobody can write renditions any more of pictures
    that the edit has hidden.
    """
    changed = [outcome for outcome in outcomes if isinstance(outcome, Edited) and outcome.is_changed]
    moments: set[datetime | None] = {
        moment
        for outcome in changed
        for moment in (outcome.picture.metadata.embargo, outcome.picture.metadata.expires)
    }
    if changed and edit.changes_dates:
        moments |= find_near_times(services.db)
    services.due_times.call_reaper_at(moments)


def _schedule_reaper_before_deletion(services: Resources) -> None:
    """Have the reaper called when pictures that are deleted now can no longer be restored.

    This comes before the deletion, as this process may die right after it. Once the pictures are deleted,
    the handlers have the reaper called at the exact times.
    """
    services.due_times.call_reaper_at([now() + timedelta(seconds=services.settings.restore_seconds) + SOON])


def _refuse_stale(revision: int) -> PreconditionFailed:
    return PreconditionFailed(
        "Somebody has edited this picture meanwhile. Look at it as it is now, and try again with its new "
        "ETag as If-Match.",
        headers={"ETag": make_revision_etag(revision)},
    )


def _decode_ids(texts: list[str], limit: int = MAX_PICTURES) -> list[int]:
    """The ids among some texts, each once; what is no id is left out. BadRequest for none, or too many."""
    if not 0 < len(texts) <= limit:
        detail = f"The request names {len(texts)} pictures; name 1 to {limit} a request."
        raise BadRequest.at("/ids", "too-many-ids" if texts else "no-ids", detail)
    return list(dict.fromkeys(image_id for text in texts if (image_id := ids.decode(text)) is not None))


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
    _schedule_reaper_before_edit(services, edit)
    outcome = (
        Gone()
        if image_id is None
        else edit_images(
            services.db,
            services.storage,
            services.index_writer,
            [image_id],
            edit,
            actor=_actor(services, caller),
            revisions=None if revisions is None else {image_id: revisions},
        )[image_id]
    )
    _schedule_reaper_after_edit(services, edit, [outcome])
    match outcome:
        case Edited(picture):
            return presenters.present_image(picture)
        case Stale(picture):
            raise _refuse_stale(picture.revision)
        case Refused("invalid-expires" as code, detail):
            raise InvalidField("/expires", code, detail)
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


@app.operation("POST /api/images/edit", access="upload", errors=(BadRequest, Unavailable))
def edit_many(services: Resources, caller: Caller, body: EditRequest) -> EditResponse:
    """Edit the metadata of up to 500 pictures alike: one answer per picture, in request order."""
    edit = make_bulk_edit(body)
    image_ids = [image_id for text in body.ids if (image_id := ids.decode(text)) is not None]
    _schedule_reaper_before_edit(services, edit)
    outcomes = edit_images(
        services.db,
        services.storage,
        services.index_writer,
        image_ids,
        edit,
        actor=_actor(services, caller),
        revisions={
            image_id: frozenset((revision,))
            for text, revision in body.revisions.items()
            if (image_id := ids.decode(text)) is not None
        },
    )
    _schedule_reaper_after_edit(services, edit, outcomes.values())
    return edit_presenters.present_edits(body.ids, outcomes)


@app.operation("DELETE /api/images/{id}", access="upload", errors=(NotFound, PreconditionFailed))
def delete_image(
    services: Resources,
    caller: Caller,
    image_id: Annotated[int | None, PathParameter("Picture id", name="id", parse=ids.decode)],
    if_match: Annotated[str, OPTIONAL_IF_MATCH],
) -> None:
    """Delete a picture; for a while it can be restored."""
    _schedule_reaper_before_deletion(services)
    try:
        deleted = delete_pictures(
            services.db,
            services.index_writer,
            [] if image_id is None else [image_id],
            actor=_actor(services, caller),
            seconds=services.settings.restore_seconds,
            revisions=parse_if_match(if_match) if if_match.strip() else None,
        )
    except StalePicture as stale:
        raise _refuse_stale(stale.revision) from None
    services.due_times.call_reaper_at(deleted.values())
    if not deleted:
        raise NotFound("You have no picture at this address; it may have been deleted.")


@app.operation("POST /api/images/delete", access="upload", errors=(BadRequest,))
def delete_images(services: Resources, caller: Caller, body: PicturesRequest) -> DeletionResponse:
    """Delete pictures; for a while they can be restored: one answer each, in request order."""
    image_ids = _decode_ids(body.ids)
    _schedule_reaper_before_deletion(services)
    deleted = delete_pictures(
        services.db,
        services.index_writer,
        image_ids,
        actor=_actor(services, caller),
        seconds=services.settings.restore_seconds,
    )
    services.due_times.call_reaper_at(deleted.values())
    return curation_presenters.present_deletions(body.ids, deleted)


@app.operation("POST /api/images/restore", access="upload", errors=(BadRequest, Unavailable))
def restore_images(services: Resources, caller: Caller, body: PicturesRequest) -> RestorationResponse:
    """Restore pictures that were deleted a short while ago: one answer each, in request order."""
    image_ids = _decode_ids(body.ids)
    # The dates of a picture may have come while it was deleted. Before it is restored: this process may die.
    services.due_times.call_reaper_soon()
    states = restore_pictures(
        services.db,
        services.storage,
        services.index_writer,
        image_ids,
        actor=_actor(services, caller),
        formats=services.settings.further_formats,
    )
    ready = [image_id for image_id, state in states.items() if state == "ready"]
    # Also those that have expired since they were deleted: they are hidden soon.
    found = find_in_states(services.db, ready, ("ready",))
    pictures = {image_id: each.picture for image_id, each in found.items()}
    return curation_presenters.present_restorations(body.ids, states, pictures)


@app.operation("POST /api/images/takedown", access="admin", errors=(BadRequest,))
def take_down_images(services: Resources, caller: Caller, body: TakedownRequest) -> TakedownResponse:
    """Take pictures down, at once and for good; their contents are refused from now on."""
    reason = takedown.clean_reason(body.reason)
    image_ids = _decode_ids(body.ids, MAX_TAKE_DOWNS)
    actor = _actor(services, caller)
    # For what storage does not delete, for what an attempt is just writing, and if this process dies.
    services.due_times.call_reaper_soon()
    taken = takedown.take_down(
        services.db,
        services.storage,
        services.index_writer,
        image_ids,
        actor=actor.owner_id,
        reason=reason,
        same_content=body.same_content,
        upload_seconds=services.settings.upload_seconds,
    )
    return curation_presenters.present_takedowns(body.ids, taken)


def _parse_takedown_cursor(text: str) -> tuple[datetime, bytes]:
    try:
        return curation_presenters.parse_takedown_cursor(text)
    except ValueError:
        raise _refuse_cursor() from None


def _parse_log_cursor(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(change_log.LAST_ENTRY)):
        raise _refuse_cursor()
    return min(int(text), change_log.LAST_ENTRY)


def _refuse_cursor() -> BadRequest:
    detail = "This cursor is not one that was given out; start again without it."
    return BadRequest.at("?cursor", "invalid-cursor", detail)


def _decode_image(text: str) -> int:
    image_id = ids.decode(text)
    if image_id is None:
        raise BadRequest.at("?image", "invalid-id", f"{text[:40]!r} is not an id.")
    return image_id


def _parse_actor(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_OWNER_ID))):
        raise BadRequest.at("?by", "invalid-id", f"{text[:40]!r} is not the id of a person.")
    return min(int(text), MAX_OWNER_ID)


def _check_action(text: str) -> change_log.Action | None:
    for action in change_log.ACTIONS:
        if text == action:
            return action
    if text:
        listed = ", ".join(change_log.ACTIONS)
        raise BadRequest.at("?action", "invalid-choice", f"{text[:40]!r} is no action; there are: {listed}.")
    return None


@app.operation("GET /api/takedowns", access="admin", errors=(BadRequest,))
def list_takedowns(
    services: Resources,
    before: Annotated[
        tuple[datetime, bytes] | None,
        QueryParameter(
            "Where another page begins, from `next`; opaque", name="cursor", parse=_parse_takedown_cursor
        ),
    ] = None,
    limit: Annotated[
        int, QueryParameter("Contents a page", minimum=1, maximum=MAX_ENTRIES_PER_PAGE)
    ] = ENTRIES_PER_PAGE,
) -> TakedownPage:
    """Contents that were taken down, the newest first."""
    found = takedowns.find_page(services.db, before, limit + 1)
    return curation_presenters.present_takedown_page(found[:limit], has_more=len(found) > limit)


@app.operation("DELETE /api/takedowns/{sha256}", access="admin", errors=(NotFound,))
def lift_takedown(
    services: Resources,
    caller: Caller,
    sha256: Annotated[
        bytes | None, PathParameter("SHA-256 of the content, hex", name="sha256", parse=parse_sha256)
    ],
) -> None:
    """Accept a content again that was taken down; its pictures do not come back."""
    actor = _actor(services, caller)
    if sha256 is None or not takedown.lift(services.db, sha256, actor=actor.owner_id):
        raise NotFound("No content with this SHA-256 was taken down.")


@app.operation("GET /api/log", access="admin", errors=(BadRequest,))
def read_log(
    services: Resources,
    *,
    image_id: Annotated[
        int | None, QueryParameter("Only what is about this picture", name="image", parse=_decode_image)
    ] = None,
    actor: Annotated[
        int | None,
        QueryParameter(
            "Only what this person has done, by the `actor_id` of an entry; 0: the library itself",
            name="by",
            parse=_parse_actor,
        ),
    ] = None,
    action: Annotated[str, QueryParameter("Only what was done in this way", choices=change_log.ACTIONS)] = "",
    before: Annotated[
        int,
        QueryParameter(
            "Where another page begins, from `next`; opaque", name="cursor", parse=_parse_log_cursor
        ),
    ] = change_log.LAST_ENTRY,
    limit: Annotated[
        int, QueryParameter("Entries a page", minimum=1, maximum=MAX_ENTRIES_PER_PAGE)
    ] = ENTRIES_PER_PAGE,
) -> LogPage:
    """What was done with pictures, the newest first."""
    page = change_log.find_page(
        services.db, before, limit, image_id=image_id, actor=actor, action=_check_action(action)
    )
    return curation_presenters.present_log(page)


@app.operation("GET /api/duplicates", access="upload", errors=(BadRequest,))
def list_duplicates(
    services: Resources,
    caller: Caller,
    before: Annotated[
        int,
        QueryParameter("Where another page begins, from `next`; opaque", name="cursor", parse=_decode_cursor),
    ] = duplicates.NEWEST,
    limit: Annotated[
        int, QueryParameter("Groups a page", minimum=1, maximum=MAX_GROUPS_PER_PAGE)
    ] = GROUPS_PER_PAGE,
) -> DuplicatesPage:
    """Duplicates among my pictures, in groups, the newest first."""
    owner_id = services.owners.find_or_insert(caller.issuer, caller.subject, caller.name)
    page = duplicates.find_groups(services.db, owner_id, before, limit)
    shown = {image_id for group in page.groups for image_id in group.image_ids}
    return presenters.present_groups(page, find_ready(services.db, sorted(shown)))
