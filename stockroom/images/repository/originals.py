"""The statement that reads what is known of an original that may be handed out."""

from typing import NamedTuple

from stockroom.images.picture import Picture
from stockroom.images.repository.pictures import find_in_states
from stockroom.images.states import VISIBLE, State
from stockroom.runtime.database import Database

HANDED_OUT: tuple[State, ...] = ("ready", "hidden")
"""The states in which a picture's original can be had."""


class OriginalRow(NamedTuple):
    """A picture, its state, and its original: its true media type, its size in bytes, its hash, its name.

    A picture is as good as hidden from the moment on in which it expires, whenever the reaper hides it.
    `embedded` is what the file says about itself, as JSON; None for a file that was never read for that.
    `file_name` is what the contributor's file was called, which is for the contributor alone.
    """

    picture: Picture
    state: State
    media_type: str
    size: int
    sha256: bytes | None
    embedded: str | None
    file_name: str


def find_original(db: Database, image_id: int) -> OriginalRow | None:
    """What is known of an original; None without a picture that is ready or hidden. Two primary-key reads.

    A picture is hidden from the moment on in which it expires, whenever the reaper hides it.
    """
    found = find_in_states(db, [image_id], HANDED_OUT).get(image_id)
    rows = (
        db.query(
            f"SELECT {VISIBLE}, type, size, sha256, embedded, COALESCE(file_name, name) "
            "FROM image WHERE id = %s",
            (image_id,),
        )
        if found
        else ()
    )
    if not found or not rows:
        return None
    is_visible, *original = rows[0]
    return OriginalRow(found.picture, found.state if is_visible else "hidden", *original)
