import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.spark import SOURCE_BYTES, pack

TASK = 10 * SOURCE_BYTES


def sizes(tasks: list[list[int]]) -> list[int]:
    return [sum(max(size, SOURCE_BYTES) for size in task) for task in tasks]


@given(st.lists(st.integers(0, 3 * TASK)), st.integers(1, 9))
def test_every_source_is_in_one_task_and_the_longest_come_first(sources: list[int], cores: int) -> None:
    tasks = pack(sources, lambda size: size, cores, TASK)
    assert sorted(size for task in tasks for size in task) == sorted(sources)
    assert sizes(tasks) == sorted(sizes(tasks), reverse=True)
    # Only a source that is too large for any task makes a task larger.
    assert all(size <= TASK or len(task) == 1 for size, task in zip(sizes(tasks), tasks, strict=True))


@pytest.mark.parametrize(
    ("sources", "cores", "lengths"),
    [
        (322, 2, [161, 161]),
        (1000, 2, [167, 167, 167, 167, 166, 166]),
        (50, 4, [13, 13, 12, 12]),
        # So little that more tasks would only wait for their start.
        (25, 64, [10, 10, 5]),
        (1, 2, [1]),
        (0, 2, []),
    ],
)
def test_cores_have_equally_much_to_do(sources: int, cores: int, lengths: list[int]) -> None:
    """Small sources count for what their requests cost."""
    tasks = pack([1] * sources, lambda size: size, cores)
    assert [len(task) for task in tasks] == lengths


def test_the_sources_of_a_task_follow_each_other() -> None:
    tasks = pack(list(range(100)), lambda _: SOURCE_BYTES, 3, TASK)
    assert all(task == list(range(task[0], task[0] + len(task))) for task in tasks)
