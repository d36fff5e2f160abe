"""Ranges of ids and the direction in which they are read."""

import pytest

from stockroom.search.index.id_ranges import ALL_IDS, IdRange, ScanRange, intersect_ranges


@pytest.mark.parametrize(
    ("some", "others", "expected"),
    [
        ([ALL_IDS], [(5, 9)], [(5, 9)]),
        ([(10, 20), (0, 5)], [(3, 12)], [(10, 12), (3, 5)]),
        ([(10, 20)], [(20, 30)], []),
        ([(10, 20)], [], []),
    ],
)
def test_intersections(some: list[IdRange], others: list[IdRange], expected: list[IdRange]) -> None:
    assert intersect_ranges(some, others) == intersect_ranges(others, some) == expected


def test_parts_of_a_scan_range_newest_first() -> None:
    scan_range = ScanRange(((10, 20), (0, 5)))
    assert scan_range.order == "DESC"
    assert scan_range.up_to(12) == ScanRange(((12, 20),))
    assert scan_range.up_to(3) == ScanRange(((10, 20), (3, 5)))
    assert scan_range.after(12) == ScanRange(((10, 12), (0, 5)))
    assert scan_range.after(0) == ScanRange(())


def test_parts_of_a_scan_range_oldest_first() -> None:
    scan_range = ScanRange(((10, 20), (0, 5)), oldest_first=True)
    assert scan_range.order == "ASC"
    assert scan_range.up_to(12) == ScanRange(((10, 13), (0, 5)), oldest_first=True)
    assert scan_range.after(12) == ScanRange(((13, 20),), oldest_first=True)


@pytest.mark.parametrize("oldest_first", [False, True])
@pytest.mark.parametrize("image_id", [0, 4, 5, 7, 10, 15, 19, 20, 25])
def test_a_scan_range_is_its_two_parts(image_id: int, oldest_first: bool) -> None:
    scan_range = ScanRange(((10, 20), (0, 5)), oldest_first)

    def list_ids(part: ScanRange) -> set[int]:
        return {n for low, high in part.id_ranges for n in range(low, high)}

    first, rest = scan_range.up_to(image_id), scan_range.after(image_id)
    assert list_ids(first) | list_ids(rest) == list_ids(scan_range)
    assert not list_ids(first) & list_ids(rest)
