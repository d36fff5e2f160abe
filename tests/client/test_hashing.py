"""Hashes, and the cache that spares them."""

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

from stockroom_client import hashing
from stockroom_client.hashcache import HashCache, cache_folder
from stockroom_client.hashing import FileChangedError, hash_file, hash_item
from stockroom_client.items import Item
from stockroom_client.retry import Stop, StoppedError
from tests.client.conftest import Picture


def test_hash(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "CHUNK", 3)
    path = picture()
    seen: list[int] = []
    sha256, size, mtime_ns = hash_file(path, Stop(), seen.append)
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (size, mtime_ns) == (path.stat().st_size, path.stat().st_mtime_ns)
    assert seen == [3, 6, 9]


def test_hash_of_a_file_that_grows(picture: Picture) -> None:
    path = picture()

    def grow(_: int) -> None:
        with path.open("ab") as file:
            file.write(b"x") if path.stat().st_size < 100 else None

    with pytest.raises(FileChangedError):
        hash_file(path, Stop(), grow)
    item = Item(path, "a.jpg")
    assert hash_item(item, HashCache(None), Stop()) == ""


def test_reasons(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    path = picture()

    def changing(*_: object) -> tuple[str, int, int]:
        raise FileChangedError

    monkeypatch.setattr(hashing, "hash_file", changing)
    assert "another program" in hash_item(Item(path, "a"), HashCache(None), Stop())
    path.unlink()
    assert "No such file" in hash_item(Item(path, "a"), HashCache(None), Stop())


def test_hash_stops(picture: Picture) -> None:
    stop = Stop()
    stop.set()
    with pytest.raises(StoppedError):
        hash_file(picture(), stop, lambda _: None)


def test_cache_remembers_a_state(picture: Picture, tmp_path: Path) -> None:
    file = tmp_path / "cache" / "hashes"
    path = picture()
    HashCache(file).put(path, 5, 7, "ab")
    cache = HashCache(file)
    assert cache.get(path, 5, 7) == "ab"
    assert cache.get(path, 6, 7) is None
    assert cache.get(path, 5, 8) is None
    assert cache.get(path.with_name("other"), 5, 7) is None


def test_cache_does_not_trust_fresh_files(picture: Picture, tmp_path: Path) -> None:
    path = picture()
    os.utime(path)
    cache = HashCache(tmp_path / "hashes")
    cache.put(path, 5, path.stat().st_mtime_ns, "ab")
    assert not (tmp_path / "hashes").exists()


@pytest.mark.parametrize("line", ["", "{", "[1]", '["a", "b", 3, "c"]', "1"])
def test_cache_with_damage(picture: Picture, tmp_path: Path, line: str) -> None:
    file, path = tmp_path / "hashes", picture()
    file.write_text(f"{line}\n" + json.dumps([str(path), 5, 7, "ab"]) + "\n")
    assert HashCache(file).get(path, 5, 7) == "ab"


def test_cache_that_is_not_text(tmp_path: Path) -> None:
    file = tmp_path / "hashes"
    file.write_bytes(b"\xff\xff\n")
    assert HashCache(file).get(file, 1, 1) is None


def test_cache_that_cannot_be_written(picture: Picture, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = HashCache(tmp_path / "file" / "hashes")
    path = picture()
    cache.put(path, 5, 7, "ab")
    assert cache.get(path, 5, 7) == "ab"


def test_cache_is_compacted(picture: Picture, tmp_path: Path) -> None:
    file, path = tmp_path / "hashes", picture()
    line = json.dumps([str(path), 5, 7, "ab"]) + "\n"
    file.write_text(line * 2000)
    assert HashCache(file).get(path, 5, 7) == "ab"
    assert file.read_text() == line
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith("hashes")] == ["hashes"]


def test_compaction_may_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "hashes"
    file.write_text(json.dumps(["a", 5, 7, "ab"]) + "\n" + "\n" * 2000)

    def full(*_: object) -> Path:
        raise OSError

    monkeypatch.setattr(Path, "replace", full)
    HashCache(file)
    assert len(file.read_text().splitlines()) == 2001
    assert list(tmp_path.glob("hashes.*")) == []


def test_cache_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder().parts[-2:] == ("cache", "stockroom")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    for platform, folder in (
        ("linux", "/home/me/.cache/stockroom"),
        ("darwin", "/home/me/Library/Caches/stockroom"),
        ("win32", "/local/stockroom"),
    ):
        monkeypatch.setattr(sys, "platform", platform)
        assert cache_folder() == Path(folder)
