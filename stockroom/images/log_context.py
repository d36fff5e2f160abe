"""The fields `image_id` and `image_ids` of log lines: a line about pictures names them as the API does."""

from collections.abc import Iterator
from contextlib import contextmanager

from stockroom.images import ids
from stockroom.runtime.observability import logger

FIELD = "image_id"
FIELD_OF_MANY = "image_ids"
"""In the one line that is about all pictures of a batch."""


def name_picture(image_id: int | None) -> None:
    """Have all lines from now on name this picture, and no other; with None they name none."""
    if image_id is None:
        logger.remove_keys([FIELD])
    else:
        logger.append_keys(**{FIELD: ids.encode(image_id)})


@contextmanager
def about(image_id: int | None) -> Iterator[None]:
    """Have the lines that are logged inside the `with` block name this picture."""
    before = logger.get_current_keys().get(FIELD)
    name_picture(image_id)
    try:
        yield
    finally:
        name_picture(None if before is None else ids.decode(before))
