"""The renderer beside img2dataset's resizer, on the same files at the same sizes: `python -m bench.resizers`.

Each is alone in a process, and they take turns. The files are those of `bench.rerender`. With `--write` the
table goes into docs/benchmarks.md. `python -m bench.setup img2dataset` installs what this needs.
"""

import argparse
import os
import statistics
from collections.abc import Sequence

from bench.rendition_runs import OURS, RESIZER, RESIZER_ONCE, Process, Result, measure_quality
from bench.report import replace_section, table
from bench.rerender_corpus import list_files


def measure_resizers(rounds: int) -> dict[str, Result]:
    """The renderer and img2dataset's resizer on all files; times, bytes and qualities are means of them."""
    names = (OURS, RESIZER, RESIZER_ONCE)
    totals = {name: Result() for name in names}
    processes = {name: Process(name) for name in names}
    psnr: dict[str, list[float]] = {name: [] for name in names}
    times: dict[str, list[float]] = {name: [] for name in names}
    for path in list_files():
        measured = {name: Result() for name in names}
        for process in processes.values():
            process.ask(path)
        for _ in range(rounds):
            for name, process in processes.items():
                milliseconds, *sizes = process.ask(path)
                measured[name].milliseconds.append(float(milliseconds))
                measured[name].bytes = sum(map(int, sizes))
        both = {name: processes[name] for name in (OURS, RESIZER)}
        measure_quality(path, both, measured)
        for name, result in measured.items():
            times[name].append(min(result.milliseconds))
            totals[name].bytes += result.bytes // len(list_files())
            if result.psnr is not None and "cmyk" not in path.name:
                psnr[name].append(result.psnr)
    for name, process in processes.items():
        totals[name].megabytes = int(process.ask("peak")[0]) / 1024
        totals[name].milliseconds = [statistics.mean(times[name])]
        totals[name].psnr = statistics.mean(psnr[name]) if psnr[name] else None
        process.close()
    return totals


def make_resizers_table(results: dict[str, Result]) -> str:
    ours = results[OURS].milliseconds[0]
    rows = [
        [
            name,
            f"{result.milliseconds[0]:.0f}",
            f"{result.milliseconds[0] / ours:.2f}",
            f"{result.megabytes:.0f}",
            f"{result.bytes / 1024:.0f}",
            f"{result.psnr:.1f}" if result.psnr is not None else "",
        ]
        for name, result in results.items()
    ]
    return table(["", "processor ms", "of ours", "peak MB", "KiB made", "720p dB"], rows)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    # All processes that are started from here inherit this.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    results = make_resizers_table(measure_resizers(options.rounds))
    text = (
        f"{len(list_files())} files as JPEG of quality 80, on average; {options.rounds} rounds in turn on "
        f"one core (at best), load {os.getloadavg()[0]:.1f} when this was written.\n\n{results}"
    )
    print(text)
    if options.write:
        replace_section("resizers", text)


if __name__ == "__main__":
    main()
