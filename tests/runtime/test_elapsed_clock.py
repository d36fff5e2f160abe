from types import SimpleNamespace

import pytest

from stockroom.runtime import elapsed_clock
from stockroom.runtime.elapsed_clock import ElapsedClock


@pytest.mark.parametrize(
    ("monotonic", "wall", "expected"),
    [(7, 7, 7), (0, 3600, 3600), (7, -3600, 7), (7, 6, 7)],
    ids=["running", "frozen", "set back", "slow"],
)
def test_of_two_clocks_the_faster_one_counts(
    monkeypatch: pytest.MonkeyPatch, monotonic: int, wall: int, expected: int
) -> None:
    clocks = SimpleNamespace(monotonic=lambda: 0, time=lambda: 0)
    monkeypatch.setattr(elapsed_clock, "time", clocks)
    clock = ElapsedClock()
    assert clock() == 0
    clocks.monotonic, clocks.time = (lambda: monotonic), (lambda: wall)
    assert clock() == clock() == expected


def test_its_steps_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frozen for an hour, and then set back by one."""
    moments = iter([(0, 0), (1, 3600), (2, 0), (3, 1)])
    clocks = SimpleNamespace()
    monkeypatch.setattr(elapsed_clock, "time", clocks)

    def go_on() -> None:
        monotonic, wall = next(moments)
        clocks.monotonic, clocks.time = (lambda: monotonic), (lambda: wall)

    go_on()
    clock = ElapsedClock()
    seconds = []
    for _ in range(3):
        go_on()
        seconds.append(clock())
    assert seconds == [3600, 3601, 3602]
