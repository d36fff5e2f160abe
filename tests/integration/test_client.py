"""The command line against the running stack."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.pictures import fresh_photo
from tests.integration.stack import LocalStack
from tooling import ROOT

pytestmark = pytest.mark.integration


def test_a_folder_is_uploaded_and_a_second_run_uploads_nothing(stack: LocalStack, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.jpg").write_bytes(fresh_photo())
    (folder / "broken.jpg").write_bytes(fresh_photo()[:9000])

    def upload() -> tuple[int, dict[str, str]]:
        done = subprocess.run(
            [sys.executable, "-m", "stockroom_client", "upload", "--no-cache", "--json", str(folder)],
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT / "client"),
                "STOCKROOM_URL": stack.url,
                "STOCKROOM_TOKEN": stack.token("carol", name="Carol"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        results = json.loads(done.stdout)["files"]
        return done.returncode, {Path(result["file"]).name: result["state"] for result in results}

    ready = {"0.jpg": "ready", "1.jpg": "ready", "2.jpg": "ready"}
    assert upload() == (1, ready | {"broken.jpg": "failed"})
    (folder / "broken.jpg").unlink()
    assert upload() == (0, dict.fromkeys(ready, "duplicate"))
