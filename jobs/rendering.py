"""What an executor does in `rerender`: it renders the pictures of a task, and records each result."""

import time
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from jobs.results import ResultStore
from stockroom.images.repository.renditions import Source
from stockroom.ingest.rerendering import Rerenderer, Result
from stockroom.resources import resources

PARTS = "parts/"
PART_SECONDS = 30.0
"""What a worker has done is recorded so often at least: as much is done again after it was killed."""


class RenderTask(NamedTuple):
    """Pictures for one core. `name` is part of the names of the parts with their results."""

    name: str
    sources: list[Source]


def render_task(task: RenderTask, attempt: int, *, store: ResultStore, version: int, is_resumed: bool) -> int:
    """Render the pictures of a task, except those that an earlier attempt has recorded; how many these are.

    After a worker or a whole run was killed, renditions may be there already of which nothing is recorded.
    """
    prefix = f"{PARTS}{task.name}-"
    recorded: set[int] = set()
    if attempt:
        for name in store.list_names(prefix):
            recorded |= {row.image_id for row in store.read_part(name, Result)}
    renderer = _renderer()
    sources = [source for source in task.sources if source.image_id not in recorded]
    recorder = _Recorder(store, f"{prefix}{attempt}")
    for source in sources:
        recorder.add(renderer.rerender(source, version, may_be_present=is_resumed or attempt > 0))
    recorder.write()
    return len(sources)


@cache
def _renderer() -> Rerenderer:
    """The one of this process: its decoder and its client serve all its tasks."""
    parts = resources()
    return Rerenderer(storage=parts.storage, decoder=parts.decoder, settings=parts.settings)


class _Recorder:
    """Collects results, and writes them as one part after the other."""

    def __init__(self, store: ResultStore, prefix: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._prefix = prefix
        self._clock = clock
        self._written = 0
        self._rows: list[Result] = []
        self._written_at = clock()

    def add(self, row: Result) -> None:
        self._rows.append(row)
        if self._clock() - self._written_at >= PART_SECONDS:
            self.write()

    def write(self) -> None:
        if self._rows:
            self._store.write_part(f"{self._prefix}-{self._written:04}.parquet", self._rows)
            self._written += 1
            self._rows = []
        self._written_at = self._clock()
