"""The tests that take an hour or more: `python -m tests.long [PART…]`, as `make test-long` runs them.

- `protocol`: the state machine of the upload protocol, at least 10,000 steps, over several seeds;
- `contract`: many more requests by Schemathesis to each route;
- `firefox`: a visitor's and a contributor's way through the page in Firefox, which is installed for it;
- `jobs`: runs of `rerender` that are killed, doubled and disturbed, each on a Spark of its own;
- `branches`: all tests once more, with more damaged files and with the coverage of branches, which takes a
  third longer than that of lines;
- `mutation`: whether the tests notice what is changed in the modules of `tests.mutation`;
  `python -m tests.mutation MODULE…` tries some of the modules.

Seeds are drawn anew each time and printed: SEEDS=1,2 takes those instead. It ends with a line for each part.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.count_steps import VARIABLE
from tooling import ROOT

MIN_STEPS = 10_000
PROTOCOL_EXAMPLES = 70
"""Of at most 40 steps each, for each seed."""
CONTRACT_EXAMPLES = 100
SEEDS = 5
HOSTILE_FLIPS = 150
"""Damaged files of each format."""
MIN_BRANCHES = 96
"""Percent of lines and branches that the tests reach."""


def main(arguments: Sequence[str]) -> int:
    """Run these parts, or all; the exit status."""
    given = os.environ.get("SEEDS", "")
    seeds = [int(seed) for seed in given.split(",")] if given else random.sample(range(1 << 31), SEEDS)
    parts: dict[str, Callable[[Sequence[int]], str]] = {
        "protocol": run_protocol,
        "contract": run_contract,
        "firefox": run_firefox,
        "jobs": run_jobs,
        "branches": run_branches,
        "mutation": run_mutation,
    }
    outcomes = {}
    for name in arguments or parts:
        print(f"» {name}", flush=True)
        began = time.monotonic()
        try:
            outcome = parts[name](seeds)
        except AssertionError as error:
            outcome = f"FAILED: {error}"
        outcomes[name] = f"{outcome}, {time.monotonic() - began:.0f} s"
    for name, outcome in outcomes.items():
        print(f"{name}: {outcome}")
    return int(any(outcome.startswith("FAILED") for outcome in outcomes.values()))


def run_protocol(seeds: Sequence[int]) -> str:
    """The state machine with one seed after the other, until there are enough steps."""
    steps = 0
    used: list[int] = []
    for seed in (*seeds, *(random.randrange(1 << 31) for _ in range(10 * SEEDS))):
        if len(used) >= len(seeds) and steps >= MIN_STEPS:
            break
        with tempfile.NamedTemporaryFile("r") as file:
            environment = {VARIABLE: file.name, "PROTOCOL_EXAMPLES": str(PROTOCOL_EXAMPLES)}
            run_pytest(["tests/protocol/test_protocol.py", "-p", "tests.count_steps"], seed, environment)
            steps += int(Path(file.name).read_text())
        used.append(seed)
    assert steps >= MIN_STEPS, f"only {steps:,} steps"
    return f"{steps:,} steps, seeds {used}"


def run_contract(seeds: Sequence[int]) -> str:
    """Requests by the first of the seeds."""
    run_pytest(["tests/contract"], seeds[0], {"CONTRACT_EXAMPLES": str(CONTRACT_EXAMPLES)})
    return f"{CONTRACT_EXAMPLES} requests of each kind to each route, seed {seeds[0]}"


def run_firefox(_: Sequence[int]) -> str:
    """One journey, against a stack of its own."""
    run([sys.executable, "-m", "local.provision", "firefox"], {})
    run([sys.executable, "-m", "pytest", "-q", "tests/integration/firefox.py"], {})
    return "the journey has come to its end"


def run_jobs(_: Sequence[int]) -> str:
    run([sys.executable, "-m", "pytest", "-q", "tests/jobs/long.py"], {})
    return "every run has come to its end"


def run_branches(_: Sequence[int]) -> str:
    """All tests, in as many processes as `make test` has."""
    workers = ["-n", "3", "--no-loadscope-reorder"]
    floor = f"--cov-fail-under={MIN_BRANCHES}"
    flips = {"HOSTILE_FLIPS": str(HOSTILE_FLIPS)}
    run([sys.executable, "-m", "pytest", "-q", *workers, "--cov", "--cov-branch", floor], flips)
    return f"at least {MIN_BRANCHES} % of lines and branches"


def run_mutation(_: Sequence[int]) -> str:
    run([sys.executable, "-m", "tests.mutation"], {})
    return "every survivor is explained"


def run_pytest(arguments: Sequence[str], seed: int, environment: Mapping[str, str]) -> None:
    """Raises AssertionError when a test fails."""
    run([sys.executable, "-m", "pytest", "-q", f"--hypothesis-seed={seed}", *arguments], environment)


def run(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a command with its output shown. Raises AssertionError when it fails."""
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False)
    assert done.returncode == 0, f"{' '.join(command)} (status {done.returncode})"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
