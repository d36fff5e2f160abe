"""`facts`: what is derived from the files of ready pictures is derived once more, by the code of today.

Executors read originals, as few of their bytes as that takes, and record what they found. The driver writes
rows meanwhile, wave by wave in the order of ids, and records each wave that is written: a run that was killed
goes on behind the last of them. Whoever edits a picture is faster. What has failed keeps its facts.

What executors record are names, positions and words of people. Whoever takes down a picture does not look
for them among the results of jobs. So they are deleted as soon as the rows of their wave are written. What is
kept says what became of each picture, and has nothing of what its file says.
"""

import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache, partial
from typing import NamedTuple

import msgspec

from jobs import progress, report
from jobs.errors import JobError
from jobs.pace import Pace
from jobs.progress import describe_bytes, describe_time
from jobs.results import ResultStore
from jobs.run import Job, JobRun, Parameters
from jobs.selection import parse_selection
from jobs.spark import count_cores, pack, spread
from jobs.summary import Summary
from stockroom.images.repository.facts import FactSource, SourcePage, count_sources, find_sources
from stockroom.ingest.decoding import HEAD_BYTES
from stockroom.ingest.fact_reading import WHICH, FactReader, FactResult, Which
from stockroom.ingest.fact_writing import PICTURES_A_TRANSACTION, Written, write_facts
from stockroom.resources import resources
from stockroom.runtime.chunks import split_into_chunks
from stockroom.runtime.errors import DatabaseUnavailable
from stockroom.runtime.job_runs import Parameters as RunParameters
from stockroom.runtime.observability import logger
from stockroom.runtime.settings import Settings

PARTS, COMMITTED = "parts/", "committed/"
"""What executors have read, as Parquet, until the rows of its wave are written; and an object for each wave
whose rows are."""
WAVE_ROWS = 2000
"""Rows of a wave, or as many as the cores need for some seconds."""
ROWS_A_CORE = 100
PART_ROWS = 500
"""A part has so many results at most: as many are read again after a worker was killed."""
POLL_SECONDS = 0.5
TOLD_SECONDS = 2.0
"""Between two writings of the progress, while what earlier processes have written is counted."""
PATIENCE_SECONDS = 5.0
"""The pause after the database did not answer. The lease of the run limits how many there are."""


class FactTask(NamedTuple):
    """Pictures for one core, of one wave. `name` is part of the names of the parts with their results."""

    wave: str
    name: str
    sources: list[FactSource]


