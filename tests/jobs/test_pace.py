from jobs.pace import Pace


def test_there_are_at_most_so_many_a_second() -> None:
    now = 100.0
    pace = Pace(50, clock=lambda: now)
    assert pace.take(100) == 0
    assert pace.take(100) == 2
    now += 5
    # Two bursts took four of these five seconds; what was not used is lost.
    assert pace.take(100) == 0
    assert pace.take(1) == 2
