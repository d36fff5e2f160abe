from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oidc.provider import Provider, running_provider


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with running_provider(tmp_path) as provider:
        yield provider
