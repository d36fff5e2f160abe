"""msgspec's validation errors as stable codes, JSON pointers and sentences."""

import re
from typing import Any, TypeVar

import msgspec

from stockroom.runtime.errors import InvalidField

MAX_QUOTED = 100
"""Characters of what a client has sent that an answer repeats."""

T = TypeVar("T")

_PATH = re.compile(r" - at `(?:key in )?\$?([^`]*)`$")
_FIELD = re.compile(r"`([^`]*)`")


def convert(value: Any, shape: type[T]) -> T:
    """Decoded JSON as `shape`; InvalidField names the first field that is wrong."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise explain(str(error)) from None


def explain(message: str) -> InvalidField:
    """A message of msgspec as an InvalidField: ``Expected `int`, got `str` - at `$.files[3].size` ``."""
    path = _PATH.search(message)
    reason = _PATH.sub("", message)
    pointer = _pointer(path[1] if path else "")
    field = _FIELD.search(reason)
    if field and reason.startswith("Object contains unknown field"):
        name = abbreviate(field[1])
        detail = f"There is no field {name!r} here; leave it out."
        return InvalidField(f"{pointer}/{escape(name)}", "unknown-field", detail)
    if field and reason.startswith("Object missing required field"):
        detail = f"The field {field[1]!r} is missing."
        return InvalidField(f"{pointer}/{field[1]}", "missing-field", detail)
    # The reason names the value where that is none of an enumeration.
    reason = abbreviate(reason)
    place = pointer.lstrip("/") or "The body"
    return InvalidField(pointer, "invalid-field", f"{place}: {reason[0].lower()}{reason[1:]}.")


def abbreviate(text: str) -> str:
    """A client's text as an answer may repeat it: an answer must not be as long as the request likes."""
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"


def escape(name: str) -> str:
    """The name of a member as one step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def _pointer(path: str) -> str:
    """A path of msgspec as a JSON pointer: `.files[3].size` becomes `/files/3/size`.

    Of a member of a mapping, `.revisions[...]`, msgspec does not say which one: the pointer is the mapping's.
    """
    return re.sub(r"\[(\d+)\]", r"/\1", path.replace("[...]", "")).replace(".", "/")
