"""msgspec's validation errors as stable codes, JSON pointers and sentences."""

import re
from typing import Any, TypeVar

import msgspec

from stockroom.runtime.errors import InvalidField

T = TypeVar("T")

_PATH = re.compile(r" - at `(?:key in )?\$?([^`]*)`$")
_FIELD = re.compile(r"`([^`]*)`")


def converted(value: Any, shape: type[T]) -> T:
    """`value` (decoded JSON) as `shape`; InvalidField names the first place that is wrong."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise explained(str(error)) from None


def explained(message: str) -> InvalidField:
    """msgspec's message, e.g. ``Expected `int`, got `str` - at `$.files[3].size` ``, as an InvalidField."""
    path = _PATH.search(message)
    said = _PATH.sub("", message)
    pointer = _pointer(path[1] if path else "")
    named = _FIELD.search(said)
    if said.startswith("Object contains unknown field") and named:
        field = f"{pointer}/{_escaped(named[1])}"
        return InvalidField(field, "unknown-field", f"There is no field {named[1]!r} here; leave it out.")
    if said.startswith("Object missing required field") and named:
        field = f"{pointer}/{named[1]}"
        return InvalidField(field, "missing-field", f"The field {named[1]!r} is missing.")
    where = f"{pointer.lstrip('/') or 'The body'}: "
    return InvalidField(pointer, "invalid-field", where + said[0].lower() + said[1:] + ".")


def _escaped(name: str) -> str:
    """A member's name in a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _pointer(path: str) -> str:
    """`.files[3].size` as the JSON pointer `/files/3/size`."""
    return re.sub(r"\[(\d+|\.\.\.)\]", r"/\1", path).replace(".", "/") if path else ""
