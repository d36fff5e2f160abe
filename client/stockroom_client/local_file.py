"""One file on its way into the library."""

import os
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any


class State(StrEnum):
    """What a file is doing, or how it has ended."""

    WAITING = "waiting"  # for its hash, or for its turn
    SENDING = "sending"
    PROCESSING = "processing"  # the library makes the renditions
    READY = "ready"
    HIDDEN = "hidden"  # the library has it, and nobody sees it before its embargo ends
    DUPLICATE = "duplicate"  # its content was in the library, or in another file of the same run
    UPLOADED = "uploaded"  # storage has it, and nobody waits for the renditions
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(eq=False)
class LocalFile:
    """A file that the user has named, or a file in a folder that the user has named.

    `metadata` is what a caption says of it. `size` is in bytes; `size` and `mtime_ns` belong to the state of
    the file that `sha256` (hex) was made of. `sent` counts the bytes that storage has. `id` is that of the
    upload, and so of the picture at `url`; `detail` and `code` say why the file has ended as it has.
    """

    path: Path
    metadata: dict[str, Any] = field(default_factory=dict)
    size: int = 0
    mtime_ns: int = 0
    media_type: str = ""
    sha256: str = ""
    refusals: int = 0  # how many of its tickets storage has refused
    sent: int = 0
    state: State = State.WAITING
    id: str = ""
    url: str = ""
    code: str = ""
    detail: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will be done with the file."""
        return self.state not in {State.WAITING, State.SENDING, State.PROCESSING}

    def request(self) -> dict[str, Any]:
        """What the API is told about the file; a caption's name is a title beside the name of the file."""
        # File names are bytes on some systems and decomposed on others; the API accepts composed text.
        name = unicodedata.normalize("NFC", os.fsencode(self.path.name).decode("utf-8", "replace"))
        known = {"name": name, "type": self.media_type, "size": self.size, "sha256": self.sha256}
        # A name that the API takes no title for is left out: it must not have a file with a title refused.
        if "name" in self.metadata and name.isprintable() and "\\" not in name:
            known["file_name"] = name
        return known | self.metadata
