import ast
import json
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

from tests.mutation.__main__ import (
    MODULES,
    NOT_DECIDED,
    READING_SOURCES,
    REFUSED,
    SAME_STATEMENT,
    SURVIVED,
    SURVIVORS,
    find_left_out,
    judge,
    read_explained,
)
from tests.mutation.mutants import MUTANTS, Change, Mutant, read_mutants
from tooling import ROOT

PROJECT = """
[tool.pytest.ini_options]
addopts = "--import-mode=importlib"
pythonpath = ["."]

[tool.mutmut]
source_paths = ["."]
"""
MODULES_OF_PROJECT = {
    "sums.py": """
def double(number: int) -> int:
    return number * 2


def is_positive(number: int) -> bool:
    return number > 0
""",
    "methods.py": """
class Counter:
    def add(self, number: int = 0) -> int:
        return number
""",
    "loops.py": """
def count_down(number: int) -> None:
    while number > 0:
        number -= 1
""",
}
TESTS = """
from sums import double, is_positive


def test_double() -> None:
    assert double(0) == 0
    assert double(2) == 4


def test_is_positive() -> None:
    assert is_positive(5)
"""
TESTS_OF_LOOPS = """
from loops import count_down


def test_count_down() -> None:
    count_down(3)
"""

TESTS_THAT_WAIT = """
import os
import signal
from pathlib import Path

import sums


def test_waiting() -> None:
    Path("started").symlink_to(str(os.getpid()))
    signal.pause()
"""


def test_modules_and_their_tests_exist() -> None:
    for module, tests in MODULES.items():
        assert [path for path in (module, *tests) if not (ROOT / path).exists()] == []


def test_tests_that_are_left_out_exist_and_read_sources() -> None:
    for test in READING_SOURCES:
        path, name = test.split("::")
        functions = {
            node.name: ast.unparse(node)
            for node in ast.parse((ROOT / path).read_text()).body
            if isinstance(node, ast.FunctionDef)
        }
        assert "sources()" in functions[name]
    assert find_left_out(["tests/images/test_states.py"]) == list(READING_SOURCES)
    assert find_left_out(["tests/images/test_cdn.py"]) == []


def test_every_module_has_something_to_mutate() -> None:
    """Functions with decorators are left alone, and a run stops at a module without any other."""
    for module in MODULES:
        tree = ast.parse((ROOT / module).read_text())
        bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
        functions = [each for body in bodies for each in body if isinstance(each, ast.FunctionDef)]
        assert any(not each.decorator_list for each in functions), module


def test_every_survivor_is_of_a_module_that_is_mutated_and_has_a_reason() -> None:
    entries = tomllib.loads(SURVIVORS.read_text())["survivor"]
    assert all(entry["module"] in MODULES and entry["why"] for entry in entries)
    assert sum(len(changes) for changes in read_explained().values()) == len(entries), "one is there twice"


def test_every_survivor_changes_what_its_module_says() -> None:
    for module, changes in read_explained().items():
        said = "".join((ROOT / module).read_text().split())
        assert [change for change in changes if "".join(change.before.split()) not in said] == [], module


def test_only_the_letters_of_a_statement_may_be_others() -> None:
    before = """f"UPDATE image SET state = 'failed' WHERE id = %s","""
    small, capital = Change("fail", before, before.lower()), Change("fail", before, before.upper())
    assert small.is_same_statement
    assert small.may_be_same_statement
    assert not capital.may_be_same_statement, "a value is another one"
    assert not Change("fail", before, before.replace("failed", "ready")).may_be_same_statement
    message = 'raise NotFound("There is no such upload.")'
    assert not Change("cancel", message, message.upper()).may_be_same_statement


def test_a_server_may_tell_the_letters_of_names_apart() -> None:
    table = Change("count", '"SELECT COUNT(*) FROM image"', '"SELECT COUNT(*) FROM IMAGE"')
    assert (table.is_same_statement, table.may_be_same_statement) == (False, True)
    argument = '"SELECT 1 FROM image WHERE id = %s"'
    assert not Change("count", argument, argument.upper()).may_be_same_statement
    union = """f"SELECT id FROM ({' UNION ALL '.join(reads)}) bands\""""
    assert Change("read", union, union.replace("UNION ALL", "union all")).is_same_statement
    column = """f"(SELECT width AS asked FROM image {where} AND state = 'ready'","""
    assert Change(
        "read", column, column.replace("width", "WIDTH").replace("state", "STATE")
    ).is_same_statement
    assert not Change("read", column, column.replace("ready", "READY")).is_same_statement
    assert not Change("read", column, column.replace("asked", "ASKED")).is_same_statement
    part = """f"UPDATE image SET width = CASE id {' '.join(['WHEN %s THEN %s'] * 2)} END","""
    assert Change("write", part, part.replace("WHEN %s THEN", "when %s then")).is_same_statement
    assert not Change("write", part, part.replace("'WHEN %s THEN %s'", "'WHEN %S THEN %S'")).is_same_statement
    name = 'columns = ("id", *COLUMNS) if IN else "id"'
    assert not Change("read", name, name.replace('"id"', '"ID"')).is_same_statement
    function = '"SELECT COALESCE(MAX(size), 0) FROM image"'
    assert Change("read", function, function.lower()).is_same_statement


