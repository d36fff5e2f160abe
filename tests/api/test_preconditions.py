import pytest

from stockroom.api.preconditions import make_image_etag, make_revision_etag, parse_if_match
from stockroom.api.response_cache import make_etag
from stockroom.runtime.errors import PreconditionRequired


@pytest.mark.parametrize(
    ("text", "revisions"),
    [
        (make_revision_etag(7), {7}),
        (make_image_etag(7, make_etag(b"body")), {7}),
        ('W/"7"', {7}),
        ('"7", W/"8" ,"9"', {7, 8, 9}),
        ("*", None),
        (" * ", None),
        # What is no tag of a revision names none, so nothing is edited.
        ("7", set()),
        ('"7-x", "-ab", "7-"', set()),
        ('"seven"', set()),
        ('"-1", "٣", "12345678901"', set()),
    ],
)
def test_if_match_names_revisions(text: str, revisions: set[int] | None) -> None:
    assert parse_if_match(text) == revisions


@pytest.mark.parametrize("text", ["", "  "])
def test_without_if_match_the_way_out_is_said(text: str) -> None:
    with pytest.raises(PreconditionRequired, match="send its ETag as If-Match"):
        parse_if_match(text)
