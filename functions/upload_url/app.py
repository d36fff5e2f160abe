"""Uploads: tickets for a batch, their renewal, their states, cancelling them, having failed ones retried.

The deployed function is named for the first of these, the presigned URL of an upload.

A route is declared by its handler alone; `stockroom.api.routes` says what is generated from it.
"""

from typing import Annotated

from msgspec import UnsetType

from stockroom.api import upload_presenters
from stockroom.api.app import Api
from stockroom.api.auth import Caller
from stockroom.api.parameters import PathParameter, QueryParameter
from stockroom.api.upload_schemas import (
    CancelResponse,
    RetryResponse,
    TicketsResponse,
    UploadPage,
    UploadResponse,
)
from stockroom.images import ids
from stockroom.images.fields import MAX_CHARACTERS
from stockroom.images.repository.listing import NEWEST_FIRST, Order
from stockroom.images.states import State
from stockroom.ingest import retry
from stockroom.resources import Resources, resources
from stockroom.runtime.errors import BadRequest, Conflict, LimitExceeded, NotFound, TooLarge
from stockroom.runtime.timestamps import now
from stockroom.uploads import cancel, create, status, tickets
from stockroom.uploads.requests import (
    MAX_CANCELLATIONS,
    MAX_RETRIES,
    CancelRequest,
    RetryRequest,
    TicketsRequest,
    UploadRequest,
)

UPLOADS_PER_PAGE = 50
MAX_UPLOADS_PER_PAGE = 100
MAX_IDS = 500
MAX_NAME = MAX_CHARACTERS["name"]

app = Api("upload_url", resources)


def _decode_ids(listed: str) -> list[int]:
    texts = [text for text in listed.split(",") if text]
    if len(texts) > MAX_IDS:
        raise BadRequest.at("?ids", "too-many-ids", f"Ask for at most {MAX_IDS} ids at once.")
    return [_decode_id("?ids", text) for text in texts]


def _decode_id(pointer: str, text: str) -> int:
    image_id = ids.decode(text)
    if image_id is None:
        raise BadRequest.at(pointer, "invalid-id", f"{text[:40]!r} is not an id.")
    return image_id


def _decode_cursor(text: str, pointer: str = "?cursor") -> int:
    image_id = ids.decode(text)
    if image_id is None:
        detail = "This cursor is not one that was given out; start again without it."
        raise BadRequest.at(pointer, "invalid-cursor", detail)
    return image_id


def _check_state(text: str) -> State | None:
    for state in status.LISTED_STATES:
        if state == text:
            return state
    if text:
        detail = f"The state {text[:40]!r} must be one of: {', '.join(status.LISTED_STATES)}."
        raise BadRequest.at("?state", "invalid-choice", detail)
    return None


def _check_order(text: str) -> Order:
    order = status.ORDERS.get(text) if text else NEWEST_FIRST
    if order is None:
        detail = f"The order {text[:40]!r} must be one of: {', '.join(status.ORDERS)}."
        raise BadRequest.at("?order", "invalid-choice", detail)
    return order


def _check_name(text: str) -> str:
    text = text.strip()
    if len(text) > MAX_NAME:
        detail = f"A name has at most {MAX_NAME} characters; look for a part of it."
        raise BadRequest.at("?name", "invalid-name", detail)
    return text


def _owner_id(services: Resources, caller: Caller) -> int:
    return services.owners.find_or_insert(caller.issuer, caller.subject, caller.name)


@app.operation("POST /api/uploads", access="upload", errors=(BadRequest, TooLarge, LimitExceeded))
def create_uploads(services: Resources, caller: Caller, body: UploadRequest) -> UploadResponse:
    """Ask for the tickets of a whole batch: one answer per file, in request order."""
    owner_id = _owner_id(services, caller)
    outcomes = create.accept(
        services.db, services.storage, services.settings, body, owner_id=owner_id, now=now()
    )
    services.due_times.call_reaper_at(
        date for outcome in outcomes if isinstance(outcome, create.Pending) for date in outcome.dates
    )
    return upload_presenters.present_outcomes(outcomes)


