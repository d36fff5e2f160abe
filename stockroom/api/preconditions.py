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


def make_revision_etag(revision: int) -> str:
    """The entity tag of a picture: the revision of its metadata."""
    return f'"{revision}"'


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
    return {int(tag) for tag in _TAG.findall(text) if re.fullmatch("[0-9]{1,10}", tag)}
