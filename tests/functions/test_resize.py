import json
from collections.abc import Callable

import pytest

from functions.resize import app as module
from functions.resize.app import handler
from stockroom.images import ids
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
