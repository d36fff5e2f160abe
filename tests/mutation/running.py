"""Runs tests once for each mutant: `python -m tests.mutation.running MODULES OUTCOMES TEST…`, in the copy.

One pytest process imports and collects everything. For each mutant it forks a child, which chooses the
mutant, runs the tests that reach the mutated function, and ends at the first failure. The tests that have
noticed another mutant of the function come first, then the fastest of each file. A child has what tests leave
behind in a process for itself; it ends where a test takes far longer than without a change.

That each test passes without a change, and that a call of a mutated function is noticed, is tried at the
beginning; that the tests pass without a change once more at the end. Raises RuntimeError where not.
"""

import contextlib
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state

from tests.commands import end_by_sigterm
from tests.mutation.mutants import MUTANTS, Mutant, read_mutants

SURVIVED = "survived"
FAILED_A_TEST = "failed a test"
WITHOUT_AN_END = "without an end"

UNCHANGED, RECORDED, RAISING = "", "stats", "fail"
"""What mutmut's trampolines call the functions themselves, recording which are called, and raising."""
PASSED, FAILED = 40, 41
"""How a child ends. A child that ends otherwise was ended by what was changed."""
START_LIMIT = 900.0
MIN_LIMIT = 30.0
LIMIT_FACTOR = 10.0
"""How long one test may take: on a busy machine, many times as long as it took before."""
MAX_MEMORY = 6 << 30
"""A mutant that asks for more and more memory fails, as it would with all of the machine's, but sooner."""


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant, which test has noticed it, and after how many seconds."""

    name: str
    status: str
    test: str
    seconds: float


@dataclass(frozen=True)
class Reached:
    """Which mutated functions a test calls, and how long it takes."""

    functions: frozenset[str]
    seconds: float


class Runner:
    """A plugin that runs the collected tests once for each mutant, instead of once."""

    def __init__(self, mutants: Sequence[Mutant], report: Callable[[Outcome], None]) -> None:
        self._mutants = mutants
        self._report = report
        self._failed = ""
        self._noticing: defaultdict[str, set[str]] = defaultdict(set)
        """Which tests have noticed a mutant, by function."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self._failed:
            self._failed = report.nodeid
            print(report.longreprtext, flush=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise RuntimeError("the tests cannot be collected")
        if len(os.listdir("/proc/self/task")) > 1:
            raise RuntimeError("a test starts a thread when it is imported, which no child would have")
        _check_modules(self._mutants)
        reached = self._record(session.items)
        functions = {mutant.mangled_function for mutant in self._mutants}
        relevant = [item for item in session.items if reached[item.nodeid].functions & functions]
        for module in {mutant.module for mutant in self._mutants}:
            own = {mutant.mangled_function for mutant in self._mutants if mutant.module == module}
            self._expect(FAILED, RAISING, [item for item in relevant if reached[item.nodeid].functions & own])
        for mutant in self._mutants:
            items = [item for item in relevant if mutant.mangled_function in reached[item.nodeid].functions]
            self._report(self._try(mutant, sort_items(items, reached), reached))
        self._expect(PASSED, UNCHANGED, relevant)
        return True

    def _record(self, items: Sequence[pytest.Item]) -> dict[str, Reached]:
        """Run all tests without a change. Raises RuntimeError when one fails."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "reached.json")
            status, test = self._run_apart(lambda: self._run_recorded(items, path), START_LIMIT)
            if status != PASSED:
                raise RuntimeError(f"without a change, {test or 'a test'} fails (status {status})")
            recorded = json.loads(path.read_text())
        return {
            nodeid: Reached(frozenset(functions), seconds)
            for nodeid, (functions, seconds) in recorded.items()
        }

    def _run_recorded(self, items: Sequence[pytest.Item], path: Path) -> int:
        set_mutant_under_test(RECORDED)
        recorded: dict[str, tuple[list[str], float]] = {}
        for position, item in enumerate(items):
            state()._stats.clear()
            began = time.monotonic()
            self._run_item(item, items[position + 1] if position + 1 < len(items) else None)
            recorded[item.nodeid] = (sorted(state()._stats), time.monotonic() - began)
            if self._failed:
                return FAILED
        path.write_text(json.dumps(recorded))
        return PASSED

    def _expect(self, expected: int, mutant: str, items: Sequence[pytest.Item]) -> None:
        """Raises RuntimeError when tests that ought to fail, or to pass, do not."""
        status, test = self._run_apart(lambda: self._run(mutant, items), START_LIMIT)
        if status != expected:
            how = "without a change" if mutant == UNCHANGED else "with functions that raise"
            raise RuntimeError(f"{how}, the tests end with status {status}, not {expected} {test}")

    def _try(self, mutant: Mutant, items: Sequence[pytest.Item], reached: dict[str, Reached]) -> Outcome:
        if not items:
            return Outcome(mutant.name, SURVIVED, "", 0)
        noticing = self._noticing[mutant.mangled_function]
        items = sorted(items, key=lambda item: item.nodeid not in noticing)
        began = time.monotonic()
        status, test = self._run_apart(lambda: self._run(mutant.name, items, reached), START_LIMIT)
        seconds = round(time.monotonic() - began, 2)
        noticing.add(test)
        if status in {None, -signal.SIGALRM}:
            return Outcome(mutant.name, WITHOUT_AN_END, test, seconds)
        return Outcome(mutant.name, SURVIVED if status == PASSED else FAILED_A_TEST, test, seconds)

    def _run(
        self, mutant: str, items: Sequence[pytest.Item], before: Mapping[str, Reached] | None = None
    ) -> int:
        """Run tests in this process up to the first that fails. `before` says how long each took before.

        The process ends where a test takes much longer.
        """
        set_mutant_under_test(mutant)
        for position, item in enumerate(items):
            if before is not None:
                limit = MIN_LIMIT + LIMIT_FACTOR * before[item.nodeid].seconds
                signal.setitimer(signal.ITIMER_REAL, limit)
            self._run_item(item, items[position + 1] if position + 1 < len(items) else None)
            if self._failed:
                return FAILED
        return PASSED

    def _run_item(self, item: pytest.Item, following: pytest.Item | None) -> None:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    def _run_apart(self, run: Callable[[], int], limit: float) -> tuple[int | None, str]:
        """The status of a child that runs this, None when it does not end in time, and what has failed."""
        with tempfile.NamedTemporaryFile("r") as file:
            sys.stdout.flush()
            sys.stderr.flush()
            child = os.fork()
            if child == 0:
                self._run_as_child(run, Path(file.name))
            return _wait(child, limit), file.read()

    def _run_as_child(self, run: Callable[[], int], failed: Path) -> None:
        status = FAILED
        try:
            os.setpgid(0, 0)
            resource.setrlimit(resource.RLIMIT_DATA, (MAX_MEMORY, MAX_MEMORY))
            status = run()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the child must not go on as the parent
            print(repr(error), flush=True)
        finally:
            failed.write_text(self._failed)
            sys.stdout.flush()
            os._exit(status)


def _wait(child: int, limit: float) -> int | None:
    """The exit status of a child, negative for a signal, or None when it does not end in time."""
    descriptor = os.pidfd_open(child)
    try:
        has_ended = bool(select.select([descriptor], [], [], limit)[0])
    finally:
        os.close(descriptor)
        # Whatever the child has started goes with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) if has_ended else None


def _check_modules(mutants: Iterable[Mutant]) -> None:
    """Raises RuntimeError when the tests have not imported a module of this folder that has these mutants."""
    for mutant in mutants:
        module = sys.modules.get(mutant.name.rpartition(".")[0])
        path = Path(module.__file__ if module is not None and module.__file__ else os.devnull)
        function = mutant.name.rpartition(".")[2]
        if path != Path(mutant.module).resolve() or function not in path.read_text():
            raise RuntimeError(f"the tests import {path}, without {mutant.name}")


def sort_items(items: Iterable[pytest.Item], reached: dict[str, Reached]) -> list[pytest.Item]:
    """The fastest tests of each file first, the files in the order in which they were given."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    return [
        item
        for each in files.values()
        for item in sorted(each, key=lambda item: reached[item.nodeid].seconds)
    ]


def main(modules: Sequence[str], outcomes: Path, tests: Sequence[str]) -> int:
    """Try the mutants of these modules; the exit status of pytest."""
    mutants = [each for each in read_mutants(MUTANTS) if each.module in modules and each.is_to_be_tried]
    with outcomes.open("w") as file:

        def report(outcome: Outcome) -> None:
            file.write(json.dumps(asdict(outcome)) + "\n")
            file.flush()

        # A capture by files would share them with the children. Any other traceback is shown with whole
        # statements, for which pytest parses a module with all of its mutants.
        options = ["-q", "--no-header", "--capture=sys", "--tb=native"]
        options += ["-p", "no:cacheprovider", "-p", "no:xdist"]
        return pytest.main([*options, *tests], plugins=[Runner(mutants, report)])


if __name__ == "__main__":
    end_by_sigterm()
    raise SystemExit(main(sys.argv[1].split(","), Path(sys.argv[2]), sys.argv[3:]))
