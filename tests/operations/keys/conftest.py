"""A real emulator with KMS and S3, and an empty keys bucket for each test."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from local import emulator
from local.layout import Layout
from operations.keys.bucket import KeysBucket
from operations.keys.signers import FileKeys, KmsKeys, SigningKeys
from tests.drawn_keys import drawn_keys  # noqa: F401  for the tests of this folder
from tooling import ROOT
from tooling.ports import choose_free

_numbers = count()


@pytest.fixture(scope="session")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    """A running emulator."""
    layout = Layout(tmp_path_factory.mktemp("aws").resolve(), choose_free())
    # The emulator outlives the process that starts it, so that process need not be this one.
    program = (
        f"from pathlib import Path; from local import emulator; from local.layout import Layout; "
        f"emulator.ensure(Layout(Path({str(layout.data)!r}), {layout.port}))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
    yield layout
    emulator.stop(layout)


@pytest.fixture(scope="session")
def kms(emulated: Layout) -> Any:
    return emulator.client(emulated, "kms")


@pytest.fixture(scope="session")
def s3(emulated: Layout) -> Any:
    return emulator.client(emulated, "s3")


@pytest.fixture
def bucket(s3: Any) -> KeysBucket:
    name = f"keys-{next(_numbers)}"
    s3.create_bucket(Bucket=name)
    return KeysBucket(s3, name)


@pytest.fixture
def kms_keys(kms: Any) -> KmsKeys:
    return KmsKeys(kms, f"alias/stockroom-{next(_numbers)}-signing", {"stockroom:stage": "test"})


@pytest.fixture(params=["kms", "file"])
def signing_keys(request: pytest.FixtureRequest, tmp_path: Any) -> SigningKeys:
    """Each place of keys in turn."""
    if request.param == "file":
        return FileKeys(tmp_path / "keys")
    keys: KmsKeys = request.getfixturevalue("kms_keys")
    return keys
