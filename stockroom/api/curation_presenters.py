"""Deletions, restorations, take-downs and the change log as the answers of the HTTP API."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from stockroom.api import curation_schemas
from stockroom.api.presenters import present_image
from stockroom.curation.requests import RestoredState
from stockroom.images import change_log, ids
from stockroom.images.change_log import Entry
from stockroom.images.picture import Picture
from stockroom.images.takedowns import TakenDown
from stockroom.runtime.timestamps import rfc3339

_CURSOR_MOMENT = "%Y%m%d%H%M%S%f"
_SHA256_DIGITS = 64
MAX_ANSWER_BYTES = 2_000_000
"""JSON of the pictures or entries of one answer. Lambda answers 6 MB; a character may take six bytes."""

_encode = msgspec.json.Encoder().encode


def present_deletions(
    requested: Sequence[str], restorable_until: Mapping[int, datetime]
) -> curation_schemas.DeletionResponse:
    """One answer per id in `requested`; a text that is no id, or no picture that was deleted, is gone."""

    def answer(text: str) -> curation_schemas.DeletionAnswer:
        until = restorable_until.get(ids.decode(text) or 0)
        if until is None:
            return curation_schemas.DeletionAnswer(id=text, state="gone")
        return curation_schemas.DeletionAnswer(id=text, state="deleted", restorable_until=rfc3339(until))

    return curation_schemas.DeletionResponse(images=[answer(text) for text in requested])


def present_restorations(
    requested: Sequence[str], states: Mapping[int, RestoredState], pictures: Mapping[int, Picture]
) -> curation_schemas.RestorationResponse:
    """One answer per id in `requested`, with those pictures that are ready.

    Once the pictures have MAX_ANSWER_BYTES, the others are answered without theirs.
    """
    size = 0

    def answer(text: str) -> curation_schemas.RestorationAnswer:
        nonlocal size
        image_id = ids.decode(text) or 0
        restored = curation_schemas.RestorationAnswer(id=text, state=states.get(image_id, "gone"))
        if restored.state == "ready":
            if image_id in pictures:
                image = present_image(pictures[image_id])
                size += len(_encode(image))
                restored.image = image if size <= MAX_ANSWER_BYTES else msgspec.UNSET
            else:
                # Whoever deletes a picture right after it was restored was faster than this answer.
                restored.state = "gone"
        return restored

    return curation_schemas.RestorationResponse(images=[answer(text) for text in requested])


def present_takedowns(
    requested: Sequence[str], taken: Mapping[int, bool]
) -> curation_schemas.TakedownResponse:
    """One answer per id in `requested`, and one for each other picture that was taken down."""
    asked_for = [ids.decode(text) for text in requested]
    others = [image_id for image_id, is_taken in taken.items() if is_taken and image_id not in asked_for]
    return curation_schemas.TakedownResponse(
        images=[
            curation_schemas.TakedownAnswer(
                id=text, state="taken-down" if taken.get(image_id or 0) else "gone"
            )
            for text, image_id in [
                *zip(requested, asked_for, strict=True),
                *((ids.encode(image_id), image_id) for image_id in others),
            ]
        ]
    )


def present_takedown_page(taken: Sequence[TakenDown], *, has_more: bool) -> curation_schemas.TakedownPage:
    """A page of the contents that were taken down; `has_more` says whether another one follows."""
    return curation_schemas.TakedownPage(
        takedowns=[
            curation_schemas.Takedown(
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


def present_log(page: change_log.Page) -> curation_schemas.LogPage:
    """A page of the change log.

    It ends early at MAX_ANSWER_BYTES: nobody's long edits may keep an administrator from reading the log.
    """
    presented: list[curation_schemas.LogEntry] = []
    size = 0
    for each in page.entries:
        entry = _present_entry(each)
        size += len(_encode(entry))
        if presented and size > MAX_ANSWER_BYTES:
            return curation_schemas.LogPage(entries=presented, next=presented[-1].id)
        presented.append(entry)
    return curation_schemas.LogPage(entries=presented, next=None if page.next is None else str(page.next))


def _present_entry(entry: Entry) -> curation_schemas.LogEntry:
    return curation_schemas.LogEntry(
        id=str(entry.entry_id),
        at=rfc3339(entry.at),
        image=None if entry.image_id == change_log.NO_PICTURE else ids.encode(entry.image_id),
        action=entry.action,
        actor=entry.actor_name,
        actor_id=None if entry.actor == change_log.LIBRARY else str(entry.actor),
        detail=entry.detail,
    )
