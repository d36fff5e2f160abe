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
    second attempt, which runs in a fresh process, ends like this too. `is_cpu_limit_reached`: the worker was
    ended by its own limit of processor time, which counts nothing of what else the machine does.
    """

    def __init__(self, rejection: ImageRejected, reason: str, *, is_cpu_limit_reached: bool = False) -> None:
        super().__init__(reason)
        self.rejection = rejection
        self.is_cpu_limit_reached = is_cpu_limit_reached
