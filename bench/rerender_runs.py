"""Pictures rendered again by a plain loop or on Spark, in a process of its own that `bench.rerender` starts.

That process has the Python of the jobs, and is confined to so many cores. Both ways call the
renderer of the job `rerender` for each picture. Originals and renditions lie in a folder, so that no time of
a server of S3 is in the figures, which would make the share of Spark look smaller. On Spark the pictures go
through what a run has on its executors: the same packing into tasks, and results as Parquet.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import msgspec

from bench import photographs
from bench.rerender_corpus import list_files
from jobs import rendering
from jobs.rendering import RenderTask, render_task
from jobs.results import ResultStore
from jobs.spark import pack, spread, start_context
from stockroom.images.repository.renditions import Source
from stockroom.images.storage import CHUNK_BYTES, Download, Storage
from stockroom.ingest.rerendering import Rerenderer, Result
from stockroom.renditions import Rendition
from stockroom.renditions.sandbox.decoder import Decoder
from stockroom.runtime.settings import Settings

VERSION = 2
DECODER = "stockroom.renditions.sandbox.worker"
"""In the command of a decoder's process."""
WARM_UP = 3
"""Tasks for each core before anything is measured: workers, their imports and their decoders start there."""


class Processor(NamedTuple):
    """Processor seconds of this process and all below it, of which decoders and Java are parts."""

    total: float
    decoders: float
    java: float


class Measured(msgspec.Struct):
    """What one way took, in seconds."""

    pictures: int
    wall: float
    processor: float
    decoders: float
    """The part of the decoders, which do the same in all ways."""
    java: float
    start_wall: float
    start_processor: float
    """Until the first picture, with those that warm up."""


class FolderStorage(Storage):
    """Originals and renditions in folders. The id of a picture is a place in the list of files."""

    def __init__(self, target: str) -> None:
        super().__init__(Settings())
        self._files = list_files()
        self._target = Path(target)

    @contextmanager
    def open_original(self, image_id: int) -> Iterator[Download | None]:
        path = self._files[image_id % len(self._files)]
        with path.open("rb") as file:
            yield Download(path.stat().st_size, iter(partial(file.read, CHUNK_BYTES), b""))

    def write_rendition(self, key: str, rendition: Rendition) -> None:
        (self._target / key.replace("/", "_")).write_bytes(rendition.data)


class FolderStore(ResultStore):
    """The parts of a run in a folder."""

    def __init__(self, target: str) -> None:
        super().__init__("", "rerender", "run")
        self._target = target

    def __reduce__(self) -> tuple[Callable[[str], ResultStore], tuple[str]]:
        return FolderStore, (self._target,)

    def write(self, name: str, content: bytes, _media_type: str) -> None:
        (Path(self._target) / name.replace("/", "_")).write_bytes(content)


@cache
def make_renderer(target: str) -> Rerenderer:
    """The one of this process."""
    return Rerenderer(storage=FolderStorage(target), decoder=Decoder(), settings=Settings())


def render_one(source: Source, target: str) -> Result:
    result = make_renderer(target).rerender(source, VERSION)
    if result.outcome != "rendered":
        raise RuntimeError(f"not rendered: {result}")
    return result


def render_plainly(sources: list[Source], target: str) -> int:
    """The plain loop."""
    for source in sources:
        render_one(source, target)
    return len(sources)


def render_on_spark(task: RenderTask, attempt: int, *, target: str) -> int:
    """What an executor does in a run, with folders in the place of S3."""
    with mock.patch.object(rendering, "_renderer", return_value=make_renderer(target)):
        return render_task(task, attempt, store=FolderStore(target), version=VERSION, is_resumed=False)


def warm_up(_number: int, _attempt: int, *, target: str) -> None:
    """Start what a worker needs, and keep it busy meanwhile, so that each of them gets a task."""
    import pyarrow.parquet  # noqa: F401

    render_one(make_sources(1)[0], target)


def make_sources(count: int) -> list[Source]:
    files = list_files()
    return [
        Source(number, "", 1, files[number % len(files)].stat().st_size, "", time.time())
        for number in range(count)
    ]


def measure_processor() -> Processor:
    """The time of all these processes so far, with that of processes that they have waited for."""
    parents: dict[int, int] = {}
    seconds: dict[int, float] = {}
    programs: dict[int, str] = {}
    tick = os.sysconf("SC_CLK_TCK")
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(") ")[2].split()
            program = (folder / "cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        pid = int(folder.name)
        # proc_pid_stat(5): the parent is field 4; utime, stime, cutime and cstime are 14 to 17.
        parents[pid], seconds[pid] = int(fields[1]), sum(map(int, fields[11:15])) / tick
        programs[pid] = program

    def is_ours(pid: int) -> bool:
        while pid not in (0, 1, os.getpid()):
            pid = parents.get(pid, 0)
        return pid == os.getpid()

    ours = {pid: each for pid, each in seconds.items() if is_ours(pid)}
    return Processor(
        sum(ours.values()),
        sum(each for pid, each in ours.items() if DECODER in programs[pid]),
        sum(each for pid, each in ours.items() if programs[pid].partition("\0")[0].endswith("/java")),
    )


def measure(run: Callable[[], int], started: float, *, waves: int = 1) -> Measured:
    """What the last of so many calls of `run` takes, which gives the number of pictures; before them, all was
    started since `started`."""
    begun, start_wall = measure_processor(), time.perf_counter() - started
    for _ in range(waves - 1):
        run()
    before, before_wall = measure_processor(), time.perf_counter()
    pictures = run()
    wall = time.perf_counter() - before_wall
    after = measure_processor()
    return Measured(
        pictures,
        wall,
        processor=after.total - before.total,
        decoders=after.decoders - before.decoders,
        java=after.java - before.java,
        start_wall=start_wall,
        start_processor=begun.total,
    )


def run_loop(sources: list[Source], cores: int, target: str) -> Measured:
    """A loop, or one for each core, which take what is to be done in pieces as large as a task of Spark."""
    started = time.perf_counter()
    if cores == 1:
        warm_up(0, 0, target=target)
        return measure(partial(render_plainly, sources, target), started)
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        list(pool.map(partial(warm_up, _attempt=0, target=target), range(WARM_UP * cores)))
        tasks = pack(sources, lambda source: source.size, cores)
        return measure(lambda: sum(pool.map(partial(render_plainly, target=target), tasks)), started)


def run_spark(sources: list[Source], cores: int, target: str) -> Measured:
    """The second of two waves: in the first minute of a run, Java compiles."""
    started = time.perf_counter()
    context = start_context("bench")
    if context.defaultParallelism != cores:
        raise RuntimeError(f"Spark uses {context.defaultParallelism} cores, not {cores}")
    spread(context, range(WARM_UP * cores), partial(warm_up, target=target))

    def run() -> int:
        packed = pack(sources, lambda source: source.size, cores)
        tasks = [RenderTask(f"wave/{number:05}", task) for number, task in enumerate(packed)]
        return sum(spread(context, tasks, partial(render_on_spark, target=target)))

    measured = measure(run, started, waves=2)
    context.stop()
    return measured


def main() -> None:
    way, cores, pictures = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    photographs.FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=photographs.FOLDER.parent) as target:
        run = {"loop": run_loop, "spark": run_spark}[way]
        print(msgspec.json.encode(run(make_sources(pictures), cores, target)).decode())
