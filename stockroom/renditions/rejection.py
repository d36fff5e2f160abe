"""Why a file cannot become a picture: a code for programs, a sentence for its contributor."""

from typing import Literal, get_args

RejectionCode = Literal[
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
REJECTION_CODES: tuple[RejectionCode, ...] = get_args(RejectionCode)


class ImageRejected(Exception):
    """The file was judged, and every further attempt would end the same.

    `code` never changes its meaning. `sentence` tells the contributor what is wrong with the file and how to
    mend it.
    """

    def __init__(self, code: RejectionCode, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code: RejectionCode = code
        self.sentence = sentence

    def __reduce__(self) -> tuple[type["ImageRejected"], tuple[RejectionCode, str]]:
        # By default an exception is unpickled from its message alone, and Spark sends exceptions between
        # processes.
        return (ImageRejected, (self.code, self.sentence))


def truncated() -> ImageRejected:
    """The end that the file's format announces is missing."""
    return ImageRejected(
        "truncated",
        "The end of the file is missing: it was probably cut off while it was copied or saved. "
        "Copy it again from its source, check that it opens completely, and upload it again.",
    )


def corrupt() -> ImageRejected:
    """The file is complete, and damaged inside."""
    return ImageRejected(
        "corrupt",
        "The file is damaged and cannot be read as a picture. Open it in an image editor, save it anew as "
        "JPEG or PNG, and upload that.",
    )


def too_slow() -> ImageRejected:
    """The file took, or would take, more processor time than one picture may."""
    return ImageRejected(
        "too-slow",
        "Opening this picture takes longer than any ordinary one. Save it as a plain JPEG or make it "
        "smaller, and upload it again.",
    )


def too_much_memory() -> ImageRejected:
    """The file took more memory than one picture may."""
    return ImageRejected(
        "too-much-memory",
        "Opening this picture takes more memory than there is for one. Save it as a plain JPEG or make it "
        "smaller, and upload it again.",
    )


def undecodable() -> ImageRejected:
    """The decoder's process died of the file, twice."""
    return ImageRejected(
        "undecodable",
        "The decoder gave up on this file, twice. Open it in an image editor, save it anew "
        "as JPEG or PNG, and upload that.",
    )
