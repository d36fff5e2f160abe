"""Domain values as the answers of the HTTP API: ids become text, moments RFC 3339, keys addresses."""

import base64
from collections.abc import Iterable, Mapping, Sequence

from stockroom.api import schemas
from stockroom.images import ids
from stockroom.images.picture import Picture
from stockroom.images.storage import RENDITIONS, rendition_key
from stockroom.runtime.timestamps import rfc3339
from stockroom.search.service import SearchPage
from stockroom.uploads.create import Duplicate, Outcome, Pending
from stockroom.uploads.status import Upload
from stockroom.uploads.tickets import Ticket


def image(picture: Picture) -> schemas.Image:
    """A picture as everybody sees it."""
    metadata = picture.metadata
    return schemas.Image(
        id=ids.encode(picture.image_id),
        name=metadata.name,
        description=metadata.description,
        tags=list(metadata.all_tags),
        license=metadata.license,
        credit=metadata.credit,
        width=picture.width,
        height=picture.height,
        color=picture.color,
        thumbhash=base64.b64encode(picture.thumbhash).decode(),
        created=rfc3339(ids.created(picture.image_id)),
        taken=None if picture.taken is None else rfc3339(picture.taken),
        owner=picture.owner_name,
        urls=_urls(picture),
    )


def _urls(picture: Picture) -> schemas.ImageUrls:
    def url(name: str, format_: str = "jpeg") -> str:
        return "/" + rendition_key(picture.image_id, picture.version, name, format_)

    further = {
        f"p{name[:-1]}_{format_}": url(name, format_) for format_ in picture.formats for name in RENDITIONS
    }
    return schemas.ImageUrls(p240=url("240p"), p720=url("720p"), **further)


def image_page(page: SearchPage) -> schemas.ImagePage:
    """A page of a search."""
    return schemas.ImagePage(
        images=[image(picture) for picture in page.pictures],
        next=page.next,
        previous=page.previous,
        relaxed=page.is_relaxed,
        corrected=page.corrected_query,
    )


def similar(pictures: Iterable[Picture]) -> schemas.ImagePage:
    """Similar pictures: one page, and no other after it."""
    return schemas.ImagePage(images=[image(picture) for picture in pictures], next=None)


def ticket(issued: Ticket) -> schemas.Ticket:
    """A presigned PUT."""
    return schemas.Ticket(
        method="PUT", url=issued.url, headers=issued.headers, expires=rfc3339(issued.expires_at)
    )


def upload_response(outcomes: Iterable[Outcome]) -> schemas.UploadResponse:
    """One answer per file of a batch."""
    return schemas.UploadResponse(files=[_upload_answer(outcome) for outcome in outcomes])


def _upload_answer(outcome: Outcome) -> schemas.UploadAnswer:
    if isinstance(outcome, Pending):
        return schemas.UploadAnswer(
            state="pending", id=ids.encode(outcome.image_id), ticket=ticket(outcome.ticket)
        )
    if isinstance(outcome, Duplicate):
        shown = image(outcome.picture)
        return schemas.UploadAnswer(state="duplicate", id=shown.id, image=shown)
    return schemas.UploadAnswer(
        state="rejected", error=schemas.FileError(code=outcome.code, detail=outcome.detail)
    )


def tickets_response(wanted: Sequence[str], tickets: Mapping[int, Ticket]) -> schemas.TicketsResponse:
    """One answer per id in `wanted`; an id without a ticket, or a text that is no id, is gone."""

    def answer(text: str) -> schemas.TicketAnswer:
        issued = tickets.get(ids.decode(text) or 0)
        if issued is None:
            return schemas.TicketAnswer(id=text, state="gone")
        return schemas.TicketAnswer(id=text, state="pending", ticket=ticket(issued))

    return schemas.TicketsResponse(files=[answer(text) for text in wanted])


def upload_page(uploads: Iterable[Upload], next_: int | None) -> schemas.UploadPage:
    """A contributor's uploads; the cursor is the id of the last one."""
    return schemas.UploadPage(
        uploads=[_upload(upload) for upload in uploads], next=None if next_ is None else ids.encode(next_)
    )


def _upload(upload: Upload) -> schemas.Upload:
    answer = schemas.Upload(
        id=ids.encode(upload.image_id),
        name=upload.name,
        state=upload.state,
        created=rfc3339(ids.created(upload.image_id)),
    )
    if upload.picture is not None:
        answer.image = image(upload.picture)
    if upload.failure is not None:
        answer.error = schemas.FileError(code=upload.failure.code, detail=upload.failure.detail)
    return answer


def tags_response(counts: Iterable[tuple[str, int]]) -> schemas.TagsResponse:
    """Tags with how many pictures carry them."""
    return schemas.TagsResponse([schemas.TagCount(tag, count) for tag, count in counts])


def words_response(counts: Iterable[tuple[str, int]]) -> schemas.WordsResponse:
    """Words with how many pictures have them."""
    return schemas.WordsResponse([schemas.WordCount(word, count) for word, count in counts])
