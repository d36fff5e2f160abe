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


@pytest.mark.parametrize(
    "path", ["../outside", "/etc/passwd", "data/../../outside", "", "data/\0", "data/" + "a" * 5000]
)
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


@pytest.mark.parametrize(
    "name", ["bag-info.txt", "bagit.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
)
def test_a_file_of_the_bag_itself_is_read_in_the_bag_alone(tmp_path: Path, name: str) -> None:
    make(tmp_path / "bag")
    (tmp_path / "bag" / name).replace(tmp_path / "outside")
    (tmp_path / "bag" / name).symlink_to(tmp_path / "outside")
    read = bag.count_payload if name == bag.INFORMATION else problems
    with pytest.raises(ToolError, match="is no file of"):
        read(tmp_path / "bag")


def test_a_link_to_itself_is_no_file(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "data" / "loop").symlink_to("loop")
    with pytest.raises(ToolError, match="is no file of"):
        bag.resolve(tmp_path, "data/loop/a")


@pytest.mark.parametrize("size", ["x.1", "-1.1", "9" * 5000 + ".1", "1", "\udcff"])
def test_a_size_that_is_none_shows_no_progress(tmp_path: Path, size: str) -> None:
    make(tmp_path)
    (tmp_path / "bag-info.txt").write_bytes(b"Payload-Oxum: %b\n" % size.encode(errors="surrogateescape"))
    assert bag.count_payload(tmp_path) == 0


def test_what_a_manifest_says_cannot_steer_the_terminal(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "manifest-sha256.txt").write_bytes(b"0  data/\x1b]0;title\x07\n0  data/\xff\n")
    bag.replace_text(tmp_path / "tagmanifest-sha256.txt", "")
    assert problems(tmp_path) == [
        "data/\N{REPLACEMENT CHARACTER}]0;title\N{REPLACEMENT CHARACTER} is missing",
        "data/\N{REPLACEMENT CHARACTER} is missing",
    ]


def test_a_line_need_not_fit_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    monkeypatch.setattr(bag, "MAX_LINE", 50)
    with pytest.raises(ToolError, match="has a line that is longer"):
        problems(tmp_path)


def test_a_file_is_written_in_the_place_of_a_link(tmp_path: Path) -> None:
    (tmp_path / "another").write_text("kept")
    (tmp_path / "a.part").symlink_to(tmp_path / "another")
    bag.replace_text(tmp_path / "a", "written")
    assert (tmp_path / "a").read_text() == "written"
    assert (tmp_path / "another").read_text() == "kept"


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