class FactRow(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a picture in the end, as reports count it: nothing of what its file says."""

    image_id: int
    outcome: str
    code: str = ""
    detail: str = ""
    bytes_in: int = 0
    bytes_out: int = 0
    requests: int = 0
    seconds: float = 0.0
    finished: int = 0


class _Wave(NamedTuple):
    """The sources among the rows behind the id `after`. The next wave begins behind the page's end."""

    after: int
    page: SourcePage

    @property
    def name(self) -> str:
        return f"{self.after:020}"


def renew_facts(run: JobRun) -> str:
    """The whole of a run."""
    return _FactRun(run).work()


class _FactRun:
    def __init__(self, run: JobRun) -> None:
        self._run = run
        self._db, self._store = run.resources.db, run.store
        self._selection = parse_selection(run.parameters.where)
        self._which = _check_which(run.parameters.which)
        self._meter = progress.Meter(run.job, run.run_id)
        self._summary = Summary(run.job, run.run_id, run.parameters.where)
        self._pace = Pace(run.parameters.rate)
        self._outcomes: Counter[str] = Counter()
        self._requests = 0
        # Parts of an earlier process of this run must not be written over.
        self._token = secrets.token_hex(4)

    def work(self) -> str:
        pictures, size = count_sources(
            self._db, after=self._selection.after, until=self._selection.until, owner=self._selection.owner
        )
        if self._run.parameters.dry_run:
            read = size if self._which == "looks" else min(size, pictures * HEAD_BYTES)
            return f"{pictures:,} pictures; at most about {describe_bytes(read)} of their originals are read"
        self._meter.go_on(self._store.read(progress.NAME))
        after = self._take_up()
        self._meter.total = pictures
        self._run.say(f"{pictures:,} pictures")
        if after is not None:
            self._go_through(after)
        # What a task has recorded late, which was taken for lost.
        self._store.delete(self._store.list_names(PARTS))
        final = self._meter.read(is_finished=True)
        self._store.write(report.NAME, report.write(self._summary, final).encode(), report.MEDIA_TYPE)
        self._write_progress(final)
        outcomes = ", ".join(f"{count:,} {name}" for name, count in sorted(self._outcomes.items()))
        return (
            f"{self._outcomes.total():,} pictures: {outcomes or 'none'}; {self._requests:,} requests, "
            f"{describe_bytes(final.bytes)} read in {describe_time(final.seconds)}; "
            f"report: {self._store.address(report.NAME)}"
        )

    def _take_up(self) -> int | None:
        """Count what earlier processes of this run have written; the id to go on behind, None at the end."""
        after: int | None = self._selection.after
        self._delete_leftovers()
        if self._run.is_resumed:
            self._run.say("what was recorded before is read first, and counted")
        told_at = time.monotonic()
        for name in self._store.list_names(COMMITTED):
            self._run.check()
            if time.monotonic() - told_at >= TOLD_SECONDS:
                self._write_progress(self._meter.read())
                told_at = time.monotonic()
            rows = msgspec.json.decode(self._store.read(name) or b"[]", type=list[FactRow])
            self._count(rows, is_earlier=True)
            end = name.rpartition("-")[2]
            after = None if end == "end" else int(end)
        return after

    def _delete_leftovers(self) -> None:
        """Delete what processes that were killed have not: of waves that are written, and of other runs."""
        written = {_wave_of(name) for name in self._store.list_names(COMMITTED)}
        self._store.delete(name for name in self._store.list_names(PARTS) if _wave_of(name) in written)
        for run_id in self._store.list_other_runs():
            other = ResultStore(self._store.bucket, self._store.job, run_id)
            other.delete(other.list_names(PARTS))

    def _go_through(self, after: int) -> None:
        """Read wave after wave, and write the rows of each while the next one is read."""
        work = partial(read_task, store=self._store, which=self._which, may_be_read=self._run.is_resumed)
        read: _Wave | None = None
        spark, cores = self._run.spark, count_cores(self._run.spark)
        with ThreadPoolExecutor(1) as pool:
            try:
                for wave in self._waves(after, cores):
                    packed = pack(wave.page.sources, self._weigh, cores)
                    tasks = [
                        FactTask(wave.name, f"{index:05}-{self._token}", task)
                        for index, task in enumerate(packed)
                    ]
                    reading = pool.submit(spread, spark, tasks, work)
                    if read is not None:
                        self._commit(read)
                    self._wait_for(reading)
                    read = wave
            except BaseException:
                spark.cancelAllJobs()
                raise
        if read is not None:
            self._commit(read)

    def _waves(self, after: int, cores: int) -> Iterator[_Wave]:
        limit = max(WAVE_ROWS, cores * ROWS_A_CORE)
        following: int | None = after
        while following is not None:
            page = find_sources(
                self._db,
                after=following,
                until=self._selection.until,
                owner=self._selection.owner,
                limit=limit,
            )
            yield _Wave(following, page)
            following = page.end

    def _weigh(self, source: FactSource) -> int:
        return source.size if self._which == "looks" else min(source.size, HEAD_BYTES)

    def _wait_for(self, reading: "Future[list[int]]") -> None:
        while not wait([reading], POLL_SECONDS).done:
            self._run.check()
        reading.result()

    def _commit(self, wave: _Wave) -> None:
        """Write the rows of a wave, record that they are written, and delete what they were written from."""
        end = wave.page.end
        results = {
            row.image_id: row
            for row in read_results(self._store, wave.name)
            # A process that had more cores has made longer waves. The rest is read with the next one.
            if end is None or row.image_id <= end
        }
        rows: list[FactRow] = []
        for some in split_into_chunks(list(results.values()), PICTURES_A_TRANSACTION):
            written = self._write(some)
            changed = sum(outcome == "changed" for outcome in written.values())
            time.sleep(self._pace.take(changed))
            now = [_make_row(row, written.get(row.image_id)) for row in some]
            self._count(now)
            self._write_progress(self._meter.read())
            rows += now
        name = f"{COMMITTED}{wave.name}-{'end' if end is None else f'{end:020}'}"
        self._store.write(name, msgspec.json.encode(rows), "application/json")
        self._store.delete(self._store.list_names(f"{PARTS}{wave.name}/"))
        self._run.say(progress.describe(self._meter.read()))

    def _write(self, results: Sequence[FactResult]) -> dict[int, Written]:
        """What became of the pictures. While the database is away, as long as the run is held, it waits."""
        while True:
            self._run.check()
            try:
                return write_facts(self._db, self._run.resources.search_index, results)
            except DatabaseUnavailable:
                logger.warning("rows not written yet", exc_info=True)
                time.sleep(PATIENCE_SECONDS)

    def _count(self, rows: Sequence[FactRow], *, is_earlier: bool = False) -> None:
        count = self._meter.add_earlier if is_earlier else self._meter.add
        for row in rows:
            self._outcomes[row.outcome] += 1
            self._requests += row.requests
            is_done = row.outcome in {"changed", "same"}
            is_failed = row.outcome == "failed"
            count(
                done=int(is_done),
                failed=int(is_failed),
                skipped=int(not is_done and not is_failed),
                size=row.bytes_in,
            )
            self._summary.add(row)

    def _write_progress(self, read: progress.Progress) -> None:
        self._store.write(progress.NAME, progress.encode(read), progress.MEDIA_TYPE)


def read_task(task: FactTask, attempt: int, *, store: ResultStore, which: Which, may_be_read: bool) -> int:
    """Read the originals of a task, except those of which something is recorded; how many these are."""
    known = {row.image_id for row in read_results(store, task.wave)} if attempt or may_be_read else set()
    sources = [source for source in task.sources if source.image_id not in known]
    reader = _reader()
    for number, some in enumerate(split_into_chunks(sources, PART_ROWS)):
        results = [reader.read(source, which) for source in some]
        store.write_part(f"{PARTS}{task.wave}/{task.name}-{attempt}-{number:04}.parquet", results)
    return len(sources)


def read_results(store: ResultStore, wave: str) -> Iterator[FactResult]:
    """What is recorded of a wave."""
    for name in store.list_names(f"{PARTS}{wave}/"):
        yield from store.read_part(name, FactResult)


def _wave_of(name: str) -> str:
    """The wave that an object of PARTS or COMMITTED belongs to."""
    return re.split("[/-]", name)[1]


@cache
def _reader() -> FactReader:
    """The one of this process: its decoder and its client serve all its tasks."""
    parts = resources()
    return FactReader(storage=parts.storage, decoder=parts.decoder, settings=parts.settings)


def _make_row(result: FactResult, written: str | None) -> FactRow:
    """A result as reports count it. A picture that is left to somebody else is skipped."""
    outcome = {None: str(result.outcome), "left": "skipped"}.get(written, written) or ""
    return FactRow(
        image_id=result.image_id,
        outcome=outcome,
        code=result.code,
        detail=result.detail,
        bytes_in=result.bytes_in,
        requests=result.requests,
        seconds=result.seconds,
        finished=result.finished,
    )


def _check_which(text: str) -> Which:
    for which in WHICH:
        if text == which:
            return which
    raise JobError(f"WHICH is {' or '.join(WHICH)}, and not {text!r}")


def _identify(parameters: Parameters, _settings: Settings) -> RunParameters:
    parse_selection(parameters.where)
    return {
        "which": _check_which(parameters.which),
        "where": " ".join(sorted(parameters.where.split())),
    }


JOB = Job("facts", renew_facts, frozenset({"where", "which", "rate", "dry_run"}), _identify)
