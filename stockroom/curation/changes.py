"""Changes of metadata: what a client asks for, checked, and applied to the metadata of a picture."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, UnsetType

from stockroom.analysis.hashtags import parse_hashtags
from stockroom.analysis.terms import lower_tag
from stockroom.curation.requests import MAX_PICTURES, Changes, EditRequest
from stockroom.images import tags
from stockroom.images.fields import (
    check_dates,
    check_license,
    clean_license_url,
    clean_line,
    clean_moment,
    clean_name,
    clean_text,
)
from stockroom.images.picture import Metadata
from stockroom.runtime.errors import BadRequest, InvalidField
from stockroom.runtime.validation import escape

_RULES: Mapping[str, Callable[[Any, str], Any]] = {
    "name": clean_name,
    "description": lambda text, pointer: clean_text(text or "", "description", pointer),
    "license": check_license,
    "credit": lambda text, pointer: clean_line(text or "", "credit", pointer),
    "tags": lambda listed, pointer: tuple(tags.clean(listed or (), pointer)),
    "creator": lambda text, pointer: clean_line(text or "", "creator", pointer),
    "copyright": lambda text, pointer: clean_line(text or "", "copyright", pointer),
    "usage_terms": lambda text, pointer: clean_text(text or "", "usage_terms", pointer),
    "license_url": lambda text, pointer: clean_license_url(text or "", pointer),
    "place": lambda text, pointer: clean_line(text or "", "place", pointer),
    "embargo": lambda text, pointer: clean_moment(text, "embargo", pointer),
    "expires": lambda text, pointer: clean_moment(text, "expires", pointer),
}
"""The rule of each field that can be edited: from what was sent, and where, to what is stored."""


class Edit(Struct, frozen=True, kw_only=True):
    """A checked edit: fields that get these values, and tags that are added to the others or taken away."""

    fields: Mapping[str, Any]
    added_tags: tuple[str, ...] = ()
    removed_tags: tuple[str, ...] = ()

    @property
    def changes_dates(self) -> bool:
        """Whether the edit names a moment before or after which a picture is hidden."""
        return not self.fields.keys().isdisjoint(("embargo", "expires"))

    @property
    def dates(self) -> list[datetime | None]:
        """The moments that the edit gives."""
        return [self.fields.get("embargo"), self.fields.get("expires")]

    def apply(self, metadata: Metadata) -> Metadata:
        """The metadata after the edit; InvalidField when the picture would have too many tags, or would
        expire before the end of its embargo.
        """
        edited = msgspec.structs.replace(metadata, **self.fields)
        if self.changes_dates:
            check_dates(edited.embargo, edited.expires, "")
        if "description" in self.fields:
            edited = msgspec.structs.replace(edited, hashtags=tuple(parse_hashtags(edited.description)))
        # A stored tag may still have the second dot that `lower_tag` takes away.
        remaining = [tag for tag in edited.tags if lower_tag(tag) not in self.removed_tags]
        all_tags = tuple(dict.fromkeys((*remaining, *self.added_tags)))
        tags.check_number(all_tags, "/add_tags")
        return msgspec.structs.replace(edited, tags=all_tags)


def check_changes(changes: Changes, pointer: str = "") -> dict[str, Any]:
    """The values that the fields get; InvalidField for the first one that is wrong.

    `pointer` is where the changes stand in the request.
    """
    return {
        field: rule(value, f"{pointer}/{field}")
        for field, rule in _RULES.items()
        if not isinstance(value := getattr(changes, field), UnsetType)
    }


def make_edit(changes: Changes) -> Edit:
    """The edit of one picture; BadRequest when it changes no field at all."""
    return _refuse_empty(Edit(fields=check_changes(changes)))


def make_bulk_edit(request: EditRequest) -> Edit:
    """The edit of many pictures; BadRequest when it changes nothing, or names none of them or too many.

    InvalidField for a revision of a picture that is not among the `ids`, as it would be a condition of none.
    """
    if not 0 < len(request.ids) <= MAX_PICTURES:
        detail = f"The request names {len(request.ids)} pictures; edit 1 to {MAX_PICTURES} a request."
        raise BadRequest.at("/ids", "too-many-ids" if request.ids else "no-ids", detail)
    known = set(request.ids)
    for image_id in request.revisions:
        if image_id not in known:
            detail = f"The key {image_id!r} of 'revisions' is not among the 'ids' of the request."
            raise InvalidField(f"/revisions/{escape(image_id)}", "invalid-field", detail)
    return _refuse_empty(
        Edit(
            fields=check_changes(request.set, "/set"),
            added_tags=tuple(tags.clean(request.add_tags, "/add_tags")),
            removed_tags=tuple(tags.clean(request.remove_tags, "/remove_tags")),
        )
    )


def _refuse_empty(edit: Edit) -> Edit:
    if not (edit.fields or edit.added_tags or edit.removed_tags):
        raise BadRequest.at("", "empty-edit", "The edit is empty: name at least one field.")
    return edit
