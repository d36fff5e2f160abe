"""The statements that edit published pictures. Round trips do not grow with the number of pictures."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from pymysql.cursors import Cursor

from stockroom.images.picture import Metadata
from stockroom.images.repository.metadata import METADATA_COLUMNS, metadata_columns
from stockroom.images.states import EDIT
from stockroom.runtime.database import placeholders


class NewMetadata(NamedTuple):
    """What a picture's metadata becomes: from the one of `revision` to the one of the next revision."""

    revision: int
    metadata: Metadata
    filled: tuple[str, ...]


def lock_revisions(cursor: Cursor, image_ids: Collection[int]) -> dict[int, int]:
    """The revisions of those pictures that can be edited, locked until the transaction ends. Primary key."""
    states = ", ".join(f"'{state}'" for state in EDIT.sources)
    cursor.execute(
        f"SELECT id, revision FROM image WHERE id IN ({placeholders(image_ids)}) AND state IN ({states}) "
        "ORDER BY id FOR UPDATE",
        sorted(image_ids),
    )
    return dict(cursor.fetchall())


def replace_metadata(cursor: Cursor, edits: Mapping[int, NewMetadata]) -> int:
    """Give published pictures other metadata, by id, with one statement; how many have them now.

    A picture whose revision is another one by now stays as it is. Primary key, one read each.
    """
    columns = ("id", "revision", "filled", *METADATA_COLUMNS)
    first = f"SELECT {', '.join(f'%s {column}' for column in columns)}"
    further = f"SELECT {', '.join(['%s'] * len(columns))}"
    arguments: list[object] = []
    for image_id, edit in sorted(edits.items()):
        arguments += (image_id, edit.revision, ",".join(edit.filled), *metadata_columns(edit.metadata))
    return cursor.execute(
        f"UPDATE image JOIN ({' UNION ALL '.join([first] + [further] * (len(edits) - 1))}) new "
        "ON new.id = image.id SET "
        f"{', '.join(f'image.{column} = new.{column}' for column in ('filled', *METADATA_COLUMNS))}, "
        "image.revision = image.revision + 1, image.edited = UTC_TIMESTAMP(3) "
        f"WHERE {EDIT.condition}",
        tuple(arguments),
    )
