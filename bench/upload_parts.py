"""Where the time of one upload goes, from PUT to ready: the processor of originals, with every part timed."""

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from pymysql.cursors import Cursor

from stockroom.images.owners import Owners
from stockroom.images.storage import Download, Storage, original_key
from stockroom.ingest.process import OriginalProcessor
from stockroom.renditions import Options, Rendition
from stockroom.renditions.original import Original
from stockroom.renditions.outputs import JPEG
from stockroom.renditions.rendering import decode
from stockroom.renditions.sandbox.decoder import Decoder, SandboxedPicture
from stockroom.runtime.database import Database
from stockroom.runtime.settings import Settings
from stockroom.runtime.timestamps import now
from stockroom.search.service import SearchIndex
from stockroom.uploads import create
from stockroom.uploads.requests import UploadRequest

T = TypeVar("T")


class Clock:
    """Adds up wall milliseconds by part, from when it is made until it is stopped."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self.is_running = True
        self._started = time.perf_counter()

    @contextmanager
    def counting(self, part: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.add(part, started)

    def add(self, part: str, started: float) -> None:
        if self.is_running:
            self.spent[part] += (time.perf_counter() - started) * 1e3

    def stop(self) -> None:
        self.add("total", self._started)
        self.is_running = False


class TimedDatabase(Database):
    """Counts statements of their own as rows, and the transaction, which publishes, as its own part."""

    clock: Clock

    def query(self, sql: str, args: Any = ()) -> Any:
        with self.clock.counting("row"):
            return super().query(sql, args)

    def execute(self, sql: str, args: Any = ()) -> int:
        with self.clock.counting("row"):
            return super().execute(sql, args)

    def run_transaction(self, work: Callable[[Cursor], T]) -> T:
        with self.clock.counting("publish"):
            result = super().run_transaction(work)
        # The picture is ready: what follows are further formats.
        self.clock.stop()
        return result


class TimedStorage(Storage):
    """Counts the waiting for bytes of the original as `read`, and the writing of renditions as `write`."""

    clock: Clock

    @contextmanager
    def open_original(self, image_id: int) -> Iterator[Download | None]:
        started = time.perf_counter()
        with super().open_original(image_id) as download:
            self.clock.add("read", started)
            yield download and Download(download.size, self._read(download.chunks))

    def _read(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        started = time.perf_counter()
        for chunk in chunks:
            self.clock.add("read", started)
            yield chunk
            started = time.perf_counter()
        self.clock.add("read", started)

    def write_rendition(self, key: str, rendition: Rendition) -> None:
        # Both are written at the same time.
        with self.clock.counting("write 720p" if "720p" in key else "write 240p"):
            super().write_rendition(key, rendition)


class TimedDecoder(Decoder):
    """Counts what the worker takes, from the first byte to its answer, as `worker`."""

    clock: Clock

    @contextmanager
    def decode(self, *arguments: Any, **options: Any) -> Iterator[SandboxedPicture]:
        started = time.perf_counter()
        with super().decode(*arguments, **options) as picture:
            self.clock.add("worker", started)
            yield picture


def measure_parts(
    settings: Settings, s3: Any, make_content: Callable[[], bytes], rounds: int
) -> dict[str, float]:
    """Milliseconds by part, the least of so many uploads; `total` is from the event to ready."""
    db, storage, decoder = TimedDatabase(settings), TimedStorage(settings), TimedDecoder()
    processor = OriginalProcessor(
        db=db, storage=storage, search_index=SearchIndex(db), decoder=decoder, settings=settings
    )
    found = []
    # The first one connects and starts the worker.
    for _ in range(rounds + 1):
        content = make_content()
        db.clock = storage.clock = decoder.clock = Clock()
        image_id = _announce(db, storage, settings, content)
        s3.put_object(Bucket=settings.uploads_bucket, Key=original_key(image_id), Body=content)
        clock = db.clock = storage.clock = decoder.clock = Clock()
        assert processor.process(image_id) == "ready"
        found.append(clock.spent)
    decoder.close()
    db.close()
    return {part: min(each[part] for each in found[1:]) for part in found[-1]}


def measure_rendering(content: bytes, rounds: int) -> dict[str, float]:
    """Milliseconds of what the worker does with the file, and of its start: the least of all rounds.

    `processor` is the processor time of all of it. libvips has one thread here, as in the worker.
    """
    found = defaultdict(list)
    options = Options()
    for _ in range(rounds):
        started = time.perf_counter()
        decoder = Decoder()
        decoder.wait_until_ready()
        found["worker start"].append(time.perf_counter() - started)
        decoder.close()
        started, used = time.perf_counter(), time.process_time()
        picture = decode(Original(content), options)
        decoded = time.perf_counter()
        picture.derive_facts(picture.encode(JPEG, options))
        found["decode and scale"].append(decoded - started)
        found["encode and describe"].append(time.perf_counter() - decoded)
        found["processor"].append(time.process_time() - used)
    return {part: min(seconds) * 1e3 for part, seconds in found.items()}


def _announce(db: Database, storage: Storage, settings: Settings, content: bytes) -> int:
    file = {
        "name": "photo.jpg",
        "type": "image/jpeg",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "description": "A courtyard in #Barcelona",
    }
    request = UploadRequest(files=[file])
    owner_id = Owners(db).find_or_insert("stockroom", "bench", "Bench")
    (outcome,) = create.accept(db, storage, settings, request, owner_id=owner_id, now=now())
    assert isinstance(outcome, create.Pending)
    return outcome.image_id
