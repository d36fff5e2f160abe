"""How long the resize function takes to start: `python -m bench.start [--rounds N]`.

The function's bundle and its layer are made as for the local stage of this machine. A fresh Python imports
the function, makes its S3 client, starts its decoder's worker and waits until the worker answers. Wall time,
and processor time of both processes.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.report import replace_section, table

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "bench" / "bundle"
CLIENT = (
    "from stockroom.runtime.settings import Settings; from stockroom.images.storage import Storage; "
    "Storage(Settings())._client"
)
READY = """
from stockroom.renditions import ImageRejected
from stockroom.renditions.sandbox.decoder import Decoder
decoder = Decoder()
decoder.start()
import app
{client}
try:
    # An empty file is rejected as soon as the worker has loaded libvips.
    with decoder.decode(0, []):
        pass
except ImageRejected:
    pass
# A process's time counts once it has ended and its parent has waited for it.
decoder.close()
"""
PROGRAMS = {
    "Python alone": "pass",
    "the function": "import app",
    "the function and its S3 client": f"import app; {CLIENT}",
    "the function, its S3 client, and its decoder": READY.format(client=CLIENT),
    "for comparison: all in one process, the client by boto3": (
        "import app, boto3; boto3.client('s3'); from stockroom.renditions import render"
    ),
    "the S3 client by boto3": "import boto3; boto3.client('s3')",
    "the S3 client as here": CLIENT,
}


def _write_bundle() -> None:
    from infra.bundling import Platform, write_function, write_layer

    shutil.rmtree(FOLDER, ignore_errors=True)
    platform = Platform(python=f"{sys.version_info.major}.{sys.version_info.minor}", tags=())
    for part in ("function", "layer"):
        (FOLDER / part).mkdir(parents=True)
    write_function("resize", platform, FOLDER / "function")
    write_layer("vips", platform, FOLDER / "layer")


def _time(program: str) -> tuple[float, float]:
    """Wall and processor milliseconds of one run."""
    environment = {
        "PYTHONPATH": os.pathsep.join(map(str, (FOLDER / "function", FOLDER / "layer" / "python"))),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    # Functions do not end, so the time that Python takes to tidy up is left out. The current folder is not
    # the checkout, which has another app.py.
    ready = f"{program}\nimport os; os._exit(0)"
    subprocess.run([sys.executable, "-S", "-c", ready], env=environment, cwd=FOLDER, check=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall * 1e3, processor * 1e3


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args(arguments).rounds
    _write_bundle()
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in PROGRAMS}
    for _ in range(rounds + 1):
        for name, program in PROGRAMS.items():
            times[name].append(_time(program))
    rows = []
    for name, pairs in times.items():
        # The first round fills the disk's cache.
        walls, processors = zip(*pairs[1:], strict=True)
        figures = [statistics.median(walls), min(walls), statistics.median(processors), min(processors)]
        rows.append([name, *(f"{figure:.0f}" for figure in figures)])
    text = table(["", "wall ms", "at best", "processor ms", "at best"], rows)
    print(text)
    load = f"Load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores when this was written; {rounds} rounds."
    replace_section("start", f"{load}\n\n{text}")


if __name__ == "__main__":
    main()
