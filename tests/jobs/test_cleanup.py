import pytest

from jobs import cleanup, run
from jobs.run import Parameters, run_job
from stockroom.resources import Resources
from tests.factories import ready


def test_what_moved_long_ago_is_cleaned_up_once_and_the_rest_waits(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = ready(resources), ready(resources, b"other")
    for image_id, hours in ((old, 26), (new, 1)):
        resources.db.execute(
            "UPDATE image SET version = 2, moved = UTC_TIMESTAMP(3) - INTERVAL %s HOUR WHERE id = %s",
            (hours, image_id),
        )
    monkeypatch.setattr(run, "resources", lambda: resources)
    said: list[str] = []
    waits = "; 1 moved less than 25 hours ago, and wait"
    dry = run_job(cleanup.JOB, Parameters(dry_run=True), "", said.append)
    assert dry == f"the old renditions of 1 pictures would be deleted{waits}"
    assert said == []
    line = run_job(cleanup.JOB, Parameters(), "", said.append)
    assert line == f"the old renditions of 1 pictures are deleted{waits}"
    assert said[-1] == "1 pictures cleaned up"
    assert run_job(cleanup.JOB, Parameters(), "", said.append).startswith("the old renditions of 0 pictures")


def test_the_cdn_is_told_once_of_all_that_is_deleted(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(run, "resources", lambda: resources)
    monkeypatch.setattr(resources.storage, "tell_that_many_are_deleted", lambda: told.append("many"))
    for content in (b"1", b"2"):
        ready(resources, content)
    resources.db.execute("UPDATE image SET version = 2, moved = UTC_TIMESTAMP(3) - INTERVAL 26 HOUR")
    with pytest.raises(KeyboardInterrupt):
        run_job(cleanup.JOB, Parameters(), "", _interrupt)
    assert told == []
    # Whoever goes on deletes nothing more, and does not know what was deleted.
    line = run_job(cleanup.JOB, Parameters(), "", lambda _: None)
    assert (line, told) == ("the old renditions of 0 pictures are deleted", ["many"])
    run_job(cleanup.JOB, Parameters(), "", lambda _: None)
    assert told == ["many"]
    resources.db.execute("UPDATE image SET version = 3, moved = UTC_TIMESTAMP(3) - INTERVAL 26 HOUR")
    run_job(cleanup.JOB, Parameters(), "", lambda _: None)
    assert told == ["many"] * 2


def _interrupt(line: str) -> None:
    if line.endswith("cleaned up"):
        raise KeyboardInterrupt
