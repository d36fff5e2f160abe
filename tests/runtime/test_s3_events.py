"""Events of S3, as the functions read them."""

from datetime import UTC, datetime

import msgspec
import pytest

from stockroom.runtime.s3_events import read_event
from tests.events import created

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_an_event_says_which_objects_were_put_and_when() -> None:
    first, second = read_event(created("due/2026-05-01T12%3A00", "i/1+a"))
    assert (first.key, second.key) == ("due/2026-05-01T12:00", "i/1 a")
    assert first.put_at == second.put_at == NOON
    assert first.request_id == "C3D13FE58DE4C810"


@pytest.mark.parametrize(
    "event", ["ObjectCreated:Copy", "ObjectRemoved:Delete", "ObjectCreated:CompleteMultipartUpload"]
)
def test_what_else_happened_to_an_object_is_no_put(event: str) -> None:
    (announced,) = read_event(created("originals/1", event=event))
    assert announced.put_at is None


def test_an_event_of_little_more_than_a_key_is_read() -> None:
    (announced,) = read_event('{"Records": [{"s3": {"object": {"key": "originals/1", "size": 7}}}]}')
    assert (announced.key, announced.put_at, announced.request_id) == ("originals/1", None, None)


def test_the_test_event_announces_nothing() -> None:
    assert read_event('{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "uploads"}') == []


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"Records": [{"s3": {}}]}', '{"Records": 1}'])
def test_a_text_that_is_no_event_is_refused(text: str) -> None:
    with pytest.raises(msgspec.MsgspecError):
        read_event(text)
