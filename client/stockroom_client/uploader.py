"""The upload of many files at once: each takes the steps of `_upload` in its own task, and fails alone."""

import contextlib
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import trio

from stockroom_client.api import Api
from stockroom_client.batching import Batcher
from stockroom_client.contract import Metadata, Ticket, Upload
from stockroom_client.failures import Failure
from stockroom_client.hash_cache import HashCache
from stockroom_client.hashing import hash_file
from stockroom_client.local_file import LocalFile, Outcome, State, Step
from stockroom_client.storage import FileChanged, TicketExpired, TicketRefused, put_file

HASHERS = 2
STARTS = 3  # how often the upload of one file is begun before it is given up
REFUSALS = 3  # how many tickets of one file storage may refuse
GONE = ("gone", "vanished from the library again and again")

T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """How to upload: what all files share, files of a request, files sent at once, and how long to wait.

    The renditions are not waited for without `is_waiting`, and no longer than `patience` seconds during which
    no file of the run makes any progress.
    """

    shared: Metadata = field(default_factory=Metadata)
    batch: int = 100
    jobs: int = 4
    is_waiting: bool = True
    patience: float = 900.0


class UploadGone(Failure):
    """The library no longer knows the upload."""


@dataclass
class _Content:
    """Files with the same content take turns, and the first outcome is that of all."""

    turn: trio.Lock = field(default_factory=trio.Lock)
    outcome: Outcome | None = None
    path: Path = Path()  # of the file that has had the outcome


