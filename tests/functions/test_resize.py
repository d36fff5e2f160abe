import json
from collections.abc import Callable

import pytest

from functions.resize import app as module
from functions.resize.app import handler
from stockroom.images import ids
from stockroom.resources import Resources
from tests.events import Context, created, sqs
from tests.factories import state, uploaded
from tests.renditions.images import photo_bytes


@pytest.fixture(autouse=True)
def wired(at: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "resources", lambda: at)


def key(number: int) -> str:
    return f"originals/{ids.encode(number)}"


def test_every_record_of_every_message_is_handled(at: Resources) -> None:
    good, bad = uploaded(at, photo_bytes()), uploaded(at, b"no picture")
    assert handler(sqs(created(key(good), key(bad))), Context()) == {"batchItemFailures": []}
    assert (state(at.db, good), state(at.db, bad)) == ("ready", "failed")


def test_one_failing_message_does_not_take_the_others_along(at: Resources) -> None:
    good = uploaded(at, photo_bytes())
    answer = handler(sqs("not json", created(key(good))), Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert state(at.db, good) == "ready"


def test_storage_announcing_itself_is_ignored(logs: Callable[[], str]) -> None:
    test_event = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"})
    assert handler(sqs(test_event), Context()) == {"batchItemFailures": []}
    assert "failed" not in logs()


def test_keys_are_url_encoded_and_foreign_ones_passed_over(logs: Callable[[], str]) -> None:
    assert handler(sqs(created("originals/a+b%21", "elsewhere/x")), Context()) == {"batchItemFailures": []}
    logged = logs()
    assert "originals/a b!" in logged
    assert "elsewhere/x" in logged
