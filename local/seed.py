"""The first pictures of a new library: the samples, uploaded by the command-line client."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from local import keys
from local.layout import Layout
from tooling import ROOT
from tooling.errors import ToolError

SAMPLES = ROOT / "samples"
CLIENT = (sys.executable, "-m", "stockroom_client")


def seed(layout: Layout, say: Callable[[str], None], samples: Path = SAMPLES) -> int:
    """Upload the samples once in the life of a data folder; returns how many (0: they were uploaded before).

    Raises ToolError when the client reports a failure; the next call tries again.
    """
    marker = layout.data / "seeded"
    if marker.exists():
        return 0
    pictures = json.loads((samples / "photos.json").read_text())
    say(f"uploading {len(pictures)} sample pictures (once; a few seconds)")
    token = keys.token(layout, subject="samples", scopes="read upload", days=1, name="Stockroom samples")
    log = layout.log("seed")
    with log.open("wb") as output:
        done = subprocess.run(
            [
                *CLIENT,
                "upload",
                "--no-cache",
                "--captions",
                "photos.json",
                *(entry["file"] for entry in pictures),
            ],
            cwd=samples,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT / "client"),
                "STOCKROOM_URL": layout.url,
                "STOCKROOM_TOKEN": token,
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise ToolError("the samples could not be uploaded", log=log)
    marker.touch()
    return len(pictures)
