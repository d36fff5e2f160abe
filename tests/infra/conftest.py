"""Synthesised templates, one of each kind a session, without bundles: they take seconds.

The CDK takes seconds to import, too, and starts Node.js. So no module imports it, but tests that run:
every process that runs tests imports all modules to collect them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# jsii runs the first node it finds; the one that belongs to this project comes with its environment.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

from stockroom.runtime.settings import OPERATOR_SETTINGS
from tests.infra.deployment import Deployment, run_emulated_aws
from tests.infra.template import Template

LOCAL = {
    "stage": "local",
    "port": "8123",
    "db_port": "3311",
    "db_password": "local-password",
    "cdn_secret": "local-secret",
}


ISSUERS = ({"url": "https://id.example/a", "client_id": "page"}, {"url": "https://login.example"})
ISSUER_NAMES = "stockroom,https://id.example/a,https://login.example"
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"
ZONES = ["eu-central-1b", "eu-central-1c"]
WEB_ACL = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/rates/00000000-0000-0000-0000-000000000000"

ROUTE_RATES = {"POST /api/uploads": 3, "GET /api/images": 40}

CHOICES = {"region": "eu-central-1", "visibility": "public"}
"""What the file of a stage cannot leave out."""


def synthesise(folder: Path, stage: str = "trial", **choices: object) -> Template:
    """The template of a stage; the report of the checks lies beside it.

    The choices are the context of the local stage, and the keys of the file of any other.
    """
    from app import build

    write_stage(folder / "stages", stage, **choices)
    context = choices if stage == LOCAL["stage"] else {}
    app = build({**context, "stage": stage, "aws:cdk:bundling-stacks": []}, folder, folder / "stages")
    app.synth()
    (written,) = folder.glob("*.template.json")
    return Template(json.loads(written.read_text()), folder)


def write_stage(folder: Path, stage: str, **choices: object) -> Path:
    """The file of a stage with these keys and values, and those that no stage can leave out."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = {**CHOICES, **choices}
    issuers = keys.pop("issuers") if isinstance(keys.get("issuers"), tuple) else ()
    assert isinstance(issuers, tuple)
    tables = {key: value for key, value in keys.items() if isinstance(value, dict)}
    # JSON's texts, numbers and lists are TOML's.
    lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items() if key not in tables]
    for name, table in tables.items():
        lines += [f"[{name}]", *(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in table.items())]
    for issuer in issuers:
        lines += ["[[issuers]]", *(f"{key} = {json.dumps(value)}" for key, value in issuer.items())]
    file = folder / f"{stage}.toml"
    file.write_text("\n".join(lines) + "\n")
    return file


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return synthesise(tmp_path_factory.mktemp("local"), **LOCAL)


@pytest.fixture(scope="session")
def aurora(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return synthesise(tmp_path_factory.mktemp("aurora"))


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return synthesise(tmp_path_factory.mktemp("instance"), database="instance")


@pytest.fixture(scope="session")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A private stage with all choices beside that of a database, while the shell says otherwise."""
    with pytest.MonkeyPatch.context() as shell:
        shell.setenv("STOCKROOM_VISIBILITY", "public")
        shell.setenv("STOCKROOM_MAX_FILES", "7")
        return synthesise(
            tmp_path_factory.mktemp("chosen"),
            visibility="private",
            domain="photos.example.org",
            certificate=CERTIFICATE,
            web_acl=WEB_ACL,
            availability_zones=ZONES,
            anonymous_rate=25,
            search_concurrency=50,
            resize_concurrency=30,
            monthly_budget=50,
            deleted_originals_days=30,
            alarm_email="operators@example.org",
            settings={"max_pending": 9},
            route_rates=ROUTE_RATES,
            issuers=ISSUERS,
        )


@pytest.fixture(scope="session")
def local_by_shell(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The local stage with two settings of the shell."""
    with pytest.MonkeyPatch.context() as shell:
        for name in OPERATOR_SETTINGS:
            shell.delenv(name, raising=False)
        shell.setenv("STOCKROOM_MAX_FILES", "7")
        shell.setenv("STOCKROOM_ISSUERS", ISSUER_NAMES)
        return synthesise(tmp_path_factory.mktemp("local-by-shell"), **LOCAL)


@pytest.fixture(scope="session")
def with_metrics_of_the_cdn(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A stage with an issuer and batch jobs, in the region where CloudFront has its metrics."""
    return synthesise(
        tmp_path_factory.mktemp("metrics"),
        region="us-east-1",
        issuers=({"url": "https://id.example.org"},),
        job_processors=64,
    )


@pytest.fixture(scope="session")
def with_jobs(with_metrics_of_the_cdn: Template) -> Template:
    """The same one: a synthesis takes seconds."""
    return with_metrics_of_the_cdn


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A stage without what a stage may go without."""
    return synthesise(tmp_path_factory.mktemp("plain"), dashboard=False, invalidate_deletions=False)


@pytest.fixture(params=["local", "aurora", "instance"])
def template(request: pytest.FixtureRequest) -> Template:
    """Each of them in turn: what is asserted of this one holds everywhere."""
    chosen = request.getfixturevalue(request.param)
    assert isinstance(chosen, Template)
    return chosen


@pytest.fixture(scope="session")
def deployed_chosen(chosen: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The stage with all choices and Aurora, deployed to an emulator."""
    with run_emulated_aws(chosen, tmp_path_factory.mktemp("emulated-aws")) as deployment:
        deployment.deploy()
        yield deployment


@pytest.fixture(scope="session")
def deployed_instance(instance: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A stage with an instance, deployed to an emulator."""
    with run_emulated_aws(instance, tmp_path_factory.mktemp("emulated-aws")) as deployment:
        deployment.deploy()
        yield deployment


@pytest.fixture(params=["deployed_chosen", "deployed_instance"])
def deployed(request: pytest.FixtureRequest) -> Deployment:
    """Both of them in turn."""
    chosen = request.getfixturevalue(request.param)
    assert isinstance(chosen, Deployment)
    return chosen
