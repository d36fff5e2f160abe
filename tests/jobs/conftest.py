"""Jobs run in an environment of their own, of the same Python: the tests find Spark and pyarrow there."""

import sys
from collections.abc import Iterator

import pytest

from local import provision
from local.environments import VERSION

_PACKAGES = str(provision.JOBS / "lib" / f"python{VERSION}" / "site-packages")


@pytest.fixture(scope="module", autouse=True)
def packages() -> Iterator[None]:
    """Has packages found there that the tests' own environment has not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path, _PACKAGES])
        yield
