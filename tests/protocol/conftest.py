"""A library for the state machine: the database of the tests, and an S3 endpoint that checks signatures."""

import itertools
import secrets
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from local import emulator
from local.layout import Layout
from tests.emulators import run_emulator
from tests.factories import keep_clients
from tests.protocol.library import Library
from tests.servers import Server


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    """The layout of an emulator that all tests of a session share."""
    with run_emulator(tmp_path_factory.mktemp("protocol")) as layout:
        yield layout


@pytest.fixture
def make_library(
    s3_endpoint: Layout, mariadb: Server, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Library]:
    """Makes an empty library."""
    endpoint = emulator.endpoint(s3_endpoint)
    for name, value in {**emulator.credentials(s3_endpoint), "AWS_ENDPOINT_URL_S3": endpoint}.items():
        monkeypatch.setenv(name, value)
    keep_clients(monkeypatch)
    s3 = emulator.client(s3_endpoint, "s3")
    settings = replace(mariadb.settings(), s3_endpoint=endpoint)
    for bucket in (settings.uploads_bucket, settings.images_bucket):
        s3.create_bucket(Bucket=bucket)

    def make() -> Library:
        # The same steps draw the same ids, so that what Hypothesis replays is what it has seen.
        numbers = itertools.count(1)
        monkeypatch.setattr(secrets, "randbelow", lambda bound: next(numbers) * 1024 % bound)
        library = Library(settings, s3)
        library.empty()
        return library

    return make
