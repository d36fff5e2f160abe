"""All that a command needs to be there: `python -m local.provision [test | jobs | tools | cdk | deploy | …]`.

Standard library only: it runs before anything is installed.
"""

import fcntl
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local import environments, packages, steps
from local.environments import VENV, VERSION
from local.steps import Step
from tooling import ROOT
from tooling.errors import ToolError

MINISTACK = ROOT / ".venv-ministack"
FRONTEND = ROOT / "frontend"
PYTHON_REQUIREMENTS = ROOT / "requirements-dev.txt"
EMULATOR_REQUIREMENTS = ROOT / "local" / "requirements.txt"
LOCALSTACK = ROOT / ".venv-localstack"
LOCALSTACK_REQUIREMENTS = ROOT / "tests" / "contract" / "requirements.txt"
SIMULATOR_FOLDER = ROOT / "tests" / "infra" / "simulator"
JOBS = ROOT / ".venv-jobs"
JOBS_REQUIREMENTS = ROOT / "jobs" / "requirements.txt"
FIREFOX_FOLDER = ROOT / "tests" / "firefox"


def main(arguments: list[str]) -> int:
    """Provision; returns the exit status."""
    try:
        steps.LOGS.mkdir(parents=True, exist_ok=True)
        with (steps.LOGS / "lock").open("w") as lock:
            # Two stacks may start at once from one checkout.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if "tools" in arguments:
                provision_tools()
            elif "cdk" in arguments:
                provision_cdk()
            elif "deploy" in arguments:
                provision_deployment()
            elif "jobs" in arguments:
                provision_jobs()
            elif "firefox" in arguments:
                provision_firefox()
            else:
                provision(for_tests="test" in arguments)
    except ToolError as error:
        print(f"\n{error.report()}", file=sys.stderr)
        return 1
    return 0


def provision(*, for_tests: bool) -> None:
    """Make what is missing, side by side where nothing depends on it. Raises ToolError."""
    required = [packages.DATABASE, packages.NGINX]
    if for_tests:
        required += [packages.BROWSER, packages.NJS, packages.EXIFTOOL, packages.JAVA]
    if not (VENV / "bin" / "python").exists():
        required.append(packages.ENVIRONMENTS)
    missing = packages.missing(required)
    with ThreadPoolExecutor(4) as pool:
        system = pool.submit(_install, missing)
        if packages.ENVIRONMENTS in missing:
            system.result()
        PYTHON.ensure()
        others = (EMULATOR, CDK, SECOND_S3, SIMULATOR, SPARK) if for_tests else (EMULATOR, CDK)
        rest = [pool.submit(step.ensure) for step in others]
        rest.append(pool.submit(_make_page))
        for future in [system, *rest]:
            future.result()


def provision_tools() -> None:
    """Make what checks and generates code. Raises ToolError.

    The page is not built: it may need what is about to be generated from the routes.
    """
    _ensure_python()
    PAGE_TOOLS.ensure()


def provision_cdk() -> None:
    """Make what a synthesis needs, and nothing of the local stack. Raises ToolError."""
    _ensure_python()
    CDK.ensure()


def provision_deployment() -> None:
    """Make what a deployment to AWS needs: the CDK and the page. Raises ToolError."""
    provision_cdk()
    _make_page()


def provision_jobs() -> None:
    """Make what a batch job on this machine needs beside the local stack. Raises ToolError."""
    provision(for_tests=False)
    _install(packages.missing([packages.JAVA]))
    SPARK.ensure()


def provision_firefox() -> None:
    """Make what the test in Firefox needs beside all other tests. Raises ToolError."""
    provision(for_tests=True)
    _install(packages.missing([packages.FIREFOX]))
    FIREFOX_DRIVER.ensure()


def page_sources() -> list[Path]:
    """What the page is built from: the frontend's own files, and the API's schema."""
    sources = [ROOT / "stockroom" / "api" / "openapi.json"]
    for folder, folders, files in os.walk(FRONTEND):
        folders[:] = sorted(set(folders) - {"node_modules", ".svelte-check", "dist", "tests"})
        # The build itself makes the types from the schema.
        sources += [Path(folder) / name for name in files if name != "schema.ts"]
    return sorted(sources)


def _ensure_python() -> None:
    if not (VENV / "bin" / "python").exists():
        _install(packages.missing([packages.ENVIRONMENTS]))
    PYTHON.ensure()


def _install(missing: list[packages.Package]) -> None:
    if not missing:
        return
    duration = "a minute or two" if packages.BROWSER in missing else "less than a minute"
    names = ", ".join(package.title for package in missing)
    with steps.announced("System packages", f"installing {names} ({duration})") as log:
        packages.install(missing, log)


def _make_page() -> None:
    PAGE_TOOLS.ensure()
    PAGE.ensure()


PYTHON = Step(
    "Python packages",
    "the project's environment (about 20 s)",
    VENV / ".stamp",
    lambda: [PYTHON_REQUIREMENTS],
    lambda log: environments.make_main(log, PYTHON_REQUIREMENTS),
    variant=VERSION,
)
EMULATOR = Step(
    "Emulator",
    "the AWS emulator's own environment (a few seconds)",
    MINISTACK / ".stamp",
    lambda: [EMULATOR_REQUIREMENTS],
    lambda log: environments.make(log, MINISTACK, EMULATOR_REQUIREMENTS),
    variant=VERSION,
)
SECOND_S3 = Step(
    "Second S3",
    "another implementation of S3, for tests only (about 10 s)",
    LOCALSTACK / ".stamp",
    lambda: [LOCALSTACK_REQUIREMENTS],
    lambda log: environments.make(log, LOCALSTACK, LOCALSTACK_REQUIREMENTS),
    variant=VERSION,
)
SPARK = Step(
    "Spark",
    "the environment of batch jobs (400 MB, about a minute)",
    JOBS / ".stamp",
    lambda: [JOBS_REQUIREMENTS],
    lambda log: environments.make(log, JOBS, JOBS_REQUIREMENTS),
    variant=VERSION,
)
SIMULATOR = Step(
    "Policy simulator",
    "what decides as IAM does, for tests only (a few seconds)",
    SIMULATOR_FOLDER / "node_modules" / ".stamp",
    lambda: [SIMULATOR_FOLDER / "package-lock.json"],
    lambda log: steps.npm(log, SIMULATOR_FOLDER, "ci"),
)
FIREFOX_DRIVER = Step(
    "Puppeteer",
    "what drives Firefox, for one test only (about 10 s)",
    FIREFOX_FOLDER / "node_modules" / ".stamp",
    lambda: [FIREFOX_FOLDER / "package-lock.json"],
    lambda log: steps.npm(log, FIREFOX_FOLDER, "ci"),
)
CDK = Step(
    "CDK command line",
    "npm ci (about 10 s)",
    ROOT / "node_modules" / ".stamp",
    lambda: [ROOT / "package-lock.json"],
    lambda log: steps.npm(log, ROOT, "ci"),
)
PAGE_TOOLS = Step(
    "Frontend tools",
    "npm ci (about 15 s)",
    FRONTEND / "node_modules" / ".stamp",
    lambda: [FRONTEND / "package-lock.json"],
    lambda log: steps.npm(log, FRONTEND, "ci"),
)
PAGE = Step(
    "Page",
    "building (a few seconds)",
    FRONTEND / "node_modules" / ".page-stamp",
    page_sources,
    lambda log: steps.npm(log, FRONTEND, "run", "build"),
    result=FRONTEND / "dist" / "index.html",
)

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
