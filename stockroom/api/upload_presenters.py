"""Uploads as the answers of the HTTP API: tickets, rejections and states."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import UNSET

from stockroom.api import upload_schemas
from stockroom.api.presenters import present_image
from stockroom.images import ids
from stockroom.images.states import State
from stockroom.ingest.retry import Retried
from stockroom.runtime.timestamps import rfc3339
from stockroom.uploads.cancel import Cancellation
from stockroom.uploads.create import Duplicate, Outcome, Pending
from stockroom.uploads.status import Upload
from stockroom.uploads.tickets import Ticket


def _present_ticket(issued: Ticket) -> upload_schemas.Ticket:
    return upload_schemas.Ticket(
        method="PUT", url=issued.url, headers=issued.headers, expires=rfc3339(issued.expires_at)
    )


def present_outcomes(outcomes: Iterable[Outcome]) -> upload_schemas.UploadResponse:
    """One answer per file of a batch."""
    return upload_schemas.UploadResponse(files=[_present_outcome(outcome) for outcome in outcomes])


def _present_outcome(outcome: Outcome) -> upload_schemas.UploadAnswer:
    if isinstance(outcome, Pending):
        return upload_schemas.UploadAnswer(
            state="pending", id=ids.encode(outcome.image_id), ticket=_present_ticket(outcome.ticket)
        )
    if isinstance(outcome, Duplicate):
        shown = present_image(outcome.picture)
        return upload_schemas.UploadAnswer(state="duplicate", id=shown.id, image=shown)
    return upload_schemas.UploadAnswer(
        state="rejected", error=upload_schemas.FileError(code=outcome.code, detail=outcome.detail)
    )


def present_tickets(
    requested: Sequence[str], tickets: Mapping[int, Ticket]
) -> upload_schemas.TicketsResponse:
    """One answer per id in `requested`; an id without a ticket, or a text that is no id, is gone."""

    def answer(text: str) -> upload_schemas.TicketAnswer:
        issued = tickets.get(ids.decode(text) or 0)
        if issued is None:
            return upload_schemas.TicketAnswer(id=text, state="gone")
        return upload_schemas.TicketAnswer(id=text, state="pending", ticket=_present_ticket(issued))

    return upload_schemas.TicketsResponse(files=[answer(text) for text in requested])


def present_cancellations(
    requested: Sequence[str], cancellations: Mapping[int, Cancellation]
) -> upload_schemas.CancelResponse:
    """One answer per id in `requested`; a text that is no id is gone."""

    def answer(text: str) -> upload_schemas.CancelAnswer:
        found = cancellations.get(ids.decode(text) or 0)
        if found is None:
            return upload_schemas.CancelAnswer(id=text, state="gone")
        shown = upload_schemas.CancelAnswer(id=text, state=found.state)
        if found.restorable_until is not None:
            shown.restorable_until = rfc3339(found.restorable_until)
        return shown

    return upload_schemas.CancelResponse(files=[answer(text) for text in requested])


def present_retried(retried: Sequence[Retried], *, has_more: bool) -> upload_schemas.RetryResponse:
    """One answer per upload; `has_more` says whether other failures may follow."""
    answers = [upload_schemas.RetryAnswer(id=ids.encode(each.image_id), state=each.state) for each in retried]
    return upload_schemas.RetryResponse(files=answers, next=answers[-1].id if answers and has_more else None)


def present_uploads(
    uploads: Iterable[Upload], last_id: int | None, counts: Mapping[State, int] | None = None
) -> upload_schemas.UploadPage:
    """A page of a contributor's uploads. `last_id` is the id below which another page begins, if one
    follows."""
    return upload_schemas.UploadPage(
        uploads=[_present_upload(upload) for upload in uploads],
        next=None if last_id is None else ids.encode(last_id),
        counts=UNSET
        if counts is None
        else upload_schemas.UploadCounts(
            pending=counts["pending"],
            ready=counts["ready"],
            failed=counts["failed"],
            hidden=counts["hidden"],
        ),
    )


def _present_upload(upload: Upload) -> upload_schemas.Upload:
    answer = upload_schemas.Upload(
        id=ids.encode(upload.image_id),
        name=upload.name,
        file_name=upload.file_name,
        state=upload.state,
        created=rfc3339(ids.created_at(upload.image_id)),
    )
    if upload.picture is not None:
        answer.image = present_image(upload.picture)
    if upload.restorable_until is not None:
        answer.restorable_until = rfc3339(upload.restorable_until)
    if upload.failure is not None:
        answer.error = upload_schemas.FileError(code=upload.failure.code, detail=upload.failure.detail)
    return answer
