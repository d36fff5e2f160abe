"""Conditional requests (RFC 9110, section 13): entity tags of pictures, and what If-Match asks for."""

import re
from collections.abc import Set as AbstractSet

from stockroom.api.parameters import HeaderParameter
from stockroom.runtime.errors import PreconditionRequired

IF_MATCH = HeaderParameter(
    "The `ETag` of the picture that is meant, or `*` for the picture as it is now",
    name="If-Match",
    is_required=True,
)

OPTIONAL_IF_MATCH = HeaderParameter(
    "The `ETag` of the picture that is meant; without one, the picture as it is now", name="If-Match"
)

_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_REVISION = re.compile("([0-9]{1,10})(?:-[0-9a-f]+)?")


def make_revision_etag(revision: int) -> str:
    """The entity tag of a picture, whatever else of it has changed: the revision of its metadata."""
    return f'"{revision}"'


def make_image_etag(revision: int, body_tag: str) -> str:
    """The entity tag of an answer that is a picture, of which `body_tag` is that of the body.

    Browsers and the CDN compare it, and must not take an answer with old links for the present one: links
    become others without an edit, when the picture is rendered again or was hidden for a while.
    """
    return f'"{revision}-{body_tag.strip(chr(34))}"'


def parse_if_match(text: str) -> AbstractSet[int] | None:
    """The revisions that a request's If-Match names; None where it means any.

    PreconditionRequired without the header. Tags are compared weakly, unlike RFC 9110 asks: a CDN that
    compresses an answer makes its tag weak. What is no tag of a revision names none.
    """
    if not text.strip():
        raise PreconditionRequired(
            "Say which state of the picture you have edited: send its ETag as If-Match, or If-Match: *."
        )
    if text.strip() == "*":
        return None
    return {int(match[1]) for tag in _TAG.findall(text) if (match := _REVISION.fullmatch(tag))}
