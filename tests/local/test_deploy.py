import os
import time
from pathlib import Path

import pytest

from local import cdn, deploy, emulator, mariadb
from local.layout import Layout


def test_no_secret_is_an_argument_of_a_command(layout: Layout) -> None:
    # Every user of a machine sees the arguments of every command.
    command = " ".join(deploy._command(layout))
    for secret in (
        mariadb.password(layout),
        cdn.secret(layout),
        emulator.secret(layout),
        emulator.credentials(layout)["AWS_SECRET_ACCESS_KEY"],
    ):
        assert secret not in command


def test_the_app_is_told_its_secrets_by_the_environment(layout: Layout) -> None:
    layout.ensure_port(emulator.NAME)
    environment = deploy._environment(
        layout, {"AWS_PROFILE": "mine", "CDK_DEFAULT_ACCOUNT": "1", "HOME": "/"}
    )
    assert environment["DB_PASSWORD"] == mariadb.password(layout)
    assert environment["CDN_SECRET"] == cdn.secret(layout)
    assert environment["HOME"] == "/"
    assert not {"AWS_PROFILE", "CDK_DEFAULT_ACCOUNT"} & environment.keys()


def test_the_deployment_reaches_the_emulator_without_a_proxy(layout: Layout) -> None:
    proxy = {"HTTP_PROXY": "http://proxy.example", "no_proxy": "intranet.example"}
    environment = deploy._environment(layout, proxy)
    # The app may still download packages through it.
    assert environment["HTTP_PROXY"] == "http://proxy.example"
    assert environment["NO_PROXY"] == environment["no_proxy"] == "intranet.example,127.0.0.1,localhost"


def test_another_secret_is_another_deployment(layout: Layout) -> None:
    before = deploy.inputs_digest(layout)
    assert deploy.inputs_digest(layout) == before
    (layout.keys / "cdn.secret").write_text("another")
    assert deploy.inputs_digest(layout) != before


def test_stacks_share_their_zips_until_these_are_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deploy, "ZIPS", tmp_path / "zips")
    one, other = (Layout(tmp_path / name, 8000) for name in ("one", "other"))
    # What a version left that shared none.
    (one.folder("cdk.out") / ".cache").mkdir()
    for layout in (one, other):
        deploy._share_zips(layout)
    for name in ("new.zip", "old.zip"):
        (one.data / "cdk.out" / ".cache" / name).write_text(name)
    os.utime(tmp_path / "zips" / "old.zip", (0, time.time() - deploy.ZIP_SECONDS - 60))
    deploy._share_zips(other)
    shared = other.data / "cdk.out" / ".cache"
    assert [path.name for path in shared.iterdir()] == ["new.zip"]
