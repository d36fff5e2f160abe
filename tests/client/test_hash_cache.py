"""The cache that spares hashing."""

import contextlib
import os
import sqlite3
import threading
from pathlib import Path

from tests.client.conftest import OpenCache, Picture


def test_remembers_a_state(open_cache: OpenCache, picture: Picture, tmp_path: Path) -> None:
    file = tmp_path / "cache" / "hashes"
    path = picture()
    open_cache(file).put(path, 5, 7, "ab")
    cache = open_cache(file)
    assert cache.get(path, 5, 7) == "ab"
    assert cache.get(path, 6, 7) is None
    assert cache.get(path, 5, 8) is None
    assert cache.get(path.with_name("other"), 5, 7) is None


def test_a_new_state_replaces_the_old(open_cache: OpenCache, picture: Picture, tmp_path: Path) -> None:
    path = picture()
    cache = open_cache(tmp_path / "hashes")
    cache.put(path, 5, 7, "ab")
    cache.put(path, 6, 8, "cd")
    assert cache.get(path, 5, 7) is None
    assert cache.get(path, 6, 8) == "cd"


def test_forgets(open_cache: OpenCache, picture: Picture, tmp_path: Path) -> None:
    path = picture()
    cache = open_cache(tmp_path / "hashes")
    cache.put(path, 5, 7, "ab")
    cache.forget(path)
    assert cache.get(path, 5, 7) is None


def test_does_not_trust_fresh_files(open_cache: OpenCache, picture: Picture, tmp_path: Path) -> None:
    path = picture()
    os.utime(path)
    cache = open_cache(tmp_path / "hashes")
    mtime_ns = path.stat().st_mtime_ns
    cache.put(path, 5, mtime_ns, "ab")
    assert cache.get(path, 5, mtime_ns) is None


def test_two_runs_share_a_file(open_cache: OpenCache, picture: Picture, tmp_path: Path) -> None:
    first, second = open_cache(tmp_path / "hashes"), open_cache(tmp_path / "hashes")
    path, other = picture("a.jpg"), picture("b.jpg")
    first.put(path, 5, 7, "ab")
    second.put(other, 5, 7, "cd")
    assert (first.get(other, 5, 7), second.get(path, 5, 7)) == ("cd", "ab")


def test_two_threads_share_a_cache(open_cache: OpenCache, picture: Picture, tmp_path: Path) -> None:
    cache = open_cache(tmp_path / "hashes")
    paths = [picture(f"{number}.jpg") for number in range(20)]
    threads = [threading.Thread(target=cache.put, args=(path, 5, 7, path.name)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [cache.get(path, 5, 7) for path in paths] == [path.name for path in paths]


def test_names_that_are_not_text(open_cache: OpenCache, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.jpg")
    cache = open_cache(tmp_path / "hashes")
    cache.put(path, 5, 7, "ab")
    assert cache.get(path, 5, 7) == "ab"


def test_without_a_file(open_cache: OpenCache, picture: Picture) -> None:
    cache = open_cache(None)
    cache.put(picture(), 5, 7, "ab")
    assert cache.get(picture(), 5, 7) is None
    cache.close()


def test_file_that_cannot_be_opened(open_cache: OpenCache, picture: Picture, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "file" / "hashes", tmp_path / "folder"):
        cache = open_cache(place)
        cache.put(picture(), 5, 7, "ab")
        assert cache.get(picture(), 5, 7) is None


def test_a_damaged_file_is_begun_anew(open_cache: OpenCache, picture: Picture, tmp_path: Path) -> None:
    file = tmp_path / "hashes"
    file.write_bytes(b"no database" * 1000)
    open_cache(file).put(picture(), 5, 7, "ab")
    open_cache(file).put(picture(), 5, 7, "ab")
    assert open_cache(file).get(picture(), 5, 7) == "ab"


def test_a_statement_that_fails_finds_nothing(
    open_cache: OpenCache, picture: Picture, tmp_path: Path
) -> None:
    cache = open_cache(tmp_path / "hashes")
    with contextlib.closing(sqlite3.connect(tmp_path / "hashes")) as other:
        other.execute("DROP TABLE file")
    cache.put(picture(), 5, 7, "ab")
    assert cache.get(picture(), 5, 7) is None


def test_a_closed_cache_finds_nothing(open_cache: OpenCache, picture: Picture, tmp_path: Path) -> None:
    cache = open_cache(tmp_path / "hashes")
    cache.put(picture(), 5, 7, "ab")
    cache.close()
    assert cache.get(picture(), 5, 7) is None
