"""Deletions, restorations, take-downs and the change log as the answers of the HTTP API."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from stockroom.api import schemas
from stockroom.api.presenters import present_image
from stockroom.curation.requests import RestoredState
from stockroom.images import change_log, ids
from stockroom.images.change_log import Entry
from stockroom.images.picture import Picture
from stockroom.images.takedowns import TakenDown
from stockroom.runtime.timestamps import rfc3339

_CURSOR_MOMENT = "%Y%m%d%H%M%S%f"
_SHA256_DIGITS = 64


def present_deletions(
    requested: Sequence[str], restorable_until: Mapping[int, datetime]
) -> schemas.DeletionResponse:
    """One answer per id in `requested`; a text that is no id, or no picture that was deleted, is gone."""

    def answer(text: str) -> schemas.DeletionAnswer:
        until = restorable_until.get(ids.decode(text) or 0)
        if until is None:
            return schemas.DeletionAnswer(id=text, state="gone")
        return schemas.DeletionAnswer(id=text, state="deleted", restorable_until=rfc3339(until))

    return schemas.DeletionResponse(images=[answer(text) for text in requested])


def present_restorations(
    requested: Sequence[str], states: Mapping[int, RestoredState], pictures: Mapping[int, Picture]
) -> schemas.RestorationResponse:
    """One answer per id in `requested`, with those pictures that are ready."""

    def answer(text: str) -> schemas.RestorationAnswer:
        image_id = ids.decode(text) or 0
        restored = schemas.RestorationAnswer(id=text, state=states.get(image_id, "gone"))
        if restored.state == "ready":
            if image_id in pictures:
                restored.image = present_image(pictures[image_id])
            else:
                # Whoever deletes a picture right after it was restored was faster than this answer.
                restored.state = "gone"
        return restored

    return schemas.RestorationResponse(images=[answer(text) for text in requested])


def present_takedowns(requested: Sequence[str], taken: Mapping[int, bool]) -> schemas.TakedownResponse:
    """One answer per id in `requested`, and one for each other picture that was taken down."""
    asked_for = [ids.decode(text) for text in requested]
    others = [image_id for image_id, is_taken in taken.items() if is_taken and image_id not in asked_for]
    return schemas.TakedownResponse(
        images=[
            schemas.TakedownAnswer(id=text, state="taken-down" if taken.get(image_id or 0) else "gone")
            for text, image_id in [
                *zip(requested, asked_for, strict=True),
                *((ids.encode(image_id), image_id) for image_id in others),
            ]
        ]
    )


def present_takedown_page(taken: Sequence[TakenDown], *, has_more: bool) -> schemas.TakedownPage:
    """A page of the contents that were taken down; `has_more` says whether another one follows."""
    return schemas.TakedownPage(
        takedowns=[
            schemas.Takedown(
                sha256=each.sha256.hex(),
                at=rfc3339(each.at),
                reason=each.reason,
                actor=each.actor_name,
                actor_id=str(each.actor),
            )
            for each in taken
        ],
        next=taken[-1].at.strftime(_CURSOR_MOMENT) + taken[-1].sha256.hex() if has_more else None,
    )


def parse_takedown_cursor(text: str) -> tuple[datetime, bytes]:
    """The moment and the content at a cursor; ValueError for a text that is none."""
    sha256 = bytes.fromhex(text[-_SHA256_DIGITS:])
    at = datetime.strptime(text[:-_SHA256_DIGITS], _CURSOR_MOMENT).replace(tzinfo=UTC)
    return at.replace(tzinfo=None), sha256


def present_log(entries: Sequence[Entry], *, has_more: bool) -> schemas.LogPage:
    """A page of the change log; `has_more` says whether another one follows."""
    return schemas.LogPage(
        entries=[
            schemas.LogEntry(
                id=str(each.entry_id),
                at=rfc3339(each.at),
                image=None if each.image_id == change_log.NO_PICTURE else ids.encode(each.image_id),
                action=each.action,
                actor=each.actor_name,
                actor_id=None if each.actor == change_log.LIBRARY else str(each.actor),
                detail=each.detail,
            )
            for each in entries
        ],
        next=str(entries[-1].entry_id) if has_more else None,
    )
