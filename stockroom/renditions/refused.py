"""Why a file cannot become a picture, in words its contributor understands."""

from typing import Literal, get_args

Code = Literal[
    "empty",
    "not-an-image",
    "unsupported-type",
    "too-large",
    "too-many-pixels",
    "side-too-long",
    "too-many-frames",
    "too-much-metadata",
    "truncated",
    "corrupt",
    "too-much-memory",
    "too-slow",
    "undecodable",
]
CODES: tuple[Code, ...] = get_args(Code)

FailureCode = Literal[Code, "processing-failed"]
"""Why an upload failed: its file was refused, or processing it never came to an end, several times over."""


class Refused(Exception):
    """The file was judged and will be refused each time; trying again is pointless.

    `code` is for programs and never changes its meaning; `sentence` says what is wrong and the way out.
    """

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code: Code = code
        self.sentence = sentence

    def __reduce__(self) -> tuple[type["Refused"], tuple[Code, str]]:
        # Exceptions pickle by their message; Spark sends this one between processes.
        return (Refused, (self.code, self.sentence))
