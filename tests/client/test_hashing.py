"""Hashes of files, and the cache that spares hashing."""

import hashlib
import os
import threading
from pathlib import Path

import pytest

from stockroom_client.failures import Failure
from stockroom_client.hashing import HashCache
from stockroom_client.local_file import LocalFile
from tests.client.conftest import Picture


def sha256_of(path: Path, cache: HashCache) -> str:
    """The hash that a cache gives for a file, as the file's size and time are now."""
    file = LocalFile(path)
    cache.hash(file)
    status = path.stat()
    assert (file.size, file.mtime_ns) == (status.st_size, status.st_mtime_ns)
    return file.sha256


def change_unnoticed(path: Path) -> None:
    """Other content of the same size and time: who still has the old hash has not read the file."""
    status = path.stat()
    path.write_bytes(bytes(status.st_size))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def remember(path: Path, file: Path) -> str:
    """Hash a picture in a run that ends, and then change it so that only its content shows that."""
    cache = HashCache(file)
    sha256 = sha256_of(path, cache)
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    cache.save()
    change_unnoticed(path)
    return sha256


def test_a_second_run_does_not_read(picture: Picture, tmp_path: Path) -> None:
    path, file = picture(), tmp_path / "cache" / "hashes"
    sha256 = remember(path, file)
    assert sha256_of(path, HashCache(file)) == sha256
    assert [each.name for each in file.parent.iterdir()] == ["hashes"]


@pytest.mark.parametrize("change", ["size", "time"])
def test_a_changed_file_is_read(picture: Picture, tmp_path: Path, change: str) -> None:
    path, file = picture(), tmp_path / "hashes"
    remember(path, file)
    status = path.stat()
    path.write_bytes(path.read_bytes() + b"more" * (change == "size"))
    os.utime(path, ns=(0, status.st_mtime_ns - (change == "time")))
    assert sha256_of(path, HashCache(file)) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_forgets(picture: Picture, tmp_path: Path) -> None:
    path, file = picture(), tmp_path / "hashes"
    remember(path, file)
    cache = HashCache(file)
    cache.forget(path)
    cache.save()
    assert sha256_of(path, HashCache(file)) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_does_not_trust_fresh_files(picture: Picture, tmp_path: Path) -> None:
    path, file = picture(), tmp_path / "hashes"
    os.utime(path, (2**32, 2**32))  # A clock that is ahead cannot make an old file of this one.
    remember(path, file)
    assert sha256_of(path, HashCache(file)) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_names_that_are_not_text(tmp_path: Path) -> None:
    path, file = tmp_path / os.fsdecode(b"caf\xe9.jpg"), tmp_path / "hashes"
    path.write_bytes(b"x")
    os.utime(path, (0, 0))
    assert remember(path, file) == sha256_of(path, HashCache(file))


def test_without_a_file(picture: Picture, tmp_path: Path) -> None:
    cache = HashCache(None)
    sha256_of(picture(), cache)
    cache.save()
    assert [each.name for each in tmp_path.iterdir()] == ["pictures"]


def test_file_that_cannot_be_written(picture: Picture, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "file" / "hashes", tmp_path / "folder"):
        cache = HashCache(place)
        sha256_of(picture(), cache)
        cache.save()


@pytest.mark.parametrize("content", [b'{"\xff":[1,2,"x"]}', b"no JSON", b"[]", b'{"a": 1}', b"\xff"])
def test_a_damaged_file_is_begun_anew(picture: Picture, tmp_path: Path, content: bytes) -> None:
    path, file = picture(), tmp_path / "hashes"
    file.write_bytes(content)
    assert remember(path, file) == sha256_of(path, HashCache(file))


def test_a_file_that_grows(tmp_path: Path) -> None:
    path = tmp_path / "grows.jpg"
    path.write_bytes(b"x" * 50_000_000)
    stop = threading.Event()

    def grow() -> None:
        with path.open("ab", buffering=0) as file:
            while not stop.wait(0.001):
                file.write(b"x")

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        with pytest.raises(Failure, match="another program"):
            HashCache(None).hash(LocalFile(path))
    finally:
        stop.set()
        thread.join()


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot be read: No such file or directory"):
        HashCache(None).hash(LocalFile(tmp_path / "missing.jpg"))
