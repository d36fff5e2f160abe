"""Waves: so many pictures as the cores render in a few minutes, read from the table when their turn comes.

The driver therefore holds some thousand pictures at a time, of however many. Nor is a wave older than what
its executors may rely on (JOB_SECONDS, stockroom/images/states.py).
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from functools import partial

from jobs.committer import Committer
from jobs.rendering import RenderTask, render_task
from jobs.run import JobRun
from jobs.selection import Selection
from jobs.spark import SOURCE_BYTES, TASK_BYTES, count_cores, pack, spread
from stockroom.images.repository.renditions import Source, find_sources
from stockroom.runtime.database import Database

PAGE_ROWS = 2000
TASKS_A_CORE = 8
"""Tasks in a wave for each core: small enough to be done within minutes, many enough to share them well."""
WAVE_PICTURES = 50_000
PICTURES_A_CORE = 200
"""Pictures in a wave for each core at most: also a file of some kilobytes may take seconds. When a wave ends,
its pictures may have been read four waves before."""
IN_FLIGHT = 2
"""Waves at a time, so that no core waits for the last task of a wave."""
POLL_SECONDS = 0.5


def count_pictures(cores: int) -> int:
    """How many pictures a wave has at most."""
    return min(WAVE_PICTURES, cores * PICTURES_A_CORE)


def read_sources(run: JobRun, version: int, selection: Selection) -> Iterator[Source]:
    """The pictures of a selection with an older version, read as they are asked for."""
    limit = min(PAGE_ROWS, count_pictures(count_cores(run.spark)))
    after: int | None = selection.after
    while after is not None:
        run.check()
        page = find_sources(
            run.resources.db, version, after, limit, until=selection.until, owner=selection.owner
        )
        yield from page.sources
        after = page.end


def read_again(
    db: Database, version: int, image_ids: Iterable[int], check: Callable[[], None]
) -> Iterator[Source]:
    """Those of some pictures that have an older version still."""
    for image_id in sorted(image_ids):
        check()
        yield from find_sources(db, version, image_id - 1, 1, until=image_id).sources


def split_into_waves(sources: Iterable[Source], cores: int) -> Iterator[list[Source]]:
    """So many sources at a time as `cores` need a few minutes for."""
    wave: list[Source] = []
    size = 0
    for source in sources:
        wave.append(source)
        size += max(source.size, SOURCE_BYTES)
        if size >= cores * TASKS_A_CORE * TASK_BYTES or len(wave) == count_pictures(cores):
            yield wave
            wave, size = [], 0
    if wave:
        yield wave


def render_waves(
    run: JobRun,
    committer: Committer,
    sources: Iterable[Source],
    *,
    version: int,
    began: datetime,
    number: int,
) -> int:
    """Have all sources rendered, and their parts committed; the number of the next wave.

    `began` and `number` make the names of waves, which sort as they were made in all processes of a run.
    """
    stopped, cores = threading.Event(), count_cores(run.spark)
    work = partial(render_task, store=run.store, version=version, is_resumed=run.is_resumed)

    def render(name: str, wave: Sequence[Source]) -> None:
        end = committer.watch(name)
        packed = pack(wave, lambda source: source.size, cores)
        tasks = [RenderTask(f"{name}/{index:05}", task) for index, task in enumerate(packed)]
        if not stopped.is_set():
            spread(run.spark, tasks, work)
        end()

    flying: deque[Future[None]] = deque()
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        try:
            for wave in split_into_waves(sources, cores):
                if len(flying) == IN_FLIGHT:
                    _wait_for(flying.popleft(), run, committer)
                flying.append(pool.submit(render, f"{began:%Y%m%dT%H%M%S%f}-{number:05}", wave))
                number += 1
            while flying:
                _wait_for(flying.popleft(), run, committer)
        except BaseException:
            stopped.set()
            run.spark.cancelAllJobs()
            raise
    return number


def _wait_for(future: Future[None], run: JobRun, committer: Committer) -> None:
    while not wait([future], POLL_SECONDS).done:
        run.check()
        committer.check()
    future.result()