class Uploader:
    """Uploads files. `on_step`, called from any thread, gets a file, what it is doing, and the bytes sent."""

    def __init__(
        self,
        api: Api,
        hashes: HashCache,
        options: Options,
        on_step: Callable[[LocalFile, Step, int], None] = lambda _file, _step, _sent: None,
    ) -> None:
        self._api = api
        self._tuning = api.tuning
        self._hashes = hashes
        self._options = options
        self._on_step = on_step
        self._contents: defaultdict[str, _Content] = defaultdict(_Content)
        self._hashing = 0
        self._unused_tickets = 0
        self._hashers = trio.CapacityLimiter(HASHERS)
        self._senders = trio.CapacityLimiter(options.jobs)
        self._creations = Batcher(self._create, options.batch, self._is_creation_due)
        self._renewals = Batcher(api.renew_tickets, options.batch, lambda _count, _seconds: True)
        self._states = Batcher(self._get_states, sys.maxsize, self._is_poll_due)
        self._note_progress()

    def run(self, files: Sequence[LocalFile]) -> None:
        """Give every file an outcome. A KeyboardInterrupt leaves those without one to another run."""
        try:
            trio.run(self._run, files, restrict_keyboard_interrupt_to_checkpoints=True)
        except BaseExceptionGroup as group:
            # Ctrl-C, or a closed standard output, has ended one task and so all of them.
            for ending in (KeyboardInterrupt, SystemExit):
                if group.subgroup(ending):
                    raise ending(1) from None
            raise

    async def _run(self, files: Sequence[LocalFile]) -> None:
        denials: list[Failure] = []

        async def upload(file: LocalFile, position: int) -> None:
            try:
                self._end(file, file.outcome or await self._upload(file, position))
            except Failure as failure:
                if failure.is_denial:
                    denials.append(failure)
                    services.cancel_scope.cancel()
                else:
                    self._end(file, Outcome(State.FAILED, failure.detail, failure.code, file.upload_id))

        async with trio.open_nursery() as services:
            for batcher in (self._creations, self._renewals, self._states):
                services.start_soon(batcher.run, self._tuning.tick)
            async with trio.open_nursery() as uploads:
                for position, file in enumerate(files):
                    uploads.start_soon(upload, file, position)
            services.cancel_scope.cancel()
        for denial in denials[:1]:
            for file in files:
                if not file.outcome:
                    self._end(file, Outcome(State.FAILED, denial.detail, denial.code, file.upload_id))

    def _end(self, file: LocalFile, outcome: Outcome) -> None:
        file.outcome = outcome
        self._note_progress()
        self._on_step(file, Step.ENDED, 0)

    def _note_progress(self) -> None:
        self._last_progress = time.monotonic()
        self._poll_pause = self._tuning.first_poll

    async def _upload(self, file: LocalFile, position: int) -> Outcome:
        """Hash the file, get a ticket, send the file, and wait for its renditions; begin again if need be."""
        starts = 0
        while True:
            starts += 1
            await self._hash(file)
            content = self._contents[file.sha256]
            async with content.turn:
                if content.outcome:
                    return _share_outcome(content.outcome, content.path)
                try:
                    content.outcome = await self._upload_content(file, position)
                    content.path = file.path
                    return content.outcome
                except (FileChanged, UploadGone):
                    if starts == STARTS:
                        raise

    async def _hash(self, file: LocalFile) -> None:
        self._hashing += 1
        self._on_step(file, Step.HASHING, 0)
        try:
            file.sha256, file.size, file.mtime_ns = await _in_thread(
                hash_file, file.path, self._hashes, limiter=self._hashers
            )
        finally:
            self._hashing -= 1
        self._on_step(file, Step.WAITING, 0)

    async def _upload_content(self, file: LocalFile, position: int) -> Outcome:
        upload = await self._creations.ask(file, position)
        file.upload_id = upload.id
        if upload.ticket:
            try:
                await self._send(file, upload.id, upload.ticket)
            except FileChanged:
                # Otherwise the library would wait until the deadline for content that no longer exists.
                with contextlib.suppress(Failure):
                    await _in_thread(self._api.cancel_upload, upload.id)
                self._hashes.forget(file.path)
                raise
            if not self._options.is_waiting:
                return Outcome(State.UPLOADED, id=upload.id)
            self._on_step(file, Step.PROCESSING, 0)
            upload = await self._wait(upload.id)
        if upload.error:
            return Outcome(State.FAILED, upload.error.detail, upload.error.code, upload.id)
        assert upload.image  # noqa: S101 - the contract: what has neither ticket nor error has an image
        is_duplicate = upload.state == "duplicate"
        return Outcome(
            State.DUPLICATE if is_duplicate else State.READY,
            "is in the library already" if is_duplicate else "",
            id=upload.image.id,
            url=self._api.link(upload.image),
        )

    async def _wait(self, upload_id: str) -> Upload:
        """The upload, once it is ready or failed."""
        while True:
            upload = await self._states.ask(upload_id)
            if upload is None:
                raise UploadGone(*GONE)
            if upload.image or upload.error:
                return upload
            if time.monotonic() - self._last_progress > self._options.patience:
                raise Failure("no-news", "is uploaded but not ready yet: ask `stockroom status` later")

    def _create(self, files: Sequence[LocalFile]) -> Sequence[Upload]:
        return self._api.create_uploads([file.request() for file in files], self._options.shared)

    def _is_creation_due(self, waiting: int, seconds: float) -> bool:
        """Whether to ask for tickets: a batch is full, or waits for nothing, and few tickets are unused."""
        is_idle = not self._unused_tickets and seconds > self._tuning.linger
        is_ready = waiting >= self._options.batch or not self._hashing or is_idle
        return is_ready and self._unused_tickets < self._tuning.unused_tickets

    async def _send(self, file: LocalFile, upload_id: str, ticket: Ticket) -> None:
        """Send the file, with another ticket if the first one has expired or is refused."""
        refusals = 0
        sending = partial(
            put_file, file, api=self._api, on_progress=partial(self._on_step, file, Step.SENDING)
        )
        self._unused_tickets += 1
        try:
            while True:
                try:
                    return await _in_thread(sending, ticket, limiter=self._senders)
                except TicketExpired:
                    pass
                except TicketRefused:
                    refusals += 1
                    if refusals > REFUSALS:
                        raise
                renewed = (await self._renewals.ask(upload_id)).ticket
                if renewed is None:
                    raise UploadGone(*GONE)
                ticket = renewed
        finally:
            self._unused_tickets -= 1
            self._note_progress()

    def _is_poll_due(self, _waiting: int, seconds: float) -> bool:
        """Whether to ask for the states: less and less often while nothing changes."""
        is_due = seconds >= self._poll_pause
        if is_due:
            self._poll_pause = min(self._poll_pause * 1.5, self._tuning.slowest_poll)
        return is_due

    def _get_states(self, upload_ids: Sequence[str]) -> Sequence[Upload | None]:
        """The uploads, None for those that the library no longer knows."""
        try:
            found = self._api.parse(Upload, self._api.get_uploads(upload_ids))
        except Failure as failure:
            if failure.is_denial:
                raise
            return [Upload(state="pending")] * len(upload_ids)  # The next poll may succeed.
        by_id = {upload.id: upload for upload in found}
        return [by_id.get(upload_id) for upload_id in upload_ids]


async def _in_thread(
    call: Callable[..., T], *arguments: Any, limiter: trio.CapacityLimiter | None = None
) -> T:
    """The result of a call that blocks. After a cancellation, nobody waits for the call's end."""
    return await trio.to_thread.run_sync(call, *arguments, abandon_on_cancel=True, limiter=limiter)


def _share_outcome(outcome: Outcome, path: Path) -> Outcome:
    """The outcome of a file whose content is that of the file at `path`, which had this outcome."""
    if outcome.state is State.FAILED:
        return outcome
    return Outcome(State.DUPLICATE, f"has the same content as {path}", id=outcome.id, url=outcome.url)
