"""A new archive's first pictures: the samples, sent by the command-line client like anybody's."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from local import keys
from local.errors import StackError
from local.layout import ROOT, Layout

SAMPLES = ROOT / "samples"
CLIENT = (sys.executable, "-m", "stockroom_client")


def seed(layout: Layout, say: Callable[[str], None], samples: Path = SAMPLES) -> int:
    """Upload the samples once per data folder; returns how many there were (0: done before).

    Raises StackError when the client reports a failure; the next start tries again.
    """
    marker = layout.data / "seeded"
    if marker.exists():
        return 0
    pictures = json.loads((samples / "photos.json").read_text())
    say(f"uploading {len(pictures)} sample pictures (once; a few seconds)")
    token = keys.token(layout, subject="samples", scopes="upload", days=1, name="Stockroom samples")
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
        raise StackError("the samples could not be uploaded", log=log)
    marker.touch()
    return len(pictures)
