"""Which tests run in one process when pytest-xdist runs them in several.

The tests of one file run in one process, in their order, so that a fixture of a module is made once. Some
files share slow fixtures of a session: each group of such files runs in one process, too.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# The files of a group share a running stack or synthesised templates. A file is in the first group whose
# prefixes fit. The slowest group comes first. With the thorough tests, BROWSER has a stack of its own: both
# groups on one would take twice as long, and tests that kill its servers could run beside no other. Without
# them, both groups take little longer than the start of a second stack, and share one.
BROWSER = "tests/integration/test_page"
GROUPS = {
    BROWSER: (BROWSER, "tests/integration/test_provider_sign_in.py", "tests/integration/test_sharing.py"),
    "tests/integration/": ("tests/integration/",),
    "tests/infra/": ("tests/infra/",),
    "tests/journey/": ("tests/journey/",),
}
SLOW_FILES = (
    "tests/contract/test_openapi.py",
    "tests/contract/test_tickets.py",
    "tests/renditions/sandbox/test_decoder.py",
    "tests/renditions/test_memory.py",
    "tests/renditions/test_hostile.py",
    "tests/protocol/test_protocol.py",
    "tests/renditions/test_scaling.py",
    "tests/protocol/test_storage_faults.py",
    "tests/search/test_cost.py",
    "tests/operations/archive/test_importing.py",
    "tests/operations/archive/test_adopt.py",
    "tests/ingest/test_database_faults.py",
    "tests/search/test_against_model.py",
    "tests/jobs/test_on_spark.py",
)
"""Files of ten seconds or more. They come next, as whoever gets one of them last is the last to end."""
FIRST = ("tests/integration/", BROWSER, "tests/infra/", "tests/journey/", *SLOW_FILES)


def choose_groups(marks: str) -> dict[str, tuple[str, ...]]:
    """The groups of a run, for the expression by which it chooses tests (`pytest -m`)."""
    return {group: GROUPS[group] for group in GROUPS if group != BROWSER or marks != "not thorough"}


def unit_of(test: str, groups: Mapping[str, tuple[str, ...]]) -> str:
    """The tests that run in one process with `test` (a pytest node id): its file, or one of `groups`."""
    file = test.partition("::")[0]
    return next((group for group, prefixes in groups.items() if file.startswith(prefixes)), file)


class Scheduler(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out files and whole groups to the processes, each to the first that is free.

    Our own, because --dist loadgroup of pytest-xdist 3.8 puts no test into a group under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid, choose_groups(self.config.option.markexpr))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduler:
    return Scheduler(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the slowest, so that at the end no process waits for them.

    In a group, those with a browser come last: while it runs, its process can run no other event loop.
    """
    groups = choose_groups(config.option.markexpr)
    ranks = {unit: rank for rank, unit in enumerate(FIRST)}

    def rank(item: pytest.Item) -> tuple[int, bool]:
        return ranks.get(unit_of(item.nodeid, groups), len(FIRST)), item.nodeid.startswith(BROWSER)

    items.sort(key=rank)
