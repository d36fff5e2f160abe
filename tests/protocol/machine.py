"""The upload protocol as a Hypothesis state machine: contributors, events, crashes, clocks, restores.

Every rule is one thing that may happen; Hypothesis tries sequences of them, and shortens one that breaks an
invariant. `docs/guarantees.md` says what the invariants promise.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from stockroom.images.owners import Owners
from stockroom.images.repository.upload_time import MIN_BYTES_PER_SECOND
from stockroom.ingest import retry
from stockroom.runtime.errors import Conflict, NotFound
from stockroom.uploads import cancel, create
from stockroom.uploads.requests import UploadRequest
from stockroom.uploads.tickets import Ticket
from tests.factories import file
from tests.protocol.invariants import check_always, check_quiet, find_incomplete
from tests.protocol.library import Library, Snapshot
from tests.renditions.images import encode, photo

CONTENTS = (encode(photo(96, 64), "jpeg"), encode(photo(64, 96), "png"), b"no picture, and never one")
LICENSES = ("CC0-1.0", "all-rights-reserved")
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=2),
    timedelta(days=1),
    timedelta(days=31),
)
BACKWARD = timedelta(minutes=-10)
MAX_BACKWARD = 3
"""A clock may be wrong by less than the grace period."""
crash_points = st.none() | st.integers(0, 30)


class Sent(NamedTuple):
    """A ticket that a contributor holds, and until when an upload with it may arrive."""

    image_id: int
    ticket: Ticket
    content: bytes
    usable_until: datetime


class UploadProtocol(RuleBasedStateMachine):
    """All that can happen to a library that two people use."""

    make_library: Callable[[], Library]

    @initialize()
    def begin(self) -> None:
        self.library = type(self).make_library()
        self.tickets: list[Sent] = []
        self.landed: set[int] = set()
        self.orphans: set[int] = set()
        self.kept_orphans: set[int] = set()
        """Originals without a row, which no event and no reaper may delete."""
        self.incomplete: set[int] = set()
        self.licenses: dict[int, str] = {}
        self.times_put_back = 0
        self.snapshots: list[tuple[Snapshot, dict[int, str]]] = []

    def teardown(self) -> None:
        if hasattr(self, "library"):
            self._settle()
            self.library.close()

    @rule(
        owner=st.integers(1, 2), content=st.sampled_from(CONTENTS), license_=st.sampled_from(LICENSES),
        crash=crash_points,
    )  # fmt: skip
    def post(self, owner: int, content: bytes, license_: str, crash: int | None) -> None:
        """A contributor announces a file: for the first time, or again with other metadata."""
        library = self.library
        request = UploadRequest(files=[file(content, license=license_)])
        with library.dying(crash):
            (outcome,) = create.accept(
                library.db,
                library.storage,
                library.settings,
                request,
                owner_id=Owners(library.db).owner_id("stockroom", f"person {owner}", f"Person {owner}"),
                now=library.now,
            )
            assert isinstance(outcome, create.Pending | create.Duplicate), outcome
            if isinstance(outcome, create.Pending):
                self._remember(outcome, content)
        self._learn_licenses()

    def _remember(self, outcome: create.Pending, content: bytes) -> None:
        seconds = self.library.settings.ticket_seconds + len(content) // MIN_BYTES_PER_SECOND
        usable_until = self.library.now + timedelta(seconds=seconds)
        self.tickets.append(Sent(outcome.image_id, outcome.ticket, content, usable_until))

    def _learn_licenses(self) -> None:
        """What was posted last is in the row while it is pending, whatever was answered."""
        self.licenses |= dict(
            self.library.observer.query("SELECT id, license FROM image WHERE state = 'pending'")
        )

    @precondition(lambda self: self.tickets)
    @rule(data=st.data())
    def put(self, data: st.DataObject) -> None:
        """An upload arrives: soon, late, or a second time."""
        sent = data.draw(st.sampled_from(self.tickets))
        if self.library.now > sent.usable_until:
            return
        status = self.library.put(sent.ticket, sent.content)
        assert status in (200, 412), status
        if status == 200:
            self.landed.add(sent.image_id)

    @precondition(lambda self: self.library.events)
    @rule(data=st.data(), crash=crash_points, is_repeated=st.booleans())
    def deliver(self, data: st.DataObject, crash: int | None, is_repeated: bool) -> None:
        """An announcement is handled, in any order, perhaps not for the last time."""
        events = self.library.events
        place = data.draw(st.integers(0, len(events) - 1))
        image_id = events[place]
        is_handled = False
        with self.library.dying(crash):
            self.library.process(image_id)
            is_handled = True
        if is_handled and not is_repeated:
            events.pop(place)

    @precondition(lambda self: self.library.events)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        """An announcement is lost."""
        self.library.events.pop(data.draw(st.integers(0, len(self.library.events) - 1)))

    @precondition(lambda self: self.tickets)
    @rule(data=st.data(), crash=crash_points)
    def cancel(self, data: st.DataObject, crash: int | None) -> None:
        """A contributor takes an upload back."""
        library = self.library
        sent = data.draw(st.sampled_from(self.tickets))
        rows = library.observer.query("SELECT owner_id FROM image WHERE id = %s", (sent.image_id,))
        owner_id = rows[0][0] if rows else 0
        with library.dying(crash), suppress(NotFound, Conflict):
            cancel.cancel_upload(library.db, library.storage, library.settings, owner_id, sent.image_id)

    @rule(crash=crash_points)
    def reap(self, crash: int | None) -> None:
        """The reaper comes, at any time."""
        with self.library.dying(crash):
            self.library.reap()

    @rule(crash=crash_points)
    def retry(self, crash: int | None) -> None:
        """An administrator has failed uploads processed again."""
        with self.library.dying(crash):
            retry.retry_next(self.library.db, self.library.storage, None, 0, 10)
        self._learn_licenses()

    @rule(wait=st.sampled_from(WAITS))
    def advance(self, wait: timedelta) -> None:
        """Time passes."""
        self.library.advance(wait)

    @precondition(lambda self: self.times_put_back < MAX_BACKWARD)
    @rule()
    def put_clock_back(self) -> None:
        """The clock of the database is put back."""
        self.times_put_back += 1
        self.library.advance(BACKWARD)

    @rule(is_repair=st.booleans(), crash=crash_points)
    def audit(self, is_repair: bool, crash: int | None) -> None:
        """The audit comes.

        It deletes what a restore has orphaned only when it is little: it may, on request.
        """
        with self.library.dying(crash):
            self.library.audit(repair=is_repair)
        if is_repair:
            self.landed &= self._stored() | set(self._row_ids())
            self.kept_orphans &= self.landed

    @rule()
    def take_snapshot(self) -> None:
        """A backup of the database."""
        self.snapshots.append((self.library.snapshot(), dict(self.licenses)))

    @precondition(lambda self: self.snapshots)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        """The database is restored from a backup, while events and originals of later go on existing."""
        snapshot, licenses = data.draw(st.sampled_from(self.snapshots))
        before = set(self._row_ids())
        self.library.restore(snapshot)
        self.licenses |= licenses
        orphans = before - set(self._row_ids())
        self.orphans |= orphans
        self._learn_licenses()
        # Objects of rows that the backup still has may be gone already.
        self.landed &= self._stored()
        self.kept_orphans = (self.kept_orphans | orphans) & self.landed
        self.incomplete |= find_incomplete(self.library)

    def _row_ids(self) -> list[int]:
        return [image_id for (image_id,) in self.library.observer.query("SELECT id FROM image")]

    def _stored(self) -> set[int]:
        return {
            image_id for image_id in self.landed if self.library.storage.head_original(image_id) is not None
        }

    @invariant()
    def nothing_is_lost(self) -> None:
        if hasattr(self, "library"):
            self.kept_orphans -= set(self._row_ids())
            assert self.kept_orphans <= self._stored(), "an original without a row is gone"
            check_always(self.library, self.landed, self.licenses, self.incomplete)

    def _settle(self) -> None:
        """Let everything come to its end: no crash, no loss, enough time."""
        library = self.library
        for _ in range(4):
            library.advance(timedelta(days=8))
            library.reap()
            while library.events:
                library.process(library.events.pop())
        library.audit(repair=False)
        check_always(library, self.landed, self.licenses, self.incomplete)
        check_quiet(library, self.orphans, self.incomplete)
