"""Who tells the reaper when it is needed: everybody who sets a time that people wait for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.manage_images.app import app as manage_images
from functions.reaper import app as reaper
from functions.upload_url.app import app as upload_url
from stockroom.images import ids
from stockroom.images.due_times import LARGE_STEP, SMALL_STEP, SOON, due_key, read_due_key, round_up
from stockroom.images.repository.lifecycle import SETTLE_SECONDS
from stockroom.images.states import ATTEMPT_SECONDS
from stockroom.resources import Resources
from stockroom.runtime.database import Database
from stockroom.runtime.timestamps import now, rfc3339
from tests.curation.pictures import published
from tests.events import Context, http
from tests.factories import file, s3_client, state
from tests.tokens import make_header, publish_key

OVERDUE = timedelta(seconds=SETTLE_SECONDS) + SOON
"""When the reaper can finish an edit that has died, from before the edit on."""


@pytest.fixture(autouse=True)
def wired(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_key(resources.settings)
    for each in (manage_images, upload_url):
        monkeypatch.setattr(each, "services", lambda: resources)
    monkeypatch.setattr(reaper, "resources", lambda: resources)


def told(resources: Resources) -> set[str]:
    """The keys of the objects that tell due times."""
    listed = s3_client().list_objects_v2(Bucket=resources.settings.uploads_bucket, Prefix="due/")
    return {each["Key"] for each in listed.get("Contents", ())}


def keys_at(before: datetime, later: timedelta) -> set[str]:
    """The keys of which one tells a moment so much later: the clock may have gone on since `before`."""
    return {due_key(round_up(moment + later, SMALL_STEP)) for moment in (before, now())}


def deadline(resources: Resources, image_id: int) -> datetime:
    ((moment,),) = resources.db.query("SELECT deadline FROM image WHERE id = %s", (image_id,))
    assert isinstance(moment, datetime)
    return moment


@pytest.mark.parametrize("in_bulk", [False, True])
def test_a_deletion_tells_when_the_picture_can_be_restored_no_longer(
    resources: Resources, *, in_bulk: bool
) -> None:
    image_id = published(resources)
    request = (
        http("POST /api/images/delete", body={"ids": [ids.encode(image_id)]}, token=make_header())
        if in_bulk
        else http("DELETE /api/images/{id}", {"id": ids.encode(image_id)}, token=make_header())
    )
    before = now()
    assert manage_images(request, Context())["statusCode"] in (200, 204)
    exactly = due_key(round_up(deadline(resources, image_id), SMALL_STEP))
    assert exactly in told(resources)
    beforehand = timedelta(seconds=resources.settings.restore_seconds) + SOON
    assert told(resources) - {exactly} <= keys_at(before, beforehand)


def test_a_restored_picture_is_looked_at_at_once(resources: Resources) -> None:
    image_id = published(resources)
    body = {"ids": [ids.encode(image_id)]}
    manage_images(http("POST /api/images/delete", body=body, token=make_header()), Context())
    before, deleted = now(), told(resources)
    manage_images(http("POST /api/images/restore", body=body, token=make_header()), Context())
    assert state(resources.db, image_id) == "ready"
    possible = keys_at(before, SOON)
    assert told(resources) - deleted <= possible
    assert told(resources) & possible


@pytest.mark.parametrize("in_bulk", [False, True])
def test_an_edit_tells_the_dates_that_are_near(resources: Resources, *, in_bulk: bool) -> None:
    image_id = ids.encode(published(resources))
    near, far = now() + timedelta(hours=5), now() + timedelta(days=30)
    dates = {"embargo": rfc3339(near), "expires": rfc3339(far)}
    request = (
        http("POST /api/images/edit", body={"ids": [image_id], "set": dates}, token=make_header())
        if in_bulk
        else http(
            "PATCH /api/images/{id}",
            {"id": image_id},
            body=dates,
            headers={"if-match": "*"},
            token=make_header(),
        )
    )
    before = now()
    assert manage_images(request, Context())["statusCode"] == 200
    date = due_key(round_up(near, LARGE_STEP))
    assert date in told(resources)
    assert told(resources) - {date} <= keys_at(before, OVERDUE)


class Death(BaseException):
    """The end of a process, in the middle of what it does."""


SOON_EMBARGO = {"embargo": rfc3339(now() + timedelta(minutes=40))}
CHANGES: dict[str, dict[str, Any]] = {
    "PATCH /api/images/{id}": SOON_EMBARGO,
    "POST /api/images/edit": {"set": SOON_EMBARGO},
    "DELETE /api/images/{id}": {},
    "POST /api/images/delete": {},
    "POST /api/images/restore": {},
    "POST /api/images/takedown": {"reason": "A court has ordered it."},
}


def change(route: str, image_id: int, body: dict[str, Any]) -> None:
    encoded = ids.encode(image_id)
    token = make_header(scope="admin" if route.endswith("takedown") else "upload")
    if route.endswith("{id}"):
        request = http(route, {"id": encoded}, body=body, headers={"if-match": "*"}, token=token)
    else:
        request = http(route, body={"ids": [encoded], **body}, token=token)
    assert manage_images(request, Context())["statusCode"] in (200, 204)


@pytest.mark.parametrize("route", CHANGES)
def test_who_dies_right_after_the_commit_has_told_when_the_reaper_can_do_the_rest(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    image_id = published(resources)
    if route.endswith("restore"):
        change("PATCH /api/images/{id}", image_id, SOON_EMBARGO)
        change("POST /api/images/delete", image_id, {})
    for key in told(resources):
        s3_client().delete_object(Bucket=resources.settings.uploads_bucket, Key=key)
    resources.__dict__.pop("due_times", None)
    run_transaction = Database.run_transaction

    def commit_and_die(db: Database, work: Any) -> None:
        run_transaction(db, work)
        raise Death

    monkeypatch.setattr(Database, "run_transaction", commit_and_die)
    with pytest.raises(Death):
        change(route, image_id, CHANGES[route])
    assert state(resources.db, image_id) in ("hidden", "deleted", "deleting")
    overdue = deadline(resources, image_id).replace(tzinfo=UTC)
    times = {due for key in told(resources) if (due := read_due_key(key, now()))}
    assert any(overdue <= due < overdue + timedelta(minutes=7) for due in times), (overdue, times)
    if CHANGES[route] in (SOON_EMBARGO, {"set": SOON_EMBARGO}):
        assert round_up(datetime.fromisoformat(SOON_EMBARGO["embargo"]), SMALL_STEP) in times


def test_an_edit_of_something_else_tells_nothing(resources: Resources) -> None:
    image_id = ids.encode(published(resources))
    request = http(
        "PATCH /api/images/{id}",
        {"id": image_id},
        body={"description": "A lighthouse"},
        headers={"if-match": "*"},
        token=make_header(),
    )
    assert manage_images(request, Context())["statusCode"] == 200
    assert told(resources) == set()


def test_an_upload_tells_its_dates(resources: Resources) -> None:
    near = now() + timedelta(hours=5)
    body = {"files": [file(b"1", embargo=rfc3339(near)), file(b"2")]}
    answer = upload_url(http("POST /api/uploads", body=body, token=make_header()), Context())
    assert answer["statusCode"] == 200
    assert told(resources) == {due_key(round_up(near, LARGE_STEP))}


def test_the_reaper_tells_what_comes_until_its_next_run(resources: Resources) -> None:
    image_id = published(resources)
    near = now() + timedelta(hours=5)
    resources.db.execute("UPDATE image SET expires = %s WHERE id = %s", (near.replace(tzinfo=None), image_id))
    reaper.handler({}, Context())
    assert told(resources) == {due_key(round_up(near, LARGE_STEP))}


def let_an_attempt_run(resources: Resources, image_id: int) -> str:
    """Have an attempt at a picture begin just now; the key that tells its end."""
    resources.db.execute("UPDATE image SET attempted_at = UTC_TIMESTAMP(3) WHERE id = %s", (image_id,))
    ((end,),) = resources.db.query(
        f"SELECT attempted_at + INTERVAL {ATTEMPT_SECONDS} SECOND FROM image WHERE id = %s", (image_id,)
    )
    return due_key(round_up(end, SMALL_STEP))


def test_an_edit_that_hides_tells_when_nobody_writes_under_the_old_links_any_more(
    resources: Resources,
) -> None:
    image_id = published(resources)
    end = let_an_attempt_run(resources, image_id)
    body = {"embargo": rfc3339(now() + timedelta(days=30))}
    path, headers = {"id": ids.encode(image_id)}, {"if-match": "*"}
    request = http("PATCH /api/images/{id}", path, body=body, headers=headers, token=make_header())
    before = now()
    assert manage_images(request, Context())["statusCode"] == 200
    assert state(resources.db, image_id) == "hidden"
    assert end in told(resources)
    assert told(resources) - {end} <= keys_at(before, OVERDUE)


def test_a_reaper_that_hides_tells_when_nobody_writes_under_the_old_links_any_more(
    resources: Resources,
) -> None:
    image_id = published(resources)
    resources.db.execute("UPDATE image SET expires = UTC_TIMESTAMP(3) WHERE id = %s", (image_id,))
    end = let_an_attempt_run(resources, image_id)
    assert reaper.handler({}, Context())["hidden"] == 1
    assert told(resources) == {end}


def test_a_take_down_and_what_an_attempt_may_write_after_it_are_looked_at_soon(resources: Resources) -> None:
    image_id = published(resources)
    before = now()
    body = {"ids": [ids.encode(image_id)], "reason": "A court has ordered it."}
    token = make_header(scope="admin")
    manage_images(http("POST /api/images/takedown", body=body, token=token), Context())
    # The clock may have gone on meanwhile.
    soon = told(resources)
    assert soon <= {due_key(round_up(moment + SOON, SMALL_STEP)) for moment in (before, now())}
    assert soon
    reaper.handler({}, Context())
    assert state(resources.db, image_id) == "deleting", "somebody may still write"
    assert told(resources) - soon == {due_key(round_up(deadline(resources, image_id), LARGE_STEP))}
