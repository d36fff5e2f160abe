"""Batch jobs try a picture again where storage or the decoder was away; a picture that fails says why."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from stockroom.renditions import ImageRejected
from stockroom.renditions.sandbox.failures import DecoderFault, DecoderUnavailable
from stockroom.runtime.errors import StorageUnavailable
from stockroom.runtime.observability import logger

Result = TypeVar("Result")

PAUSES = (1.0, 5.0)
"""Before the second and the third try: in seconds."""
MAX_DETAIL = 500
"""Characters of the detail of a failure."""


def try_repeatedly(
    work: Callable[[], Result], fail: Callable[[str, str], Result], pauses: Sequence[float] = PAUSES
) -> Result:
    """What `work` returns, in as many tries as there are pauses, and one more; else `fail(code, detail)`.

    A picture that is rejected, or breaks the decoder, is not tried again. Whatever else goes wrong with one
    picture is its failure as well, so that it does not stop the others: nothing is raised.
    """
    try:
        for pause in pauses:
            try:
                return work()
            except (StorageUnavailable, DecoderUnavailable, EOFError):
                logger.warning("another try", exc_info=True)
                time.sleep(pause)
        return work()
    except (StorageUnavailable, EOFError) as error:
        code, detail = "storage-unavailable", str(error)
    except DecoderUnavailable as error:
        code, detail = "decoder-unavailable", str(error)
    except ImageRejected as rejected:
        code, detail = rejected.code, rejected.sentence
    except DecoderFault as fault:
        code, detail = "processing-failed", get_last_line(str(fault))
    except Exception as error:  # noqa: BLE001  a picture that cannot be handled must not stop the others
        logger.exception("picture failed")
        code, detail = "internal-error", f"{type(error).__name__}: {error}"
    return fail(code, detail[:MAX_DETAIL])


def get_last_line(traceback: str) -> str:
    """The line of a traceback that says the most."""
    return traceback.strip().rpartition("\n")[2]
