"""The life of a row of `image`: its states, and every way in which a row comes, changes or goes, as data.

Each statement that writes `image` (stockroom/images/repository/) takes its conditions and its new state from
one `Transition`, so a statement cannot disagree with this module. docs/architecture.md shows the same
transitions as a diagram.
"""

from typing import Literal, NamedTuple, get_args

from stockroom.renditions import RejectionCode

State = Literal["pending", "ready", "failed", "deleting", "deleted", "hidden"]
"""`pending`: a ticket was issued, the original may arrive. `ready`: a picture, which searches find.
`failed`: there is no picture; the row keeps the reason, and its original stays, for a while. `deleting`: the
objects in storage are going, and the row stays until no upload of it can arrive any more. `deleted`: a
picture that was deleted and can be brought back until its deadline; nobody finds it. `hidden`: a picture
before the end of its embargo or after it has expired; its original is there, its renditions are not."""

STATES: tuple[State, ...] = get_args(State)

FailureCode = Literal[RejectionCode, "processing-failed"]
"""Why an upload failed: its file was rejected, or no attempt to process it came to an end."""


class Guard(NamedTuple):
    """What must hold beside the state: for readers, and as SQL when a WHERE clause can check it."""

    text: str
    sql: str = ""


class Transition(NamedTuple):
    """One way in which a row comes, changes or goes.

    `sources` are the states in which it happens ("absent": the row is inserted). `target` is the state after
    it ("absent": the row is deleted; "unchanged": other columns change). `function` is the one function in
    `stockroom.images.repository` that does it, and `callers` are the modules that call that function.
    """

    event: str
    sources: tuple[State | Literal["absent"], ...]
    target: State | Literal["absent", "unchanged"]
    callers: tuple[str, ...]
    function: str
    guard: Guard | None = None

    @property
    def assignment(self) -> str:
        """The new state for a SET clause: `state = 'failed', failures = 0`.

        What the reaper could not do in another state says nothing of this one: the next failure is the first.
        """
        return f"state = '{self.target}', failures = 0"

    @property
    def condition(self) -> str:
        """Source states and guard for a WHERE clause: `state IN ('failed', 'deleting') AND deadline = %s`."""
        return self._condition(*self.sources)

    def condition_in(self, source: State) -> str:
        """`condition` for one of the source states alone; ValueError for a state that is no source."""
        if source not in self.sources:
            raise ValueError(f"{self.event!r} does not happen to a row that is {source}")
        return self._condition(source)

    def _condition(self, *states: str) -> str:
        quoted = ", ".join(f"'{state}'" for state in states)
        state = f"state = {quoted}" if len(states) == 1 else f"state IN ({quoted})"
        return f"{state} AND {self.guard.sql}" if self.guard and self.guard.sql else state


MAX_ATTEMPTS = 6
"""How often the processing of one original may begin before its upload fails."""
ATTEMPT_SECONDS = 900
"""No attempt takes longer: Lambda ends it."""
JOB_SECONDS = 5400
"""A job that renders pictures again writes none later than so long after it has read the picture's row."""

_IS_OVERDUE = Guard("the deadline has passed", "deadline < UTC_TIMESTAMP(3)")
_HOLDS_LEASE = Guard("the reaper's lease still stands", "deadline = %s")
_LACKS_RENDITIONS = Guard(
    "version and links are the rendered ones, and not finished",
    "version = %s AND link_key = %s AND deadline IS NOT NULL",
)
_NOT_TAKEN_DOWN = "NOT EXISTS (SELECT 1 FROM takedown WHERE takedown.sha256 = image.{column})"
_NOT_REFUSED = f"(width IS NOT NULL OR {_NOT_TAKEN_DOWN.format(column='sha256')})"
"""A content that was taken down does not become a picture. What is one already goes by a take-down of all
that has the content, or not at all."""
_IN_TIME = "deadline > UTC_TIMESTAMP(3) AND " + _NOT_TAKEN_DOWN.format(column="failed_sha256")
VISIBLE = "COALESCE(embargo <= UTC_TIMESTAMP(3), 1) AND COALESCE(expires > UTC_TIMESTAMP(3), 1)"
"""Whether a picture may be seen at this moment, by its dates."""
_INVISIBLE = "(COALESCE(embargo > UTC_TIMESTAMP(3), 0) OR COALESCE(expires <= UTC_TIMESTAMP(3), 0))"
_NEVER_A_PICTURE = Guard("it was no picture before", "width IS NULL")
_MAY_ARRIVE = Guard("an upload may still arrive", "uploads_until > UTC_TIMESTAMP(3)")

