from pathlib import Path

import pytest

from tooling.digests import digest, file_digest


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    for name, content in (("a", "1"), ("b", "2")):
        (tmp_path / name).write_text(content)
    return [tmp_path / "a", tmp_path / "b"]


def test_the_digest_of_a_file_is_that_of_its_content(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert file_digest(tmp_path / "empty") == expected


def test_the_same_files_and_values_have_the_same_digest_anywhere(files: list[Path], tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    copies = [Path(elsewhere / file.name) for file in files]
    for file, copy in zip(files, copies, strict=True):
        copy.write_bytes(file.read_bytes())
    assert digest(files, "x", root=tmp_path) == digest(copies, "x", root=elsewhere)


def test_content_name_value_and_order_all_count(files: list[Path], tmp_path: Path) -> None:
    digests = {digest(files, root=tmp_path)}
    digests.add(digest(reversed(files), root=tmp_path))
    digests.add(digest(files, "x", root=tmp_path))
    digests.add(digest([files[0]], root=tmp_path))
    files[1].write_text("3")
    digests.add(digest(files, root=tmp_path))
    files[1].rename(tmp_path / "c")
    digests.add(digest([files[0], tmp_path / "c"], root=tmp_path))
    assert len(digests) == 6


def test_where_one_value_ends_and_the_next_begins_counts() -> None:
    assert len({digest([], "ab", "c"), digest([], "a", "bc"), digest([], "abc")}) == 3