def test_each_mutant_is_counted_once_and_a_missing_outcome_is_no_success() -> None:
    change, statement = Change("f", "a", "b"), Change("f", '"SELECT 1"', '"select 1"')
    result = judge(
        [
            Mutant("m.x_f__mutmut_1", "m.py", change),
            Mutant("m.x_f__mutmut_2", "m.py", statement),
            Mutant("m.x_f__mutmut_3", "m.py", Change("f", "a", "None"), type_error="None is no int"),
            Mutant("m.x_f__mutmut_4", "m.py", Change("f", "a", "c")),
        ],
        {"m.x_f__mutmut_1": SURVIVED},
    )
    assert result.counts == {SURVIVED: 1, SAME_STATEMENT: 1, REFUSED: 1, NOT_DECIDED: 1}
    assert result.survivors == {change}
    assert result.share == 0.5


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with modules that have all of their mutants in them."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "pyproject.toml").write_text(PROJECT)
    for name, content in MODULES_OF_PROJECT.items():
        (folder / name).write_text(content)
    mutants = f"generate({list(MODULES_OF_PROJECT)}, type_check=())"
    done = execute(folder, f"from tests.mutation.generating import *; write_mutants(MUTANTS, {mutants})")
    assert done.returncode == 0, done.stdout
    return folder


def execute(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own, in this folder."""
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def try_mutants(
    folder: Path, module: str, tests: str, *, limit: float = 600
) -> subprocess.CompletedProcess[str]:
    """Try the mutants of a module of the project by these tests."""
    (folder / "test_project.py").write_text(tests)
    return execute(
        folder,
        f"from pathlib import Path; from tests.mutation import running; running.MIN_LIMIT = {limit}; "
        f"raise SystemExit(running.main(['{module}'], Path('outcomes.jsonl'), ['test_project.py']))",
    )


def read_outcomes(folder: Path) -> set[tuple[str, str, str]]:
    """What a mutant writes, what became of it, and which test has noticed it."""
    changes = {each.name: each.change for each in read_mutants(folder / MUTANTS)}
    outcomes = [json.loads(line) for line in (folder / "outcomes.jsonl").read_text().splitlines()]
    return {
        (changes[each["name"]].after, each["status"], each["test"].rpartition("::")[2]) for each in outcomes
    }


@pytest.mark.thorough
def test_a_mutant_is_noticed_by_a_test_or_survives(project: Path) -> None:
    done = try_mutants(project, "sums.py", TESTS)
    assert done.returncode == 0, done.stdout
    changes = {each.change for each in read_mutants(project / MUTANTS) if each.module == "sums.py"}
    assert Change("double", "return number * 2", "return number * 3") in changes
    assert read_outcomes(project) == {
        ("return number * 3", "failed a test", "test_double"),
        ("return number / 2", "failed a test", "test_double"),
        ("return number >= 0", "survived", ""),
        ("return number > 1", "survived", ""),
    }


@pytest.mark.thorough
def test_a_changed_signature_reads_as_in_its_module(project: Path) -> None:
    (change,) = {each.change for each in read_mutants(project / MUTANTS) if each.module == "methods.py"}
    assert change == Change(
        "Counter.add", "def add(self, number: int = 0) -> int:", "def add(self, number: int = 1) -> int:"
    )


@pytest.mark.thorough
def test_a_mutant_without_an_end_is_ended_and_the_next_one_is_tried(project: Path) -> None:
    done = try_mutants(project, "loops.py", TESTS_OF_LOOPS, limit=0.2)
    assert done.returncode == 0, done.stdout
    outcomes = read_outcomes(project)
    assert len(outcomes) == sum(each.module == "loops.py" for each in read_mutants(project / MUTANTS))
    assert outcomes >= {("number += 1", "without an end", ""), ("number = 1", "without an end", "")}


@pytest.mark.thorough
def test_a_run_that_is_ended_leaves_nothing_behind(project: Path) -> None:
    (project / "test_project.py").write_text(TESTS_THAT_WAIT)
    program = f"""
import sys
from pathlib import Path
from tests.commands import end_by_sigterm
from tests.mutation import __main__ as mutation

end_by_sigterm()
mutation.COPY = Path.cwd()
command = [sys.executable, "-m", "tests.mutation.running", "sums.py", "outcomes.jsonl", "test_project.py"]
mutation._run_in_copy(command, Path("log"), {{"PYTHONPATH": "{project}{os.pathsep}{ROOT}"}})
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    with subprocess.Popen([sys.executable, "-c", program], env=environment, cwd=project) as process:
        while not (project / "started").is_symlink():
            assert process.poll() is None, (project / "log").read_text()
            time.sleep(0.02)
        process.terminate()
        assert process.wait() != 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(os.readlink(project / "started")), 0)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("tests", "problem"),
    [
        (TESTS.replace("== 4", "== 5"), "without a change, test_project.py::test_double fails"),
        ("import sums\n\n\ndef test_nothing() -> None: ...\n", "with functions that raise"),
        ("def test_nothing() -> None: ...\n", "without sums.x_double__mutmut_1"),
        ("import no_such_module\n", "the tests cannot be collected"),
        (
            f"from threading import Event, Thread\nThread(target=Event().wait, daemon=True).start()\n{TESTS}",
            "a test starts a thread when it is imported",
        ),
    ],
)
def test_tests_that_say_nothing_of_the_mutants_are_refused(project: Path, tests: str, problem: str) -> None:
    done = try_mutants(project, "sums.py", tests)
    assert done.returncode != 0
    assert problem in done.stdout
    assert (project / "outcomes.jsonl").read_text() == ""
