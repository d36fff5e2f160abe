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


def synthesise(folder: Path, **context: str) -> Template:
    """The template for a context; the report of the checks lies beside it."""
    app = build({**context, "aws:cdk:bundling-stacks": []}, folder)
    app.synth()
    return Template(json.loads((folder / "Stockroom.template.json").read_text()), folder)


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