@app.operation("GET /api/uploads", access="upload", errors=(BadRequest,))
def list_uploads(
    services: Resources,
    caller: Caller,
    *,
    image_ids: Annotated[
        list[int] | None,
        QueryParameter(
            f"Only these uploads: ids separated by commas, at most {MAX_IDS}",
            name="ids",
            parse=_decode_ids,
            is_exclusive=True,  # uploads that are asked for by id are one page
        ),
    ] = None,
    cursor: Annotated[
        int | None,
        QueryParameter(
            "Where another page begins, from `next` or `previous`; opaque",
            parse=_decode_cursor,
        ),
    ] = None,
    limit: Annotated[
        int, QueryParameter("Uploads a page", minimum=1, maximum=MAX_UPLOADS_PER_PAGE)
    ] = UPLOADS_PER_PAGE,
    expiring: Annotated[
        int,
        QueryParameter(
            f"1 for my pictures that expire within {status.EXPIRING_DAYS} days: one page, those first that "
            "expire first; without a cursor and a state",
            minimum=0,
            maximum=1,
        ),
    ] = 0,
    state: Annotated[
        str,
        QueryParameter(
            "Only uploads in this state; those that have expired are among the pending ones",
            choices=status.LISTED_STATES,
        ),
    ] = "",
    name: Annotated[
        str,
        QueryParameter(
            f"Only uploads whose name, or whose file's name, contains this text of 1 to {MAX_NAME} "
            "characters in any case. A page comes from "
            f"{status.MAX_NAMES_READ:,} uploads at most: it may have fewer than `limit`, or none, and still "
            "a `next`; not with expiring=1"
        ),
    ] = "",
    order: Annotated[
        str,
        QueryParameter(
            "Which uploads the list begins with: the newest, which is the usual order, or the oldest; "
            "not with expiring=1",
            choices=tuple(status.ORDERS),
        ),
    ] = "",
    counts: Annotated[
        int,
        QueryParameter(
            "1 for the number of my uploads in each state, too; not with ids", minimum=0, maximum=1
        ),
    ] = 0,
) -> UploadPage:
    """My uploads and their states, newest first, or oldest first."""
    owner_id = _owner_id(services, caller)
    if image_ids is not None:
        found = status.find(services.db, services.storage, owner_id, image_ids)
        return upload_presenters.present_uploads(found, None)
    number_by_state = status.count(services.db, owner_id) if counts else None
    if expiring:
        if cursor is not None:
            detail = "Pictures that expire soon are one page; leave the cursor out."
            raise BadRequest.at("?cursor", "invalid-cursor", detail)
        if state:
            raise BadRequest.at("?state", "invalid-choice", "Ask either for a state or for expiring=1.")
        if name:
            raise BadRequest.at("?name", "invalid-name", "Ask either for a name or for expiring=1.")
        if order:
            raise BadRequest.at("?order", "invalid-choice", "Ask either for an order or for expiring=1.")
        found = status.find_expiring(services.db, services.storage, owner_id, limit)
        return upload_presenters.present_uploads(found, None, number_by_state)
    row_state, row_order = _check_state(state), _check_order(order)
    if text := _check_name(name):
        page, following = status.find_named(
            services.db,
            services.storage,
            owner_id,
            cursor,
            limit,
            text=text,
            state=row_state,
            order=row_order,
        )
    else:
        page, following = status.find_page(
            services.db, services.storage, owner_id, cursor, limit, state=row_state, order=row_order
        )
    return upload_presenters.present_uploads(page, following, number_by_state)


@app.operation("POST /api/uploads/tickets", access="upload", errors=(BadRequest,))
def renew_tickets(services: Resources, caller: Caller, body: TicketsRequest) -> TicketsResponse:
    """Fresh tickets for uploads that are still pending."""
    if len(body.ids) > MAX_IDS:
        raise BadRequest.at("/ids", "too-many-ids", f"Renew at most {MAX_IDS} tickets a request.")
    image_ids = [image_id for text in body.ids if (image_id := ids.decode(text)) is not None]
    owner_id = _owner_id(services, caller)
    issued = tickets.renew(
        services.db, services.storage, services.settings, image_ids, owner_id=owner_id, now=now()
    )
    return upload_presenters.present_tickets(body.ids, issued)


@app.operation("POST /api/uploads/retry", access="admin", errors=(BadRequest,))
def retry_uploads(services: Resources, body: RetryRequest) -> RetryResponse:
    """Have failed uploads processed again, after a fault of the library is mended."""
    if not isinstance(body.ids, UnsetType):
        for name, value in (("code", body.code), ("cursor", body.cursor)):
            if not isinstance(value, UnsetType):
                raise BadRequest.at(f"/{name}", "invalid-field", f"Give either ids or a {name}, not both.")
        retried = retry.retry_failed(
            services.db,
            services.storage,
            [_decode_id(f"/ids/{place}", text) for place, text in enumerate(body.ids)],
        )
        return upload_presenters.present_retried(retried, has_more=False)
    after = 0 if isinstance(body.cursor, UnsetType) else _decode_cursor(body.cursor, "/cursor")
    code = None if isinstance(body.code, UnsetType) else body.code
    retried = retry.retry_next(services.db, services.storage, code, after, MAX_RETRIES)
    return upload_presenters.present_retried(retried, has_more=len(retried) == MAX_RETRIES)


@app.operation("POST /api/uploads/cancel", access="upload", errors=(BadRequest,))
def cancel_uploads(services: Resources, caller: Caller, body: CancelRequest) -> CancelResponse:
    """Cancel pending uploads, and dismiss failed ones: one answer each, in request order."""
    if len(body.ids) > MAX_CANCELLATIONS:
        detail = f"Cancel at most {MAX_CANCELLATIONS} uploads a request."
        raise BadRequest.at("/ids", "too-many-ids", detail)
    image_ids = [image_id for text in body.ids if (image_id := ids.decode(text)) is not None]
    cancelled = cancel.cancel_uploads(
        services.db, services.storage, services.settings, _owner_id(services, caller), image_ids
    )
    services.due_times.call_reaper_at(each.restorable_until for each in cancelled.values())
    return upload_presenters.present_cancellations(body.ids, cancelled)


@app.operation("DELETE /api/uploads/{id}", access="upload", errors=(NotFound, Conflict))
def cancel_upload(
    services: Resources,
    caller: Caller,
    image_id: Annotated[int | None, PathParameter("Picture id", name="id", parse=ids.decode)],
) -> None:
    """Cancel a pending upload, or dismiss one that has failed."""
    owner_id = _owner_id(services, caller)
    services.due_times.call_reaper_at(
        [cancel.cancel_upload(services.db, services.storage, services.settings, owner_id, image_id)]
    )
