"""Mutation testing: `python -m tests.mutation [MODULE…]`; without a name, as `make test-long` runs it.

mutmut changes one thing at a time in the modules that move state, sign tickets, reap, audit and verify
tokens. Their own tests, or the type check, must notice each change. A mutant that nothing notices survives;
survivors.toml explains those that may. The run fails for a survivor that is not explained there, and for an
explanation whose mutant is noticed by now.

mutmut leaves alone what stands outside of functions, functions with decorators, and formatted strings, with
the SQL in them. A module that has nothing else, as stockroom/ingest/decoding.py, cannot be named here.
Statements are left to the state machine of the protocol, and to tests/images/test_states.py, which
violates each condition of each statement that moves a row. Where mutmut writes an SQL statement in other
letters, the statement is the same one: such a mutant is counted apart.

Each module is mutated in a copy of the checkout, build/mutation/MODULE. One MariaDB serves all of them.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servers import CHOICE, MARIADB_OPTIONS
from tooling import ROOT
from tooling.servers import run_mariadb

FOLDER = ROOT / "build" / "mutation"
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
    "stockroom/images/repository/lifecycle.py": (
        "tests/images/repository/test_lifecycle.py",
        "tests/ingest/test_reaper.py",
        "tests/uploads/test_cancel.py",
        "tests/images/test_visibility.py",
        "tests/ingest/test_process.py",
    ),
    "stockroom/images/repository/leases.py": (
        "tests/images/repository/test_leases.py",
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
        "tests/images/test_near_duplicates.py",
        "tests/images/repository/test_near_duplicates.py",
        "tests/images/test_duplicates.py",
    ),
    "stockroom/images/repository/originals.py": ("tests/downloads/test_handing_out.py",),
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
    "stockroom/ingest/describing.py": ("tests/ingest/test_describing.py",),
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
    **{
        f"stockroom/ingest/audit/{name}.py": ("tests/ingest/audit",)
        for name in ("audit", "comparison", "index", "originals", "renditions", "report", "runs")
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
    **{
        f"stockroom/embedding/{name}.py": ("tests/embedding",)
        for name in (
            *("__init__", "avif", "description", "exif", "gif", "iim", "jpeg", "mpf", "pieces", "png"),
            *("webp", "xmp"),
        )
    },
}
"""The tests that must notice what is changed in a module, the fastest first."""

# What mutmut says of a mutant by an exit status.
SURVIVED, NO_TESTS = {0}, {5, 33}
TYPES, TIMEOUT = {37}, {-24, 24, 36, 152, 255}
SAME_STATEMENT = "the same SQL in other letters"


@dataclass(frozen=True, order=True)
class Mutant:
    """A change that nothing has noticed: in which function, and the lines before and after."""

    function: str
    before: str
    after: str


@dataclass(frozen=True)
class Result:
    """What became of the mutants of a module."""

    counts: Counter[str]
    survivors: frozenset[Mutant]

    @property
    def share(self) -> float:
        """The survivors among the mutants that the type check lets through."""
        return self.counts["survived"] / max(
            1, self.counts.total() - self.counts["refused by the type check"] - self.counts[SAME_STATEMENT]
        )


def main(arguments: Sequence[str]) -> int:
    """Mutate these modules, or all; the exit status."""
    explained = read_explained()
    is_good, total = True, Counter[str]()
    shutil.rmtree(FOLDER, ignore_errors=True)
    with run_mariadb(FOLDER / "mariadb", MARIADB_OPTIONS) as server:
        database = f"{server.user}:{server.password}@{server.host}:{server.port}"
        for module in arguments or MODULES:
            began = time.monotonic()
            result = mutate(module, database)
            total += result.counts
            known = explained.get(module, frozenset())
            print(f"{module}: {describe(result)}, {time.monotonic() - began:.0f} s", flush=True)
            for title, mutants in (
                ("not explained", result.survivors - known),
                ("explained, and noticed by now", known - result.survivors),
            ):
                for mutant in sorted(mutants):
                    is_good = False
                    print(
                        f"  {title}: {mutant.function}\n    {mutant.before}\n    {mutant.after}", flush=True
                    )
            is_good &= result.counts["not decided"] == 0
    everything = Result(total, frozenset())
    print(f"all: {describe(everything)}")
    return 0 if is_good and everything.share <= MAX_SURVIVING else 1


def describe(result: Result) -> str:
    details = ", ".join(f"{count} {name}" for name, count in sorted(result.counts.items()))
    return f"{result.counts.total()} mutants: {details}; {result.share:.1%} of those with good types survive"


def read_explained() -> dict[str, frozenset[Mutant]]:
    """The survivors that may survive, by module."""
    entries = tomllib.loads(SURVIVORS.read_text()).get("survivor", [])
    found: dict[str, set[Mutant]] = {}
    for entry in entries:
        mutant = Mutant(entry["function"], entry["before"], entry["after"])
        found.setdefault(entry["module"], set()).add(mutant)
    return {module: frozenset(mutants) for module, mutants in found.items()}


def mutate(module: str, database: str) -> Result:
    """Run mutmut on one module. Raises RuntimeError when the tests fail without a change."""
    workspace = make_workspace(module)
    environment = {
        **os.environ,
        CHOICE: database,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        # Otherwise the modules of the checkout itself would be tested.
        "PYTHONPATH": "",
    }
    log = workspace / "mutmut.log"
    with log.open("wb") as output:
        done = subprocess.run(
            [sys.executable, "-m", "mutmut", "run", "--max-children", "1"],
            cwd=workspace,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    statuses = json.loads((workspace / "mutants" / f"{module}.meta").read_text())["exit_code_by_key"]
    if done.returncode != 0 or not statuses:
        raise RuntimeError(f"mutmut ended with status {done.returncode}, see {log}")
    counts = Counter(name_status(status) for status in statuses.values())
    survivors = [
        show(workspace, environment, name)
        for name, status in statuses.items()
        if name_status(status) == "survived"
    ]
    same = sum(map(is_same_statement, survivors))
    counts += Counter({SAME_STATEMENT: same})
    counts["survived"] -= same
    return Result(counts, frozenset(each for each in survivors if not is_same_statement(each)))


def is_same_statement(mutant: Mutant) -> bool:
    """Whether only letters of an SQL statement are capital or small now, outside of the values in it.

    No server tells them apart.
    """
    words = r"\b(SELECT|INSERT|UPDATE|SET|WHERE|AND|ORDER BY|UNION ALL|INTERVAL|NULL|UTC_TIMESTAMP)\b"
    value = re.compile("'[^']*'")
    return (
        re.search(words, mutant.before) is not None
        and mutant.before.casefold() == mutant.after.casefold()
        and value.findall(mutant.before) == value.findall(mutant.after)
    )


def name_status(status: int | None) -> str:
    """What became of a mutant."""
    if status is None:
        return "not decided"
    if status in SURVIVED | NO_TESTS:
        return "survived"
    if status in TYPES:
        return "refused by the type check"
    return "without an end" if status in TIMEOUT else "failed a test"


def make_workspace(module: str) -> Path:
    """A copy of the checkout, set up to mutate the module."""
    workspace = FOLDER / module.removesuffix(".py").replace("/", ".")
    for name in COPIED:
        ignored = shutil.ignore_patterns("__pycache__", "node_modules", "build", "*.egg-info")
        shutil.copytree(ROOT / name, workspace / name, ignore=ignored)
    settings = {
        "source_paths": ["stockroom"],
        "only_mutate": [module],
        "also_copy": [name for name in COPIED if name != "stockroom"],
        "pytest_add_cli_args_test_selection": list(MODULES[module]),
        "pytest_add_cli_args": ["-p", "no:xdist", "-p", "no:cacheprovider"],
        # mutmut writes comments that no type check of ours needs.
        "type_check_command": ["mypy", "--no-warn-unused-ignores", "--output", "json", module],
        # On a busy machine a test may take many times as long. The time that is allowed is the sum of the
        # tests' own times and this constant, so many times.
        "timeout_constant": 60.0,
        "timeout_multiplier": 5.0,
    }
    lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in settings.items())
    project = (ROOT / "pyproject.toml").read_text()
    (workspace / "pyproject.toml").write_text(f"{project}\n[tool.mutmut]\n{lines}\n")
    return workspace


def show(workspace: Path, environment: dict[str, str], name: str) -> Mutant:
    """One mutant, from mutmut's diff of it."""
    shown = subprocess.run(
        [sys.executable, "-m", "mutmut", "show", name],
        cwd=workspace,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    before, after = (
        " ".join(line[1:].strip() for line in shown if line.startswith(f"{sign} ")) for sign in "-+"
    )
    # As in stockroom.api.auth.x__clean_name__mutmut_3 and stockroom.api.auth.xǁCallerǁrequire__mutmut_1.
    function = name.rpartition(".")[2].rpartition("__mutmut_")[0].removeprefix("x")
    return Mutant(function[1:].replace("ǁ", "."), before, after)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
