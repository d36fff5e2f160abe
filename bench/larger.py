"""What the rendition at 1440p costs: `python -m bench.larger FILE…` prints a table of these pictures.

Times are processor time of this process, the least of three rounds, in milliseconds. "First answer" is what
every picture takes: the decode to 720p, the facts and both JPEGs. The bytes of 720p and 240p are those of
JPEG and WebP together.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import mean
from typing import NamedTuple, TypeVar

from bench.report import table
from stockroom.renditions import Options, Rendition
from stockroom.renditions.original import Original
from stockroom.renditions.outputs import JPEG, WEBP
from stockroom.renditions.rendering import decode, encode_larger, has_larger

ROUNDS = 3
HEADS = ["", "MP", "first answer", "WebP", "1440p", "bytes of 720p and 240p", "bytes of 1440p"]
T = TypeVar("T")


class Figures(NamedTuple):
    """The figures of one picture, in the order of `HEADS`."""

    megapixels: float
    answer: float
    webp: float
    larger: float
    bytes_of_others: float
    bytes_of_larger: float


def main() -> None:
    """Print the table, and the means of its columns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    measured = {path.stem: measure(path) for path in parser.parse_args().files}
    found = {name: figures for name, figures in measured.items() if figures is not None}
    means = Figures(*(mean(values) for values in zip(*found.values(), strict=True)))
    print(table(HEADS, [_write_row(name, figures) for name, figures in (*found.items(), ("mean", means))]))


def measure(path: Path) -> Figures | None:
    """The figures of a picture; None where it has no rendition at 1440p."""
    data, options = path.read_bytes(), Options()
    picture = decode(Original(data), options)
    header = picture.header
    if not has_larger(header):
        return None

    def answer() -> Mapping[str, Rendition]:
        decoded = decode(Original(data), options)
        return decoded.derive_facts(decoded.encode(JPEG, options)).renditions

    answered, jpegs = _time(answer)
    encoded, webps = _time(lambda: picture.encode(WEBP, options))
    enlarged, larger = _time(lambda: encode_larger(Original(data), header, options))
    return Figures(
        header.width * header.height / 1e6,
        answered,
        encoded,
        enlarged,
        _count_bytes(jpegs) + _count_bytes(webps),
        _count_bytes(larger),
    )


def _count_bytes(renditions: Mapping[str, Rendition]) -> int:
    return sum(len(each.data) for each in renditions.values())


def _time(work: Callable[[], T]) -> tuple[float, T]:
    """The least milliseconds of processor time of some rounds, and what came of the last one."""
    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        made = work()
        times.append((time.process_time() - started) * 1e3)
    return min(times), made


def _write_row(name: str, figures: Figures) -> list[str]:
    return [name, f"{figures.megapixels:.1f}", *(f"{figure:,.0f}" for figure in figures[1:])]


if __name__ == "__main__":
    main()
