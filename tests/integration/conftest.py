"""A local stack for the tests of this folder, one in each process that runs some (tests/distribution.py)."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from stockroom.runtime.settings import key_set_name
from tests.integration.browser import close_browser
from tests.integration.stack import LocalStack, new_stack
from tests.oidc.authorization import CLIENT_ID, Authorization
from tests.oidc.provider import running_provider
from tests.tokens import KEY, make_jwk
from tooling.ports import choose_free


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """End the browser that all visits share after the last test of this folder.

    While it runs, this process can run no other event loop. As this folder is no package, a fixture of its
    package would end with the session.
    """
    if nextitem is None or not nextitem.path.is_relative_to(Path(__file__).parent):
        close_browser()


@pytest.fixture(scope="session")
def authorization(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authorization]:
    """The OpenID provider that the stack trusts beside its operator."""
    with running_provider(tmp_path_factory.mktemp("provider")) as provider:
        authorization = Authorization(provider)
        authorization.install()
        yield authorization


@pytest.fixture(scope="session")
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, authorization: Authorization
) -> Iterator[LocalStack]:
    """The running stack. Its logs stay when a test has failed; its data is removed."""
    issuer = authorization.provider.url
    running = new_stack(
        tmp_path_factory.mktemp("stack"),
        choose_free(),
        STOCKROOM_ISSUERS=f"stockroom,{issuer}",
        STOCKROOM_ISSUER_CLIENTS=f"{issuer}={CLIENT_ID}",
        # Where a picture has no licence, its original is its owner's alone, as by default.
        STOCKROOM_ORIGINALS="license",
    )
    try:
        running.make("up")
        # The stack itself fetches nothing from a private address.
        running.s3.put_object(
            Bucket=running.outputs["KeysBucket"],
            Key=key_set_name(issuer),
            Body=json.dumps({"keys": [make_jwk(KEY, "one")]}),
        )
        yield running
    finally:
        running.make("down")
        for folder in ("mariadb", "emulator", "cdk.out", "cdk-home", "nginx"):
            shutil.rmtree(running.layout.data / folder, ignore_errors=True)
        if request.session.testsfailed == 0:
            shutil.rmtree(running.layout.data)
