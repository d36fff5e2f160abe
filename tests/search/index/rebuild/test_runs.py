from array import array
from pathlib import Path

from stockroom.search.index.rebuild.runs import Block, Run, merge_forms, merge_runs, write_forms

LARGEST = (1 << 64) - 1


def test_postings_come_by_term_and_in_the_order_of_the_runs(tmp_path: Path) -> None:
    first, second = Run(), Run()
    first.add(1, {7: 10, 2: 255})
    first.add(300, {7: 0, 11: 5})
    second.add(LARGEST, {7: 12, 9: 1})
    paths = [tmp_path / "first", tmp_path / "second"]
    first.write(paths[0])
    second.write(paths[1])
    assert list(merge_runs(paths)) == [
        Block(2, 0, array("Q", [1]), b"\xff"),
        Block(7, 0, array("Q", [1, 300]), b"\x0a\x00"),
        Block(7, 1, array("Q", [LARGEST]), b"\x0c"),
        Block(9, 1, array("Q", [LARGEST]), b"\x01"),
        Block(11, 0, array("Q", [300]), b"\x05"),
    ]
    assert list(merge_runs([])) == []


def test_forms_come_in_order_and_each_once(tmp_path: Path) -> None:
    paths = [tmp_path / "first", tmp_path / "second"]
    write_forms(paths[0], {(b"sea", 7), (b"boat", 70_000), (b"", 1)})
    write_forms(paths[1], {(b"sea", 7), (b"sea", 8), (b"boats", 70_000)})
    assert list(merge_forms(paths)) == [
        (b"", 1), (b"boat", 70_000), (b"boats", 70_000), (b"sea", 7), (b"sea", 8),
    ]  # fmt: skip
