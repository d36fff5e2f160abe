"""Implementations of S3 that check signatures: the emulator of the local stack, and another one."""

import http.client
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local import emulator
from tests.emulators import run_emulator
from tooling import ROOT
from tooling.errors import ToolError
from tooling.ports import HOST, choose_free

LOCALSTACK = ROOT / ".venv-localstack" / "bin" / "python"
LOCALSTACK_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": emulator.REGION,
}
"""The one pair by which LocalStack checks signatures."""
START_SECONDS = 120
"""The first start of LocalStack compiles its packages."""


@dataclass(frozen=True)
class Endpoint:
    """Where an S3 answers, and the environment that signs requests to it."""

    url: str
    credentials: dict[str, str]


@contextmanager
def run_ministack(folder: Path) -> Iterator[Endpoint]:
    """Runs the emulator of the local stack until the end of the block."""
    with run_emulator(folder) as layout:
        yield Endpoint(emulator.endpoint(layout), emulator.credentials(layout))


@contextmanager
def run_localstack(folder: Path) -> Iterator[Endpoint]:
    """Runs LocalStack's S3 until the end of the block."""
    port, log = choose_free(), folder / "localstack.log"
    environment = {
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "GATEWAY_LISTEN": f"{HOST}:{port}",
        "GATEWAY_SERVER": "hypercorn",  # the other one listens on every interface
        "DNS_ADDRESS": "0",
        "SERVICES": "s3",
        "EAGER_SERVICE_LOADING": "1",
        "S3_SKIP_SIGNATURE_VALIDATION": "0",
        "LOCALSTACK_VOLUME_DIR": str(folder),
        "FILESYSTEM_ROOT": str(folder),
        # Neither reports to its makers nor downloads a certificate.
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [LOCALSTACK, "-m", "localstack.runtime.main"],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(process, port, log)
        yield Endpoint(f"http://{HOST}:{port}", LOCALSTACK_CREDENTIALS)
    finally:
        # It has nothing to save.
        process.kill()
        process.wait()


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_ready(port):
        if process.poll() is not None:
            raise ToolError(f"LocalStack ended with status {process.returncode}", log=log)
        if time.monotonic() > deadline:
            raise ToolError(f"LocalStack is not ready after {START_SECONDS} s", log=log)
        time.sleep(0.1)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/_localstack/health")
        return b'"s3": "running"' in connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
