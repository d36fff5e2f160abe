"""`cleanup`: deletes the renditions of older versions, once no cached answer links to them any more."""

from jobs.run import Job, JobRun
from stockroom.ingest.old_versions import HOURS, Cleanup, delete_old_versions


def cleanup(run: JobRun) -> str:
    """The whole of a run. It needs no Spark: S3 deletes a thousand objects a request."""

    def check(so_far: Cleanup) -> None:
        run.check()
        run.say(f"{so_far.deleted:,} pictures cleaned up")

    cleaned = delete_old_versions(run.resources.db, run.resources.storage, check=check)
    waiting = f"; {cleaned.waiting:,} moved less than {HOURS} hours ago, and wait" if cleaned.waiting else ""
    return f"the old renditions of {cleaned.deleted:,} pictures are deleted{waiting}"


JOB = Job("cleanup", cleanup)
