"""The commonest tags of the library, each with a picture that shows what it is about."""

from typing import NamedTuple

from stockroom.images.picture import Picture
from stockroom.images.repository.pictures import find_ready
from stockroom.runtime.database import Database
from stockroom.search.index.posting_reader import find_newest
from stockroom.search.index.surface_forms import decode_tag
from stockroom.search.suggest.completion import find_tags

CANDIDATES_PER_TAG = 4
"""Of so many of a tag's newest pictures its cover is one: pictures often share several popular tags."""


class PopularTag(NamedTuple):
    """A tag, how many pictures carry it, and one of the newest of them; None if none of them may be seen."""

    tag: str
    picture_count: int
    cover: Picture | None


def find_popular_tags(db: Database, limit: int) -> list[PopularTag]:
    """The commonest tags with their covers, as far as possible no picture twice.

    Four statements: two for the tags, one for the newest ids of each, one for the pictures.
    """
    completions = find_tags(db, "", limit)
    newest = find_newest(db, [each.term_id for each in completions], CANDIDATES_PER_TAG)
    chosen: dict[int, int] = {}
    for each in completions:
        ids = newest.get(each.term_id, [])
        used = set(chosen.values())
        if ids:
            chosen[each.term_id] = next((image_id for image_id in ids if image_id not in used), ids[0])
    pictures = {picture.image_id: picture for picture in find_ready(db, list(set(chosen.values())))}
    return [
        PopularTag(decode_tag(each.surface), each.df, pictures.get(chosen.get(each.term_id, 0)))
        for each in completions
    ]
