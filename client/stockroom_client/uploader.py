"""The upload of many files at once: each is hashed, gets a ticket, is sent and rendered, and fails alone.

The thread of `run` decides what happens next; others hash and send.
"""

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from stockroom_client.api import Api
from stockroom_client.contract import Ticket, Upload
from stockroom_client.display import UploadDisplay
from stockroom_client.failures import Failure
from stockroom_client.hashing import HashCache
from stockroom_client.local_file import LocalFile, State
from stockroom_client.storage import FileChanged, TicketExpired, TicketRefused, put_file

HASHERS = 2
FIRST_BATCH = 10  # files: on a slow disk, the line would be idle until a hundred are hashed
STARTS = 3  # how often the upload of one file is begun before it is given up
REFUSALS = 3  # how many tickets of one file storage may refuse


class UploadGone(Failure):
    """The library no longer knows the upload."""


@dataclass
class Uploader:
    """Uploads files with the metadata that all of them share, and shows on `display` what becomes of them.

    A request is for up to `batch` files, and `jobs` files are sent at once. The renditions are not waited for
    without `is_waiting`, and no longer than `patience` seconds in which no file of the run makes progress.
    `_landed` has the files whose renditions are being made, by id.
    """

    api: Api
    hashes: HashCache
    display: UploadDisplay
    shared: dict[str, Any]
    batch: int
    jobs: int
    is_waiting: bool
    patience: float
    _landed: dict[str, LocalFile] = field(default_factory=dict)
    _last_progress: float = field(default_factory=time.monotonic)
    _last_poll: float = 0.0
    _starts_left: int = STARTS
    _is_over: bool = False

    def run(self, files: Sequence[LocalFile]) -> None:
        """Bring every file to an end. A KeyboardInterrupt leaves the others to another run."""
        for file in files:
            if file.has_ended:
                self.display.end(file)
        try:
            while self._starts_left:
                self._starts_left -= 1
                self._upload([file for file in files if not file.has_ended])
        except Failure as denial:
            for file in files:
                if not file.has_ended:
                    self._end(file, State.FAILED, denial.detail, denial.code)
        finally:
            self._is_over = True

    def _upload(self, files: Sequence[LocalFile]) -> None:
        """Take files through all steps. Those that have not ended afterwards have to begin again."""
        position = {file: number for number, file in enumerate(files)}
        firsts: dict[str, LocalFile] = {}  # Of files with the same content, only the first one is sent.
        hashed = (file for file in self._hash(files) if firsts.setdefault(file.sha256, file) is file)
        size = min(FIRST_BATCH, self.batch)
        while batch := list(islice(hashed, size)):
            self._send_batch(sorted(batch, key=position.__getitem__))
            size = min(2 * size, self.batch)
        while self._landed:
            time.sleep(self.api.tuning.tick)
            self._look_around()
        for file in files:
            first = firsts.get(file.sha256, file)
            if not file.has_ended and first.has_ended:
                file.id, file.url = first.id, first.url
                if first.state is State.FAILED:
                    self._end(file, State.FAILED, first.detail, first.code)
                else:
                    self._end(file, State.DUPLICATE, f"has the same content as {first.path}")

    def _hash(self, files: Sequence[LocalFile]) -> Iterator[LocalFile]:
        """The files that could be hashed. Hashing goes on while the caller is busy."""
        for file, failure in self._in_threads(HASHERS, self.hashes.hash, [(file,) for file in files]):
            if failure:
                self._fail(file, failure)
            else:
                yield file

    def _send_batch(self, files: Sequence[LocalFile]) -> None:
        """Get tickets and send the files, with other tickets where the first ones are expired or refused."""
        request = partial(self.api.create_uploads, [file.request() for file in files], self.shared)
        while files:
            files = self._send(self._get_tickets(files, request))
            request = partial(self.api.renew_tickets, [file.id for file in files])

    def _get_tickets(
        self, files: Sequence[LocalFile], request: Callable[[], list[Upload]]
    ) -> list[tuple[LocalFile, Ticket]]:
        """The tickets that one request gives. Files without a ticket end."""
        tickets: list[tuple[LocalFile, Ticket]] = []
        try:
            uploads = request()
        except Failure as failure:
            for file in files:
                self._fail(file, failure)
            return tickets
        for file, upload in zip(files, uploads, strict=True):
            file.id = upload.id
            if upload.ticket:
                tickets.append((file, upload.ticket))
            else:
                self._settle(file, upload)
        return tickets

    def _send(self, tickets: Sequence[tuple[LocalFile, Ticket]]) -> list[LocalFile]:
        """Send files, and return those that need another ticket."""
        without_ticket: list[LocalFile] = []
        for file, failure in self._in_threads(self.jobs, self._put, tickets):
            self._last_progress = time.monotonic()
            is_refused = isinstance(failure, TicketRefused) and file.refusals <= REFUSALS
            if is_refused or isinstance(failure, TicketExpired):
                without_ticket.append(file)
            elif failure:
                self._fail(file, failure)
            elif self.is_waiting:
                file.state = State.PROCESSING
                self._landed[file.id] = file
            else:
                self._end(file, State.UPLOADED)
        return without_ticket

    def _put(self, file: LocalFile, ticket: Ticket) -> None:
        """Send one file, in a sender's thread."""

        def note(sentence: str) -> None:
            if not self._is_over:
                self.api.note(f"{file.path}: {sentence}")

        file.state = State.SENDING
        try:
            put_file(file, ticket, self.api, note)
        except TicketRefused:
            file.refusals += 1
            raise
        except FileChanged:
            # Otherwise the library would wait until the deadline for content that no longer exists.
            with contextlib.suppress(Failure):
                self.api.cancel_upload(file.id)
            self.hashes.forget(file.path)
            raise

    def _in_threads(
        self, count: int, step: Callable[..., None], calls: Sequence[tuple[Any, ...]]
    ) -> Iterator[tuple[LocalFile, Failure | None]]:
        """The file of each call, which is its first argument, and why the call has failed, as the calls end.

        Unlike the threads of concurrent.futures these are daemons: after Ctrl-C nobody waits for storage.
        """
        waiting = deque(calls)
        ended: SimpleQueue[tuple[LocalFile, Exception | None]] = SimpleQueue()

        def work() -> None:
            while True:
                try:
                    file, *others = waiting.popleft()
                except IndexError:
                    return
                try:
                    step(file, *others)
                    ended.put((file, None))
                except Exception as error:  # noqa: BLE001 - the thread of `run` raises it
                    ended.put((file, error))

        for _ in range(count):
            Thread(target=work, daemon=True).start()
        try:
            left = len(calls)
            while left:
                self._look_around()
                with contextlib.suppress(Empty):
                    file, error = ended.get(timeout=self.api.tuning.tick)
                    left -= 1
                    if error is not None and not isinstance(error, Failure):
                        raise error
                    yield file, error
        finally:
            waiting.clear()  # Whoever takes no more results wants none.

    def _look_around(self) -> None:
        """Show how far the files are, and ask for the states of those that have landed, but not too often."""
        self.display.update()
        now = time.monotonic()
        quiet = now - self._last_progress
        pause = min(max(quiet / 2, self.api.tuning.first_poll), self.api.tuning.slowest_poll)
        if not self._landed or now - self._last_poll < pause:
            return
        self._last_poll = now
        try:
            uploads = self.api.parse(Upload, self.api.get_uploads(list(self._landed)))
        except Failure as failure:
            if failure.is_denial:
                raise
            uploads = [Upload("pending", upload_id) for upload_id in self._landed]  # The next may succeed.
        states = {upload.id: upload for upload in uploads}
        for upload_id, file in list(self._landed.items()):
            upload = states.get(upload_id, Upload("gone"))
            if upload.state == "pending" and quiet > self.patience:
                detail = "is uploaded but not ready yet: ask `stockroom status` later"
                self._fail(file, Failure("no-news", detail))
            elif upload.state != "pending":
                self._settle(file, upload)

    def _settle(self, file: LocalFile, upload: Upload) -> None:
        """End a file whose upload needs nothing more, or nothing that would help."""
        if upload.error:
            self._fail(file, Failure(upload.error.code, upload.error.detail))
        elif not upload.image:
            self._fail(file, UploadGone("gone", "vanished from the library again and again"))
        else:
            file.id, file.url = upload.image.id, self.api.link(upload.image)
            if upload.state == "duplicate":
                self._end(file, State.DUPLICATE, "is in the library already")
            elif upload.state == "hidden":
                self._end(file, State.HIDDEN, "is hidden by its dates")
            else:
                self._end(file, State.READY)

    def _fail(self, file: LocalFile, failure: Failure) -> None:
        """End a file, unless it may begin again. A denial ends the run."""
        if failure.is_denial:
            raise failure
        if self._starts_left and isinstance(failure, FileChanged | UploadGone):
            self._landed.pop(file.id, None)
            file.state = State.WAITING
        else:
            self._end(file, State.FAILED, failure.detail, failure.code)

    def _end(self, file: LocalFile, state: State, detail: str = "", code: str = "") -> None:
        self._landed.pop(file.id, None)
        file.state, file.detail, file.code = state, detail, code
        self._last_progress = time.monotonic()
        self.display.end(file)
