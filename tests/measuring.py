"""Which programs that tests start are measured with them.

coverage.py takes 0.13 s of every Python that is started, which is more than most of them take otherwise, and
finds in them what tests of this process reach, too. So a program is measured where its test asks for it.
"""

import os

# By this variable coverage.py has the processes of a measured one measured, too.
_VARIABLE = "COVERAGE_PROCESS_CONFIG"
_configuration: dict[str, str] = {}


def keep_to_this_process() -> None:
    """Have no program measured that does not get the variables of `measured`."""
    if _VARIABLE in os.environ:
        _configuration[_VARIABLE] = os.environ.pop(_VARIABLE)


def measured() -> dict[str, str]:
    """The environment by which a program is measured: none where this process is not."""
    return dict(_configuration)
