"""One local stack for all integration and browser tests of a session."""

import shutil
from collections.abc import Iterator

import pytest

from tests.integration.stack import LocalStack, new_stack
from tooling.ports import choose_free


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """The running stack. Its logs stay when a test has failed; its data is removed."""
    running = new_stack(tmp_path_factory.mktemp("stack"), choose_free())
    try:
        running.make("up")
        yield running
    finally:
        running.make("down")
        for folder in ("mariadb", "emulator", "cdk.out", "cdk-home", "nginx"):
            shutil.rmtree(running.layout.data / folder, ignore_errors=True)
        if request.session.testsfailed == 0:
            shutil.rmtree(running.layout.data)
