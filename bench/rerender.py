"""What Spark costs: `python -m bench.rerender [--pictures N] [--rounds N] [--write]`.

The same pictures are rendered again by a plain loop and by Spark in its local mode, on one core and on two
(`bench.rerender_runs`). From that follows what an archive of a hundred million pictures takes.
`make setup-jobs` installs what this needs.
"""

import argparse
import os
import subprocess
import tempfile
from collections.abc import Sequence

import msgspec

from bench.report import replace_section, table
from bench.rerender_corpus import list_files
from bench.rerender_runs import Measured
from jobs.estimate import GET, MEMORY_GB, MEMORY_HOUR, PROCESSOR_HOUR, PUT
from jobs.progress import describe_bytes, describe_time
from jobs.run import Parameters
from jobs.spark import SOURCE_BYTES, TASK_BYTES
from local.jobs import PYTHON, spark_environment
from stockroom.renditions.outputs import OUTPUT_FORMATS
from stockroom.runtime.settings import Settings
from tooling import ROOT

RUN = [str(PYTHON), "-c", "from bench.rerender_runs import main; main()"]
CORES = (1, 2)
WAYS = ("loop", "spark")
ARCHIVE = 10**8
WAIT_SECONDS = 0.1
"""What a core waits for S3 at each picture: its first bytes, and two rounds of PUTs. Not measured here."""
CLUSTERS = (64, 400, 1000)

Runs = dict[tuple[str, int], list[Measured]]


def measure_ways(pictures: int, rounds: int) -> Runs:
    """All ways in turns, each in processes of its own, confined to its cores."""
    runs: Runs = {(way, cores): [] for cores in CORES for way in WAYS}
    available = sorted(os.sched_getaffinity(0), reverse=True)
    for _ in range(rounds):
        for (way, cores), measured in runs.items():
            with tempfile.TemporaryDirectory() as scratch:
                done = subprocess.run(
                    [
                        "taskset",
                        "-c",
                        ",".join(map(str, available[:cores])),
                        *RUN,
                        way,
                        str(cores),
                        str(pictures),
                    ],
                    cwd=ROOT,
                    env=os.environ | spark_environment(scratch) | {"PYTHONPATH": str(ROOT)},
                    stdout=subprocess.PIPE,
                    check=True,
                )
            measured.append(msgspec.json.decode(done.stdout, type=Measured))
            print(way, cores, measured[-1], flush=True)
    return runs


def best(runs: Sequence[Measured], name: str) -> float:
    """The least of a figure: other programs only ever make it more."""
    return min(float(getattr(run, name)) for run in runs)


def sum_processor(runs: Runs, way: str, cores: int) -> float:
    """Processor milliseconds a picture. Decoders do the same in all ways, so that what differs in their times
    is the machine's other work: their best time of all runs counts for each way."""
    pictures = runs[way, cores][0].pictures
    decoders = min(best(measured, "decoders") for measured in runs.values())
    others = min(run.processor - run.decoders for run in runs[way, cores])
    return (decoders + others) / pictures * 1e3


def make_ways_table(runs: Runs) -> str:
    rows = []
    for (way, cores), measured in runs.items():
        pictures = measured[0].pictures
        processor = sum_processor(runs, way, cores)
        rows.append(
            [
                f"{'Spark' if way == 'spark' else 'plain loop'}, {cores} {'core' if cores == 1 else 'cores'}",
                f"{processor:.0f}",
                f"{processor / sum_processor(runs, 'loop', cores):.2f}",
                f"{best(measured, 'java') / pictures * 1e3:.1f}",
                f"{cores / processor * 1e3:.1f}",
                f"{pictures / best(measured, 'wall'):.2f}",
                f"{best(measured, 'start_processor'):.1f}",
            ]
        )
    heads = [
        "",
        "processor ms a picture",
        "of the loop",
        "of these Java",
        "pictures/s of free cores",
        "pictures/s here, at best",
        "start, processor s",
    ]
    return table(heads, rows)


def describe_archive(seconds: float, mean_bytes: float) -> str:
    """What an archive takes of whose pictures one takes `seconds` of a processor."""
    formats = Settings().formats
    each_seconds = seconds + WAIT_SECONDS
    core_seconds = ARCHIVE * each_seconds
    puts = ARCHIVE * sum(len(OUTPUT_FORMATS[name].renditions) for name in formats)
    parts = ARCHIVE * max(mean_bytes, SOURCE_BYTES) / TASK_BYTES
    hours = core_seconds / 3600
    computing = hours * (PROCESSOR_HOUR + MEMORY_GB * MEMORY_HOUR)
    requests = (puts + parts) * PUT + (ARCHIVE + parts) * GET
    rate = Parameters().rate
    rows = [
        ["originals read", describe_bytes(round(ARCHIVE * mean_bytes))],
        ["processor-hours", f"{hours:,.0f}"],
        *(
            [
                f"on {cores:,} processors ({cores // 4:,} executors of 4)",
                f"{describe_time(core_seconds / cores)}, {cores / each_seconds:,.0f} pictures and "
                f"{cores / each_seconds * puts / ARCHIVE:,.0f} PUTs a second",
            ]
            for cores in CLUSTERS
        ),
        ["EMR Serverless", f"{computing:,.0f} USD"],
        ["GETs of originals", f"{ARCHIVE:,}"],
        [f"PUTs of renditions ({', '.join(formats)})", f"{puts:,}"],
        ["parts with results, a PUT and a GET each", f"{parts:,.0f}"],
        ["requests to S3", f"{requests:,.0f} USD"],
        ["**together**", f"**{computing + requests:,.0f} USD**"],
        *(
            [f"moving the rows at {each:,} a second", describe_time(ARCHIVE / each)]
            for each in (rate, 5 * rate)
        ),
    ]
    return table([f"{ARCHIVE:,} pictures", ""], rows)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pictures", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    files = list_files()
    mean_bytes = sum(path.stat().st_size for path in files) / len(files)
    runs = measure_ways(options.pictures, options.rounds)
    seconds = sum_processor(runs, "spark", 1) / 1e3
    parts = [
        f"{options.pictures} pictures of {len(files)} files, {describe_bytes(round(mean_bytes))} on average, "
        f"{options.rounds} rounds in turn; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} when this "
        "was written.",
        make_ways_table(runs),
        f"An archive, from {seconds * 1e3:.0f} ms of a processor and {WAIT_SECONDS * 1e3:.0f} ms of waiting:",
        describe_archive(seconds, mean_bytes),
    ]
    text = "\n\n".join(parts)
    print(text)
    if options.write:
        replace_section("rerender", text)


if __name__ == "__main__":
    main()
