"""An empty stack: a data folder in which nothing has been started or deployed."""

from pathlib import Path

import pytest

from local.layout import Layout
from tests.drawn_keys import drawn_keys  # noqa: F401  for the tests of this folder


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path.resolve(), 8000)
