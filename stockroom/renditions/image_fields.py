"""Fields of an opened image, by the names that libvips gives them ("n-pages", "xmp-data")."""

from typing import Any


def read_number(image: Any, field: str) -> int:
    """The field's value, or 0 when the image does not have the field."""
    return int(image.get(field)) if image.get_typeof(field) else 0


def read_blob(image: Any, field: str) -> bytes:
    """The field's bytes, or none when the image does not have the field."""
    return bytes(image.get(field)) if image.get_typeof(field) else b""
