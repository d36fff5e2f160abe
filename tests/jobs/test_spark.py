from hypothesis import given
from hypothesis import strategies as st

from jobs.spark import SOURCE_BYTES, pack

TASK = 10 * SOURCE_BYTES


def sizes(tasks: list[list[int]]) -> list[int]:
    return [sum(max(size, SOURCE_BYTES) for size in task) for task in tasks]


@given(st.lists(st.integers(0, 3 * TASK)))
def test_every_source_is_in_one_task_and_the_longest_come_first(sources: list[int]) -> None:
    tasks = pack(sources, lambda size: size, TASK)
    assert sorted(size for task in tasks for size in task) == sorted(sources)
    assert sizes(tasks) == sorted(sizes(tasks), reverse=True)
    # Only a source that is too large for any task makes a task larger.
    assert all(size <= TASK or len(task) == 1 for size, task in zip(sizes(tasks), tasks, strict=True))


def test_small_sources_count_for_what_their_requests_cost() -> None:
    assert [len(task) for task in pack([1] * 25, lambda size: size, TASK)] == [10, 10, 5]


def test_the_sources_of_a_task_follow_each_other() -> None:
    tasks = pack(list(range(100)), lambda _: SOURCE_BYTES, TASK)
    assert all(task == list(range(task[0], task[0] + len(task))) for task in tasks)
