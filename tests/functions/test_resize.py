import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from functions.resize import app as module
from functions.resize.app import handler
from stockroom.images import ids
from stockroom.ingest.process import READY_METRIC
from stockroom.resources import Resources
from tests.events import Context, created, sqs
from tests.factories import pending, state, uploaded
from tests.renditions.images import photo_bytes


@pytest.fixture(autouse=True)
def wired(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "resources", lambda: resources)


def key(image_id: int) -> str:
    return f"originals/{ids.encode(image_id)}"


def test_every_record_of_every_message_is_handled(resources: Resources, logs: Callable[[], str]) -> None:
    good, bad, late = uploaded(resources, photo_bytes()), uploaded(resources, b"no"), pending(resources)
    events = sqs(created(key(good), key(bad)), created(key(late)))
    assert handler(events, Context()) == {"batchItemFailures": []}
    assert [state(resources.db, image_id) for image_id in (good, bad, late)] == ["ready", "failed", "pending"]
    logged = logs()
    for metric in ("OriginalsReady", "OriginalsFailed", "OriginalsKept"):
        assert f'"{metric}":[1.0]' in logged.replace(" ", "")
    assert '"Messages":[2.0]' in logged.replace(" ", "")


def measured(logs: Callable[[], str], name: str) -> list[float]:
    lines = [json.loads(line) for line in logs().splitlines()]
    return [value for line in lines for value in line.get(name, ())]


def test_the_time_from_a_put_until_the_picture_is_public_is_measured(
    resources: Resources, logs: Callable[[], str]
) -> None:
    hour = 3_600_000.0
    landed = (datetime.now(UTC) - timedelta(hours=1)).isoformat(timespec="milliseconds")
    image_id = uploaded(resources, photo_bytes())
    handler(sqs(created(key(image_id), at=landed.replace("+00:00", "Z"))), Context())
    (waited,) = measured(logs, READY_METRIC)
    assert hour <= waited < 2 * hour


def test_a_clock_of_storage_that_is_ahead_is_no_negative_time(
    resources: Resources, logs: Callable[[], str]
) -> None:
    image_id = uploaded(resources, photo_bytes())
    handler(sqs(created(key(image_id), at="2100-01-01T00:00:00.000Z")), Context())
    assert measured(logs, READY_METRIC) == [0.0]


def test_an_original_that_is_announced_again_and_one_that_fails_have_no_such_time(
    resources: Resources, logs: Callable[[], str]
) -> None:
    again, bad = uploaded(resources, photo_bytes()), uploaded(resources, b"no")
    handler(sqs(created(key(again), event="ObjectCreated:Copy"), created(key(bad))), Context())
    assert [state(resources.db, image_id) for image_id in (again, bad)] == ["ready", "failed"]
    assert measured(logs, READY_METRIC) == []


def test_a_failure_names_its_picture_and_the_next_line_does_not(
    resources: Resources, logs: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = uploaded(resources, photo_bytes())
    monkeypatch.setattr(resources.storage, "open_original", None)
    logs()
    answer = handler(sqs(created(key(image_id)), created("elsewhere/x")), Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    lines = [json.loads(line) for line in logs().splitlines()]
    assert [(line["message"], line.get("image_id")) for line in lines if "message" in line] == [
        ("message failed", ids.encode(image_id)),
        ("not an original", None),
    ]


def test_what_follows_in_a_message_does_not_name_the_picture_before(
    resources: Resources, logs: Callable[[], str]
) -> None:
    late = pending(resources)
    logs()
    handler(sqs(created(key(late), "elsewhere/x")), Context())
    lines = [json.loads(line) for line in logs().splitlines()]
    assert [(line["message"], line.get("image_id")) for line in lines if "message" in line] == [
        ("original", ids.encode(late)),
        ("not an original", None),
    ]


def test_one_failing_message_does_not_take_the_others_along(
    resources: Resources, logs: Callable[[], str]
) -> None:
    good = uploaded(resources, photo_bytes())
    answer = handler(sqs("not json", created(key(good))), Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert state(resources.db, good) == "ready"
    assert '"ResizeErrors":[1.0]' in logs().replace(" ", "")


def test_storage_announcing_itself_is_ignored(logs: Callable[[], str]) -> None:
    test_event = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"})
    assert handler(sqs(test_event), Context()) == {"batchItemFailures": []}
    assert "failed" not in logs()


def test_keys_are_url_encoded_and_foreign_ones_passed_over(logs: Callable[[], str]) -> None:
    assert handler(sqs(created("originals/a+b%21", "elsewhere/x")), Context()) == {"batchItemFailures": []}
    logged = logs()
    assert "originals/a b!" in logged
    assert "elsewhere/x" in logged
