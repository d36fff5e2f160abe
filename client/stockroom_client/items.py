"""One file on its way into the library."""

import os
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from stockroom_client.contract import Metadata, Ticket, UploadFile


class Phase(StrEnum):
    """Where a file is. The last five are ends."""

    FOUND = "found"
    HASHING = "hashing"
    HASHED = "hashed"
    QUEUED = "queued"  # has a ticket
    SENDING = "sending"
    LANDED = "landed"  # storage has it, the renditions are being made
    READY = "ready"
    DUPLICATE = "duplicate"
    UPLOADED = "uploaded"  # landed, and nobody waits for the rest
    FAILED = "failed"
    SKIPPED = "skipped"


ENDS = frozenset({Phase.READY, Phase.DUPLICATE, Phase.UPLOADED, Phase.FAILED, Phase.SKIPPED})


@dataclass(eq=False)
class Item:
    """A file and what has become of it. `size` in bytes; `done` counts bytes hashed, later sent.

    `label` is the path as the user gave it, `order` its place among all; `twins` are other files of the run
    with the same content.
    """

    path: Path
    label: str
    metadata: Metadata = field(default_factory=Metadata)
    order: int = 0
    size: int = 0
    mtime_ns: int = 0
    type: str = ""
    sha256: str = ""
    phase: Phase = Phase.FOUND
    done: int = 0
    id: str = ""
    ticket: Ticket | None = None
    url: str = ""
    code: str = ""
    reason: str = ""
    posts: int = 0
    renewals: int = 0
    twins: list["Item"] = field(default_factory=list)

    def request(self) -> UploadFile:
        """What the API is told about the file."""
        # File systems hold bytes and, on some, decomposed letters; the API takes well-formed text.
        name = os.fsencode(self.path.name).decode("utf-8", "replace")
        wanted: UploadFile = {
            "name": unicodedata.normalize("NFC", name),
            "type": self.type,
            "size": self.size,
            "sha256": self.sha256,
        }
        return {**wanted, **self.metadata}

    def end(self, phase: Phase, code: str = "", reason: str = "") -> None:
        """The file is done, for better or worse."""
        self.phase, self.code, self.reason, self.ticket = phase, code, reason, None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to the file."""
        return self.phase in ENDS
