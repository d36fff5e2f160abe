"""A pytest plugin that counts the steps of Hypothesis state machines, into the file STEPS_FILE."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis.stateful import RuleBasedStateMachine

VARIABLE = "STEPS_FILE"
_check_invariants = RuleBasedStateMachine.check_invariants
_steps = 0


def _count(machine: RuleBasedStateMachine, *arguments: Any) -> None:
    """Hypothesis checks the invariants after each step."""
    global _steps  # noqa: PLW0603  a plugin is a module
    _steps += 1
    _check_invariants(machine, *arguments)


@pytest.hookimpl
def pytest_configure() -> None:
    RuleBasedStateMachine.check_invariants = _count  # type: ignore[method-assign, assignment]


@pytest.hookimpl
def pytest_unconfigure() -> None:
    Path(os.environ[VARIABLE]).write_text(str(_steps))
