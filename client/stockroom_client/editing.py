"""Edits of published pictures: what is to change, what that would do, and doing it."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from stockroom_client.api import Api
from stockroom_client.captions import read_list
from stockroom_client.contract import UNREADABLE, EditAnswer
from stockroom_client.failures import Failure
from stockroom_client.metadata import MetadataFields

IDS_PER_REQUEST = 100  # The library takes 500; so many are answered within a second or two.


class Change(MetadataFields, kw_only=True, forbid_unknown_fields=True):
    """Fields that become others; an empty one is cleared. Tags are set first, then taken away, then added."""

    add_tags: list[str] = msgspec.field(default_factory=list)
    remove_tags: list[str] = msgspec.field(default_factory=list)

    @property
    def request(self) -> dict[str, Any]:
        """The change as the library takes it."""
        fields = msgspec.to_builtins(self)
        tags = {name: fields.pop(name) for name in ("add_tags", "remove_tags")}
        return {"set": fields} | {name: value for name, value in tags.items() if value}

    def describe(self, image: dict[str, Any]) -> list[str]:
        """What would become other about a picture, a line each.

        The tags of a picture as the library shows it are the explicit ones and the hashtags together, so what
        is said of tags may be more than what happens.
        """
        request = self.request
        lines = [
            f"{field}: {_shown(image.get(field))} becomes {_shown(value)}"
            for field, value in request["set"].items()
            if image.get(field) != value
        ]
        present = set(image.get("tags", []))
        if added := [tag for tag in self.add_tags if tag.lower() not in present]:
            lines.append(f"new tags: {', '.join(added)}")
        if removed := [tag for tag in self.remove_tags if tag.lower() in present]:
            lines.append(f"without the tags: {', '.join(removed)}")
        return lines


class Edit(Change, kw_only=True, forbid_unknown_fields=True):
    """The change of one picture, as a line of a table has it."""

    id: str

    @property
    def change(self) -> Change:
        """The change without the picture."""
        fields = {name: getattr(self, name) for name in Change.__struct_fields__}
        return Change(**fields)


def read_edits(path: Path) -> list[tuple[str, Change]]:
    """The pictures of a table (CSV, or a list in JSON) with their changes; a Failure says where it is wrong.

    The empty cells of a CSV table change nothing; in JSON an empty text clears a field.
    """
    try:
        edits = read_list(path, Edit)
    except (OSError, csv.Error, *UNREADABLE) as error:
        raise Failure("captions", f"{path}: {getattr(error, 'strerror', error)}") from error
    seen: set[str] = set()
    for edit in edits:
        if edit.id in seen:
            raise Failure("captions", f"{path}: {edit.id} is there more than once")
        if edit.change == Change():
            raise Failure("captions", f"{path}: nothing is said about {edit.id}")
        seen.add(edit.id)
    return [(edit.id, edit.change) for edit in edits]


def apply_edits(api: Api, edits: Sequence[tuple[str, Change]]) -> Iterator[EditAnswer]:
    """What became of each picture, as the library answers. Pictures that change alike are one request."""
    groups: list[tuple[Change, list[str]]] = []
    for image_id, change in edits:
        if not groups or groups[-1][0] != change or len(groups[-1][1]) == IDS_PER_REQUEST:
            groups.append((change, []))
        groups[-1][1].append(image_id)
    for change, ids in groups:
        yield from api.edit_images(ids, change.request)


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return repr(value) if value else "nothing"
