import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import pytest
from botocore.exceptions import ClientError

from functions.invalidate import app
from stockroom.images.cdn import MANY_DELETED, CdnBusy
from stockroom.runtime import settings
from tests.events import Context, created, sqs


@dataclass
class Cdn:
    """Notes what it is asked, and fails with the error that it is given."""

    error: Exception | None = None
    asked: list[tuple[list[str], str]] = field(default_factory=list)

    def invalidate(self, paths: Sequence[str], reference: str) -> None:
        self.asked.append((list(paths), reference))
        if self.error is not None:
            raise self.error


@pytest.fixture
def cdn(monkeypatch: pytest.MonkeyPatch) -> Cdn:
    cdn = Cdn()
    monkeypatch.setattr(app, "make_distribution", lambda: cdn)
    return cdn


def deleted(*keys: str) -> str:
    return created(*keys, event="ObjectRemoved:Delete")


BATCH = sqs(deleted("i/1-a/v1/240p.jpg"), deleted("i/1-a/v1/720p.jpg", "i/2-b/v1/240p.jpg"))


def test_a_batch_is_one_invalidation(cdn: Cdn) -> None:
    assert app.handler(BATCH, Context()) == {"batchItemFailures": []}
    ((paths, _),) = cdn.asked
    assert paths == ["/i/1-a*", "/i/2-b*"]


def test_keys_are_decoded_as_s3_encodes_them(cdn: Cdn) -> None:
    app.handler(sqs(deleted("i/a+b%2B/v1/240p.jpg")), Context())
    assert cdn.asked[0][0] == ["/i/a%20b%2B*"]


def test_a_batch_that_is_delivered_again_is_the_same_invalidation(cdn: Cdn) -> None:
    again = {"Records": list(reversed(BATCH["Records"]))}
    for batch in (BATCH, again, sqs(deleted("i/1-a/v1/240p.jpg", "i/2-b/v1/240p.jpg"))):
        app.handler(batch, Context())
    first, second, another = cdn.asked
    assert first == second
    assert (another[0], another[1] != first[1]) == (first[0], True), "CloudFront would take it for the first"


def test_a_cdn_that_is_busy_is_asked_again_later(cdn: Cdn) -> None:
    cdn.error = CdnBusy()
    assert app.handler(BATCH, Context()) == {
        "batchItemFailures": [{"itemIdentifier": "m0"}, {"itemIdentifier": "m1"}]
    }


def test_any_other_failure_is_an_error_of_the_function(cdn: Cdn) -> None:
    cdn.error = ClientError({"Error": {"Code": "AccessDenied"}}, "CreateInvalidation")
    with pytest.raises(ClientError):
        app.handler(BATCH, Context())


@pytest.mark.parametrize("body", ["no json", '{"Records": [{"s3": {}}]}'])
def test_a_message_that_cannot_be_read_fails_alone(cdn: Cdn, logs: Callable[[], str], body: str) -> None:
    batch = sqs(body, deleted("i/1-a/v1/240p.jpg"))
    assert app.handler(batch, Context()) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    assert cdn.asked[0][0] == ["/i/1-a*"]
    failed, told = (json.loads(line) for line in logs().splitlines())
    assert (failed["message"], failed["message_id"]) == ("not an event of storage", "m0")
    assert (told["message"], told["paths"]) == ("invalidated", ["/i/1-a*"])


def by(principal: str, *keys: str) -> str:
    """An event that names who has deleted."""
    event = json.loads(deleted(*keys))
    for record in event["Records"]:
        record["userIdentity"] = {"principalId": principal}
    return json.dumps(event)


@pytest.fixture
def with_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKROOM_JOBS_ROLE_ID", "AROAJOBS")
    monkeypatch.setattr(settings, "current", cache(settings.Settings.from_environment))


@pytest.mark.usefixtures("with_jobs")
def test_what_jobs_delete_is_no_invalidation(cdn: Cdn) -> None:
    jobs, others = by("AWS:AROAJOBS:run", "i/1-a/v1/240p.jpg"), by("AWS:AROAREAPER:run", "i/2-b/v1/240p.jpg")
    assert app.handler(sqs(jobs), Context()) == {"batchItemFailures": []}
    assert cdn.asked == []
    app.handler(sqs(jobs, others, deleted("i/3-c/v1/240p.jpg")), Context())
    assert cdn.asked[0][0] == ["/i/2-b*", "/i/3-c*"]


@pytest.mark.usefixtures("with_jobs")
def test_that_a_job_has_deleted_much_is_one_invalidation_of_all(cdn: Cdn) -> None:
    keys = ("i/1-a/v1/240p.jpg", "i/2-b/v1/240p.jpg", MANY_DELETED)
    app.handler(sqs(*(by("AWS:AROAJOBS:run", key) for key in keys)), Context())
    assert [paths for paths, _ in cdn.asked] == [["/i/*"]]


@pytest.mark.usefixtures("with_jobs")
def test_what_a_job_deletes_of_a_picture_whose_links_have_ended_is_an_invalidation(cdn: Cdn) -> None:
    keys = ("i/1-a/v2/240p.jpg", "i/1-a/deleted", "i/2-b/v1/240p.jpg")
    app.handler(sqs(*(by("AWS:AROAJOBS:run", key) for key in keys)), Context())
    assert [paths for paths, _ in cdn.asked] == [["/i/1-a*"]]


def test_the_test_event_of_s3_is_no_invalidation(cdn: Cdn) -> None:
    event = sqs('{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "images"}')
    assert app.handler(event, Context()) == {"batchItemFailures": []}
    assert cdn.asked == []


def test_it_imports_nothing_that_its_package_lacks() -> None:
    program = "import sys, functions.invalidate.app; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = set(result.stdout.split())
    assert imported.isdisjoint({"Stemmer", "pyvips", "pymysql", "jwt", "chalice", "cryptography"})
