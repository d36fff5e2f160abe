"""One file on its way into the library."""

import os
import unicodedata
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from pathlib import Path

from msgspec import UNSET
from msgspec.structs import asdict

from stockroom_client.contract import Metadata, UploadFile


class Step(Enum):
    """What a file is doing, for the display."""

    HASHING = auto()
    WAITING = auto()
    SENDING = auto()
    PROCESSING = auto()  # the library makes the renditions
    ENDED = auto()


class State(StrEnum):
    """How a file has ended."""

    READY = "ready"
    DUPLICATE = "duplicate"  # its content was in the library, or in another file of the same run
    UPLOADED = "uploaded"  # storage has it, and nobody waits for the renditions
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Outcome:
    """The end of a file: what the user is told about it, and where the picture is."""

    state: State
    detail: str = ""
    code: str = ""
    id: str = ""
    url: str = ""


@dataclass(eq=False)
class LocalFile:
    """A file that the user has named, or a file in a folder that the user has named.

    `size` is in bytes; `size` and `mtime_ns` belong to the state of the file that `sha256` (hex) was made of.
    """

    path: Path
    metadata: Metadata = field(default_factory=Metadata)
    size: int = 0
    mtime_ns: int = 0
    media_type: str = ""
    sha256: str = ""
    upload_id: str = ""
    outcome: Outcome | None = None

    def request(self) -> UploadFile:
        """What the API is told about the file; a caption's name replaces the file's."""
        # File names are bytes on some systems and decomposed on others; the API accepts composed text.
        name = unicodedata.normalize("NFC", os.fsencode(self.path.name).decode("utf-8", "replace"))
        known = {"name": name, "type": self.media_type, "size": self.size, "sha256": self.sha256}
        caption = {field: value for field, value in asdict(self.metadata).items() if value is not UNSET}
        return UploadFile(**{**known, **caption})
