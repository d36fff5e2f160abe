"""The upload protocol under everything that can happen.

The number of steps is `PROTOCOL_EXAMPLES`.
"""

import os
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.protocol.library import Library
from tests.protocol.machine import UploadProtocol

EXAMPLES = int(os.environ.get("PROTOCOL_EXAMPLES", "6"))
STEPS = 40


def test_nothing_is_lost_and_nothing_is_left_behind(make_library: Callable[[], Library]) -> None:
    class OfThisSession(UploadProtocol):
        pass

    OfThisSession.make_library = staticmethod(make_library)
    run_state_machine_as_test(
        OfThisSession,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
