"""Texts of strangers within HTML, XML, and JSON in a page's script element."""

import html
import re
from typing import Any

import msgspec

from stockroom.analysis.appearance import DIRECTIONS

# What XML 1.0 has no spelling for (https://www.w3.org/TR/xml/#charsets), and the controls that HTML forbids.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# A closing tag or a comment would end or change the script element; old JavaScript took the last two for ends
# of lines.
_IN_SCRIPT = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def escape(text: str) -> str:
    """A text as content of an element or in a quoted attribute, of HTML and of XML alike."""
    return html.escape(_FORBIDDEN.sub("", text))


def make_line(text: str, limit: int) -> str:
    """A text as one line that changes no direction of what stands beside it, cut at a word's end."""
    visible = "".join(char for char in _FORBIDDEN.sub("", text) if char not in DIRECTIONS)
    line = " ".join(visible.split())
    if len(line) <= limit:
        return line
    return f"{line[:limit].rpartition(' ')[0] or line[: limit - 1]}…"


def write_json_script(value: Any) -> str:
    """JSON as the content of a `<script>` element, in which only `</script` and comments mean anything."""
    return msgspec.json.encode(value).decode().translate(_IN_SCRIPT)
