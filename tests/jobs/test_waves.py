"""How long before its turn a picture is read."""

from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest

from jobs import waves
from jobs.selection import Selection
from stockroom.images.repository.renditions import Source, SourcePage
from stockroom.images.states import JOB_SECONDS
from stockroom.ingest.rerendering import RESERVE_SECONDS

SLOW = 4.0
"""Seconds that one core takes for a picture: not even a hostile one takes more than 5."""


@pytest.mark.parametrize("cores", [1, 2, 12])
def test_no_picture_waits_for_so_long_that_it_comes_too_late(
    monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    """Thousands of small files, each of which takes as long as a large one."""
    clock = 0.0

    def find_sources(_db: object, _version: int, after: int, limit: int, **_: Any) -> SourcePage:
        ids = range(after + 1, min(after + limit, cores * 2000) + 1)
        # A row of a hundred is none of the sources, so that pages and waves do not fit together.
        sources = [Source(each, "", 1, 10_000, "image/png", clock) for each in ids if each % 100]
        return SourcePage(sources, ids[-1] if len(ids) == limit else None)

    monkeypatch.setattr(waves, "find_sources", find_sources)
    monkeypatch.setattr(waves, "count_cores", lambda _: cores)
    run: Any = SimpleNamespace(spark=None, check=lambda: None, resources=SimpleNamespace(db=None))
    ages: list[float] = []
    flying: deque[float] = deque()
    free = 0.0
    # As `render_waves` does it: the next wave is read before it waits for the oldest one.
    for wave in waves.split_into_waves(waves.read_sources(run, 2, Selection()), cores):
        if len(flying) == waves.IN_FLIGHT:
            clock = max(clock, flying.popleft())
        free = max(free, clock) + len(wave) / cores * SLOW
        flying.append(free)
        ages += [free - source.read_at for source in wave]
    assert len(ages) == cores * 1980
    assert max(ages) < JOB_SECONDS - RESERVE_SECONDS
