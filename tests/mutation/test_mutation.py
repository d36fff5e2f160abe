import ast
import tomllib

from tests.mutation.__main__ import (
    MODULES,
    SURVIVED,
    SURVIVORS,
    Mutant,
    is_same_statement,
    name_status,
    read_explained,
)
from tooling import ROOT


def test_modules_and_their_tests_exist() -> None:
    for module, tests in MODULES.items():
        assert [path for path in (module, *tests) if not (ROOT / path).exists()] == []


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
    assert sum(len(mutants) for mutants in read_explained().values()) == len(entries), "one is there twice"


def test_only_the_letters_of_a_statement_may_be_others() -> None:
    before = """f"UPDATE image SET state = 'failed' WHERE id = %s","""
    assert is_same_statement(Mutant("fail", before, before.lower()))
    assert not is_same_statement(Mutant("fail", before, before.upper())), "a value is another one"
    assert not is_same_statement(Mutant("fail", before, before.replace("failed", "ready")))
    message = 'raise NotFound("There is no such upload.")'
    assert not is_same_statement(Mutant("cancel", message, message.upper()))


def test_what_is_not_decided_is_no_success() -> None:
    assert name_status(None) == "not decided"
    assert {name_status(status) for status in SURVIVED} == {"survived"}
