"""Jobs run in an environment of their own, of the same Python: the tests find Spark and pyarrow there."""

import sys

import pytest

from local import provision
from local.environments import VERSION

_PACKAGES = str(provision.JOBS / "lib" / f"python{VERSION}" / "site-packages")


@pytest.fixture(autouse=True)
def packages_of_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests' own environment has, too, comes from there."""
    monkeypatch.setattr(sys, "path", [*sys.path, _PACKAGES])
