"""Mutation testing: `python -m tests.mutation [MODULE…]`; without a name, as `make test-long` runs it.

mutmut changes one thing at a time in the modules that move state, sign tickets, reap, audit and verify
tokens. Their own tests, or the type check, must notice each change. A mutant that nothing notices survives;
survivors.toml explains those that may. The run fails for a survivor that is not explained there, and for an
explanation whose mutant is noticed by now.

mutmut leaves alone what stands outside of functions, functions with decorators, and formatted strings, with
the SQL in them. A module that has nothing else, as stockroom/ingest/decoding.py, cannot be named here.
Statements are left to the state machine of the protocol, and to tests/images/test_states.py, which
violates each condition of each statement that moves a row. Where mutmut writes SQL's own words or columns in
other letters, the statement is the same one, and is not tried. One with other names in other letters is the
same unless a test notices it. Both are counted apart. README.md has the figures of the last runs.

`generating` writes all mutants into one copy of the checkout, build/mutation/copy, and has the type check
refuse some of them; `running` then tries the others, in one pytest process for each run of modules with the
same tests. One MariaDB serves all of them. Beside the copy, MODULE.jsonl says of each mutant which test has
noticed it, and MODULE.log what that test has said.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.commands import end_by_sigterm, run_command
from tests.mutation.mutants import MUTANTS, Change, Mutant, read_mutants
from tests.servers import CHOICE, MARIADB_OPTIONS
from tooling import ROOT
from tooling.servers import run_mariadb

FOLDER = ROOT / "build" / "mutation"
COPY = FOLDER / "copy"
TYPES = FOLDER.with_name("mutation-types")
"""Where mypy keeps what it knows of all other modules, from one run to the next."""
SURVIVORS = Path(__file__).with_name("survivors.toml")
COPIED = ("stockroom", "functions", "infra", "local", "tooling", "client", "tests", "docs")
MAX_SURVIVING = 0.05
MODULES: dict[str, tuple[str, ...]] = {
    "stockroom/api/auth.py": ("tests/api/test_auth_refusals.py", "tests/api/test_auth.py"),
    "stockroom/api/key_objects.py": ("tests/api/test_key_objects.py", "tests/api/test_auth.py"),
    "stockroom/images/states.py": ("tests/images/test_states.py",),
    "stockroom/uploads/tickets.py": ("tests/uploads/test_tickets.py",),
    "stockroom/uploads/cancel.py": ("tests/uploads/test_cancel.py",),
    "stockroom/uploads/create.py": ("tests/uploads/test_create.py", "tests/uploads/test_limits.py"),
    "stockroom/images/repository/due_times.py": (
        "tests/images/repository/test_due_times.py",
        "tests/images/test_due_times.py",
        "tests/functions/test_due_times.py",
        "tests/ingest/test_reaper_report.py",
        "tests/images/test_visibility.py",
    ),
    "stockroom/images/repository/lifecycle.py": (
        "tests/images/repository/test_lifecycle.py",
        "tests/ingest/test_reaper_report.py",
        "tests/ingest/test_reaper.py",
        "tests/uploads/test_cancel.py",
        "tests/images/test_visibility.py",
        "tests/ingest/test_process.py",
    ),
    "stockroom/images/repository/leases.py": (
        "tests/images/repository/test_leases.py",
        "tests/ingest/test_reaper_report.py",
        "tests/ingest/test_reaper.py",
    ),
    "stockroom/images/repository/pending.py": (
        "tests/images/repository/test_pending.py",
        "tests/uploads/test_create.py",
        "tests/uploads/test_tickets.py",
    ),
    "stockroom/images/repository/deletion.py": (
        "tests/curation/test_deletion.py",
        "tests/curation/test_restoring.py",
        "tests/curation/test_takedown.py",
        "tests/ingest/test_reaper.py",
    ),
    "stockroom/images/repository/ended_links.py": ("tests/images/repository/test_ended_links.py",),
    "stockroom/images/repository/edits.py": ("tests/curation/test_edit.py",),
    "stockroom/images/repository/near_duplicates.py": (
        "tests/images/repository/test_near_duplicates.py",
        "tests/images/test_duplicates.py",
        "tests/search/index/test_audit.py",
    ),
    "stockroom/images/repository/originals.py": ("tests/downloads/test_handing_out.py",),
    "stockroom/images/repository/renditions.py": (
        "tests/images/repository/test_renditions.py",
        "tests/ingest/test_old_versions.py",
        "tests/ingest/test_rerendering.py",
    ),
    "stockroom/images/storage.py": (
        "tests/images/test_storage.py",
        "tests/uploads/test_tickets.py",
        "tests/ingest/test_old_versions.py",
    ),
    "stockroom/images/cdn.py": ("tests/images/test_cdn.py",),
    "stockroom/images/change_log.py": (
        "tests/images/test_change_log.py",
        "tests/curation/test_deletion.py",
        "tests/curation/test_takedown.py",
    ),
    "stockroom/images/duplicates.py": ("tests/images/test_duplicates.py",),
    "stockroom/images/takedowns.py": ("tests/curation/test_takedown.py",),
    "stockroom/images/visibility.py": (
        "tests/ingest/test_reaper_report.py",
        "tests/images/test_visibility.py",
    ),
    "stockroom/ingest/filling.py": ("tests/ingest/test_filling.py",),
    "stockroom/ingest/reaper.py": (
        "tests/ingest/test_reaper_report.py",
        "tests/ingest/test_reaper.py",
        "tests/images/test_visibility.py",
    ),
    "stockroom/ingest/process.py": (
        "tests/ingest/test_process.py",
        "tests/images/test_visibility.py",
        "tests/ingest/test_decoding.py",
    ),
    "stockroom/ingest/rerendering.py": (
        "tests/ingest/test_rerendering_results.py",
        "tests/ingest/test_rerendering.py",
    ),
    "stockroom/ingest/picture_tries.py": ("tests/ingest/test_picture_tries.py",),
    "stockroom/ingest/old_versions.py": ("tests/ingest/test_old_versions.py",),
    **{
        f"stockroom/{name}.py": ("tests/ingest/test_fact_reading.py", "tests/ingest/test_facts.py")
        for name in ("ingest/fact_reading", "ingest/fact_writing", "images/repository/facts")
    },
    **{
        f"stockroom/ingest/audit/{name}.py": ("tests/ingest/audit",)
        for name in ("audit", "comparison", "index", "originals", "parts", "renditions", "report", "runs")
    },
    **{
        f"stockroom/curation/{name}.py": (f"tests/curation/test_{name}.py",)
        for name in ("deletion", "edit", "restoring", "takedown")
    },
    "stockroom/curation/changes.py": ("tests/curation/test_changes.py",),
    "stockroom/curation/actor.py": ("tests/curation/test_edit.py",),
    **{
        f"stockroom/downloads/{name}.py": ("tests/downloads",)
        for name in ("copies", "description", "file_name", "handing_out", "rights")
    },
    "stockroom/runtime/job_runs.py": ("tests/runtime/test_job_runs.py",),
    "stockroom/runtime/settings.py": ("tests/runtime/test_settings.py",),
    **{
        f"stockroom/search/index/rebuild/{name}.py": (f"tests/search/index/rebuild/test_{name}.py",)
        for name in ("counting", "forms", "loading", "records", "runs", "vocabulary")
    },
    "stockroom/search/index/rebuild/checking.py": ("tests/search/index/rebuild/test_records.py",),
    **{
        f"stockroom/search/index/rebuild/{name}.py": ("tests/search/index/rebuild/test_rebuild.py",)
        for name in ("catching_up", "indexing", "processes", "rebuild", "tables")
    },
}
"""The tests that must notice what is changed in a module, the fastest first.

