"""The packaging of an export."""

from pathlib import Path

import pytest

from operations.archive import bag
from tooling.errors import ToolError


def make(folder: Path) -> None:
    """A bag with two files."""
    bag.claim(folder)
    bag.begin(folder)
    (folder / "data").mkdir()
    manifest = folder / "draft"
    with manifest.open("w") as lines:
        for name in ("a", "b"):
            path = folder / "data" / name
            path.write_text(name)
            lines.write(f"{bag.hash_file(path)}  data/{name}\n")
    bag.end(folder, manifest, size=2, files=2, information={"Stockroom-Pictures": "1"})


def problems(folder: Path) -> list[str]:
    return [" ".join(problem) for problem in bag.check(folder, lambda _: None)]


def test_a_bag_is_as_rfc_8493_says(tmp_path: Path) -> None:
    make(tmp_path)
    assert (tmp_path / "bagit.txt").read_text() == (
        "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    )
    assert (tmp_path / "manifest-sha256.txt").read_text().splitlines() == [
        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  data/a",
        "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d  data/b",
    ]
    names = [line.split("  ")[1] for line in (tmp_path / "tagmanifest-sha256.txt").read_text().splitlines()]
    assert names == ["bagit.txt", "bag-info.txt", "manifest-sha256.txt"]
    assert "Payload-Oxum: 2.2\nStockroom-Pictures: 1\n" in (tmp_path / "bag-info.txt").read_text()
    assert bag.count_payload(tmp_path) == 2
    read: list[int] = []
    assert list(bag.check(tmp_path, read.append)) == []
    assert len(read) == 5


def test_what_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "data" / "a").unlink()
    (tmp_path / "data" / "b").write_text("c")
    assert problems(tmp_path) == ["data/a is missing", "data/b is damaged"]
    (tmp_path / "manifest-sha256.txt").write_text("")
    assert problems(tmp_path) == ["manifest-sha256.txt is damaged"]


@pytest.mark.parametrize("name", ["bagit.txt", "bag-info.txt", "manifest-sha256.txt"])
def test_a_file_of_the_bag_itself_that_has_become_noise_is_damaged(tmp_path: Path, name: str) -> None:
    make(tmp_path)
    (tmp_path / name).write_bytes(b"Payload-Oxum: \xff\n\xff \0  data/a\n")
    assert problems(tmp_path) == [f"{name} is damaged"]
    assert bag.count_payload(tmp_path) in (0, 2)


def test_a_file_that_the_disk_does_not_give_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    hash_file = bag.hash_file

    def fail_once(path: Path) -> str:
        if path.name == "a":
            raise OSError(5, "Input/output error")
        return hash_file(path)

    monkeypatch.setattr(bag, "hash_file", fail_once)
    assert problems(tmp_path) == ["data/a cannot be read (Input/output error)"]


@pytest.mark.parametrize("name", ["bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"])
def test_a_bag_that_lacks_one_of_its_own_files_is_not_complete(tmp_path: Path, name: str) -> None:
    make(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ToolError, match=f"it has no {name}"):
        problems(tmp_path)


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "data/../../outside", "data/\0", ""])
def test_a_path_that_leads_out_of_the_bag_is_refused(tmp_path: Path, path: str) -> None:
    make(tmp_path / "bag")
    with pytest.raises(ToolError, match="is no file of"):
        bag.resolve(tmp_path / "bag", path)


def test_a_link_that_leads_out_of_the_bag_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "bag")
    (tmp_path / "secret").write_text("a")
    (tmp_path / "bag" / "data" / "a").unlink()
    (tmp_path / "bag" / "data" / "a").symlink_to(tmp_path / "secret")
    with pytest.raises(ToolError, match="is no file of"):
        problems(tmp_path / "bag")


def test_a_bag_that_is_begun_again_is_not_complete_meanwhile(tmp_path: Path) -> None:
    make(tmp_path)
    bag.claim(tmp_path)
    assert problems(tmp_path) == []
    bag.begin(tmp_path)
    with pytest.raises(ToolError, match="is no complete export"):
        problems(tmp_path)


def test_a_bag_of_somebody_else_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "bag-info.txt").write_text("Bag-Software-Agent: another\n")
    with pytest.raises(ToolError, match="holds something else"):
        bag.claim(tmp_path)
