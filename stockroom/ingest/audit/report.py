"""What an audit found, as counts and examples."""

from typing import Literal, get_args

from msgspec import Struct, field

from stockroom.search.index.audit_report import Kind as IndexKind

BucketKind = Literal[
    "original-without-row",
    "rendition-without-picture",
    "picture-without-original",
    "failure-without-original",
    "picture-without-rendition",
    "overdue-row",
    "unknown-object",
    "other-version",
]
"""`original-without-row`: an upload that nobody asks for; after a restore of the database, perhaps the only
copy. `rendition-without-picture`: no picture links to it. `picture-without-original` and
`failure-without-original`: the original is lost. `picture-without-rendition`: a link that leads nowhere.
`overdue-row`: the reaper should have seen to this row days ago. `unknown-object`: a key that Stockroom never
writes. `other-version`: a rendition of a version that its picture had before, or may move to."""

Kind = Literal[BucketKind, IndexKind]
"""What is wrong in the index is said in stockroom/search/index/audit_report.py."""

KINDS: tuple[Kind, ...] = get_args(Kind)
NO_FAULTS: frozenset[Kind] = frozenset({"unused-term", "other-version"})
"""What is counted, is tidied up in time, and does not mean that anything is wrong."""
MAX_EXAMPLES = 10


class Finding(Struct):
    """How often one kind was found, with the first keys or ids."""

    count: int = 0
    examples: list[str] = []


class Objects(Struct):
    """The objects of one bucket: how many there are, how many a repair would delete, and has deleted."""

    count: int = 0
    deletable: int = 0
    deleted: int = 0


class Report(Struct):
    """The state of one audit. `rows` is how many rows were compared.

    `refused` says why nothing was repaired, or why the repair stopped.
    """

    originals: Objects = field(default_factory=Objects)
    renditions: Objects = field(default_factory=Objects)
    rows: int = 0
    findings: dict[Kind, Finding] = field(default_factory=lambda: {kind: Finding() for kind in KINDS})
    repaired: dict[Kind, int] = {}
    refused: str = ""
    finished: bool = False

    @property
    def objects(self) -> int:
        """How many objects were compared."""
        return self.originals.count + self.renditions.count

    @property
    def deletable(self) -> int:
        """How many objects a repair would delete."""
        return self.originals.deletable + self.renditions.deletable

    @property
    def deleted(self) -> int:
        """How many objects this repair has deleted."""
        return self.originals.deleted + self.renditions.deleted

    @property
    def total(self) -> int:
        """How many faults were found, of every kind."""
        return sum(finding.count for kind, finding in self.findings.items() if kind not in NO_FAULTS)

    def add(self, kind: Kind, *examples: str, count: int = 1) -> None:
        """Count `count` findings, of which some are `examples`."""
        # A report that an older version has begun lacks the kinds that are new.
        finding = self.findings.setdefault(kind, Finding())
        finding.count += count
        finding.examples += examples[: MAX_EXAMPLES - len(finding.examples)]

    def absorb(self, other: "Report") -> None:
        """Add what was found and repaired in another part of the same library."""
        for own, others in ((self.originals, other.originals), (self.renditions, other.renditions)):
            own.count += others.count
            own.deletable += others.deletable
            own.deleted += others.deleted
        self.rows += other.rows
        for kind, finding in other.findings.items():
            self.add(kind, *finding.examples, count=finding.count)
        for kind, count in other.repaired.items():
            self.add_repair(kind, count)

    def add_repair(self, kind: Kind, count: int = 1) -> None:
        """Count repairs."""
        self.repaired[kind] = self.repaired.get(kind, 0) + count
