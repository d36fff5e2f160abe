"""What goes wrong with the decoder's process. Only `DecoderFailed` may be the fault of a file."""

from stockroom.renditions.rejection import ImageRejected


class DecoderUnavailable(RuntimeError):
    """The worker could not start: a library is missing, or the machine is out of memory.

    It never saw the file, so this says nothing about the file.
    """


class DecoderFault(RuntimeError):
    """A mistake of our own while rendering, with the worker's traceback. It says nothing about the file."""


class DecoderFailed(RuntimeError):
    """The worker died, or ran out of time or memory, while it had a file. It has been ended.

    Something else than the file may have been the reason. `rejection` is the verdict about the file if a
    second attempt, which runs in a fresh process, ends like this too.
    """

    def __init__(self, rejection: ImageRejected, reason: str) -> None:
        super().__init__(reason)
        self.rejection = rejection

    @property
    def is_too_slow(self) -> bool:
        """Whether the file has taken more time than it may."""
        return self.rejection.code == "too-slow"
