"""A small archive of ready pictures with originals, and Spark in place of which this process works."""

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from jobs import committer, rendering, rerender, run, waves
from jobs.rendering import PARTS, RenderTask
from jobs.rerender import JOB
from jobs.results import ResultStore
from jobs.run import Parameters, run_job
from stockroom.images.repository.renditions import Source
from stockroom.images.storage import original_key
from stockroom.ingest.rerendering import Rerenderer, Result
from stockroom.resources import Resources
from stockroom.runtime import job_runs
from tests.factories import ready, s3_client
from tests.renditions.images import photo_of

VERSION = 2
JPEGS = {"v2/240p.jpg", "v2/720p.jpg"}
ALL = JPEGS | {"v2/240p.webp", "v2/720p.webp"}


@dataclass
class Archive:
    """An archive whose pictures have version 1, and what a run does to them."""

    resources: Resources
    s3: Any
    lines: list[str] = field(default_factory=list)
    """What runs have told the operator."""
    rendered: list[int] = field(default_factory=list)
    """Ids in the order of rendering."""
    core: threading.Lock = field(default_factory=threading.Lock)
    after_task: Callable[[RenderTask], None] = lambda _task: None

    def add(self, count: int, content: bytes | None = None) -> list[int]:
        """Ready pictures; their ids, the oldest first."""
        contents = [content or photo_of("jpeg", 60, 40) + secrets.token_bytes(8) for _ in range(count)]
        return [self._add(content) for content in contents]

    def _add(self, content: bytes) -> int:
        image_id = ready(self.resources, content)
        bucket = self.resources.settings.uploads_bucket
        self.s3.put_object(Bucket=bucket, Key=original_key(image_id), Body=content)
        return image_id

    def rerender(self, run_id: str = "", **parameters: Any) -> str:
        """The last line of a run."""
        return run_job(JOB, Parameters(**({"rate": 10_000} | parameters)), run_id, self.lines.append)

    def versions(self) -> dict[int, int]:
        return dict(self.resources.db.query("SELECT id, version FROM image"))

    @property
    def store(self) -> ResultStore:
        """What the newest run has left."""
        (newest,) = job_runs.find_newest(self.resources.db, JOB.name, 1)
        return ResultStore(self.resources.settings.uploads_bucket, JOB.name, newest.run_id)

    def results(self) -> dict[int, Result]:
        """The results of the newest run, each of which is recorded once."""
        store = self.store
        rows = [row for name in store.list_names(PARTS) for row in store.read_part(name, Result)]
        assert len({row.image_id for row in rows}) == len(rows)
        return {row.image_id: row for row in rows}

    def spread(
        self, _context: object, tasks: Sequence[RenderTask], work: Callable[[RenderTask, int], int]
    ) -> list[int]:
        """What Spark does, without Spark."""
        counts = []
        # One core, for however many waves at a time.
        with self.core:
            for task in tasks:
                counts.append(work(task, 0))
                self.after_task(task)
        return counts


class Recording(Rerenderer):
    """Tells which pictures it has rendered, or found to be there."""

    archive: Archive

    def rerender(self, source: Source, version: int, *, may_be_present: bool = False) -> Result:
        result = super().rerender(source, version, may_be_present=may_be_present)
        self.archive.rendered.append(source.image_id)
        return result


class Context:
    """A Spark that is never asked for anything."""

    def cancelAllJobs(self) -> None:  # noqa: N802  as Spark calls it
        pass

    def stop(self) -> None:
        pass


def make_archive(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> Archive:
    settings = replace(resources.settings, rendition_version=VERSION)
    parts = Resources(settings=settings, db=resources.db, storage=resources.storage)
    vars(parts)["decoder"] = resources.decoder
    archive = Archive(parts, s3_client())
    renderer = Recording(storage=parts.storage, decoder=parts.decoder, settings=settings, pauses=())
    renderer.archive = archive
    monkeypatch.setattr(rendering, "_renderer", lambda: renderer)
    monkeypatch.setattr(run, "resources", lambda: parts)
    monkeypatch.setattr(run, "start_context", lambda _name: Context())
    monkeypatch.setattr(waves, "count_cores", lambda _context: 1)
    monkeypatch.setattr(waves, "spread", archive.spread)
    for module in (waves, rerender, committer):
        monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    return archive
