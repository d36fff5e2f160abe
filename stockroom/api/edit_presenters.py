"""Edits of pictures as the answers of the HTTP API."""

from collections.abc import Mapping, Sequence

import msgspec

from stockroom.api import curation_schemas, schemas
from stockroom.api.presenters import present_image
from stockroom.curation.edit import Edited, Gone, Outcome, Refused, Stale
from stockroom.images import ids

MAX_IMAGE_BYTES = 2_000_000
"""JSON of all pictures of one answer. Lambda answers 6 MB, in which a character may take six bytes."""

_EDITED_MEANWHILE = (
    "Somebody has edited this picture since the revision that the request names; it stays as it is."
)

_encode = msgspec.json.Encoder().encode


def present_edits(requested: Sequence[str], outcomes: Mapping[int, Outcome]) -> curation_schemas.EditResponse:
    """One answer per id in `requested`; a text that is no id is gone.

    Once the pictures have MAX_IMAGE_BYTES, the others are answered without theirs.
    """
    answers = []
    size = 0
    for text in requested:
        answer = _present_edit(text, outcomes.get(ids.decode(text) or 0, Gone()))
        if isinstance(answer.image, schemas.Image):
            size += len(_encode(answer.image))
            if size > MAX_IMAGE_BYTES:
                answer.image = msgspec.UNSET
        answers.append(answer)
    return curation_schemas.EditResponse(images=answers)


def _present_edit(image_id: str, outcome: Outcome) -> curation_schemas.EditAnswer:
    match outcome:
        case Edited(picture, is_changed):
            return curation_schemas.EditAnswer(
                id=image_id, state="edited" if is_changed else "unchanged", image=present_image(picture)
            )
        case Refused(code, detail):
            error = curation_schemas.EditError(code=code, detail=detail)
            return curation_schemas.EditAnswer(id=image_id, state="rejected", error=error)
        case Gone():
            return curation_schemas.EditAnswer(id=image_id, state="gone")
        case Stale(picture, is_as_asked=True):
            return curation_schemas.EditAnswer(id=image_id, state="unchanged", image=present_image(picture))
        case Stale():
            error = curation_schemas.EditError(code="edited-meanwhile", detail=_EDITED_MEANWHILE)
            return curation_schemas.EditAnswer(id=image_id, state="rejected", error=error)
