"""The upload of many files: hashing, asking, sending and waiting overlap; each file succeeds or fails alone.

One thread coordinates and alone changes what a file is up to; the workers hash and send, and report to it by
putting calls into its inbox.
"""

import contextlib
import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from stockroom_client.api import Api, ApiError
from stockroom_client.contract import Metadata, TicketAnswer, Upload, UploadAnswer
from stockroom_client.hashcache import HashCache
from stockroom_client.hashing import hash_item
from stockroom_client.items import Item, Phase
from stockroom_client.retry import Retry, Stop
from stockroom_client.storage import Result, Sent, put
from stockroom_client.transport import Transport
from stockroom_client.watch import Watch
from stockroom_client.workers import Workers

HASHERS = 2
AHEAD = 200  # files that may hold an unused ticket: enough to keep the line busy, few enough not to expire
LINGER = 0.3  # seconds that hashed files wait for company while nothing is being sent
TICK = 0.05  # seconds between looks at the clock
POSTS = 3  # how often one file is asked for before it is given up
RENEWALS = 3  # how many tickets of one file storage may refuse


@dataclass(frozen=True)
class Options:
    """How to upload. `patience`: seconds without any news after which landed files are given up."""

    shared: Metadata = field(default_factory=Metadata)
    batch: int = 100
    jobs: int = 4
    wait: bool = True
    patience: float = 900.0


