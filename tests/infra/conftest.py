"""Synthesised templates, one of each kind a session, without bundles: they take seconds."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

# jsii runs the first node it finds; the one that belongs to this project comes with its environment.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


from app import build
from tests.infra.template import Template

LOCAL = {
    "stage": "local",
    "port": "8123",
    "db_port": "3311",
    "db_password": "local-password",
    "cdn_secret": "local-secret",
}


CHOICES = {"region": "eu-central-1", "visibility": "public"}
"""What the file of a stage cannot leave out."""


def synthesise(folder: Path, stage: str = "trial", **choices: object) -> Template:
    """The template of a stage; the report of the checks lies beside it.

    The choices are the context of the local stage, and the keys of the file of any other.
    """
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
        lines += [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in table.items())]
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


@pytest.fixture(params=["local", "aurora", "instance"])
def template(request: pytest.FixtureRequest) -> Template:
    """Each of them in turn: what is asserted of this one holds everywhere."""
    chosen = request.getfixturevalue(request.param)
    assert isinstance(chosen, Template)
    return chosen
