"""The life of a row of `image`: its states, and every way in which a row comes, changes or goes, as data.

Each statement that writes `image` (stockroom/images/repository/) takes its conditions and its new state from
one `Transition`, so a statement cannot disagree with this module. docs/architecture.md shows the same
transitions as a diagram.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple, get_args

from stockroom.renditions import RejectionCode

State = Literal["pending", "ready", "failed", "deleting"]
"""`pending`: a ticket was issued, the original may arrive. `ready`: a picture, which searches find.
`failed`: the original was no picture; the row keeps the reason for a while. `deleting`: the objects in
storage are going."""

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
        """The new state for a SET clause: `state = 'failed'`."""
        return f"state = '{self.target}'"

    @property
    def condition(self) -> str:
        """Source states and guard for a WHERE clause: `state IN ('failed', 'deleting') AND deadline = %s`."""
        return self._condition(*self.sources)

    def condition_in(self, source: State) -> str:
        """`condition` for one of the source states alone; ValueError for a state that is no source."""
        if source not in self.sources:
            raise ValueError(f"{self.event!r} does not happen to a row that is {source}")
        return self._condition(source)

    def target_from(self, source: State | Literal["absent"]) -> State | Literal["absent"]:
        """The state after this transition from `source`."""
        return source if self.target == "unchanged" else self.target

    def _condition(self, *states: str) -> str:
        quoted = ", ".join(f"'{state}'" for state in states)
        state = f"state = {quoted}" if len(states) == 1 else f"state IN ({quoted})"
        return f"{state} AND {self.guard.sql}" if self.guard and self.guard.sql else state


_IS_OVERDUE = Guard("the deadline has passed", "deadline < UTC_TIMESTAMP(3)")
_HOLDS_LEASE = Guard("the reaper's lease still stands", "deadline = %s")

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
    # A redriven original has landed: tickets for it must not keep the reaper away.
    guard=Guard("it was never redriven", "attempts = 0"),
    callers=("stockroom.uploads.create", "stockroom.uploads.tickets"),
    function="pending.extend_deadlines",
)
CANCEL = Transition(
    event="cancel",
    sources=("pending", "failed"),
    target="deleting",
    callers=("stockroom.uploads.cancel",),
    function="lifecycle.mark_deleting",
)
FINISH_CANCELLING = Transition(
    event="finish cancelling",
    sources=("deleting",),
    target="absent",
    callers=("stockroom.uploads.cancel",),
    function="lifecycle.delete_marked",
)
PUBLISH = Transition(
    event="publish",
    sources=("pending",),
    target="ready",
    callers=("stockroom.ingest.process",),
    function="lifecycle.publish",
)
ADD_FORMATS = Transition(
    event="add formats",
    sources=("ready",),
    target="unchanged",
    guard=Guard("the version is the rendered one", "version = %s"),
    callers=("stockroom.ingest.process",),
    function="lifecycle.set_formats",
)
RECORD_TERMS = Transition(
    event="record the indexed terms",
    sources=("ready",),
    target="unchanged",
    callers=("stockroom.search.index.posting_writer",),
    function="lifecycle.record_terms",
)
FAIL = Transition(
    event="fail",
    sources=("pending",),
    target="failed",
    callers=("stockroom.ingest.failure",),
    function="lifecycle.fail",
)
LEASE = Transition(
    event="lease",
    sources=("pending", "failed", "deleting"),
    target="unchanged",
    guard=_IS_OVERDUE,
    callers=("stockroom.ingest.reaper",),
    function="lifecycle.lease_overdue",
)
REDRIVE = Transition(
    event="redrive",
    sources=("pending",),
    target="unchanged",
    guard=_HOLDS_LEASE,
    callers=("stockroom.ingest.reaper",),
    function="lifecycle.count_attempt",
)
PURGE = Transition(
    event="purge",
    sources=("pending",),
    target="absent",
    guard=_HOLDS_LEASE,
    callers=("stockroom.ingest.reaper",),
    function="lifecycle.delete_pending",
)
REMOVE = Transition(
    event="remove",
    sources=("failed", "deleting"),
    target="absent",
    guard=_HOLDS_LEASE,
    callers=("stockroom.ingest.reaper",),
    function="lifecycle.delete_leased",
)

TRANSITIONS = (
    CREATE,
    RENEW,
    CANCEL,
    FINISH_CANCELLING,
    PUBLISH,
    ADD_FORMATS,
    RECORD_TERMS,
    FAIL,
    LEASE,
    REDRIVE,
    PURGE,
    REMOVE,
)


def diagram() -> list[str]:
    """The transitions as the lines of a Mermaid state diagram; `[*]` is where there is no row."""
    return ["stateDiagram-v2", *(f"    {arrow}" for each in TRANSITIONS for arrow in _arrows(each))]


def _arrows(transition: Transition) -> Iterator[str]:
    guard = f" [{transition.guard.text}]" if transition.guard else ""
    callers = ", ".join(caller.removeprefix("stockroom.") for caller in transition.callers)
    for source in transition.sources:
        start, end = (
            "[*]" if state == "absent" else state for state in (source, transition.target_from(source))
        )
        yield f"{start} --> {end}: {transition.event}{guard} ({callers})"
