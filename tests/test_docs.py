"""Whether the documentation, the Makefile and the hosted pipeline agree with the code."""

import importlib
import json
import re
import subprocess
import tomllib
from pathlib import Path

import click
import pytest
from msgspec.structs import fields

from infra.declared_routes import APPS, list_routes
from jobs.command_line import JOBS
from local.cli import commands as local_commands
from operations.cli import commands as operations_commands
from operations.jobs import _target
from stockroom import __version__
from stockroom.api import cache_policy
from stockroom.renditions import SOURCE_FORMATS
from stockroom.runtime.settings import OPERATOR_SETTINGS, PREFIX, Settings
from stockroom.search.service import FILTERS

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("[!.]*/README.md")])


def test_every_setting_has_its_line_with_its_default() -> None:
    page = (ROOT / "docs/settings.md").read_text()
    rows = re.findall(r"^\| `(STOCKROOM_\w+)` \|([^|]*)\|", page, re.MULTILINE)
    lines = {name: default.strip() for name, default in rows}
    expected = {}
    for field in fields(Settings):
        default = field.default
        text = ",".join(default) if isinstance(default, tuple) else str(default)
        expected[PREFIX + field.name.upper()] = text
    assert lines == expected


def test_operator_settings_stand_in_their_section() -> None:
    section = (ROOT / "docs/settings.md").read_text().split("## ")[1]
    assert tuple(re.findall(r"^\| `(STOCKROOM_\w+)`", section, re.MULTILINE)) == OPERATOR_SETTINGS


def test_every_route_has_its_line() -> None:
    page = (ROOT / "docs/api.md").read_text()
    lines = dict(re.findall(r"^\| `([A-Z]+ /\S+)` \|([^|]*)\|", page, re.MULTILINE))
    needs = {"anyone": "", "reader": "reader", "visitor": "visitor"}
    assert {key: need.strip() for key, need in lines.items()} == {
        f"{route.method} {route.path}": needs.get(route.access, f"scope `{route.access}`")
        for route in list_routes()
    }


def test_every_parameter_is_mentioned() -> None:
    words = set(re.findall(r"`([a-z]+)[=:]?[^`]*`", (ROOT / "docs/api.md").read_text()))
    parameters = {each.name for route in list_routes() for each in route.query_parameters}
    # The filters have a table of their own in docs/search.md, which tests/search/test_filters.py compares.
    assert parameters - words - {each.name for each in FILTERS} == set()