class Uploader:
    """Takes files to an end; `ended` is told of each, on the calling thread, as it happens."""

    def __init__(
        self,
        api: Api,
        transport: Transport,
        hashes: HashCache,
        options: Options,
        *,
        ended: Callable[[Item], None] = lambda _: None,
        retry: Retry | None = None,
        stop: Stop | None = None,
    ) -> None:
        self._api = api
        self._transport = transport
        self._hashes = hashes
        self._options = options
        self._ended = ended
        self._retry = retry or Retry()
        self._stop = stop or Stop()
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._open: set[Item] = set()
        self._hashing = 0
        self._hashed: list[Item] = []
        self._hashed_since = 0.0
        self._sending = 0
        self._stale: list[Item] = []
        self._leaders: dict[str, Item] = {}
        self._watch = Watch(api)

    def run(self, items: Sequence[Item]) -> None:
        """Returns when every item has ended. KeyboardInterrupt leaves the rest for another run."""
        self._hashers = Workers(HASHERS, self._hash, self._crashed)
        self._senders = Workers(self._options.jobs, self._send, self._crashed)
        try:
            for order, item in enumerate(items):
                item.order = order
                if item.ended:
                    self._ended(item)
                else:
                    self._open.add(item)
                    self._submit_hash(item)
            while self._open:
                self._take_in()
                for step in (self._post, self._renew, self._poll):
                    if self._open:
                        step()
        except BaseException:
            self._stop.set()
            self._transport.close()
            raise
        finally:
            self._hashers.close()
            self._senders.close()

    # Hashing

    def _submit_hash(self, item: Item) -> None:
        item.phase, item.done = Phase.HASHING, 0
        self._hashing += 1
        self._hashers.submit(item)

    def _hash(self, item: Item) -> None:
        """On a worker."""
        reason = hash_item(item, self._hashes, self._stop)
        self._inbox.put(partial(self._on_hashed, item, reason))

    def _on_hashed(self, item: Item, reason: str) -> None:
        self._hashing -= 1
        if item.ended:
            return
        if reason:
            self._finish(item, Phase.FAILED, "unreadable", reason)
            return
        leader = self._leaders.setdefault(item.sha256, item)
        if leader is item:
            self._await_post(item)
        elif leader.ended:
            self._follow(item, leader)
        else:
            leader.twins.append(item)

    def _await_post(self, item: Item) -> None:
        item.phase, item.done = Phase.HASHED, 0
        if not self._hashed:
            self._hashed_since = time.monotonic()
        self._hashed.append(item)

    # Asking

    def _post(self) -> None:
        # Ids follow the order of a request: pictures lie in the library in the order they were given.
        self._hashed.sort(key=lambda item: item.order)
        batch = self._hashed[: self._options.batch]
        full = len(batch) == self._options.batch
        idle = not self._sending and time.monotonic() - self._hashed_since > LINGER
        if not batch or self._sending >= AHEAD or not (full or idle or not self._hashing):
            return
        self._hashed = self._hashed[len(batch) :]
        try:
            answers = self._api.create([item.request() for item in batch], self._options.shared)
        except ApiError as error:
            self._refused(batch, error)
            return
        for item, answer in zip(batch, answers, strict=True):
            item.posts += 1
            self._on_answer(item, answer)

    def _on_answer(self, item: Item, answer: UploadAnswer) -> None:
        item.id = answer.get("id", "")
        if answer["state"] == "pending":
            item.ticket = answer["ticket"]
            self._submit_send(item)
        elif answer["state"] == "duplicate":
            image = answer["image"]
            item.id, item.url = image["id"], self._api.link(image["urls"]["720p"])
            self._finish(item, Phase.DUPLICATE, "", "is in the library already")
        else:
            error = answer["error"]
            self._finish(item, Phase.FAILED, error["code"], error["detail"])

    def _ask_again(self, item: Item) -> None:
        """The library no longer knows this upload: start it over."""
        if item.posts >= POSTS:
            self._finish(item, Phase.FAILED, "gone", "vanished from the library again and again")
        else:
            self._await_post(item)

    def _refused(self, items: Sequence[Item], error: ApiError) -> None:
        """The request as a whole has failed; without authorization nothing else will work either."""
        hopeless = error.status in {401, 403}
        for item in list(self._open) if hopeless else items:
            if not item.ended:
                self._finish(item, Phase.FAILED, error.code, str(error))
        if hopeless:
            self._stop.set()
            self._transport.close()

    # Sending

    def _submit_send(self, item: Item) -> None:
        item.phase, item.done = Phase.QUEUED, 0
        self._sending += 1
        self._senders.submit(item)

    def _send(self, item: Item) -> None:
        """On a worker."""
        self._inbox.put(partial(self._on_sending, item))
        sent = put(item, self._transport, self._retry, self._stop, self._api.now)
        self._inbox.put(partial(self._on_sent, item, sent))

    def _on_sending(self, item: Item) -> None:
        if not item.ended:
            item.phase = Phase.SENDING

    def _on_sent(self, item: Item, sent: Sent) -> None:
        self._sending -= 1
        self._watch.news()
        if item.ended:
            return
        if sent.result is Result.LANDED:
            self._on_landed(item)
        elif sent.result is Result.REFUSED:
            self._finish(item, Phase.FAILED, "storage", sent.detail)
        elif sent.result is Result.CHANGED:
            self._on_changed(item, sent.detail)
        else:
            item.renewals += sent.result is Result.FORBIDDEN
            if item.renewals > RENEWALS:
                self._finish(item, Phase.FAILED, "storage", sent.detail)
            else:
                self._stale.append(item)

    def _on_landed(self, item: Item) -> None:
        item.phase = Phase.LANDED
        if not self._options.wait:
            self._finish(item, Phase.UPLOADED)
            return
        self._watch.add(item)

    def _on_changed(self, item: Item, detail: str) -> None:
        """What was promised can no longer be sent: withdraw it and begin with the file as it is now."""
        with contextlib.suppress(ApiError):  # the library gives it up by itself after a while
            self._api.cancel(item.id)
        twins, item.twins = item.twins, []
        del self._leaders[item.sha256]
        for twin in twins:
            self._hashing += 1
            self._on_hashed(twin, "")
        if item.posts >= POSTS:
            self._finish(item, Phase.FAILED, "changing", detail or "is being changed by another program")
        else:
            self._hashes.forget(item.path)
            self._submit_hash(item)

    def _renew(self) -> None:
        if not self._stale:
            return
        items = self._stale[: self._options.batch]
        self._stale = self._stale[len(items) :]
        try:
            answers = self._api.tickets([item.id for item in items])
        except ApiError as error:
            self._refused(items, error)
            return
        for item, answer in zip(items, answers, strict=True):
            self._on_ticket(item, answer)

    def _on_ticket(self, item: Item, answer: TicketAnswer) -> None:
        if answer["state"] == "gone":
            self._ask_again(item)
        else:
            item.ticket = answer["ticket"]
            self._submit_send(item)

    # Waiting

    def _poll(self) -> None:
        if not self._watch.due:
            return
        try:
            for item, upload in self._watch.ask():
                self._on_state(item, upload)
        except ApiError as error:
            if error.status in {401, 403}:
                self._refused((), error)
                return
        if self._watch.silent_for() > self._options.patience:
            for item in self._watch.items:
                words = "is uploaded but not ready yet: ask `stockroom status` later"
                self._finish(item, Phase.FAILED, "no-news", words)

    def _on_state(self, item: Item, upload: Upload | None) -> None:
        if upload is None:
            self._watch.drop(item)
            self._ask_again(item)
        elif upload["state"] == "ready":
            item.url = self._api.link(upload["image"]["urls"]["720p"])
            self._finish(item, Phase.READY)
        elif upload["state"] == "failed":
            error = upload["error"]
            self._finish(item, Phase.FAILED, error["code"], error["detail"])

    # Ends

    def _finish(self, item: Item, phase: Phase, code: str = "", reason: str = "") -> None:
        self._watch.drop(item)
        self._watch.news()
        self._open.discard(item)
        item.end(phase, code, reason)
        self._ended(item)
        for twin in item.twins:
            if not twin.ended:
                self._follow(twin, item)

    def _follow(self, twin: Item, leader: Item) -> None:
        """Files with the same content share one upload."""
        twin.id, twin.url = leader.id, leader.url
        if leader.phase is Phase.FAILED:
            self._finish(twin, Phase.FAILED, leader.code, leader.reason)
        else:
            self._finish(twin, Phase.DUPLICATE, "", f"has the same content as {leader.label}")

    def _take_in(self) -> None:
        try:
            self._inbox.get(timeout=TICK)()
            while True:
                self._inbox.get_nowait()()
        except queue.Empty:
            return

    def _crashed(self, error: BaseException) -> None:
        self._inbox.put(partial(_raise, error))


def _raise(error: BaseException) -> None:
    raise error
