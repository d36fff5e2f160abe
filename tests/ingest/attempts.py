"""What can go wrong while a batch job reads or renders a picture, and what its result then says."""

import pytest

from stockroom.renditions import ImageRejected
from stockroom.renditions.sandbox.failures import DecoderFault, DecoderUnavailable
from stockroom.runtime.errors import StorageUnavailable

TRIES = 3
FAULTS = pytest.mark.parametrize(
    ("error", "said", "tries"),
    [
        (ImageRejected("corrupt", "Save it anew."), ("corrupt", "Save it anew."), 1),
        (DecoderFault("Traceback:\n  a line\nKeyError: 7\n"), ("processing-failed", "KeyError: 7"), 1),
        (KeyError(7), ("internal-error", "KeyError: 7"), 1),
        (StorageUnavailable("away"), ("storage-unavailable", "away"), TRIES),
        (EOFError("half of it"), ("storage-unavailable", "half of it"), TRIES),
        (DecoderUnavailable("no memory"), ("decoder-unavailable", "no memory"), TRIES),
    ],
)
"""Each error, the code and the detail of the result, and how often it is tried."""