stockroom/embedding/ is not here: it writes metadata into copies of originals, and moves no state.
"""

READING_SOURCES = (
    "tests/images/test_states.py::"
    "test_every_function_that_writes_is_one_transition_and_spells_no_state_itself",
    "tests/images/test_states.py::test_the_callers_are_those_in_the_code",
)
"""Tests that are left out, because they read how modules are written: in the copy, with all mutants at once.

They say the same of every mutant. All mutants of a function would be functions that write.
"""

SURVIVED = "survived"
NOT_DECIDED = "not decided"
REFUSED = "refused by the type check"
SAME_STATEMENT = "the same SQL in other letters"


@dataclass(frozen=True)
class Result:
    """What became of the mutants of a module."""

    counts: Counter[str]
    survivors: frozenset[Change]

    @property
    def share(self) -> float:
        """The survivors among the mutants that the type check lets through."""
        return self.counts[SURVIVED] / max(
            1, self.counts.total() - self.counts[REFUSED] - self.counts[SAME_STATEMENT]
        )


def main(arguments: Sequence[str]) -> int:
    """Mutate these modules, or all; the exit status."""
    modules = list(arguments or MODULES)
    explained = read_explained()
    is_good, total = True, Counter[str]()
    shutil.rmtree(FOLDER, ignore_errors=True)
    began = time.monotonic()
    mutants = generate(modules)
    refused = sum(mutant.type_error != "" for mutant in mutants)
    print(f"{len(mutants)} mutants, {refused} {REFUSED}, {time.monotonic() - began:.0f} s", flush=True)
    with run_mariadb(FOLDER / "mariadb", MARIADB_OPTIONS) as server:
        database = f"{server.user}:{server.password}@{server.host}:{server.port}"
        for tests, group in groupby(modules, key=MODULES.__getitem__):
            together = list(group)
            for test in find_left_out(tests):
                print(f"{', '.join(together)}: WITHOUT {test}, which reads sources", flush=True)
            began = time.monotonic()
            try:
                statuses = run(together, tests, database)
            except RuntimeError as error:
                # The other modules are tried nevertheless: a whole run takes long.
                is_good = False
                print(f"{', '.join(together)}: NOT TRIED: {error}", flush=True)
                continue
            for module in together:
                result = judge((mutant for mutant in mutants if mutant.module == module), statuses)
                total += result.counts
                is_good &= report(module, result, explained.get(module, frozenset()))
            print(f"  {time.monotonic() - began:.0f} s", flush=True)
    everything = Result(total, frozenset())
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"all: {describe(everything)}; {used.ru_utime + used.ru_stime:.0f} s of processor time")
    return 0 if is_good and everything.share <= MAX_SURVIVING else 1


def report(module: str, result: Result, known: frozenset[Change]) -> bool:
    """Print what became of the mutants of a module; whether each was tried, and each survivor is known."""
    print(f"{module}: {describe(result)}", flush=True)
    unknown, noticed = result.survivors - known, known - result.survivors
    for title, changes in (("not explained", unknown), ("explained, and noticed by now", noticed)):
        for change in sorted(changes):
            print(f"  {title}: {change.function}\n    {change.before}\n    {change.after}", flush=True)
    return not unknown and not noticed and not result.counts[NOT_DECIDED]


def describe(result: Result) -> str:
    details = ", ".join(f"{count} {name}" for name, count in sorted(result.counts.items()))
    return f"{result.counts.total()} mutants: {details}; {result.share:.1%} of those with good types survive"


def read_explained() -> dict[str, frozenset[Change]]:
    """The survivors that may survive, by module."""
    entries = tomllib.loads(SURVIVORS.read_text()).get("survivor", [])
    found: dict[str, set[Change]] = {}
    for entry in entries:
        change = Change(entry["function"], entry["before"], entry["after"])
        found.setdefault(entry["module"], set()).add(change)
    return {module: frozenset(changes) for module, changes in found.items()}


def judge(mutants: Iterable[Mutant], statuses: Mapping[str, str]) -> Result:
    """Count what became of these mutants. `statuses` has those that were tried, by name."""
    counts, survivors = Counter[str](), set()
    for mutant in mutants:
        if mutant.type_error:
            status = REFUSED
        elif mutant.change.is_same_statement:
            status = SAME_STATEMENT
        else:
            status = statuses.get(mutant.name, NOT_DECIDED)
        if status == SURVIVED and mutant.change.may_be_same_statement:
            status = SAME_STATEMENT
        elif status == SURVIVED:
            survivors.add(mutant.change)
        counts[status] += 1
    return Result(counts, frozenset(survivors))


def generate(modules: Sequence[str]) -> list[Mutant]:
    """Make the copy, with the mutants of these modules. Raises RuntimeError when that fails."""
    for name in COPIED:
        ignored = shutil.ignore_patterns("__pycache__", "node_modules", "build", "*.egg-info")
        shutil.copytree(ROOT / name, COPY / name, ignore=ignored)
    settings = '\n[tool.mutmut]\nsource_paths = ["stockroom"]\n'
    (COPY / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text() + settings)
    log = FOLDER / "generating.log"
    command = [sys.executable, "-m", "tests.mutation.generating", *modules]
    status = _run_in_copy(command, log, {"MYPY_CACHE_DIR": str(TYPES)})
    if status != 0:
        raise RuntimeError(f"mutants could not be generated, see {log}")
    return read_mutants(COPY / MUTANTS)


def find_left_out(tests: Sequence[str]) -> list[str]:
    """Those of READING_SOURCES that are in these files."""
    return [test for test in READING_SOURCES if test.partition("::")[0] in tests]


def run(modules: Sequence[str], tests: Sequence[str], database: str) -> dict[str, str]:
    """Try the mutants of some modules by these tests: what became of each, by name.

    Raises RuntimeError when the tests fail without a change, or notice nothing.
    """
    name = modules[0].removesuffix(".py").replace("/", ".")
    outcomes, log = FOLDER / f"{name}.jsonl", FOLDER / f"{name}.log"
    arguments = [*tests, *(f"--deselect={test}" for test in find_left_out(tests))]
    command = [sys.executable, "-m", "tests.mutation.running", ",".join(modules), str(outcomes), *arguments]
    status = _run_in_copy(command, log, {CHOICE: database})
    if status != 0:
        raise RuntimeError(f"pytest ended with status {status}, see {log}")
    return {
        outcome["name"]: outcome["status"] for outcome in map(json.loads, outcomes.read_text().splitlines())
    }


def _run_in_copy(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> int:
    """The exit status of a command that sees the copy alone, not the checkout."""
    with log.open("wb") as output:
        return run_command(
            command,
            cwd=COPY,
            env={**os.environ, "PYTHONPATH": str(COPY), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


if __name__ == "__main__":
    end_by_sigterm()
    raise SystemExit(main(sys.argv[1:]))
