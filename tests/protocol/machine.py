"""The upload protocol as a Hypothesis state machine: contributors, events, crashes, clocks, restores.

Every rule is one thing that may happen; Hypothesis tries sequences of them, and shortens one that breaks an
invariant. `docs/guarantees.md` says what the invariants promise.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, get_args

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from stockroom.curation import takedown
from stockroom.curation.actor import Actor
from stockroom.curation.changes import Edit
from stockroom.curation.deletion import delete_pictures
from stockroom.curation.edit import edit_images
from stockroom.curation.restoring import restore_pictures
from stockroom.images.owners import Owners
from stockroom.images.repository.renditions import Source, find_sources
from stockroom.images.repository.upload_time import MIN_BYTES_PER_SECOND
from stockroom.images.states import MAX_ATTEMPTS
from stockroom.ingest import rerendering, retry
from stockroom.ingest.old_versions import delete_old_versions
from stockroom.ingest.rerendering import Result
from stockroom.runtime import job_runs
from stockroom.runtime.errors import Conflict, NotFound
from stockroom.runtime.job_runs import Run, RunLost, RunRefused
from stockroom.runtime.timestamps import rfc3339, to_column_value
from stockroom.uploads import cancel, create, tickets
from stockroom.uploads.requests import UploadRequest
from stockroom.uploads.tickets import Ticket
from stockroom.uploads.validate import Rejected
from tests.factories import begin_attempt, file
from tests.protocol.invariants import (
    BYTES,
    MAX_VERSION,
    Content,
    check_all_ready,
    check_always,
    check_expected,
    check_links,
    check_nothing_is_stored,
    check_put_off,
    check_quiet,
    check_refused,
    find_incomplete,
    find_pictures,
    find_strays,
)
from tests.protocol.library import Library, Snapshot

LICENSES = ("CC0-1.0", "all-rights-reserved")
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(hours=2),
    timedelta(days=1),
    timedelta(days=31),
)
ADMINISTRATOR = Actor(99, is_admin=True)
BACKWARD = timedelta(minutes=-10)
MAX_BACKWARD = 3
"""A clock may be wrong by less than the grace period."""
ATTEMPT_IS_COUNTED = 2
"""The crash point of a delivery that has just counted its attempt; two others precede it."""
Action = Literal[
    "post", "post and put", "renew", "cancel", "reap", "deliver", "retry", "repair",
    "delete", "restore", "take down", "edit", "embargo", "expire", "free", "rerender", "commit",
]  # fmt: skip
DATES: tuple[Action, ...] = ("embargo", "expire", "free")
"""A picture is hidden until tomorrow, from tomorrow on, or at no time."""
CURATION: tuple[Action, ...] = ("delete", "restore", "take down", "edit", *DATES)
JOBS: tuple[Action, ...] = ("rerender", "commit")
TOMORROW = timedelta(days=1)


class Interruption(NamedTuple):
    """What happens to a process at one of its points: it dies, or another process does something.

    `then`: after so many further points the process dies, too; None: it goes on to its end.
    """

    point: int
    action: Action | None
    then: int | None = None


interruptions = st.one_of(
    st.none(),
    st.builds(Interruption, st.integers(0, 30), st.none()),
    st.builds(
        Interruption, st.integers(0, 9), st.sampled_from(get_args(Action)), st.none() | st.integers(0, 6)
    ),
    # Twice as often: the dates are what most of the states are about.
    st.builds(Interruption, st.integers(0, 14), st.sampled_from(DATES), st.none() | st.integers(0, 6)),
)


class Sent(NamedTuple):
    """A ticket that a contributor holds, and until when an upload with it may arrive.

    `is_promised`: an upload with this ticket will be a picture. The database of before a restore has promised
    nothing to the library of after it.
    """

    image_id: int
    ticket: Ticket
    owner: int
    content: Content
    usable_until: datetime
    is_promised: bool = True


def _owner_id(library: Library, owner: int) -> int:
    return Owners(library.db).find_or_insert("stockroom", f"person {owner}", f"Person {owner}")


class UploadProtocol(RuleBasedStateMachine):
    """All that can happen to a library that two people use."""

    make_library: Callable[[], Library]

    @initialize()
    def begin(self) -> None:
        self.library = type(self).make_library()
        self.other = self.library.make_another()
        self.expected: dict[int, Content] = {}
        """The contents of uploads that have arrived, and that nobody has taken back."""
        self.cancelled: set[int] = set()
        self.failed: set[int] = set()
        self.crashes: Counter[int] = Counter()
        self.tickets: list[Sent] = []
        self.landed: set[int] = set()
        self.orphans: set[int] = set()
        self.kept_orphans: set[int] = set()
        """Originals without a row, which no event and no reaper may delete."""
        self.incomplete: set[int] = set()
        self.licenses: dict[int, str] = {}
        self.contents: dict[int, Content] = {}
        self.refused: set[Content] = set()
        """Contents that are taken down."""
        self.pictures: set[int] = set()
        """What was published, perhaps as hidden, and is neither deleted nor failed."""
        self.times_put_back = 0
        self.snapshots: list[tuple[Snapshot, dict[int, str]]] = []
        self.run: Run | None = None
        """The run of the job that renders pictures again, which makes renditions of `version`."""
        self.version = 2
        self.sources: list[Source] = []
        """What the run has read, and has not rendered."""
        self.results: list[Result] = []
        """What the run has rendered, perhaps long ago."""

    def teardown(self) -> None:
        if hasattr(self, "library"):
            try:
                self._settle()
            finally:
                self.library.close()

    def _interrupted(
        self, interruption: Interruption | None, data: st.DataObject, image_id: int | None = None
    ) -> AbstractContextManager[None]:
        """Runs the `with` block in a process to which `interruption` happens.

        What another process does is about `image_id`, if there is a ticket for it.
        """
        if interruption is None:
            return self.library.dying(None)
        point, action, then = interruption
        if action is None:
            return self.library.dying(point)
        tickets = [sent for sent in self.tickets if sent.image_id == image_id] or self.tickets
        sent = data.draw(st.sampled_from(tickets)) if tickets else None
        license_ = data.draw(st.sampled_from(LICENSES))
        return self.library.dying(point, lambda: self._act(action, sent, license_), then)

    def _act(self, action: Action, sent: Sent | None, license_: str) -> None:
        """Another process does something, while one is under way."""
        self._learn_licenses()
        if action == "reap":
            self.other.reap()
        elif action == "retry":
            retry.retry_next(self.other.db, self.other.storage, None, 0, 100)
        elif action == "repair":
            self.other.audit(repair=True)
            self._learn_deletions()
        elif action == "deliver":
            if self.library.events:
                self._handle_elsewhere(self.library.events[-1])
        elif action in JOBS:
            self._work(action)
        elif sent is None:
            return
        elif action == "cancel":
            self._cancel(self.other, sent.image_id)
        elif action == "renew":
            self._renew(self.other, sent)
        elif action in CURATION:
            self._curate(action, sent.image_id, license_)
        else:
            outcome = self._post(self.other, sent.owner, sent.content, license_)
            if action == "post and put" and isinstance(outcome, create.Pending):
                self._put(self.tickets[-1])

    def _work(self, action: Action) -> None:
        """Another process of a job does its part."""
        if action == "rerender":
            self._rerender_all(self.other)
        else:
            self._commit(self.other)

    def _curate(self, action: Action, image_id: int, license_: str) -> None:
        """Another process does something with a picture, if the ticket has become one."""
        if action == "delete":
            self._delete(self.other, [image_id])
        elif action == "restore":
            self._restore_pictures(self.other, [image_id])
        elif action == "edit":
            self._edit(self.other, image_id, license_)
        elif action in DATES:
            self._date(self.other, image_id, action)
        else:
            self._take_down(self.other, image_id, same_content=license_ == LICENSES[0])

    def _handle_elsewhere(self, image_id: int) -> None:
        self.other.process(image_id)

    def _post(
        self, library: Library, owner: int, content: Content, license_: str, *, has_embargo: bool = False
    ) -> create.Outcome:
        dates = {"embargo": rfc3339(library.now + TOMORROW)} if has_embargo else {}
        (outcome,) = create.accept(
            library.db,
            library.storage,
            library.settings,
            UploadRequest(files=[file(BYTES[content], license=license_, **dates)]),
            owner_id=_owner_id(library, owner),
            now=library.now,
        )
        if isinstance(outcome, Rejected):
            # Its picture was deleted at this very moment, or its content is refused.
            assert outcome.code == "changed" or self._is_refused(content), outcome
        if isinstance(outcome, create.Pending):
            self._keep_ticket(library, outcome.image_id, outcome.ticket, owner, content)
        self._learn_licenses()
        return outcome

    def _renew(self, library: Library, sent: Sent) -> None:
        """Ask for another ticket in the place of one that may have expired."""
        renewed = tickets.renew(
            library.db,
            library.storage,
            library.settings,
            [sent.image_id],
            owner_id=_owner_id(library, sent.owner),
            now=library.now,
        )
        for image_id, ticket in renewed.items():
            self._keep_ticket(library, image_id, ticket, sent.owner, sent.content)

    def _keep_ticket(
        self, library: Library, image_id: int, ticket: Ticket, owner: int, content: Content
    ) -> None:
        seconds = library.settings.ticket_seconds + len(BYTES[content]) // MIN_BYTES_PER_SECOND
        usable_until = library.now + timedelta(seconds=seconds)
        self.tickets.append(Sent(image_id, ticket, owner, content, usable_until))
        self.contents[image_id] = content

    def _learn_deletions(self) -> None:
        """A repair may have deleted originals that have no row: it may, on request."""
        self.landed &= self._stored() | set(self._row_ids())
        self.kept_orphans &= self.landed

    def _learn_licenses(self) -> None:
        """What was posted last is in the row while it is pending, whatever was answered."""
        self.licenses |= dict(
            self.library.observer.query("SELECT id, license FROM image WHERE state = 'pending'")
        )

    def _put(self, sent: Sent) -> None:
        status = self.library.put(sent.ticket, BYTES[sent.content])
        assert status in (200, 412), status
        if status == 200:
            self.landed.add(sent.image_id)
            # What was drawn may have been taken back since.
            is_promised = any(each.is_promised for each in self.tickets if each.ticket is sent.ticket)
            if is_promised and sent.image_id not in self.cancelled:
                self.expected[sent.image_id] = sent.content

    def _cancel(self, library: Library, image_id: int) -> None:
        """Take an upload back; after a refusal it is as it was."""
        rows = library.observer.query("SELECT owner_id FROM image WHERE id = %s", (image_id,))
        is_refused = False
        try:
            restorable_until = cancel.cancel_upload(
                library.db, library.storage, library.settings, rows[0][0] if rows else 0, image_id
            )
        except Conflict:
            is_refused = True
        except NotFound:
            assert self._states().get(image_id) in (None, "deleting", "deleted")
        else:
            # What was a picture before can be restored.
            if restorable_until is None:
                self.cancelled.add(image_id)
        finally:
            if not is_refused:
                # Without an answer the cancellation may have happened, or not.
                self.expected.pop(image_id, None)
                self.tickets = [
                    sent._replace(is_promised=sent.is_promised and sent.image_id != image_id)
                    for sent in self.tickets
                ]

    def _is_refused(self, content: Content) -> bool:
        """Whether the content is taken down, by the database."""
        digest = hashlib.sha256(BYTES[content]).digest()
        return bool(self.library.observer.query("SELECT 1 FROM takedown WHERE sha256 = %s", (digest,)))

    def _give_up_hope(self, image_ids: Collection[int]) -> None:
        """These uploads may be taken back from now on: nobody promises pictures of them any more."""
        for image_id in image_ids:
            self.expected.pop(image_id, None)
        self.tickets = [
            sent._replace(is_promised=sent.is_promised and sent.image_id not in image_ids)
            for sent in self.tickets
        ]

    def _delete(self, library: Library, image_ids: list[int]) -> None:
        """An administrator deletes pictures; without an answer the deletion may have happened, or not."""
        self._give_up_hope(image_ids)
        try:
            delete_pictures(
                library.db,
                library.search_index,
                image_ids,
                actor=ADMINISTRATOR,
                seconds=library.settings.restore_seconds,
            )
        finally:
            # What was restored meanwhile may have been deleted after that.
            self._give_up_hope(image_ids)

    def _restore_pictures(self, library: Library, image_ids: list[int]) -> None:
        """An administrator restores pictures; those that are ready or hidden are promised again."""
        states = restore_pictures(
            library.db,
            library.storage,
            library.search_index,
            image_ids,
            actor=ADMINISTRATOR,
            formats=["webp"],
        )
        for image_id, state in states.items():
            is_back = state in ("ready", "hidden") and image_id in find_pictures(library)
            if is_back and image_id not in self.incomplete and image_id in self.contents:
                self.expected[image_id] = self.contents[image_id]

    def _take_down(self, library: Library, image_id: int, *, same_content: bool) -> None:
        """An administrator takes a picture or an upload down, alone or with all of its content.

        What is not a picture yet does not become one.
        """
        content = self.contents.get(image_id)
        same = {each for each in self.contents if self.contents[each] == content}
        stays = set() if same_content else (same - {image_id}) & find_pictures(library)
        self._give_up_hope((same | {image_id}) - stays)
        try:
            answers = takedown.take_down(
                library.db,
                library.storage,
                library.search_index,
                [image_id],
                actor=ADMINISTRATOR.owner_id,
                reason="A court has ordered it.",
                same_content=same_content,
                upload_seconds=library.settings.upload_seconds,
            )
        finally:
            # Also what was posted meanwhile; and without an answer the take-down may have happened.
            same = {each for each in self.contents if self.contents[each] == content}
            self._give_up_hope((same | {image_id}) - stays)
        self.cancelled |= {each for each, is_taken_down in answers.items() if is_taken_down}

    def _edit(self, library: Library, image_id: int, license_: str) -> None:
        """An administrator gives a picture another licence; without an answer it may have one of the two."""
        try:
            edit_images(
                library.db,
                library.storage,
                library.search_index,
                [image_id],
                Edit(fields={"license": license_}),
                actor=ADMINISTRATOR,
            )
        finally:
            self._learn_edit(image_id, license_)

    def _date(self, library: Library, image_id: int, dates: Action) -> None:
        """An administrator gives a picture other dates."""
        tomorrow = to_column_value(library.now + TOMORROW)
        fields = {
            "embargo": tomorrow if dates == "embargo" else None,
            "expires": tomorrow if dates == "expire" else None,
        }
        edit_images(
            library.db,
            library.storage,
            library.search_index,
            [image_id],
            Edit(fields=fields),
            actor=ADMINISTRATOR,
        )

    def _read_sources(self, library: Library) -> None:
        """The driver of a job reads pictures of older versions, while it holds the run."""
        try:
            if self.run is None:
                raise RunLost
            job_runs.renew(library.db, self.run)
        except RunLost:
            try:
                self.run = job_runs.take(library.db, job_runs.RERENDER, None, None)
            except RunRefused:
                # The one of a process that has died, or of the database of before.
                return
        page = find_sources(library.db, self.version, 0, 1000)
        read_at = library.now.timestamp()
        self.sources += [source._replace(read_at=read_at) for source in page.sources]

    def _render_sources(self, library: Library) -> None:
        """Executors render what was read."""
        while self.sources:
            self.results.append(library.rerender(self.sources[-1], self.version))
            self.sources.pop()

    def _commit(self, library: Library) -> None:
        """The driver moves what was rendered; it may do that again."""
        rerendering.commit(library.db, library.storage, self.results, self.version)

    def _rerender_all(self, library: Library) -> None:
        self._read_sources(library)
        self._render_sources(library)
        self._commit(library)

    def _learn_edit(self, image_id: int, license_: str) -> None:
        rows = self.library.observer.query("SELECT license FROM image WHERE id = %s", (image_id,))
        if rows and rows[0][0] == license_:
            self.licenses[image_id] = license_

    @precondition(lambda self: self.contents)
    @rule(data=st.data(), interruption=interruptions)
    def delete(self, data: st.DataObject, interruption: Interruption | None) -> None:
        """Pictures are deleted."""
        image_ids = data.draw(st.lists(st.sampled_from(sorted(self.contents)), min_size=1, unique=True))
        ready = {each for each in image_ids if self._states().get(each) == "ready"}
        with self._interrupted(interruption, data, image_ids[0]):
            self._delete(self.library, image_ids)
            if interruption is None:
                assert {self._states().get(each) for each in ready} <= {"deleted"}

    @precondition(lambda self: self.contents)
    @rule(data=st.data(), interruption=interruptions)
    def restore_pictures(self, data: st.DataObject, interruption: Interruption | None) -> None:
        """Deleted pictures are restored."""
        image_ids = data.draw(st.lists(st.sampled_from(sorted(self.contents)), min_size=1, unique=True))
        with self._interrupted(interruption, data, image_ids[0]):
            self._restore_pictures(self.library, image_ids)

    @precondition(lambda self: self.contents)
    @rule(data=st.data(), same_content=st.booleans(), interruption=interruptions)
    def take_down(self, data: st.DataObject, same_content: bool, interruption: Interruption | None) -> None:
        """A picture is taken down, or an upload before it is one."""
        image_id = data.draw(st.sampled_from(sorted(self.contents)))
        with self._interrupted(interruption, data, image_id):
            self._take_down(self.library, image_id, same_content=same_content)

    @precondition(lambda self: self.refused)
    @rule(data=st.data())
    def lift(self, data: st.DataObject) -> None:
        """A content is accepted again."""
        content = data.draw(st.sampled_from(sorted(self.refused)))
        digest = hashlib.sha256(BYTES[content]).digest()
        assert takedown.lift(self.library.db, digest, actor=ADMINISTRATOR.owner_id)

    @precondition(lambda self: self.contents)
    @rule(data=st.data(), license_=st.sampled_from(LICENSES), interruption=interruptions)
    def edit(self, data: st.DataObject, license_: str, interruption: Interruption | None) -> None:
        """A picture gets another licence."""
        image_id = data.draw(st.sampled_from(sorted(self.contents)))
        with self._interrupted(interruption, data, image_id):
            self._edit(self.library, image_id, license_)
        self._learn_edit(image_id, license_)

    @precondition(lambda self: self.contents)
    @rule(data=st.data(), dates=st.sampled_from(DATES), interruption=interruptions)
    def date(self, data: st.DataObject, dates: Action, interruption: Interruption | None) -> None:
        """A picture gets an embargo, or an expiry, or neither."""
        image_id = self._draw_picture(data)
        with self._interrupted(interruption, data, image_id):
            self._date(self.library, image_id, dates)

    def _draw_picture(self, data: st.DataObject) -> int:
        """A picture that can be edited, or any upload where there is none."""
        states = self._states()
        pictures = sorted(each for each in self.contents if states.get(each) in ("ready", "hidden"))
        return data.draw(st.sampled_from(pictures or sorted(self.contents)))

    @precondition(lambda self: self.contents)
    @rule(data=st.data(), is_deleted=st.booleans(), interruption=interruptions)
    def hide_and_show(self, data: st.DataObject, is_deleted: bool, interruption: Interruption | None) -> None:
        """A picture is hidden, perhaps deleted and restored, and comes back when its embargo ends."""
        image_id = self._draw_picture(data)
        self._date(self.library, image_id, "embargo")
        if is_deleted:
            self._delete(self.library, [image_id])
            with self._interrupted(interruption, data, image_id):
                self._restore_pictures(self.library, [image_id])
        self.library.advance(TOMORROW)
        with self._interrupted(None if is_deleted else interruption, data, image_id):
            self.library.reap()
        while image_id in self.library.events:
            self.library.events.remove(image_id)
            self.library.process(image_id)

    @precondition(lambda self: self.contents)
    @rule(data=st.data(), interruption=interruptions)
    def expire(self, data: st.DataObject, interruption: Interruption | None) -> None:
        """A picture expires, and the reaper hides it."""
        self._date(self.library, self._draw_picture(data), "expire")
        self.library.advance(TOMORROW)
        with self._interrupted(interruption, data):
            self.library.reap()

    @rule(data=st.data(), interruption=interruptions)
    def rerender(self, data: st.DataObject, interruption: Interruption | None) -> None:
        """A job renders all pictures again."""
        with self._interrupted(interruption, data):
            self._rerender_all(self.library)

    @precondition(lambda self: self.contents)
    @rule(
        data=st.data(), change=st.none() | st.sampled_from(CURATION),
        wait=st.none() | st.sampled_from(WAITS[:3]), is_committed=st.booleans(), interruption=interruptions,
    )  # fmt: skip
    def rerender_late(
        self,
        data: st.DataObject,
        change: Action | None,
        wait: timedelta | None,
        is_committed: bool,
        interruption: Interruption | None,
    ) -> None:
        """Something happens to a picture between the driver and an executor, and the reaper comes.

        The attempts of before are over, so that nobody is waited for but the job.
        """
        image_id = self._draw_picture(data)
        self.library.advance(timedelta(hours=2))
        self._read_sources(self.library)
        if change is not None:
            self._curate(change, image_id, LICENSES[1])
        if wait is not None:
            self.library.advance(wait)
        self.library.reap()
        with self._interrupted(interruption, data, image_id):
            self._render_sources(self.library)
            if is_committed:
                self._commit(self.library)

    @precondition(lambda self: self.results)
    @rule(data=st.data(), interruption=interruptions)
    def commit(self, data: st.DataObject, interruption: Interruption | None) -> None:
        """A job moves what it has rendered, perhaps long ago."""
        with self._interrupted(interruption, data):
            self._commit(self.library)

    @precondition(lambda self: self.version < MAX_VERSION)
    @rule()
    def raise_version(self) -> None:
        """The operator wants another version, and begins another run."""
        self.version += 1
        self.run = None
        self.sources, self.results = [], []

    @rule(data=st.data(), interruption=interruptions)
    def clean_up(self, data: st.DataObject, interruption: Interruption | None) -> None:
        """A job deletes the versions of before."""
        with self._interrupted(interruption, data):
            delete_old_versions(self.library.db, self.library.storage)

    @rule(
        owner=st.integers(1, 2), content=st.sampled_from(get_args(Content)),
        license_=st.sampled_from(LICENSES), interruption=interruptions, data=st.data(),
    )  # fmt: skip
    def post(
        self,
        owner: int,
        content: Content,
        license_: str,
        interruption: Interruption | None,
        data: st.DataObject,
    ) -> None:
        """A contributor announces a file: for the first time, or again with other metadata."""
        with self._interrupted(interruption, data):
            self._post(self.library, owner, content, license_)
        self._learn_licenses()

    @rule(
        owner=st.integers(1, 2), content=st.sampled_from(get_args(Content)),
        license_=st.sampled_from(LICENSES), is_delivered=st.booleans(), has_embargo=st.booleans(),
    )  # fmt: skip
    def upload(
        self, owner: int, content: Content, license_: str, is_delivered: bool, has_embargo: bool
    ) -> None:
        """A contributor announces a file and sends it, and nothing goes wrong."""
        outcome = self._post(self.library, owner, content, license_, has_embargo=has_embargo)
        if isinstance(outcome, create.Pending):
            self._put(self.tickets[-1])
            if is_delivered and outcome.image_id in self.library.events:
                self.library.process(outcome.image_id)
                self.library.events.remove(outcome.image_id)

    @precondition(lambda self: self.tickets)
    @rule(data=st.data())
    def put(self, data: st.DataObject) -> None:
        """An upload arrives: soon, late, or a second time."""
        sent = data.draw(st.sampled_from(self.tickets))
        if self.library.now <= sent.usable_until:
            self._put(sent)

    @precondition(lambda self: self.library.events)
    @rule(data=st.data(), interruption=interruptions, is_repeated=st.booleans())
    def deliver(self, data: st.DataObject, interruption: Interruption | None, is_repeated: bool) -> None:
        """An announcement is handled, in any order, perhaps not for the last time."""
        events = self.library.events
        image_id = data.draw(st.sampled_from(events))
        is_handled = False
        with self._interrupted(interruption, data, image_id):
            self.library.process(image_id)
            is_handled = True
        self.crashes[image_id] += not is_handled
        if is_handled and not is_repeated:
            events.remove(image_id)
        is_written = interruption is not None and interruption.action == "rerender"
        if is_handled and not is_written and self._states().get(image_id) == "deleting":
            check_nothing_is_stored(self.library, image_id)

    @precondition(lambda self: self.library.events)
    @rule(data=st.data(), point=st.integers(ATTEMPT_IS_COUNTED, 9))
    def overtake_the_last_attempt(self, data: st.DataObject, point: int) -> None:
        """All attempts but one die, and during the last one the announcement is handled once more."""
        states, stored = self._states(), self._stored()
        # After a restore an original may be gone whose announcement is still there.
        announced = [each for each in self.library.events if states.get(each) == "pending" and each in stored]
        if announced:
            image_id = data.draw(st.sampled_from(announced))
            for _ in range(MAX_ATTEMPTS - 1):
                # The count is all that is left of a process that dies at once.
                self.crashes[image_id] += begin_attempt(self.library.db, image_id)
            with self.library.dying(point, lambda: self._handle_elsewhere(image_id)):
                self.library.process(image_id)

    @precondition(lambda self: self.library.events)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        """An announcement is lost."""
        self.library.events.pop(data.draw(st.integers(0, len(self.library.events) - 1)))

    @precondition(lambda self: self.tickets)
    @rule(data=st.data(), interruption=interruptions)
    def renew(self, data: st.DataObject, interruption: Interruption | None) -> None:
        """A contributor asks for another ticket."""
        sent = data.draw(st.sampled_from(self.tickets))
        with self._interrupted(interruption, data, sent.image_id):
            self._renew(self.library, sent)

    @precondition(lambda self: self.tickets)
    @rule(data=st.data(), interruption=interruptions)
    def cancel(self, data: st.DataObject, interruption: Interruption | None) -> None:
        """A contributor takes an upload back."""
        sent = data.draw(st.sampled_from(self.tickets))
        with self._interrupted(interruption, data):
            self._cancel(self.library, sent.image_id)

    @precondition(lambda self: self.tickets)
    @rule(data=st.data(), crash=st.none() | st.integers(0, 6))
    def cancel_and_send(self, data: st.DataObject, crash: int | None) -> None:
        """A contributor takes an upload back whose bytes are under way, and the reaper comes before them."""
        sent = data.draw(st.sampled_from(self.tickets))
        if self.library.now <= sent.usable_until:
            with self.library.dying(crash):
                self._cancel(self.library, sent.image_id)
            self.library.reap()
            self._put(sent)

    @rule(data=st.data(), interruption=interruptions)
    def reap(self, data: st.DataObject, interruption: Interruption | None) -> None:
        """The reaper comes, at any time."""
        with self._interrupted(interruption, data):
            self.library.reap()

    @precondition(lambda self: self.contents)
    @rule(
        data=st.data(), wait=st.sampled_from(WAITS), times=st.integers(1, 3),
        dates=st.none() | st.sampled_from(DATES), is_settled=st.booleans(), interruption=interruptions,
    )  # fmt: skip
    def reap_in_vain(
        self,
        data: st.DataObject,
        wait: timedelta,
        times: int,
        *,
        dates: Action | None,
        is_settled: bool,
        interruption: Interruption | None,
    ) -> None:
        """Storage refuses whatever is to be done with a picture, perhaps after it was hidden or shown.

        Then the reaper comes again, or somebody else is faster.
        """
        image_id = self._draw_picture(data)
        if dates is not None:
            with self.library.storage.refusing(image_id):
                self._date(self.library, image_id, dates)
        for _ in range(times):
            self.library.advance(wait)
            with self._interrupted(interruption, data), self.library.storage.refusing(image_id):
                self.library.reap()
            # A clock that was put back shows what was put off in the future of before.
            if not self.times_put_back:
                check_put_off(self.library)
        if is_settled:
            self._date(self.library, image_id, "free")
            while image_id in self.library.events:
                self.library.events.remove(image_id)
                self.library.process(image_id)

    @rule(data=st.data(), interruption=interruptions)
    def retry(self, data: st.DataObject, interruption: Interruption | None) -> None:
        """An administrator has failed uploads processed again."""
        stored = self.library.storage
        retriable = {
            image_id
            for image_id, state in self._states().items()
            if state == "failed" and image_id in self.expected and stored.head_original(image_id)
        }
        with self._interrupted(interruption, data):
            answers = retry.retry_next(self.library.db, self.library.storage, None, 0, 100)
            if interruption is None:
                assert retriable <= {each.image_id for each in answers if each.state != "gone"}
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

    @rule(is_repair=st.booleans(), interruption=interruptions, data=st.data())
    def audit(self, is_repair: bool, interruption: Interruption | None, data: st.DataObject) -> None:
        """The audit comes.

        It deletes what a restore has orphaned only when it is little.
        """
        with self._interrupted(interruption, data):
            self.library.audit(repair=is_repair)
        if is_repair:
            self._learn_deletions()

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
        # No job goes on after a restore.
        self.run = None
        self.sources, self.results = [], []
        self.licenses |= licenses
        rows = set(self._row_ids())
        orphans = before - rows
        # What the new database does not know, it has promised to nobody, and nobody has taken back.
        self.tickets = [sent._replace(is_promised=False) for sent in self.tickets]
        self.cancelled -= rows
        self.expected = {image_id: self.expected[image_id] for image_id in self.expected.keys() & rows}
        self.orphans |= orphans | find_strays(self.library)
        self._learn_licenses()
        # Objects of rows that the backup still has may be gone already.
        self.landed &= self._stored()
        self.kept_orphans = (self.kept_orphans | orphans) & self.landed
        self.incomplete |= find_incomplete(self.library)
        states = self._states()
        self.pictures = find_pictures(self.library)
        going = {image_id for image_id, state in states.items() if state in ("deleting", "deleted")}
        refused = {
            image_id
            for image_id, content in self.contents.items()
            if image_id not in self.pictures and self._is_refused(content)
        }
        for image_id in self.incomplete | going | refused | (self.expected.keys() - self.landed):
            self.expected.pop(image_id, None)

    def _states(self) -> dict[int, str]:
        return dict(self.library.observer.query("SELECT id, state FROM image"))

    def _row_ids(self) -> list[int]:
        return [image_id for (image_id,) in self.library.observer.query("SELECT id FROM image")]

    def _stored(self) -> set[int]:
        return {
            image_id for image_id in self.landed if self.other.storage.head_original(image_id) is not None
        }

    @invariant()
    def nothing_is_lost(self) -> None:
        if hasattr(self, "library"):
            states = self._states()
            self.failed |= {image_id for image_id, state in states.items() if state == "failed"}
            self.failed -= {
                image_id for image_id, state in states.items() if state in ("pending", "ready", "hidden")
            }
            check_expected(self.library, self.expected, self.cancelled, self.failed, self.crashes)
            self.kept_orphans -= set(self._row_ids())
            self.incomplete &= find_incomplete(self.library)
            assert self.kept_orphans <= self._stored(), "an original without a row is gone"
            check_always(self.library, self.landed, self.licenses, self.incomplete)
            check_links(self.library, self.orphans)
            check_refused(self.library, self.refused, self.pictures)
            self.pictures = find_pictures(self.library)
            self.refused = {content for content in BYTES if self._is_refused(content)}

    def _settle(self) -> None:
        """Let everything come to its end: no crash, no loss, enough time."""
        library = self.library
        for _ in range(4):
            library.advance(timedelta(days=8))
            library.reap()
            while library.events:
                library.process(library.events.pop())
        delete_old_versions(library.db, library.storage)
        library.audit(repair=False)
        check_always(library, self.landed, self.licenses, self.incomplete)
        check_quiet(library, self.orphans, self.incomplete, self.crashes)
        check_expected(library, self.expected, self.cancelled, self.failed, self.crashes)
        check_all_ready(library, self.expected, self.crashes)