def test_every_cache_policy_has_its_line() -> None:
    page = (ROOT / "docs/api.md").read_text()
    lines = re.findall(r"^\| ([\w ]+)[^|]* \| `([^`]+)` \| (\d+) s \|$", page, re.MULTILINE)
    assert {name.upper().replace(" ", "_"): (header, int(seconds)) for name, header, seconds in lines} == {
        name: (policy.header, policy.function)
        for name, policy in vars(cache_policy).items()
        if isinstance(policy, cache_policy.CachePolicy)
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_commands_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    # In prose only what stands in backticks is a command.
    for command in re.findall(r"(?:`|^)(?:[A-Z]+=\S+ )*make ([a-z0-9-]+)", text, re.MULTILINE):
        assert command in targets, f"{page.name} names make {command}"


@pytest.mark.parametrize("target", ["run", "up", "down", "logs", "drill"])
def test_a_command_about_the_local_stack_refuses_a_stage(target: str) -> None:
    done = subprocess.run(
        ["make", "--dry-run", target, "STAGE=staging"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert f"`make {target}` is about the local stack alone" in done.stderr


@pytest.mark.parametrize("target", ["keys", "token", "reap", "audit", "retry", "redrive", "smoke"])
def test_a_command_about_a_stage_does_not_reach_the_local_stack(target: str) -> None:
    """An operator who means AWS must not be told of a laptop."""
    command = ["make", "--dry-run", "--no-print-directory", target, "STAGE=staging"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert f'-m operations {target} --stage "staging"' in done.stdout
    assert "-m local " not in done.stdout


def test_the_hosted_tests_are_those_of_a_person() -> None:
    workflow = (ROOT / ".github/workflows/test.yml").read_text()
    commands = re.findall(r"run: (?:make ([a-z0-9-]+)|(\.ci/run))", workflow)
    assert {command or path for command, path in commands} == {".ci/run", "test-mysql"}
    assert (ROOT / ".ci/run").read_text().splitlines()[-1] == "exec make test test-thorough"
    # The server and the tests are given the same password.
    ((password, given),) = re.findall(r"MYSQL_ROOT_PASSWORD: (\S+)[\s\S]*DB=root:(\S+)@mysql:3306", workflow)
    assert password == given


def test_every_batch_job_has_its_command_and_every_variable_its_line() -> None:
    page = (ROOT / "docs/jobs.md").read_text()
    commands = dict(re.findall(r"^\| `(\w+)` \| `make ([^`]+)` \|", page, re.MULTILINE))
    assert set(JOBS) <= commands.keys()
    # Whoever leaves a job's terminal is told which command follows it again.
    assert {job: _target(job) for job in JOBS} == {job: commands[job] for job in JOBS}
    given = dict(re.findall(r"^\| `([A-Z_]+)=[^`]*` \| ([^|]+) \|", page, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text()
    for job in JOBS:
        target = commands[job].split()[0]
        (taken,) = re.findall(rf"^{target}:.*\n\t@\$\(call TAKES,([A-Z_ ]*)\)", makefile, re.MULTILINE)
        for variable in taken.split():
            # What makes a comparison a batch job stands in its command.
            is_in_command = f"{variable}=" in commands[job]
            assert is_in_command or f"`{target}`" in given[variable] or f"`{job}`" in given[variable]


COMMAND_LINES = {"LOCAL": [local_commands], "OPERATIONS": [operations_commands]}
COMMAND_LINES["STACK"] = COMMAND_LINES["LOCAL"] + COMMAND_LINES["OPERATIONS"]
CALL = re.compile(r"\$\((LOCAL|OPERATIONS|STACK)\) ([a-z-]+)(.*)$", re.MULTILINE)
"""A command that a recipe calls, with the rest of its line: `$(STACK)` is one of the two by STAGE."""
CALLS = CALL.findall((ROOT / "Makefile").read_text().replace("\\\n", " "))


def test_the_makefile_calls_commands() -> None:
    assert len(CALLS) > 30
    assert {lines for lines, _, _ in CALLS} == COMMAND_LINES.keys()


@pytest.mark.parametrize(("lines", "name", "rest"), CALLS, ids=[name for _, name, _ in CALLS])
def test_a_command_that_a_target_calls_exists_and_takes_what_it_is_given(
    lines: str, name: str, rest: str
) -> None:
    for group in COMMAND_LINES[lines]:
        assert name in group.commands, f"{group.help} has no command {name}"
        command = group.commands[name]
        if command.ignore_unknown_options:
            continue
        known = {option for each in command.params if isinstance(each, click.Option) for option in each.opts}
        assert set(re.findall(r"--[a-z][a-z-]*", rest)) <= known, f"{group.help} {name}"


WORKFLOWS = pytest.mark.parametrize(
    "workflow", sorted((ROOT / ".github").rglob("*.y*ml")), ids=lambda workflow: workflow.name
)


@WORKFLOWS
def test_workflows_run_commands_that_a_person_can_run(workflow: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = re.findall(r"^ *(?:- run:|run:)? *make ([a-z0-9-]+)", workflow.read_text(), re.MULTILINE)
    assert set(commands) <= targets


@WORKFLOWS
def test_what_strangers_can_write_is_no_part_of_a_script(workflow: Path) -> None:
    """An expression in a script would be text of the script before a shell reads it."""
    for block in re.findall(r"run: (\|\n(?:(?: {10}.*)?\n)+|[^|\n].*)", workflow.read_text()):
        assert "${{" not in block


@WORKFLOWS
def test_actions_are_pinned_by_the_hash_of_a_commit(workflow: Path) -> None:
    for action in re.findall(r"uses: (.*)", workflow.read_text()):
        if action.startswith("./"):
            # A workflow of this same commit.
            assert (ROOT / action).exists()
            continue
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


@pytest.mark.parametrize("folder", [".", "frontend", "tests/firefox"])
def test_no_package_of_node_runs_a_script_when_it_is_installed(folder: str) -> None:
    assert "ignore-scripts=true" in (ROOT / folder / ".npmrc").read_text().splitlines()
    # Nor does npm then run what is to come before or after a script of our own.
    scripts = json.loads((ROOT / folder / "package.json").read_text()).get("scripts", {})
    assert not [name for name in scripts if name.startswith(("pre", "post"))]


@pytest.mark.parametrize("variable", ["SLOW", "SPEAKS_SQL"])
def test_the_makefile_names_tests_that_exist(variable: str) -> None:
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    (paths,) = re.findall(rf"^{variable} = (.*)$", makefile, re.MULTILINE)
    assert [path for path in paths.split() if not (ROOT / path).exists()] == []


def test_every_benchmark_has_its_line() -> None:
    page = (ROOT / "bench/README.md").read_text()
    rows = re.findall(r"^\| `python -m bench\.(\w+)` \|.*\| (yes|no) \|$", page, re.MULTILINE)
    programs = {path.stem for path in ROOT.glob("bench/*.py") if "__main__" in path.read_text()}
    recipe = (ROOT / "Makefile").read_text().partition("\nbench: ")[2].partition("\nlint: ")[0]
    called = set(re.findall(r"-m bench\.(\w+)", recipe))
    assert called <= programs
    assert dict(rows) == {name: "yes" if name in called else "no" for name in programs}


def test_every_route_is_called_by_the_test_of_its_function() -> None:
    for name, app in APPS.items():
        calls = "".join(
            path.read_text() for path in sorted((ROOT / "tests/functions").glob(f"test_{name}*.py"))
        )
        for route in app.declared:
            # The helpers of these tests take the path of a GET, or method and path.
            path = route.gateway_path
            written = [f"{route.method} {path}"] + [f'"{path}"'] * (route.method == "GET")
            assert any(call in calls for call in written), f"{name}: {route.method} {route.path}"


def test_the_version_is_one() -> None:
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text()
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize(
    "name", [*(f"`{each.name}`" for each in FILTERS), *(each.title for each in SOURCE_FORMATS)]
)
def test_the_changelog_names_every_filter_and_every_source_format(name: str) -> None:
    named = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", (ROOT / "CHANGELOG.md").read_text())
    assert named, f"CHANGELOG.md does not say that there is {name}"


def journeys() -> list[str]:
    page = (ROOT / "docs/architecture.md").read_text()
    section = page.partition("<!-- journeys -->")[2].partition("<!-- /journeys -->")[0]
    return re.findall(r"^ *\d+\. `([\w.]+)`", section, re.MULTILINE)


def test_the_journeys_have_steps() -> None:
    assert len(journeys()) >= 30


@pytest.mark.parametrize("name", journeys())
def test_every_step_of_a_journey_is_a_function(name: str) -> None:
    parts = name.split(".")
    # The longest part of the name that is a module; the rest are its attributes.
    for length in range(len(parts), 0, -1):
        if _is_module(parts[:length]):
            found: object = importlib.import_module(".".join(parts[:length]))
            for attribute in parts[length:]:
                found = getattr(found, attribute)
            assert callable(found), name
            return
    pytest.fail(f"{name} names no module")


def _is_module(parts: list[str]) -> bool:
    path = ROOT.joinpath(*parts)
    return path.with_suffix(".py").exists() or path.is_dir()


def test_every_guarantee_has_tests_that_exist() -> None:
    page = (ROOT / "docs/guarantees.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| ") and line != "| Promise | Test |"]
    assert len(rows) >= 20
    for row in rows:
        # A row that is read otherwise than it is meant would be passed over.
        found = re.fullmatch(r"\| .+? \| (`\S+::\w+`(?:, `\S+::\w+`)*) \|", row)
        assert found, row
        for reference in re.findall(r"`(\S+)`", found[1]):
            path, _, name = reference.partition("::")
            assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE), reference


def test_the_floors_are_those_that_are_checked() -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    (floors,) = (contract["layers"] for contract in contracts if contract.get("containers") == ["stockroom"])
    drawn = page.partition("stockroom/   ")[2].partition("```")[0]
    rows = [re.match(r"\s*([a-z]+(?: · [a-z]+)*)\s", line) for line in drawn.splitlines() if line.strip()]
    assert [row[1].replace("·", "|") for row in rows if row] == floors


def test_every_term_of_the_glossary_has_an_owner_that_exists() -> None:
    page = (ROOT / "docs/glossary.md").read_text()
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE)[1:]
    terms = [term for term, _ in rows]
    assert len(terms) >= 40
    assert terms == sorted(terms, key=str.casefold)
    for term, owners in rows:
        for owner in re.findall(r"`([^`]+)`", owners):
            assert (ROOT / owner).exists(), f"{term}: {owner}"
