"""A picture's id as an operator names it."""

from stockroom.images import ids
from tooling.errors import ToolError


def read_picture_id(text: str) -> int:
    """The number of a public id. Raises ToolError for what is none."""
    number = ids.decode(text)
    if number is None:
        raise ToolError(f"{text!r} is no picture's id: an id is the 13 characters of its address")
    return number
