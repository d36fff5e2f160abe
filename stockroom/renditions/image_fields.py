"""Fields of an opened image, by the names that libvips gives them ("n-pages",
"exif-ifd2-DateTimeOriginal")."""

from typing import Any


def read_number(image: Any, field: str) -> int:
    """The field's value, or 0 when the image does not have the field."""
    return int(image.get(field)) if image.get_typeof(field) else 0


def read_text(image: Any, field: str) -> str:
    """The field's value, or "" when the image does not have the field or it is no UTF-8."""
    try:
        return str(image.get(field)) if image.get_typeof(field) else ""
    except UnicodeDecodeError:
        return ""
