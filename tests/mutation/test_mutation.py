import tomllib

from tests.mutation.__main__ import MODULES, SURVIVED, SURVIVORS, UNEXPLAINED, name_status, read_explained
from tooling import ROOT


def test_modules_and_their_tests_exist() -> None:
    for module, tests in (MODULES | UNEXPLAINED).items():
        assert [path for path in (module, *tests) if not (ROOT / path).exists()] == []


def test_every_survivor_is_of_a_module_that_is_mutated_and_has_a_reason() -> None:
    entries = tomllib.loads(SURVIVORS.read_text())["survivor"]
    assert all(entry["module"] in MODULES and entry["why"] for entry in entries)
    assert sum(len(mutants) for mutants in read_explained().values()) == len(entries), "one is there twice"


def test_what_is_not_decided_is_no_success() -> None:
    assert name_status(None) == "not decided"
    assert {name_status(status) for status in SURVIVED} == {"survived"}
