"""`cleanup`: deletes the renditions of older versions, once no cached answer links to them any more."""

from jobs.run import Job, JobRun
from stockroom.images.repository.renditions import find_old_versions
from stockroom.ingest.old_versions import HOURS, PAGE_ROWS, Cleanup, delete_old_versions
from stockroom.runtime.database import Database


def cleanup(run: JobRun) -> str:
    """The whole of a run. It needs no Spark: S3 deletes a hundred pictures' renditions with each request."""
    if run.parameters.dry_run:
        found = _count(run.resources.db)
        return f"the old renditions of {found.deleted:,} pictures would be deleted{_describe_waiting(found)}"

    def check(so_far: Cleanup) -> None:
        run.check()
        run.say(f"{so_far.deleted:,} pictures cleaned up")

    cleaned = delete_old_versions(run.resources.db, run.resources.storage, check=check)
    # A process that was killed has not told of what it has deleted.
    if cleaned.deleted or run.is_resumed:
        run.resources.storage.tell_that_many_are_deleted()
    return f"the old renditions of {cleaned.deleted:,} pictures are deleted{_describe_waiting(cleaned)}"


def _count(db: Database) -> Cleanup:
    pictures = waiting = 0
    after: int | None = 0
    while after is not None:
        page = find_old_versions(db, after, PAGE_ROWS, hours=HOURS)
        pictures, waiting, after = pictures + len(page.pictures), waiting + page.waiting, page.end
    return Cleanup(pictures, waiting)


def _describe_waiting(found: Cleanup) -> str:
    return f"; {found.waiting:,} moved less than {HOURS} hours ago, and wait" if found.waiting else ""


JOB = Job("cleanup", cleanup, frozenset({"dry_run"}))
