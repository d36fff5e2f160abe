"""A library that is to be audited, and runs of the audit."""

from datetime import timedelta

from stockroom.images import ids
from stockroom.images.storage import rendition_key
from stockroom.ingest.audit.audit import audit
from stockroom.ingest.audit.report import Kind, Report
from stockroom.renditions import Rendition
from stockroom.resources import Resources
from stockroom.runtime.timestamps import now
from stockroom.search.index.document import Document
from tests.factories import put_original, ready

MAX_STEPS = 50
"""No run of these tests takes more."""
RENDITION = Rendition(b"jpeg", "image/jpeg", 3, 2)


def complete(resources: Resources, content: bytes) -> int:
    """A ready picture with its original, its JPEGs and its postings; its id."""
    image_id = ready(resources, content)
    entries = resources.search_index.resolve(Document(name="", description="a picture"))
    resources.db.run_transaction(lambda cursor: resources.search_index.add(cursor, image_id, entries))
    put_original(resources, image_id, content)
    for name in ("240p", "720p"):
        resources.storage.write_rendition(
            rendition_key(image_id, key_of(resources, image_id), 1, name), RENDITION
        )
    return image_id


def key_of(resources: Resources, image_id: int) -> str:
    ((key,),) = resources.db.query("SELECT link_key FROM image WHERE id = %s", (image_id,))
    return str(key)


def stray(resources: Resources, count: int = 1) -> list[int]:
    """Ids of originals without a row."""
    image_ids = [ids.first_id(now() - timedelta(days=30)) + n for n in range(count)]
    for image_id in image_ids:
        put_original(resources, image_id, b"stray")
    return image_ids


def run(
    resources: Resources,
    *,
    repair: bool = False,
    seconds: float = 60,
    min_age: timedelta = timedelta(seconds=-5),
) -> Report:
    """A run for which every object is old; `min_age` may say otherwise."""
    return audit(
        resources.db,
        resources.storage,
        resources.search_index,
        repair=repair,
        seconds=seconds,
        min_age=min_age,
    )


def found(report: Report) -> dict[Kind, int]:
    """What was found, without the zeros."""
    return {kind: finding.count for kind, finding in report.findings.items() if finding.count}


def run_until(resources: Resources, phase: str) -> None:
    """Run a repair until it has come to this phase."""
    for _ in range(MAX_STEPS):
        if resources.db.query("SELECT phase FROM audit_run WHERE finished IS NULL") == ((phase,),):
            return
        assert not run(resources, repair=True, seconds=0).finished
    raise AssertionError(f"the run does not come to {phase}")