CREATE = Transition(
    event="create",
    sources=("absent",),
    target="pending",
    guard=Guard("the owner has no row with this content"),  # held by the unique key `content`
    callers=("stockroom.uploads.create",),
    function="pending.insert",
)
RENEW = Transition(
    event="renew the ticket",
    sources=("pending",),
    target="unchanged",
    callers=("stockroom.uploads.create", "stockroom.uploads.tickets"),
    function="pending.extend_deadlines",
)
REPLACE_METADATA = Transition(
    event="replace the metadata",
    sources=("pending",),
    target="unchanged",
    # What a picture says that is about to be shown again is changed by edits alone.
    guard=_NEVER_A_PICTURE,
    callers=("stockroom.uploads.create",),
    function="pending.replace_metadata",
)
BEGIN_ATTEMPT = Transition(
    event="begin an attempt",
    sources=("pending", "ready"),
    target="unchanged",
    # An attempt writes under the links that it has read: it must not begin after they were ended.
    guard=Guard(
        f"fewer than {MAX_ATTEMPTS} have begun, and links are the ones that were read",
        f"attempts < {MAX_ATTEMPTS} AND link_key = %s",
    ),
    callers=("stockroom.ingest.process",),
    function="lifecycle.begin_attempt",
)
REFUND_ATTEMPT = Transition(
    event="take an attempt back",
    sources=("pending", "ready"),
    target="unchanged",
    guard=Guard("one has begun", "attempts > 0"),
    callers=("stockroom.ingest.process",),
    function="lifecycle.refund_attempt",
)
PUBLISH = Transition(
    event="publish",
    sources=("pending",),
    target="ready",
    guard=Guard(
        "metadata and links are the written ones, its dates allow it, and it was a picture before or its "
        "content was not taken down",
        f"revision = %s AND link_key = %s AND {VISIBLE} AND {_NOT_REFUSED}",
    ),
    callers=("stockroom.ingest.process",),
    function="lifecycle.publish",
)
PUBLISH_HIDDEN = Transition(
    event="publish as hidden",
    sources=("pending",),
    target="hidden",
    guard=Guard(
        "the metadata is the one that was read, its dates do not allow it to be seen, and it was a picture "
        "before or its content was not taken down",
        f"revision = %s AND {_INVISIBLE} AND {_NOT_REFUSED}",
    ),
    callers=("stockroom.ingest.process",),
    function="lifecycle.publish_hidden",
)
HIDE = Transition(
    event="hide",
    sources=("ready",),
    target="hidden",
    guard=Guard("its dates do not allow it to be seen", _INVISIBLE),
    callers=("stockroom.images.visibility",),
    function="lifecycle.hide",
)
REQUEST_SETTLING = Transition(
    event="request the settling",
    sources=("hidden",),
    target="unchanged",
    callers=("stockroom.images.visibility",),
    function="lifecycle.request_settling",
)
END_LINKS = Transition(
    event="end the old links",
    sources=("hidden",),
    target="unchanged",
    guard=Guard(
        "nobody has ended them, and its dates do not allow it to be seen", f"link_key = %s AND {_INVISIBLE}"
    ),
    callers=("stockroom.images.visibility",),
    function="lifecycle.end_links",
)
SHOW = Transition(
    event="show",
    sources=("hidden",),
    target="pending",
    guard=Guard("nobody has ended the old links, and its dates allow it", f"link_key = %s AND {VISIBLE}"),
    callers=("stockroom.images.visibility",),
    function="lifecycle.show",
)
ADD_FORMATS = Transition(
    event="add formats",
    sources=("ready",),
    target="unchanged",
    guard=_LACKS_RENDITIONS,
    callers=("stockroom.ingest.process",),
    function="lifecycle.set_formats",
)
FINISH_FORMATS = Transition(
    event="finish the formats",
    sources=("ready",),
    target="unchanged",
    guard=_LACKS_RENDITIONS,
    callers=("stockroom.ingest.process", "stockroom.ingest.reaper"),
    function="lifecycle.finish_formats",
)
REQUEST_RENDITIONS = Transition(
    event="request the renditions again",
    sources=("ready",),
    target="unchanged",
    guard=Guard("they are not requested yet", "deadline IS NULL"),
    callers=("stockroom.ingest.audit.renditions",),
    function="lifecycle.request_renditions",
)
MOVE = Transition(
    event="move to a new version",
    sources=("ready",),
    target="unchanged",
    guard=Guard(
        "links and version are the ones that were read, and no renditions are being completed",
        "image.link_key = new.link_key AND image.version = new.version AND image.deadline IS NULL",
    ),
    callers=("stockroom.ingest.rerendering",),
    function="renditions.move",
)
FORGET_VERSIONS = Transition(
    event="forget the old versions",
    sources=("ready",),
    target="unchanged",
    guard=Guard(
        "links and version are the ones that were read",
        "image.link_key = new.link_key AND image.version = new.version",
    ),
    callers=("stockroom.ingest.old_versions",),
    function="renditions.forget_versions",
)
RENEW_FACTS = Transition(
    event="renew the facts",
    sources=("ready",),
    target="unchanged",
    # A picture that was hidden and published again has other facts, under other links.
    guard=Guard("metadata and links are the ones that were read", "revision = %s AND link_key = %s"),
    callers=("stockroom.ingest.fact_writing",),
    function="facts.renew",
)
RECORD_TERMS = Transition(
    event="record the indexed terms",
    sources=("ready",),
    target="unchanged",
    callers=("stockroom.search.index.posting_writer", "stockroom.search.index.rebuild.catching_up"),
    function="indexing.record_terms",
)
EDIT = Transition(
    event="edit",
    sources=("ready", "hidden"),
    target="unchanged",
    guard=Guard("the metadata is the one that was read", "image.revision = new.revision"),
    callers=("stockroom.curation.edit",),
    function="edits.replace_metadata",
)
FAIL = Transition(
    event="fail",
    sources=("pending",),
    target="failed",
    callers=("stockroom.ingest.process",),
    function="lifecycle.fail",
)
LOSE = Transition(
    event="lose the original",
    sources=("pending",),
    target="failed",
    guard=Guard(
        "the reaper's lease still stands, and no upload may arrive",
        "deadline = %s AND COALESCE(uploads_until <= UTC_TIMESTAMP(3), 1)",
    ),
    callers=("stockroom.ingest.reaper",),
    function="leases.lose",
)
RETRY = Transition(
    event="retry",
    sources=("failed",),
    target="pending",
    # The unique key `content` holds the rest: the owner has no other row with this content.
    guard=Guard(
        "its original was kept, and its content was not taken down",
        f"failed_sha256 IS NOT NULL AND {_NOT_TAKEN_DOWN.format(column='failed_sha256')}",
    ),
    callers=("stockroom.ingest.retry",),
    function="lifecycle.retry",
)
CANCEL = Transition(
    event="cancel",
    sources=("pending",),
    target="deleting",
    # A picture that is about to be shown again can be deleted soon, and restored after that.
    guard=_NEVER_A_PICTURE,
    callers=("stockroom.uploads.cancel",),
    function="lifecycle.cancel",
)
DISMISS = Transition(
    event="dismiss",
    sources=("failed",),
    target="deleting",
    # The original of a picture that was to be shown again may be the only copy of what was published.
    guard=_NEVER_A_PICTURE,
    callers=("stockroom.uploads.cancel",),
    function="lifecycle.dismiss",
)
DISMISS_PICTURE = Transition(
    event="dismiss what was a picture",
    sources=("failed",),
    target="deleted",
    guard=Guard("it was a picture before", "width IS NOT NULL"),
    callers=("stockroom.uploads.cancel",),
    function="deletion.dismiss",
)
DELETE = Transition(
    event="delete",
    sources=("ready", "hidden"),
    target="deleted",
    callers=("stockroom.curation.deletion",),
    function="deletion.delete",
)
RESTORE = Transition(
    event="restore",
    sources=("deleted",),
    target="ready",
    # `version` is 0 where there are no renditions: the picture was hidden when it was deleted. The unique key
    # `content` holds the rest: the owner has no other row with this content.
    guard=Guard(
        "its time is not over, it has renditions, its dates allow it, and its content was not taken down",
        f"version > 0 AND {VISIBLE} AND {_IN_TIME}",
    ),
    callers=("stockroom.curation.restoring",),
    function="deletion.restore",
)
RESTORE_HIDDEN = Transition(
    event="restore as hidden",
    sources=("deleted",),
    target="hidden",
    guard=Guard(
        "its time is not over, it has no renditions or its dates do not allow any, and its content was not "
        "taken down",
        f"(version = 0 OR {_INVISIBLE}) AND {_IN_TIME}",
    ),
    callers=("stockroom.curation.restoring",),
    function="deletion.restore_hidden",
)
TAKE_DOWN = Transition(
    event="take down",
    sources=("pending", "ready", "failed", "deleted", "hidden"),
    target="deleting",
    callers=("stockroom.curation.takedown", "stockroom.ingest.process"),
    function="deletion.take_down",
)
AWAIT_UPLOAD = Transition(
    event="wait for a late upload",
    sources=("pending", "deleting"),
    target="unchanged",
    guard=_MAY_ARRIVE,
    callers=("stockroom.uploads.cancel", "stockroom.ingest.reaper"),
    function="lifecycle.await_upload",
)
LEASE = Transition(
    event="lease",
    sources=("pending", "ready", "failed", "deleting", "deleted", "hidden"),
    target="unchanged",
    guard=_IS_OVERDUE,
    callers=("stockroom.ingest.reaper",),
    function="leases.lease_overdue",
)
BACK_OFF = Transition(
    event="put off after a failure",
    sources=("pending", "ready", "failed", "deleting", "deleted", "hidden"),
    target="unchanged",
    guard=_HOLDS_LEASE,
    callers=("stockroom.ingest.reaper",),
    function="leases.back_off",
)
RECOVER = Transition(
    event="forget the reaper's failures",
    sources=("pending", "ready", "failed", "deleting", "deleted", "hidden"),
    target="unchanged",
    guard=Guard("it has failed before", "failures > 0"),
    callers=("stockroom.ingest.reaper",),
    function="leases.recover",
)
REDRIVE = Transition(
    event="redrive",
    sources=("pending", "ready"),
    target="unchanged",
    guard=_HOLDS_LEASE,
    callers=("stockroom.ingest.reaper",),
    function="leases.postpone",
)
PURGE = Transition(
    event="purge",
    sources=("pending",),
    target="deleting",
    # An original at which an attempt has begun had landed: its loss is a failure, which people can see.
    guard=Guard(
        "the reaper's lease still stands, and no attempt has begun", "deadline = %s AND attempts = 0"
    ),
    callers=("stockroom.ingest.reaper",),
    function="leases.purge",
)
FORGET = Transition(
    event="forget",
    sources=("failed",),
    target="deleting",
    # The original of a picture that was to be shown again may be the only copy of what was published.
    guard=Guard(
        "the reaper's lease still stands, and it was no picture before", "deadline = %s AND width IS NULL"
    ),
    callers=("stockroom.ingest.reaper",),
    function="leases.forget",
)
GIVE_UP = Transition(
    event="give up",
    sources=("deleted",),
    target="deleting",
    guard=_HOLDS_LEASE,
    callers=("stockroom.ingest.reaper",),
    function="deletion.give_up",
)
REMOVE = Transition(
    event="remove",
    sources=("deleting",),
    target="absent",
    guard=_HOLDS_LEASE,
    callers=("stockroom.ingest.reaper",),
    function="leases.delete_row",
)

TRANSITIONS: tuple[Transition, ...] = tuple(
    each for each in globals().values() if isinstance(each, Transition)
)
"""All that are declared above, in their order."""
